"""The frame every SageMaker operation stands in: requests checked as AWS checks them, errors, lists, faults."""
