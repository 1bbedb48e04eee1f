"""Amazon EC2: ministack has the API, and no resource types for single rules of security groups."""
