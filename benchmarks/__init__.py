"""Measurements behind the README's claims; each module is a command."""
