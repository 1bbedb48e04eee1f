"""Commands for a deployed system, the same on AWS and on the sandbox.

    python -m operations status local

`commands` has one file a command, `terminal` their arguments and how they print. Below them, each room knows only those
before it: `aws` (the connection), `deployed` (stacks, model versions, endpoints), `uploads` (a data set's way to S3),
`workflows` (executions, their jobs and files), `environment` (all of it), `reports` (pages).

Imports boto3, the specs and the page kit (`pages`). Only the endpoint URL (`AWS_ENDPOINT_URL`) tells the sandbox from
AWS.
"""
