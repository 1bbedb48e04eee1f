"""The resources that all models of an environment share: network, buckets, alarm topic, tracking."""
