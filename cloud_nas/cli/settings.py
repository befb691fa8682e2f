"""What a user asked of every command alike: how much to say, whether to show progress, which profile."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass
class Settings:
    """One object a call, made before parsing, so that a failure while parsing already knows it.

    Attributes:
        quiet: only data and errors are printed.
        verbose: more is said; a defect shows its traceback.
        progress: False where `--no-progress` was given.
        profile: a named profile of the project's or the user's configuration, or None.
    """

    quiet: bool = False
    verbose: bool = False
    progress: bool = True
    profile: str | None = None

    @property
    def live(self) -> bool:
        """Whether a display that redraws itself is welcome, as far as options and environment say."""
        return self.progress and not self.quiet and not os.environ.get("CLOUD_NAS_NO_PROGRESS") and not os.environ.get("CI")


def current() -> Settings:
    """The settings of the command that runs."""
    return click.get_current_context().ensure_object(Settings)


def _set(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Stores an option that was given; one that was not leaves what the group's own option said."""
    settings = context.ensure_object(Settings)
    if parameter.name == "no_progress":
        settings.progress = settings.progress and not value
    elif value is not None and value is not False:
        setattr(settings, str(parameter.name), value)


_QUIET = click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=_set, help="Print data and errors only.")
_VERBOSE = click.option("-v", "--verbose", is_flag=True, expose_value=False, callback=_set, help="Say more.")
_PROGRESS = click.option("--no-progress", is_flag=True, expose_value=False, callback=_set, help="Plain lines, no live display.")
_PROFILE = click.option(
    "--profile", metavar="NAME", expose_value=False, callback=_set, help="A profile of cloud-nas.toml or of your configuration."
)


def common_options(command: Command) -> Command:
    """Adds `-q` and `-v`, which every command takes before or after its name."""
    return _QUIET(_VERBOSE(command))


def progress_option(command: Command) -> Command:
    """Adds `--no-progress`, for commands that take long."""
    return _PROGRESS(command)


def profile_option(command: Command) -> Command:
    """Adds `--profile`, for commands that read a spec."""
    return _PROFILE(command)
