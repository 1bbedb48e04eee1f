"""Cognito."""

from __future__ import annotations

from audits.row import Read, Row, attribute, ref, role

_POOL = {"UserPoolId": ref("Pool")}
CODE = "def handler(event, context):\n    return 'hello'\n"

ROWS = {
    "Role": role("lambda"),
    "Function": Row(
        "AWS::Lambda::Function",
        {"Code": {"ZipFile": CODE}, "Handler": "index.handler", "Role": attribute("Role"), "Runtime": "python3.12"},
    ),
    "Other": Row(
        "AWS::Lambda::Function",
        {"Code": {"ZipFile": CODE}, "Handler": "index.handler", "Role": attribute("Role"), "Runtime": "python3.12"},
    ),
    "OtherRole": role("lambda"),
    "Protected": Row(
        "AWS::Cognito::UserPool",
        {"DeletionProtection": "ACTIVE"},
        {"DeletionProtection": "INACTIVE"},
        (Read("cognito-idp", "describe_user_pool", {"UserPoolId": ref("Protected")}, "UserPool"),),
    ),
    "Pool": Row(
        "AWS::Cognito::UserPool",
        {
            "UserPoolName": "audited",
            "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
            "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
            "AutoVerifiedAttributes": ["email"],
            "DeletionProtection": "INACTIVE",
            "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
            "EmailVerificationMessage": "code {####}",
            "EmailVerificationSubject": "subject",
            "LambdaConfig": {"PreTokenGeneration": attribute("Function")},
            "MfaConfiguration": "OFF",
            "Policies": {
                "PasswordPolicy": {
                    "MinimumLength": 12,
                    "RequireLowercase": True,
                    "RequireNumbers": True,
                    "RequireSymbols": False,
                    "RequireUppercase": True,
                    "TemporaryPasswordValidityDays": 3,
                }
            },
            "Schema": [{"Name": "email", "AttributeDataType": "String", "Mutable": True, "Required": True}],
            "SmsVerificationMessage": "sms {####}",
            "UsernameAttributes": ["email"],
            "UsernameConfiguration": {"CaseSensitive": False},
            "VerificationMessageTemplate": {
                "DefaultEmailOption": "CONFIRM_WITH_CODE",
                "EmailMessage": "code {####}",
                "EmailSubject": "subject",
                "SmsMessage": "sms {####}",
            },
            "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
            "UserPoolTags": {"team": "digits"},
        },
        {
            "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]},
            "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False},
            "AutoVerifiedAttributes": [],
            "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT", "ReplyToEmailAddress": "a@example.com"},
            "EmailVerificationMessage": "other {####}",
            "LambdaConfig": {"PreTokenGeneration": attribute("Other")},
            "MfaConfiguration": "OPTIONAL",
            "SmsVerificationMessage": "other {####}",
            "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": []},
            "VerificationMessageTemplate": {
                "DefaultEmailOption": "CONFIRM_WITH_CODE",
                "EmailMessage": "other {####}",
                "EmailSubject": "other",
                "SmsMessage": "other {####}",
            },
            "UserPoolTags": {"colour": "red"},
            "EmailVerificationSubject": "other",
            "Policies": {"PasswordPolicy": {"MinimumLength": 14}},
        },
        (Read("cognito-idp", "describe_user_pool", _POOL, "UserPool"),),
        {"UserPoolName": "Name", "Schema": "SchemaAttributes[?Name == 'email']"},
    ),
    "Client": Row(
        "AWS::Cognito::UserPoolClient",
        {
            **_POOL,
            "ClientName": "audited",
            "AccessTokenValidity": 30,
            "IdTokenValidity": 30,
            "RefreshTokenValidity": 10,
            "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"},
            "AllowedOAuthFlows": ["code"],
            "AllowedOAuthFlowsUserPoolClient": True,
            "AllowedOAuthScopes": ["openid"],
            "CallbackURLs": ["https://a.example"],
            "DefaultRedirectURI": "https://a.example",
            "LogoutURLs": ["https://b.example"],
            "EnableTokenRevocation": True,
            "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
            "GenerateSecret": True,
            "PreventUserExistenceErrors": "ENABLED",
            "ReadAttributes": ["email"],
            "WriteAttributes": ["email"],
            "SupportedIdentityProviders": ["COGNITO"],
            "AuthSessionValidity": 5,
        },
        {
            "AllowedOAuthFlows": ["implicit"],
            "AllowedOAuthFlowsUserPoolClient": False,
            "AllowedOAuthScopes": ["email"],
            "AuthSessionValidity": 6,
            "EnableTokenRevocation": False,
            "IdTokenValidity": 31,
            "LogoutURLs": ["https://d.example"],
            "PreventUserExistenceErrors": "LEGACY",
            "ReadAttributes": ["name"],
            "RefreshTokenValidity": 11,
            "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "hours"},
            "WriteAttributes": ["name"],
            "ClientName": "audited-two",
            "AccessTokenValidity": 40,
            "CallbackURLs": ["https://c.example"],
            "DefaultRedirectURI": "https://c.example",
            "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        },
        (Read("cognito-idp", "describe_user_pool_client", {**_POOL, "ClientId": ref("Client")}, "UserPoolClient"),),
        {"GenerateSecret": "ClientSecret != null"},
    ),
    "Domain": Row(
        "AWS::Cognito::UserPoolDomain",
        {**_POOL, "Domain": "audited"},
        {},
        (Read("cognito-idp", "describe_user_pool_domain", {"Domain": "audited"}, "DomainDescription"),),
    ),
    "Group": Row(
        "AWS::Cognito::UserPoolGroup",
        {**_POOL, "GroupName": "audited", "Description": "first", "Precedence": 1, "RoleArn": attribute("Role")},
        {"Description": "second", "Precedence": 2, "RoleArn": attribute("OtherRole")},
        (Read("cognito-idp", "get_group", {**_POOL, "GroupName": "audited"}, "Group"),),
    ),
    "Server": Row(
        "AWS::Cognito::UserPoolResourceServer",
        {**_POOL, "Identifier": "audited", "Name": "audited", "Scopes": [{"ScopeName": "a", "ScopeDescription": "b"}]},
        {"Name": "audited-two", "Scopes": [{"ScopeName": "c", "ScopeDescription": "d"}]},
        (Read("cognito-idp", "describe_resource_server", {**_POOL, "Identifier": "audited"}, "ResourceServer"),),
    ),
    "Identities": Row(
        "AWS::Cognito::IdentityPool",
        {
            "IdentityPoolName": "audited",
            "AllowUnauthenticatedIdentities": False,
            "AllowClassicFlow": True,
            "CognitoIdentityProviders": [
                {
                    "ClientId": ref("Client"),
                    "ProviderName": attribute("Pool", "ProviderName"),
                    "ServerSideTokenCheck": True,
                }
            ],
            "DeveloperProviderName": "dev",
            "IdentityPoolTags": [{"Key": "team", "Value": "digits"}],
        },
        {
            "AllowClassicFlow": False,
            "AllowUnauthenticatedIdentities": True,
            "CognitoIdentityProviders": [
                {
                    "ClientId": ref("Client"),
                    "ProviderName": attribute("Pool", "ProviderName"),
                    "ServerSideTokenCheck": False,
                }
            ],
            "IdentityPoolName": "audited-two",
            "IdentityPoolTags": [{"Key": "colour", "Value": "red"}],
        },
        (Read("cognito-identity", "describe_identity_pool", {"IdentityPoolId": ref("Identities")}),),
    ),
    "Roles": Row(
        "AWS::Cognito::IdentityPoolRoleAttachment",
        {"IdentityPoolId": ref("Identities"), "Roles": {"authenticated": attribute("Role")}},
        {"Roles": {"unauthenticated": attribute("Role")}},
        (Read("cognito-identity", "get_identity_pool_roles", {"IdentityPoolId": ref("Identities")}),),
    ),
}
