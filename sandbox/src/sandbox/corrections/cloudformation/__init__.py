"""Corrections of ministack's CloudFormation, and our resource types: one module for each concern."""

from __future__ import annotations

from ministack.services.cloudformation import changesets, handlers, stacks

from sandbox.corrections.cloudformation.nested.requests import leave_nested_stacks_to_their_roots
from sandbox.corrections.cloudformation.nested.stacks import NestedStacks
from sandbox.corrections.cloudformation.operations.engine import Engine
from sandbox.corrections.cloudformation.operations.replacement import replace_by_schema
from sandbox.corrections.cloudformation.operations.resource_calls import deploy_role
from sandbox.corrections.cloudformation.requests.change_sets import show_changes
from sandbox.corrections.cloudformation.requests.conditions import evaluate_functions_in_conditions
from sandbox.corrections.cloudformation.requests.held_answers import hold_answers
from sandbox.corrections.cloudformation.requests.imports import name_identifiers
from sandbox.corrections.cloudformation.requests.notifications import publish_events
from sandbox.corrections.cloudformation.requests.parameters import refuse_unknown_parameters
from sandbox.corrections.cloudformation.requests.request_members import refuse_members
from sandbox.corrections.cloudformation.requests.stack_answers import show_stacks
from sandbox.corrections.cloudformation.requests.stack_options import keep_options
from sandbox.corrections.cloudformation.requests.statuses import refuse_what_a_status_forbids
from sandbox.corrections.cloudformation.requests.templates import check_templates
from sandbox.corrections.cloudformation.requests.text_functions import make_text_as_aws_does
from sandbox.corrections.cloudformation.resources.custom_resources import ask_as_aws_does
from sandbox.corrections.cloudformation.resources.dropped_properties import honour_dropped_properties
from sandbox.corrections.cloudformation.resources.event_source_mappings import map_event_sources_as_aws_does
from sandbox.corrections.cloudformation.resources.inline_code import add_response_modules
from sandbox.corrections.cloudformation.resources.physical_ids import give_ids_as_aws_does
from sandbox.corrections.cloudformation.resources.resource_handlers import correct_resource_handlers
from sandbox.corrections.cloudformation.resources.resource_types import add_resource_type
from sandbox.corrections.cloudformation.resources.schedules import schedule_as_aws_does
from sandbox.corrections.cloudformation.resources.stack_tags import tag_resources_by_schema
from sandbox.corrections.cloudformation.resources.tables import refuse_other_regions
from sandbox.corrections.cloudformation.resources.web_apis import validate_requests

__all__ = [
    "NAMES",
    "OVERRIDES",
    "Engine",
    "add_resource_type",
    "deploy_as_aws_does",
    "deploy_role",
    "read_templates_as_aws_does",
]

