"""Permissions: statements, trust, access to buckets, keys and containers, accepted findings."""
