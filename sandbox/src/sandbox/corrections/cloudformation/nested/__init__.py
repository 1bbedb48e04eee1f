"""Nested stacks."""
