"""A whole environment: its state, and the leftovers that block its destroy."""
