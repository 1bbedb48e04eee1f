"""Jobs of several instances: what each sees, how they meet, and how one ends the job of all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from job_lab import SEVERAL_INSTANCES, Lab, channel, given, output, unique
from sandbox.machines.containers import own_address

pytestmark = SEVERAL_INSTANCES
GROUP = "/aws/sagemaker/TrainingJobs"
HERE = (
    "import json, os, pathlib, socket, sys, time\n"
    "base = pathlib.Path(os.environ['SAGEMAKER_BASE_DIR'])\n"
    "config = base / ('input/config' if (base / 'input').exists() else 'config')\n"
    "resources = json.loads((config / 'resourceconfig.json').read_text())\n"
    "me, hosts = resources['current_host'], resources['hosts']\n"
)
MEETS = HERE + (
    "if me == hosts[0]:\n"
    "    server = socket.create_server((me, 23456)); server.settimeout(20)\n"
    "    peer, (address, _) = server.accept(); peer.sendall(b'from ' + me.encode())\n"
    "    heard = peer.recv(100).decode()\n"
    "else:\n"
    "    for _ in range(200):\n"
    "        try: peer = socket.create_connection((hosts[0], 23456), source_address=(me, 0)); break\n"
    "        except OSError: time.sleep(0.05)\n"
    "    heard = peer.recv(100).decode(); peer.sendall(b'from ' + me.encode())\n"
    "print(heard); (base / 'model' / me).write_text(heard)\n"
)
OUT = "/opt/ml/processing/output"


def two(lab: Lab, script: str, **members: Any) -> dict[str, Any]:
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 10}
    return lab.training(script, ResourceConfig=resources, **members)


def ended(lab: Lab, request: dict[str, Any]) -> dict[str, Any]:
    lab.sagemaker.create_training_job(**request)
    return lab.trained(request["TrainingJobName"])


def two_processing(lab: Lab, script: str, outputs: list[dict[str, Any]]) -> dict[str, Any]:
    request = lab.processing(script, ProcessingOutputConfig={"Outputs": outputs})
    request["ProcessingResources"]["ClusterConfig"]["InstanceCount"] = 2
    return request


def test_instances_meet_by_name_and_their_models_are_one(lab: Lab) -> None:
    job = ended(lab, two(lab, MEETS))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    archive = lab.archive(f"models/{job['TrainingJobName']}/output/model.tar.gz")
    assert archive == {"algo-1": b"from algo-2", "algo-2": b"from algo-1"}
    streams = lab.aws("logs").describe_log_streams(
        logGroupName=GROUP, logStreamNamePrefix=f"{job['TrainingJobName']}/"
    )["logStreams"]
    assert [stream["logStreamName"].split("/")[1][:7] for stream in streams] == ["algo-1-", "algo-2-"]


def test_each_instance_has_its_resources_and_its_shard(lab: Lab) -> None:
    prefix = unique("shards")
    for name in "abc":
        lab.put(f"{prefix}/{name}", name)
    script = HERE + (
        "data = base / 'input/data'\n"
        "seen = {n: sorted(p.name for p in (data / n).iterdir()) for n in ('sharded', 'whole')}\n"
        "(base / 'model' / me).write_text(json.dumps({**seen, 'resources': resources}))"
    )
    request = two(lab, script)
    sharded = channel("sharded", lab.uri(f"{prefix}/"))
    sharded["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    request["InputDataConfig"] += [sharded, channel("whole", lab.uri(f"{prefix}/"))]
    job = ended(lab, request)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    archive = lab.archive(f"models/{job['TrainingJobName']}/output/model.tar.gz")
    first, second = json.loads(archive["algo-1"]), json.loads(archive["algo-2"])
    assert sorted(first["sharded"] + second["sharded"]) == ["a", "b", "c"]
    assert {len(first["sharded"]), len(second["sharded"])} == {1, 2}
    assert first["whole"] == second["whole"] == ["a", "b", "c"]
    assert second["resources"] == {
        "current_host": "algo-2",
        "current_instance_type": "ml.m5.large",
        "current_group_name": "homogeneousCluster",
        "hosts": ["algo-1", "algo-2"],
        "instance_groups": [
            {
                "instance_group_name": "homogeneousCluster",
                "instance_type": "ml.m5.large",
                "hosts": ["algo-1", "algo-2"],
            }
        ],
        "network_interface_name": "lo",
    }


@pytest.mark.skipif(not own_address.works(), reason="this machine's kernel asks no program about its sockets")
def test_instances_serve_at_one_port_as_tensorflows_workers_do(lab: Lab) -> None:
    script = HERE + (
        "server = socket.create_server(('0.0.0.0', 23461)); server.settimeout(20)\n"
        "other = hosts[1 - hosts.index(me)]\n"
        "for _ in range(200):\n"
        "    try: peer = socket.create_connection((other, 23461)); break\n"
        "    except OSError: time.sleep(0.05)\n"
        "peer.sendall(me.encode()); (base / 'model' / me).write_bytes(server.accept()[0].recv(100))"
    )
    job = ended(lab, two(lab, script))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    archive = lab.archive(f"models/{job['TrainingJobName']}/output/model.tar.gz")
    assert archive == {"algo-1": b"algo-2", "algo-2": b"algo-1"}


def test_one_instance_that_fails_ends_the_job(lab: Lab) -> None:
    script = HERE + (
        "if me == 'algo-1': time.sleep(600)\n(base / 'output' / 'failure').write_text('no data on ' + me); sys.exit(3)"
    )
    job = ended(lab, two(lab, script))
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: no data on algo-2, exit code: 3"
    assert job["TrainingTimeInSeconds"] < 30


def test_models_that_would_overwrite_each_other_are_refused(lab: Lab) -> None:
    script = HERE + ("(base / 'model' / 'same').write_text('s'); (base / 'model' / 'weights').write_text(me)")
    job = ended(lab, two(lab, script))
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(
        "ClientError: Artifact upload failed:several instances wrote 'weights', each another one"
    )


def test_checkpoints_of_all_instances_share_a_prefix(lab: Lab) -> None:
    prefix = unique("checkpoints")
    job = ended(
        lab, two(lab, HERE + "(base / 'checkpoints' / me).write_text(me)", CheckpointConfig={"S3Uri": lab.uri(prefix)})
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert lab.keys(prefix) == [f"{prefix}/algo-1", f"{prefix}/algo-2"]


def test_a_processing_job_of_two_instances(lab: Lab) -> None:
    prefix = unique("parts")
    for name in "ab":
        lab.put(f"{prefix}/raw/{name}", name)
    script = HERE + (
        "assert socket.gethostbyname(hosts[0]) != socket.gethostbyname(hosts[1])\n"
        "(source,) = (base / 'processing/input/raw').iterdir()\n"
        "(base / 'processing/output/part' / source.name).write_text(me)"
    )
    request = two_processing(lab, script, [output("part", lab.uri(f"{prefix}/out"), f"{OUT}/part")])
    raw = given("raw", lab.uri(f"{prefix}/raw/"), "/opt/ml/processing/input/raw")
    raw["S3Input"]["S3DataDistributionType"] = "ShardedByS3Key"
    request["ProcessingInputs"].append(raw)
    lab.sagemaker.create_processing_job(**request)
    job = lab.processed(request["ProcessingJobName"])
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    assert {lab.get(f"{prefix}/out/{name}") for name in "ab"} == {b"algo-1", b"algo-2"}


def test_a_stop_reaches_every_instance(lab: Lab) -> None:
    request = two(lab, HERE + "print('ready'); time.sleep(600)")
    lab.sagemaker.create_training_job(**request)
    name = request["TrainingJobName"]
    lab.await_training(name)
    lab.sagemaker.stop_training_job(TrainingJobName=name)
    assert lab.trained(name)["SecondaryStatus"] == "Stopped"


def test_more_instances_than_the_machine_is_good_for(lab: Lab) -> None:
    request = two(lab, "")
    request["ResourceConfig"]["InstanceCount"] = 17
    with pytest.raises(ClientError, match=r"runs at most 16 instances of a job, .* the request asks for 17"):
        lab.sagemaker.create_training_job(**request)


def test_the_machine_is_watched_for_each_instance(lab: Lab) -> None:
    script = HERE + (
        "if me == 'algo-1':\n"
        "    held = bytearray(b'x') * 50_000_000; end = time.process_time() + 1\n"
        "    while time.process_time() < end: pass\n"
        "else: time.sleep(1)"
    )
    name = ended(lab, two(lab, script))["TrainingJobName"]

    def most(metric: str, host: str) -> float:
        data = lab.aws("cloudwatch").get_metric_statistics(
            Namespace=GROUP,
            MetricName=metric,
            Dimensions=[{"Name": "Host", "Value": f"{name}/{host}"}],
            StartTime=0,
            EndTime=4_000_000_000,
            Period=4_000_000_000 // 60 * 60,
            Statistics=["Maximum"],
        )["Datapoints"]
        return max(point["Maximum"] for point in data)

    assert most("CPUUtilization", "algo-1") > most("CPUUtilization", "algo-2")
    assert most("MemoryUtilization", "algo-1") > most("MemoryUtilization", "algo-2") > 0
    assert 0 < most("DiskUtilization", "algo-1") < 1
