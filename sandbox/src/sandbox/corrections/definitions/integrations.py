"""The optimized integrations of Step Functions, and the patterns in which each may be called.

AWS Step Functions Developer Guide, "Integrating optimized services with Step Functions", and the page of each service
("Supported APIs").
"""

from __future__ import annotations

from collections.abc import Mapping

SYNC, SYNC_2, TOKEN = ".sync", ".sync:2", ".waitForTaskToken"
_PATTERNS = (SYNC_2, SYNC, TOKEN)

_BOTH, _JOB, _CALLBACK = (SYNC, TOKEN), (SYNC,), (TOKEN,)
_TABLE: Mapping[str, Mapping[tuple[str, ...], str]] = {
    "apigateway": {_CALLBACK: "invoke"},
    "athena": {_JOB: "startQueryExecution", (): "stopQueryExecution getQueryExecution getQueryResults"},
    "batch": {_JOB: "submitJob"},
    "bedrock": {(): "invokeModel", _JOB: "createModelCustomizationJob"},
    "codebuild": {_JOB: "startBuild startBuildBatch", (): "stopBuild batchDeleteBuilds batchGetReports"},
    "databrew": {_JOB: "startJobRun"},
    "dynamodb": {(): "getItem putItem deleteItem updateItem"},
    "ecs": {_BOTH: "runTask"},
    "eks": {
        _JOB: "createCluster deleteCluster createFargateProfile deleteFargateProfile createNodegroup deleteNodegroup",
        _BOTH: "runJob",
        (): "call",
    },
    "elasticmapreduce": {
        _JOB: "createCluster terminateCluster addStep",
        (): "cancelStep setClusterTerminationProtection modifyInstanceFleetByName modifyInstanceGroupByName",
    },
    "emr-containers": {_JOB: "createVirtualCluster deleteVirtualCluster startJobRun"},
    "emr-serverless": {
        _JOB: "createApplication startApplication stopApplication deleteApplication startJobRun cancelJobRun"
    },
    "events": {_CALLBACK: "putEvents"},
    "glue": {_JOB: "startJobRun"},
    "http": {(): "invoke"},
    "lambda": {_CALLBACK: "invoke"},
    "mediaconvert": {_JOB: "createJob"},
    "sagemaker": {
        _JOB: "createHyperParameterTuningJob createLabelingJob createProcessingJob createTrainingJob "
        "createTransformJob",
        (): "createEndpoint createEndpointConfig createModel updateEndpoint",
    },
    "sns": {_CALLBACK: "publish"},
    "sqs": {_CALLBACK: "sendMessage"},
    "states": {(SYNC, SYNC_2, TOKEN): "startExecution"},
}
PATTERNS_OF: Mapping[tuple[str, str], tuple[str, ...]] = {
    (service, action): patterns
    for service, rows in _TABLE.items()
    for patterns, actions in rows.items()
    for action in actions.split()
}
"""(service, action) -> the patterns besides request and response."""


def split(action: str) -> tuple[str, str]:
    """An action and its pattern: createTrainingJob.sync -> (createTrainingJob, .sync)."""
    for pattern in _PATTERNS:
        if action.endswith(pattern):
            return action.removesuffix(pattern), pattern
    return action, ""
