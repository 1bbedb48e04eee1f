"""Hyperparameter tuning jobs: a search by Optuna over training jobs of the sandbox."""
