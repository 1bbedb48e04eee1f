"""MLflow Apps: MLflow's own server behind SageMaker's signatures and permissions."""
