"""Application Auto Scaling: instance counts of endpoint variants that follow their metrics.

It knows SageMaker and CloudWatch as any client does, by their APIs.
Source: AWS, "Application Auto Scaling User Guide".
"""
