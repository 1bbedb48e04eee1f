"""The base of all rooms of SageMaker: its names, its errors, and what a request needs of the account."""