_PACKAGE = "ministack.services.cloudformation"
NAMES = {
    _PACKAGE: "_change_sets _exports _stacks",
    f"{_PACKAGE}.changesets": "_IMPORT_LOOKUPS _IMPORT_NOT_FOUND _deploy_stack_async "
    "_extract_resources_to_import _find_change_set _resolve_parameters",
    f"{_PACKAGE}.custom_resource": "_normalise_resource_properties _pending _response_url invoke_custom_resource "
    "register_token",
    f"{_PACKAGE}.engine": "_NO_VALUE _evaluate_conditions _extract_deps _parse_template _resolve_dynamic_references "
    "_resolve_parameters _resolve_refs _topological_sort",
    f"{_PACKAGE}.handlers": "_ACTION_HANDLERS _continue_update_rollback_async _delete_stack_async _deploy_stack_async "
    "_imported_export_names _resolve_parameters _resolve_stack _roll_back_operation",
    f"{_PACKAGE}.helpers": "_error _esc _p _resolve_template _xml",
    f"{_PACKAGE}.provisioners": "_DEFERRED_PREDECESSOR_DELETES _NAME_SEED _RESOURCE_HANDLERS "
    "_RETAINING_POLICIES _RETAIN_REPLACED _custom_named_replacement_error _delete_resource _physical_name "
    "_provision_resource _replacing_change _snapshot_resource _update_resource _with_stack_tags",
    f"{_PACKAGE}.stacks": "CLIENT_REQUEST_TOKEN _add_event _adopt_resource _create_stack_task_in_region "
    "_delete_stack_async _fail_property_validation _resolve_stack_outputs _resource_policy _runs_on_worker_thread "
    "_sends_back_failed_update",
    f"{_PACKAGE}.wait_conditions": "_changed _handles _waiting",
    "ministack.core.concurrency": "run_reentrant",
    "ministack.core.lambda_runtime": "invalidate_worker",
    "ministack.services.lambda_svc": "_execute_function_with_config_scope _execution_record_for_config "
    "_get_func_record_for_ref",
    "ministack.services.s3": "_bucket_has_versions _buckets",
    "ministack.services.stepfunctions": "_executions",
}
OVERRIDES: dict[str, str] = {
    "CloudFormation: the order of stack operations": "ministack handles one resource after another; AWS creates, "
    "updates, deletes and rolls back concurrently what does not depend on each other.",
    "CloudFormation: stack events": "ministack reports unchanged resources and no deletion of replaced ones; the "
    "events are now those of AWS, cleanup and cancelled siblings included.",
    "CloudFormation: exports": "ministack changes and removes exports that other stacks import, and goes on "
    "listing removed ones.",
    "CloudFormation: requests to busy stacks": "ministack creates and executes change sets on a stack that is being "
    "updated, and updates one after a failed deletion or creation.",
    "CloudFormation: parameters": "ministack ignores parameters that the template does not declare.",
    "CloudFormation: RoleARN": "ministack discards the role of an operation.",
    "CloudFormation: generated names": "ministack gives a stack created again the physical names of its forerunner.",
    "CloudFormation: custom names": "ministack adopts or overwrites what has the name of a new resource, and "
    "replaces a named resource by itself.",
    "CloudFormation: imports": "ministack makes a change set that cannot be executed where the type has no import; "
    "it is refused. SageMaker's types can be imported by their ARN. GetTemplateSummary names the identifiers, and "
    "refuses references to what the template does not hold.",
    "CloudFormation: custom resources": "ministack waits an hour for the answer of a function that has failed, and "
    "takes answers that CloudFormation refuses.",
    "CloudFormation: deleted stacks": "ministack lists no resources of a deleted stack.",
    "CloudFormation: AWS::S3::Bucket": "ministack deletes a bucket with its objects.",
    "CloudFormation: AWS::Logs::SubscriptionFilter": "ministack keeps destinations that it never delivers to.",
    "CloudFormation: AWS::StepFunctions::StateMachine": "ministack shows a deleted state machine's executions in the "
    "next one of its name.",
    "CloudFormation: AWS::Lambda::Function": "ministack lets the processes of a deleted function run on.",
}


def deploy_as_aws_does() -> Engine:
    """Replace ministack's stack operations by our engine, and put our checks before its requests."""
    engine = Engine()
    handlers._deploy_stack_async = changesets._deploy_stack_async = engine.deploy
    handlers._delete_stack_async = stacks._delete_stack_async = engine.delete
    handlers._roll_back_operation = engine.roll_back
    NestedStacks(engine).install()
    keep_options()
    refuse_members()
    publish_events()
    show_stacks()
    refuse_unknown_parameters()
    refuse_what_a_status_forbids(engine)
    leave_nested_stacks_to_their_roots()
    name_identifiers()
    ask_as_aws_does()
    add_response_modules()
    correct_resource_handlers()
    map_event_sources_as_aws_does()
    schedule_as_aws_does()
    validate_requests()
    refuse_other_regions()
    give_ids_as_aws_does()
    tag_resources_by_schema()
    hold_answers()
    return engine


def read_templates_as_aws_does() -> None:
    """Check templates as a whole, honour or refuse each property, and make change sets complete."""
    make_text_as_aws_does()
    evaluate_functions_in_conditions()
    check_templates()
    honour_dropped_properties()
    replace_by_schema()
    show_changes()
