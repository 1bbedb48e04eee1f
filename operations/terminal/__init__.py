"""The terminal: arguments, tables, JSON, progress."""
