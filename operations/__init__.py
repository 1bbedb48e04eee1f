"""Commands that a person runs against a deployed system, the same on AWS and on the sandbox.

    python -m operations status local

Knows boto3, the specs, and the page kit (`pages`). The endpoint URL (`AWS_ENDPOINT_URL`) is all
that tells the sandbox from AWS.
"""
