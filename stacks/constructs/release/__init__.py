"""The release workflow and its role."""
