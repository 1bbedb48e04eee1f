"""Random credentials for Lambda functions, if their role trusts Lambda.

Source: AWS Lambda Developer Guide, "Defining Lambda function permissions with an execution role".
"""

from __future__ import annotations

from ministack.core import lambda_runtime
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from sandbox.corrections.iam.targets import Assume
from sandbox.frame.permissions import CannotAssume

NAMES = {
    "ministack.core.lambda_runtime": "execution_credentials",
    "ministack.services.lambda_svc": "execution_credentials _create_function",
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS",
}
OVERRIDES = {
    "Lambda: credentials of functions": "ministack derives them from the function's ARN, so that any job can make them "
    "up; they are random, and the role must trust Lambda"
}


_TYPE = "AWS::Lambda::Function"
_NO_TRUST = "The role defined for the function cannot be assumed by Lambda."


def install(assume: Assume) -> None:
    _give_credentials(assume)
    _require_trust(assume)


def _give_credentials(assume: Assume) -> None:
    def execution_credentials(config: dict) -> dict[str, str]:
        """The environment variables of a new process of the function. Raises ``CannotAssume``."""
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


def _require_trust(assume: Assume) -> None:
    """Require the role's trust: by API a refusal is a response, in a stack it fails the resource."""
    create, handler = lambda_svc._create_function, provisioners._RESOURCE_HANDLERS[_TYPE]
    create_resource = handler["create"]

    def trusts(role: str, name: str) -> bool:
        function = f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:{name}"
        try:
            assume(role, "creation", "lambda.amazonaws.com", function)
        except (CannotAssume, IndexError):
            return False
        return True

    def create_function(data: dict) -> tuple:
        if not trusts(data.get("Role", ""), data.get("FunctionName", "")):
            return error_response_json("InvalidParameterValueException", _NO_TRUST, 400)
        return create(data)

    def create_by_template(logical_id: str, properties: dict, stack_name: str) -> tuple:
        name = properties.get("FunctionName") or f"{stack_name}-{logical_id}"
        if not trusts(properties.get("Role", ""), name):
            raise ValueError(_NO_TRUST)
        return create_resource(logical_id, properties, stack_name)

    lambda_svc._create_function = create_function
    handler["create"] = create_by_template
