"""The sandbox's server process: ministack with our corrections and services, on the loopback interface only."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys

from sandbox.machines import keeper
from sandbox.server import lifecycle
from sandbox.settings import Settings, SettingsError
from sandbox.state import objects

MINISTACK_ENVIRONMENT = {
    "AUTH": "true",
    "BIND_HOST": "127.0.0.1",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "AWS_ACCESS_KEY_ID": "test",
    "LOG_LEVEL": "INFO",
}


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then stop all processes of jobs and endpoints, and save."""
    from sandbox.composition import compose  # imports ministack, which reads the environment that main has set
    from sandbox.machines.front_door import server

    parts = compose(settings)
    stop = asyncio.Event()

    async def stopped() -> None:
        await stop.wait()
        keeper.adopt_orphans()  # in case the keeper has died
        for service in parts.services:
            await asyncio.to_thread(service.close)

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    background = asyncio.gather(parts.alarms.watch(), parts.survival.start(lambda: lifecycle.answers(settings)))
    try:
        await server.serve(parts.application, parts.fast_path, settings.port, until=stopped)
    finally:
        background.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await background
        await asyncio.to_thread(parts.survival.close)
        parts.record.close()


def main() -> None:
    """Run the server in this process; ``python -m sandbox up`` starts it."""
    try:
        settings = Settings.from_environment()
        lock = lifecycle.hold(settings)
    except (SettingsError, lifecycle.SandboxError) as refusal:
        sys.exit(str(refusal))
    os.environ.update(MINISTACK_ENVIRONMENT, GATEWAY_PORT=str(settings.port))
    os.environ.update(TMPDIR=str(settings.home), STATE_DIR=str(settings.state / "ministack"))
    os.environ.update(S3_PERSIST="1", S3_DATA_DIR=str(settings.state / "objects"))
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO)
    settings.pid_file.write_text(json.dumps({"pid": os.getpid(), "port": settings.port}))
    lifecycle.remove_work(settings)
    objects.settle(settings.state / "objects")
    failure: object = None
    try:
        # Not asyncio.run: at its end it would wait for threads that never end.
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
