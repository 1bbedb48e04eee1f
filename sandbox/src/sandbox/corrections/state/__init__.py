"""ministack's state, saved and restored, and the recovery of interrupted operations."""
