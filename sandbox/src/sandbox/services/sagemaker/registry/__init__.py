"""The model registry: groups of model packages and their approval."""
