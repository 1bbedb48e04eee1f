"""Who may do what: statements, trust, access to buckets, keys and containers, accepted findings."""
