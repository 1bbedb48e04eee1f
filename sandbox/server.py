"""The sandbox's server process: ministack with our plug-ins, on the loopback interface only."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from sandbox import keeper, lifecycle
from sandbox.host import Host
from sandbox.settings import Settings
from sandbox.state import objects

if TYPE_CHECKING:
    from sandbox.seams.cloudwatch import Alarms
    from sandbox.state.survival import Survival

MINISTACK_ENVIRONMENT = {
    "AUTH": "true",
    "BIND_HOST": "127.0.0.1",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "AWS_ACCESS_KEY_ID": "test",
    "LOG_LEVEL": "INFO",
}


def build(settings: Settings) -> tuple[object, list[Any], Alarms, Survival]:
    """The ASGI application, our services behind it, its alarms, and what keeps the state of all.

    Exits with the seams that a ministack has lost, and with the reason why a state cannot be read.
    """
    from sandbox import seams
    from sandbox.autoscaling import plugin as autoscaling
    from sandbox.autoscaling.service import ApplicationAutoScaling
    from sandbox.faults import Faults
    from sandbox.sagemaker.plugin import install
    from sandbox.sagemaker.service import SageMaker
    from sandbox.sdk_tasks import SdkTasks
    from sandbox.seams import cloudformation, faults, identity, services, stepfunctions
    from sandbox.seams.cloudwatch import Alarms
    from sandbox.state.survival import Survival

    if moved := seams.check():
        sys.exit("The sandbox cannot start on this ministack:\n  " + "\n  ".join(moved))
    host = Host(settings.url, settings.home, identity.Ministack(), time_scale=settings.time_scale)
    services.accept_loopback_as_secure()
    identity.only_root_is_root("test")
    identity.know_the_release_role()
    engine = cloudformation.deploy_as_aws_does()
    cloudformation.read_templates_as_aws_does()
    stepfunctions.run_workflows_as_their_roles(host.assume)
    faults.install(Faults(settings.home))
    stepfunctions.set_sdk_tasks(SdkTasks(host))
    sagemaker, scaling = SageMaker(host), ApplicationAutoScaling(host)
    install(sagemaker)
    autoscaling.install(scaling)
    alarms = Alarms(settings.time_scale)
    alarms.install()
    plugins: list[Any] = [sagemaker, scaling]
    return services.gateway, plugins, alarms, Survival(plugins, engine, settings.state)


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then stop every process that jobs and endpoints started, and save the state."""
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config

    application, plugins, alarms, survival = build(settings)
    stop = asyncio.Event()

    async def stopped() -> None:
        await stop.wait()
        keeper.adopt_orphans()  # the keeper may be dead
        for plugin in plugins:
            await asyncio.to_thread(plugin.close)

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    config = Config()
    config.bind = [f"127.0.0.1:{settings.port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    background = asyncio.gather(alarms.watch(), survival.start(lambda: lifecycle.answers(settings)))
    try:
        await hypercorn_serve(application, config, shutdown_trigger=stopped)  # type: ignore[arg-type]
    finally:
        background.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await background
        await asyncio.to_thread(survival.close)


def main() -> None:
    """Run the server in this process; ``python -m sandbox up`` starts it."""
    settings = Settings.from_environment()
    settings.home.mkdir(parents=True, exist_ok=True)
    try:
        lock = lifecycle.hold(settings)
    except lifecycle.SandboxError as refusal:
        sys.exit(str(refusal))
    os.environ.update(MINISTACK_ENVIRONMENT, GATEWAY_PORT=str(settings.port))
    os.environ.update(TMPDIR=str(settings.home), STATE_DIR=str(settings.state / "ministack"))
    os.environ.update(S3_PERSIST="1", S3_DATA_DIR=str(settings.state / "objects"))
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO)
    logging.getLogger("hypercorn.access").setLevel(logging.WARNING)
    settings.pid_file.write_text(json.dumps({"pid": os.getpid(), "port": settings.port}))
    objects.settle(settings.state / "objects")
    failure: object = None
    try:
        # Not asyncio.run: at its end it would wait for threads that wait for what is gone.
        asyncio.new_event_loop().run_until_complete(serve(settings))
    except SystemExit as refusal:
        failure = refusal.code
        print(failure, file=sys.stderr, flush=True)
    except Exception as error:
        failure = error
        logging.exception("The sandbox ends")
    keeper.end_children()
    settings.pid_file.unlink(missing_ok=True)
    lock.close()
    logging.shutdown()
    os._exit(1 if failure else 0)


if __name__ == "__main__":
    main()
