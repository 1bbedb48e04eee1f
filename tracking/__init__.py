"""SHIPPED: the function that copies a finished run to MLflow. It holds what AWS Lambda's Python has, and no more."""
