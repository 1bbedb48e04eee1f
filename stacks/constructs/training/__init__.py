"""The training workflow, one step a file."""
