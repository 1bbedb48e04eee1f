"""TensorFlow's own distributed training over two instances of one job."""

from __future__ import annotations

from typing import Any

from job_lab import SEVERAL_INSTANCES, Lab, await_status

pytestmark = SEVERAL_INSTANCES
SCRIPT = """
import json, os, pathlib
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
resources = json.loads((base / "input/config/resourceconfig.json").read_text())
hosts, me = resources["hosts"], resources["hosts"].index(resources["current_host"])
cluster = {"worker": [f"{host}:{24680 + number}" for number, host in enumerate(hosts)]}
os.environ["TF_CONFIG"] = json.dumps({"cluster": cluster, "task": {"type": "worker", "index": me}})
import tensorflow as tf

strategy = tf.distribute.MultiWorkerMirroredStrategy()
with strategy.scope():
    weight = tf.Variable(1.0)

@tf.function
def step():
    def replica():
        context = tf.distribute.get_replica_context()
        gradient = context.all_reduce(tf.distribute.ReduceOp.SUM, tf.constant(me + 1.0))
        weight.assign_sub(0.1 * gradient)
    strategy.run(replica)

step()
(base / "model" / resources["current_host"]).write_text(f"{strategy.num_replicas_in_sync} {weight.numpy():.2f}")
"""


def test_two_workers_train_one_model(aws: Any) -> None:
    lab = Lab(aws)
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 10}
    request = lab.training(SCRIPT, ResourceConfig=resources, StoppingCondition={"MaxRuntimeInSeconds": 120})
    lab.sagemaker.create_training_job(**request)
    name = request["TrainingJobName"]
    job = await_status(  # twice TensorFlow on few cores
        lambda: lab.sagemaker.describe_training_job(TrainingJobName=name), "TrainingJobStatus", (), within=120
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    models = lab.archive(f"models/{name}/output/model.tar.gz")
    assert models == {"algo-1": b"2 0.70", "algo-2": b"2 0.70"}
