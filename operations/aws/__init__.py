"""The connection to AWS or to the sandbox, and its errors in sentences."""
