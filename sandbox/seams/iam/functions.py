"""Lambda functions run with credentials of their role that nobody can work out, and only if the role trusts Lambda.

Source: AWS Lambda Developer Guide, "Defining Lambda function permissions with an execution role".
"""

from __future__ import annotations

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from sandbox.seams.iam.targets import Assume

NAMES = {
    "ministack.core.lambda_runtime": "execution_credentials",
    "ministack.services.lambda_svc": "execution_credentials",
}
OVERRIDES = {
    "Lambda: credentials of functions": "ministack derives them from the function's ARN, so that any job can make them "
    "up; they are random, and the role must trust Lambda"
}


def install(assume: Assume) -> None:
    def execution_credentials(config: dict) -> dict[str, str]:
        """Environment variables for a new process of the function. Raises ``CannotAssume``."""
        function = config.get("FunctionArn", "")
        name = config.get("FunctionName", "function")[:64]
        made = assume(config.get("Role", ""), name, "lambda.amazonaws.com", function)
        return {
            "AWS_ACCESS_KEY_ID": made.access_key_id,
            "AWS_SECRET_ACCESS_KEY": made.secret_access_key,
            "AWS_SESSION_TOKEN": made.session_token or "",
        }

    lambda_runtime.execution_credentials = execution_credentials
    lambda_svc.execution_credentials = execution_credentials
