"""Rows of people: IAM's users, and Cognito."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.corrections.templates.honoured.row import Honoured, honoured

_NO_MAIL = "is kept and returned; no mail is sent"
_NO_MESSAGE = "is kept and returned; no message is sent"

ROWS: Mapping[str, Honoured] = {
    "AWS::Cognito::IdentityPool": honoured(
        "AllowClassicFlow AllowUnauthenticatedIdentities CognitoIdentityProviders DeveloperProviderName "
        "IdentityPoolName IdentityPoolTags",
        "Name",
        fixed="DeveloperProviderName",
    ),
    "AWS::Cognito::IdentityPoolRoleAttachment": honoured("IdentityPoolId Roles"),
    "AWS::Cognito::UserPool": honoured(
        "AccountRecoverySetting AdminCreateUserConfig AutoVerifiedAttributes DeletionProtection EmailConfiguration "
        "EmailVerificationMessage EmailVerificationSubject LambdaConfig.PreTokenGeneration MfaConfiguration Policies "
        "Schema SmsVerificationMessage UserAttributeUpdateSettings UserPoolName UserPoolTags "
        "UsernameAttributes UsernameConfiguration VerificationMessageTemplate",
        "Arn ProviderName UserPoolId",
        fixed="Schema UserPoolName UsernameAttributes UsernameConfiguration",
        AccountRecoverySetting="is described",
        EmailConfiguration=_NO_MAIL,
        EmailVerificationMessage=_NO_MAIL,
        SmsVerificationMessage=_NO_MESSAGE,
        VerificationMessageTemplate=_NO_MESSAGE,
    ),
    "AWS::Cognito::UserPoolClient": honoured(
        "AccessTokenValidity AllowedOAuthFlows AllowedOAuthFlowsUserPoolClient AllowedOAuthScopes AuthSessionValidity "
        "CallbackURLs ClientName DefaultRedirectURI EnableTokenRevocation ExplicitAuthFlows GenerateSecret "
        "IdTokenValidity LogoutURLs PreventUserExistenceErrors ReadAttributes RefreshTokenValidity "
        "SupportedIdentityProviders TokenValidityUnits UserPoolId WriteAttributes",
        "ClientId ClientSecret Name",
        fixed="SupportedIdentityProviders",
    ),
    "AWS::Cognito::UserPoolDomain": honoured("Domain UserPoolId", Domain="is described; its host name is not resolved"),
    "AWS::Cognito::UserPoolGroup": honoured("Description GroupName Precedence RoleArn UserPoolId"),
    "AWS::Cognito::UserPoolResourceServer": honoured("Identifier Name Scopes UserPoolId"),
    "AWS::IAM::InstanceProfile": honoured("InstanceProfileName Path Roles", "Arn"),
    "AWS::IAM::User": honoured(
        "Groups LoginProfile ManagedPolicyArns Path PermissionsBoundary Policies Tags UserName", "Arn"
    ),
}
