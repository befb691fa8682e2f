"""The command line as a whole: help, wrong usage, and how each kind of failure ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from cloud_nas import errors
from cloud_nas.cli import main as main_module
from cloud_nas.cli.main import COMMANDS, main
from cloud_nas.cli.version import VERSION

ROOT = Path(__file__).resolve().parents[3]
HEAVY = ("tensorflow", "keras", "optuna", "pandas", "numpy", "sklearn", "pyarrow", "boto3", "google.auth", "rich", "pydantic")

HELP = """\
Usage: cloud-nas [OPTIONS] COMMAND [ARGS]...

  Search hyperparameters and architectures from one spec, keep a tested model.

Options:
  --version       Show the version and exit.
  -q, --quiet     Print data and errors only.
  -v, --verbose   Say more.
  --no-progress   Plain lines, no live display.
  --profile NAME  A profile of cloud-nas.toml or of your configuration.
  -h, --help      Show this message and exit.

Commands:
  init        Write a starter spec that passes `check`.
  check       Find the mistakes in a spec, all at once.
  explain     Tell what a diagnostic means and how to mend it.
  schema      Print the JSON Schema of the spec, for editors.
  plan        Show what would be made of a spec at a place, and send nothing.
  rehearse    Do the whole cloud job on this machine, offline.
  run         Search, in the foreground, on this machine.
  submit      Search in the background, here or as a job in a cloud.
  status      List runs, and where they stand.
  wait        Wait until runs have ended.
  logs        Show what a run said, or says.
  cancel      End runs, in whatever process they are at work.
  adopt       Learn of one's runs in a cloud from its tags.
  orphans     List jobs in a cloud that no run here knows.
  trials      List the trials of a run.
  show        Show a run, or one of its trials, in full.
  cost        Tell what runs could cost, and did cost.
  prices      List the prices that are known, or read them anew.
  compare     Tell which model is best on held-out rows, and how sure.
  export      Write a model as Keras, SavedModel, TFLite or ONNX.
  report      Write a page about runs, one HTML file.
  predict     Predict for a file of raw rows or images.
  evaluate    Score a model on rows whose answer is known.
  verify      Check a model's files against its manifest.
  reproduce   Train the best of a run again, and compare.
  fetch       Copy a run's model, every file verified.
  clean       Delete runs, after showing what they take.
  dashboard   Show a run's study in a browser.
  doctor      Tell what works here, what does not, and what mends it.
  completion  Print a script that completes commands in your shell.

  `cloud-nas COMMAND --help` tells more of a command.
"""


def test_help(screen: Callable[..., Any]) -> None:
    assert screen("--help") == (0, HELP, "")
    assert screen("-h") == (0, HELP, "")
    assert screen() == (2, "", HELP)


def test_version_is_the_project_s(screen: Callable[..., Any]) -> None:
    assert screen("--version") == (0, f"cloud-nas {VERSION}\n", "")
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_the_line_that_the_group_shows(name: str, screen: Callable[..., Any]) -> None:
    status, out, err = screen(name, "--help")
    assert (status, err) == (0, "")
    assert COMMANDS[name].help in " ".join(out.split())
    assert out.startswith(f"Usage: cloud-nas {name}")


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["inti"], "no such command: inti", "did you mean init?"),
        (["compute", "spec.yaml"], "no such command: compute", "cloud-nas --help"),
        (["--verbos"], "no such option: --verbos", "did you mean --verbose?"),
        (["status", "--jsno"], "no such option: --jsno", "did you mean --json?"),
        (["status", "--wtch"], "no such option: --wtch", "did you mean --watch?"),
        (["trials"], "missing argument 'RUN'", "cloud-nas trials --help"),
        (["run", "spec.yaml", "--max-trials", "none"], "invalid value for '--max-trials'", "cloud-nas run --help"),
        (["init", "--target", "y"], "--target goes with --data", "cloud-nas init --help"),
        (["init", "--template", "image", "--list"], "--template and --list do not go together", "cloud-nas init --help"),
    ],
)
def test_wrong_usage(arguments: list[str], message: str, hint: str, screen: Callable[..., Any]) -> None:
    status, out, err = screen(*arguments)
    first, last = err.splitlines()
    assert (status, out) == (2, "")
    assert first.startswith(f"error: {message}")
    assert last == f"hint: {hint}"


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs a command whose body raises the given error."""

    def run(error: BaseException | None, *options: str, returns: int | None = None) -> Any:
        @click.command()
        def status() -> int | None:
            if error is not None:
                raise error
            return returns

        monkeypatch.setattr(main_module.LazyGroup, "get_command", lambda self, ctx, name: status)
        return CliRunner().invoke(main, [*options, "status"], prog_name="cloud-nas")

    return run


