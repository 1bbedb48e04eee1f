"""Executions of the training and release workflows: starting, following, and the files that they leave."""
