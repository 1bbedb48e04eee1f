"""Training and processing jobs, as processes on this machine."""