@pytest.mark.parametrize(
    ("error", "status", "stderr"),
    [
        (errors.NotFoundError("no run r-1", hint="cloud-nas status"), 5, "error: no run r-1 [CN601]\nhint: cloud-nas status\n"),
        (errors.UsageError("no column x", where="a.csv"), 2, "error: no column x\n  at a.csv\n"),
        (errors.RefusedError("held"), 9, "error: held [CN603]\n"),
        (errors.CapError("nothing yet"), 7, "error: nothing yet [CN605]\n"),
        (errors.CancelledError("cancelled"), 6, "error: cancelled [CN604]\n"),
        (errors.engine.DataError("no rows", where="a.csv"), 2, "error: no rows [CN210]\n  at a.csv\n"),  # type: ignore[attr-defined]
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (BrokenPipeError(), 0, ""),
    ],
)
def test_foreseen_ends(error: BaseException, status: int, stderr: str, ending: Callable[..., Any]) -> None:
    result = ending(error)
    assert (result.exit_code, result.stdout, result.stderr.lstrip("\n")) == (status, "", stderr)


def test_a_command_s_value_is_the_exit_status(ending: Callable[..., Any]) -> None:
    assert ending(None, returns=8).exit_code == 8
    assert ending(None).exit_code == 0


def test_a_defect_asks_for_a_report_and_keeps_the_traceback(ending: Callable[..., Any], home: Path) -> None:
    result = ending(ZeroDivisionError("by zero"))
    lines = result.stderr.splitlines()
    assert result.exit_code == 70
    assert lines[0] == "error: a defect in cloud-nas: ZeroDivisionError: by zero"
    assert "Traceback" not in result.stderr
    kept = next(home.glob("crash-*.txt"))
    assert str(kept) in result.stderr and lines[-1].startswith("hint: report this")
    text = kept.read_text()
    assert "Traceback" in text and "command: cloud-nas status" in text and VERSION in text


def test_a_defect_with_v_shows_the_traceback(ending: Callable[..., Any]) -> None:
    assert "Traceback" in ending(ZeroDivisionError("by zero"), "-v").stderr


def test_a_defect_without_a_place_for_the_file(
    ending: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CLOUD_NAS_HOME", str(tmp_path / "file" / "home"))
    result = ending(ZeroDivisionError("by zero"))
    assert result.exit_code == 70
    assert "hint: run it again with -v" in result.stderr


def process(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """A fresh interpreter in the checkout that runs a command line, then `code`."""
    script = (
        "import sys\nthere = set(sys.modules)\n"  # a package's .pth file may have imported something before
        f"sys.argv = ['cloud-nas', *{list(arguments)!r}]\n"
        "from cloud_nas.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    status = end.code\n"
        f"{code}"
    )
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)


@pytest.mark.parametrize(("arguments", "allowed"), [(["--help"], ()), (["--version"], ()), (["status"], ())])
def test_light_commands_import_nothing_heavy(arguments: list[str], allowed: tuple[str, ...]) -> None:
    done = process(*arguments, code=f"print('heavy:', *sorted((set(sys.modules) - there) & set({HEAVY!r})))")
    assert done.stdout.splitlines()[-1].split() == ["heavy:", *allowed]


def test_help_imports_nothing_of_the_project_but_its_table_of_commands() -> None:
    done = process(
        "--help", code="print(*sorted(name for name in sys.modules if name.startswith(('cloud_nas', 'local_engine'))))"
    )
    assert done.stdout.splitlines()[-1].split() == [
        "cloud_nas",
        "cloud_nas.cli",
        "cloud_nas.cli.main",
        "cloud_nas.cli.settings",
        "cloud_nas.cli.version",
    ]


def test_help_and_status_start_quickly() -> None:
    """`--help` in at most twice, `status` in at most four times what importing click alone takes."""
    run = "import sys; sys.argv = ['cloud-nas', {!r}]; from cloud_nas.cli.main import main; main()"
    codes = ["import click", run.format("--help"), run.format("status")]
    times: list[list[float]] = [[], [], []]
    for _ in range(9):
        for code, measured in zip(codes, times, strict=True):
            before = time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True
            )
            measured.append(time.perf_counter() - before)
    alone, help_time, status_time = (sorted(measured)[len(measured) // 2] for measured in times)
    assert help_time <= 2.0 * alone, f"--help {help_time:.3f} s, import click {alone:.3f} s"
    assert status_time <= 4.0 * alone, f"status {status_time:.3f} s, import click {alone:.3f} s"


def test_python_m_is_the_same_program() -> None:
    done = subprocess.run([sys.executable, "-m", "cloud_nas", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == HELP


def test_a_reader_that_goes_away_is_no_error() -> None:
    pipeline = f"{sys.executable} -m cloud_nas schema | head -c 10 >{os.devnull}; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", pipeline], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("0\n", "")
