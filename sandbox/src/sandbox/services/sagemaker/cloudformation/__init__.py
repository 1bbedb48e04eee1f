"""SageMaker's resource types for CloudFormation."""
