"""What is printed where: data on stdout, everything else on stderr.

A listing is a table on a terminal, tab-separated values through a pipe, or JSON with a schema name where `--json` asks for it.
Colour is only ever beside words that say the same.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cloud_nas.cli.settings import Settings

if TYPE_CHECKING:
    from rich.table import Table

    from cloud_nas.spec.diagnostics import Diagnostic

Cell = str | int | float | bool | None


def say(message: str) -> None:
    """A line on stderr, whatever was asked for."""
    click.echo(message, err=True)


def error(message: str, *, code: str | None = None) -> None:
    """The line that says what went wrong."""
    say(f"{paint('error', 'red')}: {message}" + (f" [{code}]" if code else ""))


def warning(message: str) -> None:
    """The line that says what may go wrong."""
    say(f"{paint('warning', 'yellow')}: {message}")


def note(message: str) -> None:
    """Something worth knowing; not with `-q`."""
    if not _settings().quiet:
        say(message)


def hint(message: str, *, force: bool = False) -> None:
    """The next step: the last line on stderr. Not with `-q`, unless it belongs to an error (`force`)."""
    if force or not _settings().quiet:
        say(f"{paint('hint', 'cyan')}: {message}")


def paint(text: str, colour: str) -> str:
    """`text` in a colour where stderr is a terminal that wants one."""
    if os.environ.get("NO_COLOR") or not sys.stderr.isatty():
        return text
    return click.style(text, fg=colour, bold=True)


def emit_json(command: str, payload: Mapping[str, Any]) -> None:
    """Prints `payload` on stdout with its schema, as `cloud-nas/<command>@1`; numbers that JSON lacks become null."""
    click.echo(json.dumps({"schema": f"cloud-nas/{command}@1", **plain(payload)}, indent=2, ensure_ascii=False, allow_nan=False))


def emit_json_line(command: str, payload: Mapping[str, Any]) -> None:
    """The same on one line, for what goes on and on."""
    click.echo(json.dumps({"schema": f"cloud-nas/{command}@1", **plain(payload)}, ensure_ascii=False, allow_nan=False))


def plain(value: Any) -> Any:
    """`value` as JSON knows it: dataclasses as objects, paths as text, times in UTC, NaN and infinity as null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def emit_rows(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Prints a listing on stdout: a table on a terminal, tab-separated values with a header through a pipe."""
    if on_terminal():
        if rows:
            from rich.console import Console

            Console().print(_table(columns, rows))
        return
    for row in (columns, *rows):
        click.echo("\t".join(_flat(cell) for cell in row))


@contextmanager
def redrawn(columns: Sequence[str]) -> Iterator[Callable[[Sequence[Sequence[Cell]]], None]]:
    """A table on a terminal that is drawn in the same place each time; it is gone when the block ends."""
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(), auto_refresh=False, transient=True) as live:
        yield lambda rows: live.update(_table(columns, rows), refresh=True)


def counted(diagnostics: Sequence[Diagnostic]) -> str:
    """`2 errors, 1 warning`."""
    severities = [item.severity for item in diagnostics]
    return ", ".join(plural(severities.count(kind), kind) for kind in ("error", "warning") if kind in severities) or "no mistakes"


def plural(count: int, noun: str) -> str:
    """`1 trial`, `3 trials`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def on_terminal() -> bool:
    """Whether a person reads stdout."""
    return sys.stdout.isatty()


def number(value: float | None, digits: int = 4) -> str:
    """A number for people: so many digits after the point, or as many significant ones where that would show nothing."""
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return str(value)
    if value and (abs(value) < 10**-digits * 10 or abs(value) >= 1e6):
        return f"{value:.{digits}g}"
    return f"{value:.{digits}f}"


def duration(seconds: float | None) -> str:
    """A time for people: `2.1s`, `3m 05s`, `1h 02m`."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    return f"{whole // 3600}h {whole % 3600 // 60:02d}m"


def parameters(params: Mapping[str, Any] | None) -> str:
    """Hyperparameters on one line: `units=128 dropout=0.2`."""
    return " ".join(f"{name}={parameter(value)}" for name, value in (params or {}).items())


def parameter(value: Any) -> str:
    """One hyperparameter's value, short but recognisable."""
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def shell(value: str | Path) -> str:
    """A path as one types it in a shell."""
    return shlex.quote(str(value))


def _flat(cell: Cell) -> str:
    """A cell that cannot break a line of tab-separated values."""
    text = "" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell)
    return " ".join(text.split()) if any(mark in text for mark in "\t\r\n") else text


def _table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Table:
    """A table as rich draws it; imported here, because a pipe has no use for it."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(Text(_flat(cell)) for cell in row))
    return table


def _settings() -> Settings:
    context = click.get_current_context(silent=True)
    return context.ensure_object(Settings) if context else Settings()
