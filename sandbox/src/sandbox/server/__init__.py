"""The server's process: its settings, its start and its end."""
