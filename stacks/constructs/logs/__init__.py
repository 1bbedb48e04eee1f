"""The log groups of an environment."""
