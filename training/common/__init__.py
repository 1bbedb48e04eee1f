"""What every model's jobs share: the container's files, hyperparameters, shards, checkpoints, metrics, reports."""
