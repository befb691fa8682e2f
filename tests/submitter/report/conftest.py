"""A browser without a window, spoken to over a pipe; and made-up runs, since a page needs no training."""

from __future__ import annotations

import itertools
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cloud_nas.compare.report import Hyperparameter, Importance, ReportRun, ReportTrial
from cloud_nas.states import TrialCounts


class Browser:
    """Chromium under its DevTools protocol: JSON records that end with a null byte, in by descriptor 3, out by descriptor 4."""

    def __init__(self, program: str, folder: Path) -> None:
        inward, self._in = os.pipe()
        self._out, outward = os.pipe()
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        command = [program, *options, f"--user-data-dir={folder}", "--remote-debugging-pipe", "about:blank"]
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{inward} 4>&{outward}', "bash", *command],
            pass_fds=(inward, outward),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(inward)
        os.close(outward)
        self._ids = itertools.count(1)
        self._unread = b""
        self.events: list[dict[str, Any]] = []
        target = self.ask("Target.createTarget", {"url": "about:blank"}, session=None)["targetId"]
        attached = self.ask("Target.attachToTarget", {"targetId": target, "flatten": True}, session=None)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, params: dict[str, Any] | None = None, *, session: str | None = "") -> dict[str, Any]:
        number = next(self._ids)
        message: dict[str, Any] = {"id": number, "method": method, "params": params or {}}
        if session is not None:
            message["sessionId"] = self._session
        os.write(self._in, json.dumps(message).encode() + b"\0")
        return self._until(lambda one: one.get("id") == number).get("result", {})

    def open(self, path: Path, *, width: int = 1280, dark: bool = False) -> None:
        self.ask("Emulation.setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False})
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", {"features": [scheme]})
        self.events.clear()
        self.ask("Page.navigate", {"url": path.as_uri()})
        if not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self._until(lambda one: one.get("method") == "Page.loadEventFired")

    def run(self, script: str) -> Any:
        """The value of an expression on the page."""
        found = self.ask("Runtime.evaluate", {"expression": script, "returnByValue": True})
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def press(self, key: str, code: str, text: str = "") -> None:
        """A key on the keyboard, as a person presses it."""
        for kind in ("keyDown", "keyUp"):
            pressed = {"type": kind, "key": key, "code": code, "windowsVirtualKeyCode": {"Tab": 9, "Enter": 13}[key]}
            self.ask("Input.dispatchKeyEvent", pressed | ({"text": text} if text and kind == "keyDown" else {}))

    @property
    def complaints(self) -> list[str]:
        """What the console has said since the page was opened: errors, exceptions, what the policy forbade."""
        self.run("1")  # what was said before this answer has arrived with it
        said = []
        for event in self.events:
            if event["method"] == "Runtime.exceptionThrown":
                said.append(json.dumps(event["params"]["exceptionDetails"]))
            if event["method"] == "Log.entryAdded":
                said.append(event["params"]["entry"]["text"])
            if event["method"] == "Runtime.consoleAPICalled":
                said.append(json.dumps(event["params"]["args"]))
        return said

    @property
    def requests(self) -> list[str]:
        """What was asked for since the page was opened."""
        asked = (event["params"] for event in self.events if event["method"] == "Network.requestWillBeSent")
        return [params["request"]["url"] for params in asked]

    def close(self) -> None:
        os.close(self._in)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._out)

    def _until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            while b"\0" in self._unread:
                record, _, self._unread = self._unread.partition(b"\0")
                message: dict[str, Any] = json.loads(record)
                if "method" in message:
                    self.events.append(message)
                if wanted(message):
                    return message
            if select.select([self._out], [], [], 1)[0]:
                self._unread += os.read(self._out, 1 << 16)
        raise TimeoutError("the browser does not answer")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    if program is None:
        pytest.skip("no Chromium on PATH")
    opened = Browser(program, tmp_path_factory.mktemp("browser"))
    yield opened
    opened.close()


@pytest.fixture
def made_up() -> Callable[..., ReportRun]:
    """Makes a run of so many trials, with parts of it replaced."""
    return _made_up


def _made_up(count: int = 12, /, **changed: Any) -> ReportRun:
    """A run that never was: the more units the better, every fifth trial failed, every third pruned after two epochs."""
    made = []
    for number in range(count):
        units = 8 * (number * 7 % 11 + 1)
        params: dict[str, Any] = {"units": units, "rate": 10 ** -(1 + number % 4), "kind": ["relu", "tanh"][number % 2]}
        params |= {"second": number} if number % 2 else {}
        epochs = 2 if number % 3 == 0 else 6
        curve = tuple(
            {"epoch": epoch, "loss": 1 / epoch, "val_loss": 1.2 / epoch, "value": units / 100 + epoch / 100}
            for epoch in range(1, epochs + 1)
        )
        if number % 5 == 4:
            made.append(ReportTrial(number, "failed", None, params, 0, 0.5, "ValueError: no such layer"))
        else:
            state, reason = ("pruned", "left behind after 2 epochs") if epochs == 2 else ("done", None)
            made.append(ReportTrial(number, state, curve[-1]["value"], params, epochs, 1.5 * epochs, reason, curve))
    valued = [trial for trial in made if trial.value is not None]
    whole: dict[str, Any] = {
        "run_id": "r-abcde",
        "name": "made-up",
        "target": "local",
        "state": "succeeded",
        "note": None,
        "seconds": 75.0,
        "counts": TrialCounts(len(valued), count - len(valued), 0, count),
        "metric": "accuracy",
        "goal": "maximize",
        "strategy": "random",
        "seed": 1,
        "trials": tuple(made),
        "best": max(valued, key=lambda trial: (trial.value or 0, -trial.number)).number if valued else None,
        "test": {"accuracy": 0.9, "f1": 0.8},
        "hyperparameters": (
            Hyperparameter("units"),
            Hyperparameter("rate", None, True),
            Hyperparameter("kind", ("relu", "tanh")),
            Hyperparameter("second"),
        ),
        "importance": Importance({"units": 0.7, "rate": 0.2, "kind": 0.1}, "Functional ANOVA over 9 trials."),
        "spec": "name: made-up\n",
        "manifest": None,
    }
    return ReportRun(**{**whole, **changed})
