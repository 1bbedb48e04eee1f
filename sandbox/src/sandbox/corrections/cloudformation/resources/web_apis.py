"""API Gateway's records where ministack keeps CloudFormation's spelling, or nothing.

Source: Amazon API Gateway, "RestApi", "Stage", "RequestValidator"; HTTP APIs: "Api", "Stage".
"""

from __future__ import annotations

import json
from typing import Any

from ministack.services import apigateway, apigateway_v1
from ministack.services.cloudformation import provisioners

from sandbox.corrections.cloudformation.resources.answers import answered

NAMES = {
    "ministack.services.apigateway": "_apis _stages",
    "ministack.services.apigateway_v1": "_create_request_validator _delete_request_validator _request_validators "
    "_resources _rest_apis _stages_v1",
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS _cfn_bool _pascal_to_camel",
}
OVERRIDES = {
    "AWS::ApiGateway::RestApi, Stage; AWS::ApiGatewayV2::Api, Stage": (
        "ministack drops properties, or keeps them in a spelling that no client reads"
    ),
    "AWS::ApiGateway::RequestValidator": "ministack makes an id without a validator: every request passes",
}

Properties = dict[str, Any]


def apply_rest_api(api: str, old: Properties, new: Properties) -> None:
    record = apigateway_v1._rest_apis[api]
    if "EndpointConfiguration" in new:
        record["endpointConfiguration"] = provisioners._pascal_to_camel(new["EndpointConfiguration"])
    record["disableExecuteApiEndpoint"] = provisioners._cfn_bool(new.get("DisableExecuteApiEndpoint", False))
    if "ApiKeySourceType" in new:
        record["apiKeySource"] = new["ApiKeySourceType"]
    policy = new.get("Policy")
    record["policy"] = json.dumps(policy) if isinstance(policy, dict) else policy


def apply_rest_stage(stage: str, old: Properties, new: Properties) -> None:
    record = apigateway_v1._stages_v1[new["RestApiId"]][stage]
    record["accessLogSettings"] = provisioners._pascal_to_camel(new.get("AccessLogSetting", {}))


def apply_method(method: str, old: Properties, new: Properties) -> None:
    resource = apigateway_v1._resources[new["RestApiId"]][new["ResourceId"]]
    resource["resourceMethods"][new["HttpMethod"]]["requestValidatorId"] = new.get("RequestValidatorId")


def apply_http_api(api: str, old: Properties, new: Properties) -> None:
    if "CorsConfiguration" in new:
        apigateway._apis[api]["corsConfiguration"] = provisioners._pascal_to_camel(new["CorsConfiguration"])


def apply_http_stage(stage: str, old: Properties, new: Properties) -> None:
    record = apigateway._stages[new["ApiId"]][new["StageName"]]
    for name, member in (("DefaultRouteSettings", "defaultRouteSettings"), ("AccessLogSettings", "accessLogSettings")):
        if name in new:
            record[member] = provisioners._pascal_to_camel(new[name])


def validate_requests() -> None:
    """Make validators by the service's own operation."""
    provisioners._RESOURCE_HANDLERS["AWS::ApiGateway::RequestValidator"].update(
        create=_create_validator, update=_update_validator, delete=_delete_validator
    )


def _create_validator(logical_id: str, properties: Properties, stack_name: str) -> tuple[str, Properties]:
    name = properties.get("Name") or provisioners._physical_name(stack_name, logical_id, max_len=64)
    made = answered(
        apigateway_v1._create_request_validator(properties["RestApiId"], {"name": name, **_flags(properties)})
    )
    return made["id"], {"RequestValidatorId": made["id"]}


def _update_validator(validator: str, old: Properties, new: Properties, stack_name: str) -> tuple[str, Properties]:
    apigateway_v1._request_validators[new["RestApiId"]][validator] |= _flags(new)
    return validator, {"RequestValidatorId": validator}


def _delete_validator(validator: str, properties: Properties) -> None:
    apigateway_v1._delete_request_validator(properties["RestApiId"], validator)


def _flags(properties: Properties) -> Properties:
    return {
        name[0].lower() + name[1:]: provisioners._cfn_bool(properties.get(name, False))
        for name in ("ValidateRequestBody", "ValidateRequestParameters")
    }
