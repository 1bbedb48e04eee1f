"""Measurements of what the README claims; each module is a command of its own."""
