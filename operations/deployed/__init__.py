"""The deployed system: stacks, model versions, endpoints."""
