"""The sandbox's commands: up, down, reset, status, and what it covers, accepts and used. `fault` has its own."""

from __future__ import annotations

import dataclasses
import datetime
import io
import json
import shlex
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from sandbox.fault_commands import app as fault
from sandbox.frame.host import REGION
from sandbox.server import lifecycle, processes
from sandbox.server.neighbours import holder
from sandbox.settings import Settings, SettingsError, typed

app = typer.Typer(
    help="A local AWS: the same `cdk deploy`, without an account and without Docker.\n\n"
    'Example: python -m sandbox up && eval "$(python -m sandbox env)" && cdk bootstrap\n\n'
    "\b\nEnvironment:\n"
    "  SANDBOX_HOME        the folder of one sandbox: state, log, faults (.cache/sandbox)\n"
    "  SANDBOX_PORT        its port (4566)\n"
    "  SANDBOX_TIME_SCALE  the divisor of waits that AWS counts in minutes (60)\n"
    "  SANDBOX_BOUND_TO    a process: the sandbox goes down when it ends (none)",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(fault, name="fault")
out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


@app.command()
def up() -> None:
    """Start the sandbox, unless it runs already. Example: SANDBOX_PORT=4600 python -m sandbox up

    Waits of minutes on AWS (bake times, cooldowns) take seconds here: SANDBOX_TIME_SCALE, 60 by default.
    """
    settings = Settings.from_environment()
    if lifecycle.running(settings):
        served = lifecycle.served(settings)
        if served.port != settings.port:
            raise lifecycle.SandboxError(
                f"The sandbox in {settings.home} runs already, on port {served.port}. Set SANDBOX_PORT={served.port} "
                f"to use it, or stop it first: {typed('down')}"
            )
        out.print(f"The sandbox runs already: {settings.url}")
        return
    lifecycle.start(settings)
    out.print(f'The sandbox is up: {settings.url}\nPoint a shell to it: eval "$({typed("env")})"')


@app.command()
def down() -> None:
    """Stop the sandbox; `up` starts it again with everything in it. Example: python -m sandbox down"""
    settings = Settings.from_environment()
    out.print("The sandbox is down." if lifecycle.stop(settings) else "The sandbox was not running.")


@app.command()
def reset(yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False) -> None:
    """Drop everything in the sandbox: stacks, buckets, jobs, endpoints. Stops it first. Example: ... reset --yes"""
    settings = Settings.from_environment()
    if not yes:
        typer.confirm(f"Drop everything in the sandbox at {settings.home}?", abort=True)
    lifecycle.stop(settings)
    lifecycle.reset(settings)
    out.print(f"The sandbox is empty: `{typed('up')}` starts it anew.")


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Show whether the sandbox runs, and its contents; exit code 1 if it is down. Example: ... status --json"""
    settings = Settings.from_environment()
    server = lifecycle.running(settings)
    if server:
        settings = lifecycle.served(settings)
    found = processes.works(settings, server) if server else []
    facts: dict[str, object] = {
        "running": server is not None,
        "url": settings.url,
        "home": str(settings.home),
        "state": kept(settings),
        "pid": server.pid if server else None,
        "memory_mb": round(server.memory_info().rss / 2**20) if server else None,
    }
    if as_json:
        listed = [dataclasses.asdict(work) | {"since": work.since.isoformat()} for work in found]
        out.print_json(json.dumps(facts | {"processes": listed}))
    else:
        for name, value in facts.items():
            typer.echo(f"{name:<15} {'-' if value is None else value}")
        typer.echo("\n".join(["", *processes.lines(found)]) if found else "No job, endpoint or function runs.")
    raise typer.Exit(0 if server else 1)


def kept(settings: Settings) -> str | None:
    """The time of the last saved change; None for an empty sandbox."""
    try:
        saved = (settings.state / "manifest.json").stat().st_mtime
    except FileNotFoundError:
        return None
    return f"saved {datetime.datetime.fromtimestamp(saved):%Y-%m-%d %H:%M:%S}"


@app.command()
def logs(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines arrive; Ctrl-C ends it.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1)] = 50,
) -> None:
    """Show the server's log. Example: python -m sandbox logs -f"""
    settings = Settings.from_environment()
    if not settings.log.exists():
        err.print(f"There is no log yet at {settings.log}: start the sandbox with `{typed('up')}`.")
        raise typer.Exit(2)
    typer.echo(lifecycle.tail(settings.log, lines))
    with settings.log.open(errors="replace") as log:
        log.seek(0, 2)
        while follow:
            if line := log.readline():
                typer.echo(line, nl=False)
            else:
                time.sleep(0.2)


@app.command()
def env() -> None:
    """Print export lines for any AWS client or CDK application. Example: eval "$(python -m sandbox env)"

    Says on standard error if the sandbox is down, and who else holds its port.
    """
    settings = Settings.from_environment()
    if lifecycle.running(settings):
        settings = lifecycle.served(settings)
    else:
        held = f"Port {settings.port} is taken by {holder(settings.port)}. " if lifecycle.answers(settings) else ""
        err.print(f"{held}The sandbox in {settings.home} is down: start it with `{typed('up')}`.", markup=False)
    typer.echo(f"unset {' '.join(settings.foreign_variables())}")
    for name, value in settings.client_environment().items():
        typer.echo(f"export {name}={shlex.quote(value)}")


@app.command()
def coverage(
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="The page; it stays as it is after an error.")
    ] = None,
) -> None:
    """Print the real, reduced and refused parts of AWS. Example: ... coverage --output sandbox/COVERAGE.md"""
    from sandbox.coverage import current_page

    page = current_page()
    if output is None:
        typer.echo(page, nl=False)
        return
    draft = output.with_name(f".{output.name}.draft")
    draft.write_text(page)
    draft.replace(output)


