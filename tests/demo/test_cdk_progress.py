"""The progress in the CDK CLI's output with --progress events. The lines were printed by CLI 2.1148.1."""

from __future__ import annotations

import pytest

from demo import cdk

DATA = "slipway-local-foundation | 3/4 | 10:15:54 AM | CREATE_COMPLETE | AWS::S3::Bucket       | Data (Data666C94C7) "
STARTED = DATA.replace("CREATE_COMPLETE", "CREATE_IN_PROGRESS")
TOPIC = (
    "slipway-local-network | 2/3 | 10:15:54 AM | CREATE_COMPLETE         | AWS::SNS::Topic            | T (TD925BC7E) "
)
UPDATED = TOPIC.replace("CREATE", "UPDATE")
STACK = (
    "slipway-local-network | 1/3 | 10:15:54 AM | CREATE_COMPLETE | AWS::CloudFormation::Stack | slipway-local-network "
)
METADATA = TOPIC.replace("AWS::SNS::Topic", "AWS::CDK::Metadata").replace(
    "T (TD925BC7E)", "CDKMetadata/Default (CDKMetadata)"
)
BOOTSTRAP = "CDKToolkit | 10/15 | 10:15:46 AM | CREATE_COMPLETE         | AWS::S3::Bucket            | StagingBucket "


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (DATA, cdk.Event("slipway-local-foundation", "CREATE_COMPLETE", "AWS::S3::Bucket", "Data")),
        (STARTED, cdk.Event("slipway-local-foundation", "CREATE_IN_PROGRESS", "AWS::S3::Bucket", "Data")),
        (BOOTSTRAP, cdk.Event("CDKToolkit", "CREATE_COMPLETE", "AWS::S3::Bucket", "StagingBucket")),
        (
            TOPIC.replace("CREATE_COMPLETE", "\x1b[32mCREATE_COMPLETE\x1b[39m"),
            cdk.Event("slipway-local-network", "CREATE_COMPLETE", "AWS::SNS::Topic", "T"),
        ),
        ("slipway-local-network: deploying... [1/2]", None),
        ("a | b | c", None),
        ("", None),
    ],
)
def test_an_event_line(line: str, expected: cdk.Event | None) -> None:
    assert cdk.parse(line) == expected


def test_progress_counts_each_resource_once_and_nothing_that_is_not_declared() -> None:
    progress = cdk.Progress()
    for line in (STARTED, DATA, DATA, STACK, METADATA, TOPIC, UPDATED):
        progress.take(line)
    assert progress.deployed == {("slipway-local-foundation", "Data"), ("slipway-local-network", "T")}
    assert progress.note == "slipway-local-network: 1 resources"


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("slipway-local-network: deploying... [1/5]", "slipway-local-network: deploying"),
        ("slipway-local-network: creating CloudFormation changeset...", "slipway-local-network: creating"),
        ("✅  slipway-local-network (no changes)", "slipway-local-network: no changes"),
        ("slipway-local-network: destroying... [5/5]", "slipway-local-network: destroying"),
    ],
)
def test_progress_notes_what_the_cli_says_of_a_stack(line: str, note: str) -> None:
    progress = cdk.Progress()
    progress.take(line)
    assert (progress.note, progress.deployed) == (note, set())
