"""The frame: the form of operations, resource types and the AWS around them. It knows no service by name."""
