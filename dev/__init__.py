"""The resident synthesis: `make dev` watches the checkout, says what an edit changes, and deploys it on Enter."""
