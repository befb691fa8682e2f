"""The dashboard: a run's study for this machine's browsers, and nothing that a visitor could change."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import cloud_nas as cn
from cloud_nas.operations.dashboard import dashboard, storage_of

pytest.importorskip("optuna_dashboard", reason="the extra `dashboard` is not installed")


class Visitor:
    """A browser, as far as a test needs one."""

    def __init__(self, url: str) -> None:
        self.place = urlsplit(url)

    def ask(self, method: str, path: str, *, body: Any = None, host: str | None = None) -> tuple[int, str]:
        connection = HTTPConnection(self.place.hostname or "", self.place.port, timeout=30)
        headers = {"Content-Type": "application/json"} | ({} if host is None else {"Host": host})
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text


@pytest.fixture(scope="module")
def study(finished_once: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study of the finished run, in a home of this file's own."""
    home = tmp_path_factory.mktemp("dashboard") / "home"
    shutil.copytree(finished_once.home, home)
    return home / "runs" / finished_once.result.run_id / "study.sqlite3"


@pytest.fixture(scope="module")
def visitor(study: Path) -> Iterator[Visitor]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLOUD_NAS_HOME", str(study.parents[2]))
        opened = dashboard()
    thread = threading.Thread(target=opened.serve)
    thread.start()
    yield Visitor(opened.url)
    opened.close()
    thread.join()


def test_the_page_and_the_study_are_served(visitor: Visitor, finished: cn.RunResult) -> None:
    status, page = visitor.ask("GET", visitor.place.path)
    assert status == 200 and "<title>Optuna Dashboard</title>" in page
    status, text = visitor.ask("GET", "/api" + visitor.place.path.removeprefix("/dashboard"))
    found = json.loads(text)
    assert status == 200 and found["directions"] == ["maximize"]
    assert [trial["number"] for trial in found["trials"]] == [trial.number for trial in finished.trials]
    assert [trial["values"] for trial in found["trials"]] == [[trial.value] for trial in finished.trials]
    units = [{param["name"]: param["param_external_value"] for param in trial["params"]} for trial in found["trials"]]
    assert units == [{"units": str(trial.params["units"])} for trial in finished.trials]


CHANGES = [
    ("DELETE", "/api/studies/1", {}),
    ("POST", "/api/studies", {"study_name": "new", "directions": ["minimize"]}),
    ("POST", "/api/studies/1/rename", {"study_name": "other"}),
    ("PUT", "/api/studies/1/note", {"version": 1, "body": "hello"}),
    ("POST", "/api/trials/1/user-attrs", {"user_attrs": {"reason": "none"}}),
    ("POST", "/api/trials/1/tell", {"state": "Fail"}),
]


@pytest.mark.parametrize(("method", "path", "body"), [*CHANGES, ("HEAD", "/", None), ("OPTIONS", "/", None), ("PATCH", "/", {})])
def test_only_looking_is_answered(visitor: Visitor, study: Path, method: str, path: str, body: Any) -> None:
    before = study.read_bytes()
    assert visitor.ask(method, path, body=body)[0] in (405, 501)  # 501: a method that the server does not even know
    assert study.read_bytes() == before


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", ""])
def test_a_name_that_is_not_this_machines_is_refused(visitor: Visitor, host: str) -> None:
    status, text = visitor.ask("GET", "/api/studies", host=host.format(port=visitor.place.port))
    assert status == 403 and "study" not in text
    assert visitor.ask("GET", "/api/studies", host=f"localhost:{visitor.place.port}")[0] == 200


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_behind_the_door_the_study_cannot_be_written_either(study: Path, method: str, path: str, body: Any) -> None:
    from optuna_dashboard import wsgi

    before, sent, said = study.read_bytes(), json.dumps(body).encode(), []
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(sent)),
        "wsgi.input": io.BytesIO(sent), "wsgi.errors": io.StringIO(), "wsgi.url_scheme": "http", "SERVER_NAME": "x",
        "SERVER_PORT": "80",
    }  # fmt: skip
    storage = storage_of(study)
    b"".join(wsgi(storage)(environ, lambda status, headers, *rest: said.append(status)))  # type: ignore[arg-type, func-returns-value]
    assert said and said[0].startswith(("5", "4"))
    storage.scoped_session.remove()
    storage.engine.dispose()
    assert study.read_bytes() == before


def test_what_a_search_writes_meanwhile_is_seen(study: Path, tmp_path: Path) -> None:
    from local_engine.study import Study

    storage = storage_of(shutil.copy(study, tmp_path / "study.sqlite3"))
    assert len(storage.get_all_trials(1)) == 2
    with Study.open(tmp_path / "study.sqlite3") as writer:
        writer.limit(3)
        trial = writer.ask()
        assert trial is not None
        writer.tell(trial, 0.99)
        assert [found.value for found in storage.get_all_trials(1)][2:] == [0.99]
    storage.scoped_session.remove()
    storage.engine.dispose()


def test_it_listens_on_loopback_alone(visitor: Visitor) -> None:
    assert visitor.place.hostname == "127.0.0.1"
    with socket.socket() as other, pytest.raises(OSError, match=r"[Aa]ddress already in use"):
        other.bind(("127.0.0.1", visitor.place.port or 0))


def test_what_stands_in_the_way_is_said(finished: cn.RunResult, make_run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(cn.UsageError, match=f"port {port} cannot be had"):
            dashboard(finished.run_id, port=port)
    monkeypatch.setitem(sys.modules, "optuna_dashboard", None)
    with pytest.raises(cn.MissingExtraError) as error:
        dashboard(finished.run_id)
    assert error.value.hint == 'pip install "cloud-nas[dashboard]"'


def test_a_run_that_has_not_begun_has_nothing_to_show(make_run: Any) -> None:
    with pytest.raises(cn.NotFoundError, match="no runs yet"):
        dashboard()
    make_run("r-aaaaa", "pending", without="study")
    with pytest.raises(cn.NotFoundError, match="r-aaaaa has no trials yet"):
        dashboard()
    study = make_run("r-bbbbb") / "study.sqlite3"
    with pytest.raises(cn.FailedError, match="cannot be read"):
        dashboard("r-bbbbb")
    assert study.read_bytes() == b"x" * study.stat().st_size


def test_the_command_says_where_and_ends_with_ctrl_c(finished: cn.RunResult, screen: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answers: list[tuple[int, str]] = []

    def visit() -> None:
        """Looks once the server is there, then presses Ctrl-C."""
        for _ in range(300):
            try:
                answers.append(Visitor(f"http://127.0.0.1:{port}").ask("GET", "/api/studies"))
            except ConnectionRefusedError:
                time.sleep(0.05)
            else:
                os.kill(os.getpid(), signal.SIGINT)
                return

    thread = threading.Thread(target=visit)
    thread.start()
    status, out, err = screen("dashboard", finished.run_id, "--port", str(port))
    thread.join()
    assert (status, out) == (0, f"http://127.0.0.1:{port}/dashboard/studies/1\n")
    assert err == f"{finished.run_id}, to look at; Ctrl-C ends it\nended\n" and answers[0][0] == 200
