"""IAM's users and instance profiles."""

from __future__ import annotations

from audits.row import OTHER_TAGS, TAGS, Read, Row, grant, ref, role

PREPARED_GROUP, OTHER_GROUP = "audited-group", "audited-other-group"
"""ministack has no resource type of groups: the test makes these."""
_USER = {"UserName": ref("User")}
_POLICY = {"PolicyName": "own", "PolicyDocument": grant("s3:GetObject")}

ROWS = {
    "Role": role("ec2"),
    "Second": role("ec2"),
    "Managed": Row("AWS::IAM::ManagedPolicy", {"PolicyDocument": grant("s3:GetObject")}),
    "Other": Row("AWS::IAM::ManagedPolicy", {"PolicyDocument": grant("s3:*")}),
    "User": Row(
        "AWS::IAM::User",
        {
            "UserName": "audited-user",
            "Path": "/audited/",
            "Groups": [PREPARED_GROUP],
            "ManagedPolicyArns": [ref("Managed")],
            "PermissionsBoundary": ref("Managed"),
            "Policies": [_POLICY],
            "LoginProfile": {"Password": "Correct-horse-9", "PasswordResetRequired": True},
            "Tags": TAGS,
        },
        {
            "Groups": [OTHER_GROUP],
            "LoginProfile": {"Password": "Correct-horse-9", "PasswordResetRequired": False},
            "ManagedPolicyArns": [],
            "Path": "/other/",
            "PermissionsBoundary": ref("Other"),
            "Policies": [{"PolicyName": "own", "PolicyDocument": grant("s3:PutObject")}],
            "Tags": OTHER_TAGS,
        },
        (
            Read("iam", "get_user", _USER, "User"),
            Read("iam", "list_groups_for_user", _USER, "{Groups: Groups[].GroupName}"),
            Read("iam", "list_attached_user_policies", _USER, "{ManagedPolicyArns: AttachedPolicies[].PolicyArn}"),
            Read("iam", "get_user_policy", {**_USER, "PolicyName": "own"}),
            Read("iam", "get_login_profile", _USER),
        ),
        {
            "PermissionsBoundary": "PermissionsBoundary.PermissionsBoundaryArn",
            "LoginProfile": "LoginProfile.{Password: 'Correct-horse-9', PasswordResetRequired: PasswordResetRequired}",
            "Policies": "[{PolicyName: PolicyName, PolicyDocument: PolicyDocument}]",
        },
    ),
    "Profile": Row(
        "AWS::IAM::InstanceProfile",
        {"InstanceProfileName": "audited", "Path": "/audited/", "Roles": [ref("Role")]},
        {"Roles": [ref("Second")]},
        (Read("iam", "get_instance_profile", {"InstanceProfileName": ref("Profile")}, "InstanceProfile"),),
        {"Roles": "Roles[].RoleName"},
    ),
}
