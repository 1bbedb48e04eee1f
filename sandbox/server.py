"""The sandbox's server process: ministack with our plug-ins, on the loopback interface only."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from sandbox.host import Host
from sandbox.settings import Settings

if TYPE_CHECKING:
    from sandbox.seams.cloudwatch import Alarms

MINISTACK_ENVIRONMENT = {
    "AUTH": "true",
    "BIND_HOST": "127.0.0.1",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "AWS_ACCESS_KEY_ID": "test",
    "LOG_LEVEL": "INFO",
}


def build(settings: Settings) -> tuple[object, list[Any], Alarms]:
    """The ASGI application, our services behind it, and its alarms. Exits with the seams that a ministack has lost."""
    from sandbox import seams
    from sandbox.autoscaling import plugin as autoscaling
    from sandbox.autoscaling.service import ApplicationAutoScaling
    from sandbox.faults import Faults
    from sandbox.sagemaker.plugin import install
    from sandbox.sagemaker.service import SageMaker
    from sandbox.sdk_tasks import SdkTasks
    from sandbox.seams import cloudformation, faults, identity, services, stepfunctions, workflow_logs
    from sandbox.seams.cloudwatch import Alarms

    if moved := seams.check():
        sys.exit("The sandbox cannot start on this ministack:\n  " + "\n  ".join(moved))
    host = Host(settings.url, settings.home, identity.Ministack(), time_scale=settings.time_scale)
    services.accept_loopback_as_secure()
    identity.only_root_is_root("test")
    identity.know_the_release_role()
    cloudformation.deploy_as_aws_does()
    cloudformation.read_templates_as_aws_does()
    stepfunctions.run_workflows_as_their_roles(host.assume)
    stepfunctions.name_machines_to_their_roles(identity.source_arn)
    workflow_logs.write_events_to_log_groups()
    faults.install(Faults(settings.home))
    stepfunctions.set_sdk_tasks(SdkTasks(host))
    sagemaker, scaling = SageMaker(host), ApplicationAutoScaling(host)
    install(sagemaker)
    autoscaling.install(scaling)
    alarms = Alarms(settings.time_scale)
    alarms.install()
    return services.gateway, [scaling, sagemaker], alarms


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then stop every process that jobs and endpoints started."""
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config

    application, plugins, alarms = build(settings)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    config = Config()
    config.bind = [f"127.0.0.1:{settings.port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    watching = asyncio.create_task(alarms.watch())
    try:
        await hypercorn_serve(application, config, shutdown_trigger=stop.wait)  # type: ignore[arg-type]
    finally:
        watching.cancel()
        for plugin in plugins:
            await asyncio.to_thread(plugin.close)


def main() -> None:
    """Run the server in this process; ``python -m sandbox up`` starts it."""
    settings = Settings.from_environment()
    settings.home.mkdir(parents=True, exist_ok=True)
    os.environ.update(MINISTACK_ENVIRONMENT, GATEWAY_PORT=str(settings.port))
    os.environ.update(TMPDIR=str(settings.home), STATE_DIR=str(settings.home / "ministack"))
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO)
    logging.getLogger("hypercorn.access").setLevel(logging.WARNING)
    settings.pid_file.write_text(json.dumps({"pid": os.getpid(), "port": settings.port}))
    try:
        asyncio.run(serve(settings))
    finally:
        settings.pid_file.unlink(missing_ok=True)
        # Executions wait in daemon threads of ministack's; nothing is left to save.
        logging.shutdown()
        os._exit(0)


if __name__ == "__main__":
    main()
