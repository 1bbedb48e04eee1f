"""Commands that a person runs against a deployed system, the same on AWS and on the sandbox.

    python -m operations status local

Knows boto3, the specs, and how reports look (`training.common.report`). The endpoint URL (`AWS_ENDPOINT_URL`) is all
that tells the sandbox from AWS.
"""
