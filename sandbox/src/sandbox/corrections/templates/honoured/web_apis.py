"""Rows of API Gateway: REST APIs and HTTP APIs."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.corrections.templates.honoured.row import Honoured, honoured

ROWS: Mapping[str, Honoured] = {
    "AWS::ApiGateway::Account": honoured("CloudWatchRoleArn", CloudWatchRoleArn="is described; no log is written"),
    "AWS::ApiGateway::ApiKey": honoured("Description Enabled Name Tags Value", "APIKeyId"),
    "AWS::ApiGateway::Authorizer": honoured(
        "AuthorizerResultTtlInSeconds AuthorizerUri IdentitySource IdentityValidationExpression Name RestApiId Type",
        "AuthorizerId",
        fixed="Type",
    ),
    "AWS::ApiGateway::Deployment": honoured("Description RestApiId", "DeploymentId"),
    "AWS::ApiGateway::GatewayResponse": honoured(
        "ResponseParameters ResponseTemplates ResponseType RestApiId StatusCode", "Id"
    ),
    "AWS::ApiGateway::Method": honoured(
        "ApiKeyRequired AuthorizationScopes AuthorizationType AuthorizerId Integration.CacheKeyParameters "
        "Integration.Credentials Integration.IntegrationHttpMethod Integration.IntegrationResponses "
        "Integration.PassthroughBehavior Integration.RequestParameters Integration.RequestTemplates "
        "Integration.TimeoutInMillis Integration.Type Integration.Uri HttpMethod MethodResponses OperationName "
        "RequestModels RequestParameters RequestValidatorId ResourceId RestApiId",
        fixed="AuthorizerId",
    ),
    "AWS::ApiGateway::Model": honoured("ContentType Description Name RestApiId Schema"),
    "AWS::ApiGateway::RequestValidator": honoured(
        "Name RestApiId ValidateRequestBody ValidateRequestParameters", "RequestValidatorId"
    ),
    "AWS::ApiGateway::Resource": honoured("ParentId PathPart RestApiId", "ResourceId"),
    "AWS::ApiGateway::RestApi": honoured(
        "ApiKeySourceType BinaryMediaTypes Description DisableExecuteApiEndpoint EndpointConfiguration "
        "MinimumCompressionSize Name Policy Tags",
        "RestApiId RootResourceId",
    ),
    "AWS::ApiGateway::Stage": honoured(
        "AccessLogSetting DeploymentId Description MethodSettings RestApiId StageName Tags TracingEnabled Variables",
        AccessLogSetting="is described; no log is written",
        MethodSettings="throttles; no log or metric is written",
        TracingEnabled="is described; no traces are recorded",
    ),
    "AWS::ApiGateway::UsagePlan": honoured("ApiStages Description Quota Tags Throttle UsagePlanName", "Id"),
    "AWS::ApiGateway::UsagePlanKey": honoured("KeyId KeyType UsagePlanId"),
    "AWS::ApiGatewayV2::Api": honoured(
        "CorsConfiguration Description DisableExecuteApiEndpoint Name ProtocolType Tags Version",
        "ApiEndpoint ApiId",
    ),
    "AWS::ApiGatewayV2::Authorizer": honoured(
        "ApiId AuthorizerCredentialsArn AuthorizerPayloadFormatVersion AuthorizerResultTtlInSeconds AuthorizerType "
        "AuthorizerUri EnableSimpleResponses IdentitySource JwtConfiguration Name",
        "AuthorizerId",
        fixed="AuthorizerType",
    ),
    "AWS::ApiGatewayV2::Integration": honoured(
        "ApiId ConnectionType Description IntegrationMethod IntegrationType IntegrationUri "
        "PayloadFormatVersion RequestParameters TimeoutInMillis",
        "IntegrationId",
        fixed="ConnectionType IntegrationType",
    ),
    "AWS::ApiGatewayV2::Route": honoured(
        "ApiId AuthorizationScopes AuthorizationType AuthorizerId OperationName RouteKey Target", "RouteId"
    ),
    "AWS::ApiGatewayV2::Stage": honoured(
        "AccessLogSettings ApiId AutoDeploy DefaultRouteSettings Description StageName StageVariables Tags",
        AccessLogSettings="is described; no log is written",
    ),
}
