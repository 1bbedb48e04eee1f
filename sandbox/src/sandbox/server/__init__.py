"""The start and the end of the server's process."""
