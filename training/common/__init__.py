"""Code shared by every model's jobs: the container's files, hyperparameters, shards, checkpoints, metrics, reports."""