@app.command()
def images() -> None:
    """Print in what packages of jobs differ from AWS's images. Example: python -m sandbox images > sandbox/IMAGES.md"""
    from sandbox.machines.images.sheet import current_page

    typer.echo(current_page(), nl=False)


@app.command()
def accepts(
    templates: Annotated[list[Path], typer.Argument(help="CloudFormation templates in JSON.", metavar="TEMPLATE...")],
) -> None:
    """List the faults for which templates would be refused. Example: ... accepts cdk.out/*.template.json

    The exit code is 1 if it would refuse anything. The sandbox need not run.
    """
    import sandbox

    findings = [f"{path}: {finding}" for path in templates for finding in sandbox.accepts(_template(path))]
    for finding in findings:
        out.print(finding, markup=False)
    if findings:
        raise typer.Exit(1)
    out.print(f"The sandbox accepts {len(templates)} template{'s' if len(templates) > 1 else ''}.")


def _template(path: Path) -> dict[str, Any]:
    """Exits with a sentence and code 2 for a file that holds no JSON object."""
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_refuse_constant)
    except OSError as error:
        reason = error.strerror or str(error)
    except RecursionError:
        reason = "it nests lists or objects too deeply"
    except ValueError as error:
        reason = f"it is not JSON ({error}); `cdk synth` writes templates in JSON to cdk.out"
    else:
        if isinstance(found, dict):
            return found
        holds = "null" if found is None else f"a {type(found).__name__}"
        reason = f"it holds {holds}, expected an object with Resources"
    err.print(f"{path} cannot be read as a template: {reason}", markup=False)
    raise typer.Exit(2)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no value of JSON")


@app.command()
def access(
    role: Annotated[str, typer.Option(help="A role's name, or a pattern such as 'slipway-*'.")] = "*",
    details: Annotated[bool, typer.Option("--details", help="Every permission, with its resources.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Count the used, refused and unused permissions of each role; --details names them.

    Example: python -m sandbox access --role '*JobRole*' --details
    """
    from sandbox.access import role_access, show

    settings = Settings.from_environment()
    if not lifecycle.running(settings):
        raise lifecycle.SandboxError(f"The sandbox is down: start it with `{typed('up')}`.")
    found = role_access(_root_client(lifecycle.served(settings), "iam"), settings.home, role)
    if as_json:
        out.print_json(json.dumps(show.as_json(found)))
    elif not found:
        out.print(f"The sandbox has no role named {role}." if role != "*" else "The sandbox has no role.", markup=False)
    else:
        more = f"Every permission of a role: {typed('access --details --role NAME')}"
        typer.echo("\n".join(show.lines(found) if details else [*show.summary(found), "", more]))


@app.command()
def expire(
    on: Annotated[datetime.datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day, such as 2027-03-01.")],
) -> None:
    """Apply the buckets' lifecycle rules as if it were a day. Example: ... expire 2027-03-01

    Removes what S3 would have removed by then. Rules that it does not know are named, and remove nothing.
    """
    from sandbox.expiry import expired

    settings = Settings.from_environment()
    if not lifecycle.running(settings):
        raise lifecycle.SandboxError(f"The sandbox is down: start it with `{typed('up')}`.")
    for line in expired(_root_client(lifecycle.served(settings), "s3"), on.replace(tzinfo=datetime.UTC)):
        out.print(line, markup=False)


def _root_client(settings: Settings, service: str) -> Any:
    import boto3

    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, endpoint_url=settings.url, region_name=REGION, **keys)


def main() -> None:
    """Run the command line.

    A failure is one sentence and exit code 1, or 2 for a bad setting.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a template may name what the terminal cannot show
    try:
        app()
    except SettingsError as fault:
        err.print(str(fault), markup=False)
        raise SystemExit(2) from None
    except lifecycle.SandboxError as failure:
        err.print(str(failure))
        raise SystemExit(1) from None
