"""The one place where an error becomes words on stderr and an exit status.

what click found wrong          error: ..., hint: ...                      2
CloudNasError                   error: ..., where, hint                    its own
EngineError                     as the CloudNasError it stands for
Ctrl-C                          interrupted                                130
the reader of stdout went away  nothing                                    0
anything else                   a defect: what to report, a crash file     70
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import click

from cloud_nas import errors
from cloud_nas.cli import output
from cloud_nas.cli.settings import Settings
from cloud_nas.cli.version import VERSION

REPORT = "https://github.com/cloud-nas/cloud-nas/issues"
INTERRUPTED = 130
DEFECT = 70


def report(error: BaseException, settings: Settings, arguments: Sequence[str]) -> int:
    """Tells on stderr how a call ended.

    Args:
        error: what ended it.
        settings: how much the user wants to read.
        arguments: the command line, less the program's name.

    Returns:
        The exit status.
    """
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        output.say("interrupted")
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        _forget_stdout()
        return 0
    if isinstance(error, click.ClickException):
        return _usage(error)
    known = errors.known(error)
    if known is not None:
        return _known(known)
    return _defect(error, settings, arguments)


def _usage(error: click.ClickException) -> int:
    """What click found wrong, in our voice; the nearest name, where one is near, is the hint."""
    context = getattr(error, "ctx", None)
    message = error.format_message().strip().rstrip(".")
    if isinstance(error, click.NoSuchOption):
        message = f"no such option: {error.option_name}"
    near = sorted(getattr(error, "possibilities", None) or ())
    hint = f"did you mean {near[0]}?" if near else f"{context.command_path} --help" if context is not None else None
    output.error(message[:1].lower() + message[1:])
    if hint:
        output.hint(hint, force=True)
    return error.exit_code


def _known(error: errors.CloudNasError) -> int:
    """An error that was foreseen: its words are its own."""
    if isinstance(error, errors.SpecError):
        return _spec(error)
    output.error(error.message, code=error.code)
    if error.where:
        output.say(f"  at {error.where}")
    if error.hint:
        output.hint(error.hint, force=True)
    return error.exit_status


def _spec(error: errors.SpecError) -> int:
    """A spec that is not valid: every mistake with its place, then how many."""
    from cloud_nas.spec.diagnostics import render

    output.say(render(error.diagnostics))
    output.say("")
    output.error(output.counted(error.diagnostics))
    output.hint(f"cloud-nas explain {error.code}", force=True)
    return error.exit_status


def _defect(error: BaseException, settings: Settings, arguments: Sequence[str]) -> int:
    """Something that was not foreseen: keeps the traceback in a file and asks for a report."""
    text = "".join(traceback.format_exception(error))
    if settings.verbose:
        click.echo(text, err=True, nl=False)
    output.error(f"a defect in cloud-nas: {type(error).__name__}: {_first_line(error)}")
    output.say(f"  version  cloud-nas {VERSION}, Python {sys.version.split()[0]}, {sys.platform}")
    output.say(f"  command  cloud-nas {' '.join(arguments)}")
    path = _keep(text, arguments)
    if path:
        output.say(f"  details  {path}")
    output.hint(
        f"report this with the file above at {REPORT}" if path else f"run it again with -v and report it at {REPORT}", force=True
    )
    return DEFECT


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else "no message"


def _keep(text: str, arguments: Sequence[str]) -> str | None:
    """Writes the traceback beside the runs; None where there is no room for it."""
    import time

    from cloud_nas.home import home

    try:
        path = home() / f"crash-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}.txt"
        header = f"cloud-nas {VERSION}, Python {sys.version}\ncommand: cloud-nas {' '.join(arguments)}\n\n"
        path.write_text(header + text, encoding="utf-8")
    except (OSError, errors.CloudNasError):
        return None
    return str(path)


def _forget_stdout() -> None:
    """Points stdout elsewhere, so that the interpreter's own flush at exit finds nobody to complain to."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
