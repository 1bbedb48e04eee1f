"""SHIPPED: the function that copies a finished run to MLflow; it imports only what AWS Lambda's Python has."""
