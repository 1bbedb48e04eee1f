"""The members of requests that change stacks: a closed table, where each is done or refused by name.

Sources: AWS CloudFormation API Reference, "CreateStack", "UpdateStack", "CreateChangeSet", "ExecuteChangeSet",
"DeleteStack"; sentences as clients report them, except those of features that the sandbox lacks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ministack.services.cloudformation import handlers, helpers

from sandbox.corrections.cloudformation.requests.statuses import Request, Response, check_first

NAMES = {
    "ministack.services.cloudformation.handlers": "_ACTION_HANDLERS",
    "ministack.services.cloudformation.helpers": "_error _p",
}
OVERRIDES = {
    "CloudFormation: members of requests that ministack drops": "ResourceTypes, RollbackConfiguration, "
    "DeploymentConfig and DeploymentMode are refused by name",
    "CloudFormation: members that exclude each other": "ministack takes the first of TemplateBody, TemplateURL and "
    "UsePreviousTemplate, and a value beside UsePreviousValue",
}

_DONE = ""
_TYPES = "leave it out; what a stack may hold is limited by the permissions of its role"
_ALARMS = (
    "leave it out; no alarm is watched during an operation. Name alarms in the endpoint's deployment configuration"
)
_EXPRESS = "leave it out; every operation waits until its resources are ready"
_DRIFT = "leave it out. To undo a hotswap, hotswap the former version, or deploy a change of the same resource"
_ENDING = {
    "ClientRequestToken": _DONE,
    "DisableRollback": _DONE,
    "RetainExceptOnCreate": _DONE,
}
_TEMPLATE = {
    **dict.fromkeys(("StackName", "TemplateBody", "TemplateURL", "Parameters", "Capabilities", "RoleARN"), _DONE),
    **dict.fromkeys(("Tags", "NotificationARNs"), _DONE),
    "ResourceTypes": _TYPES,
    "RollbackConfiguration": _ALARMS,
    "DeploymentConfig": _EXPRESS,
    "DisableValidation": _DONE,
}
_POLICY = dict.fromkeys(("StackPolicyBody", "StackPolicyURL"), _DONE)

MEMBERS: Mapping[str, Mapping[str, str]] = {
    "CreateStack": {
        **_TEMPLATE,
        **_POLICY,
        **_ENDING,
        **dict.fromkeys(("TimeoutInMinutes", "OnFailure", "EnableTerminationProtection"), _DONE),
    },
    "UpdateStack": {
        **_TEMPLATE,
        **_POLICY,
        **_ENDING,
        **dict.fromkeys(("UsePreviousTemplate", "StackPolicyDuringUpdateBody", "StackPolicyDuringUpdateURL"), _DONE),
    },
    "CreateChangeSet": {
        **_TEMPLATE,
        **dict.fromkeys(("UsePreviousTemplate", "ChangeSetName", "ClientToken", "Description", "ChangeSetType"), _DONE),
        **dict.fromkeys(("ResourcesToImport", "IncludeNestedStacks", "OnStackFailure"), _DONE),
        "ImportExistingResources": _DONE,
        "DeploymentMode": _DRIFT,
    },
    "ExecuteChangeSet": {"ChangeSetName": _DONE, "StackName": _DONE, **_ENDING},
    "DeleteStack": {
        **dict.fromkeys(("StackName", "RetainResources", "RoleARN", "ClientRequestToken", "DeletionMode"), _DONE),
        "DeploymentConfig": _EXPRESS,
    },
}
"""For each action its members, with what to write instead of one that is refused."""

_NOTHING = ("", "0", "false", "STANDARD")
_READING = ("CreateStack", "UpdateStack", "CreateChangeSet", "ValidateTemplate")


def refuse_members() -> None:
    """Refuse what the sandbox lacks, and members that exclude each other."""
    for action in _READING:
        check_first(action, lambda request, action=action: _first(_exclusions(action, request)))  # type: ignore[misc]
    for action in MEMBERS:
        check_first(action, lambda request, action=action: _first(_lacking(action, request)))  # type: ignore[misc]


def _first(sentences: Iterator[str]) -> Response | None:
    for sentence in sentences:
        return helpers._error("ValidationError", sentence)
    return None


def _lacking(action: str, request: Request) -> Iterator[str]:
    for member, instead in MEMBERS[action].items():
        if instead and _is_given(request, member):
            yield f"the sandbox does not implement {action}.{member}; {instead}."


def _is_given(request: Request, member: str) -> bool:
    """Tell whether a request states a member, or one below it, beyond nothing."""
    return any(
        (name == member or name.startswith(f"{member}.")) and any(value not in _NOTHING for value in values)
        for name, values in request.items()
    )


def _exclusions(action: str, request: Request) -> Iterator[str]:
    body, url = _is_given(request, "TemplateBody"), _is_given(request, "TemplateURL")
    previous = helpers._p(request, "UsePreviousTemplate").lower() == "true"
    is_new = action == "CreateStack" or helpers._p(request, "ChangeSetType") == "CREATE"
    if previous and (body or url):
        yield "You cannot specify both usePreviousTemplate and Template Body/Template URL."
    if previous and is_new:
        yield "Cannot specify usePreviousTemplate as true for a changeSetType CREATE"
    if body and url:
        yield "You cannot specify both Template Body and Template URL."
    if not (body or url or previous):
        yield "Either Template URL or Template Body must be specified."
    for document in ("StackPolicy", "StackPolicyDuringUpdate"):
        if _is_given(request, f"{document}Body") and _is_given(request, f"{document}URL"):
            yield f"You cannot specify both {document}Body and {document}URL."
    if action != "ValidateTemplate":
        yield from _parameters(request, is_new)


def _parameters(request: Request, is_new: bool) -> Iterator[str]:
    stack = handlers._resolve_stack(helpers._p(request, "StackName")) or {}
    known = stack.get("_template", {}).get("Parameters", {})
    for place in sorted(name for name in request if name.endswith(".UsePreviousValue")):
        if helpers._p(request, place).lower() != "true":
            continue
        parameter = place.removesuffix(".UsePreviousValue")
        key, value = (
            helpers._p(request, f"{parameter}.ParameterKey"),
            helpers._p(request, f"{parameter}.ParameterValue"),
        )
        place_of = f"Invalid input for parameter key {key}. Cannot specify usePreviousValue as true"
        if value:
            yield f"{place_of} and non empty value for a parameter"
        elif is_new:
            yield "Cannot specify UsePreviousValue on Parameters when ChangeSetType is CREATE"
        elif key not in known:
            yield f"{place_of} for a parameter key not in the previous template"
