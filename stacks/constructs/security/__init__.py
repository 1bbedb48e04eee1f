"""Permissions: statements, trust, access to buckets and keys, accepted findings."""
