"""The spec against its data, as far as names go: the source is there, its columns are, and it is divided once."""

from __future__ import annotations

import re
from pathlib import Path as FilePath
from pathlib import PurePath, PurePosixPath

from cloud_nas.spec import datafile, paths
from cloud_nas.spec.checks import Check
from cloud_nas.spec.suggest import did_you_mean, nearest
from cloud_nas.spec.yaml import Path

_SOURCE: Path = ("data", "source")
_TEST: Path = ("data", "split", "test")
_ADDRESS = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/\S.*|gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]/\S.*")


def check_data(check: Check) -> None:
    """The source and the test file exist, the columns are in them, and there is one test part."""
    data, findings = check.spec.data, check.findings
    if not findings.ok(_SOURCE):
        return
    if data.source.startswith(paths.BUILTIN):
        _check_builtin(check, data.source.removeprefix(paths.BUILTIN))
        _check_test_file(check)
        return
    if data.source.startswith(paths.BUCKETS):
        _check_bucket(check, data.source, _SOURCE)
        _check_target_is_named(check, PurePosixPath(data.source), None)
        _check_test_file(check)
        return
    if "://" in data.source:
        findings.error("CN201", _SOURCE, f"{data.source} is an address, not a path", "download it and give the local path")
        return
    source = check.path(data.source, _SOURCE)
    if source is None:
        return
    if not paths.exists(source):
        _not_there(check, source, data.source, _SOURCE)
        _check_test_file(check)
        return
    columns = datafile.columns_of(source)
    _check_columns(check, source, columns)
    if findings.ok(_TEST) and data.split.test is not None and datafile.has_own_test_part(source):
        message = f"{data.source} has a test part of its own, so `test` has nothing to divide"
        findings.error("CN127", _TEST, message, "leave `test` out; the source's own part is held out", key=True)
        return
    _check_test_file(check, columns)


def _check_builtin(check: Check, name: str) -> None:
    if name not in datafile.BUILTINS:
        near = nearest(name, datafile.BUILTINS)
        hint = f'did you mean "{paths.BUILTIN}{near}"?' if near else f"there are {', '.join(datafile.BUILTINS)}"
        check.findings.error("CN203", _SOURCE, f'there is no built-in data set "{name}"', hint)


def _not_there(check: Check, path: FilePath, text: str, place: Path) -> None:
    near = paths.nearest_file(path)
    hint = f'did you mean "{near}"?' if near else f"paths are relative to {check.folder}"
    if place == _SOURCE and text.lower() in datafile.BUILTINS:
        hint = f'did you mean "{paths.BUILTIN}{text.lower()}"?'
    check.findings.error("CN201", place, f"there is no {text}", hint)


def _check_bucket(check: Check, text: str, place: Path) -> None:
    """The address names a bucket, and something in it."""
    if not _ADDRESS.fullmatch(text):
        scheme, _, _ = text.partition("://")
        hint = f"write {scheme}://BUCKET/KEY of a file, or {scheme}://BUCKET/FOLDER/ of a folder, with a slash at its end"
        where = "S3" if scheme == "s3" else "Cloud Storage"
        check.findings.error("CN201", place, f"not an address in {where}: {text}", hint)


def _check_target_is_named(check: Check, source: PurePath, columns: list[str] | None) -> None:
    data, findings = check.spec.data, check.findings
    if data.target is None and datafile.is_table(source) and findings.ok(("data", "target")):
        hint = did_you_mean("target", columns or [], what="the columns are") if columns else "write `target: COLUMN`"
        findings.error("CN205", ("data",), "`target` is missing: which column is to be predicted", hint)


def _check_columns(check: Check, source: FilePath, columns: list[str] | None) -> None:
    data, findings = check.spec.data, check.findings
    _check_target_is_named(check, source, columns)
    for name, column in (("target", data.target), ("id", data.id)):
        if column is not None and columns is not None and column not in columns and findings.ok(("data", name)):
            hint = did_you_mean(column, columns, what="the columns are")
            findings.error("CN202", ("data", name), f'there is no column "{column}" in {data.source}', hint)
    if data.target is not None and data.target == data.id and findings.ok(("data", "target"), ("data", "id")):
        findings.error("CN206", ("data", "id"), f'"{data.id}" is both what names rows and what is predicted', "leave `id` out")


def _check_test_file(check: Check, columns: list[str] | None = None) -> None:
    """A test file is there and has the columns that the source has been asked for."""
    data, findings = check.spec.data, check.findings
    if not isinstance(data.split.test, str) or not findings.ok(_TEST):
        return
    if data.split.test.startswith(paths.BUCKETS):
        _check_bucket(check, data.split.test, _TEST)
        return
    path = check.path(data.split.test, _TEST)
    if path is None:
        return
    if not paths.exists(path):
        _not_there(check, path, data.split.test, _TEST)
        return
    held_out = datafile.columns_of(path)
    for column in (data.target, data.id):
        if held_out is None or column is None or column in held_out or (columns is not None and column not in columns):
            continue
        hint = did_you_mean(column, held_out, what="its columns are")
        findings.error("CN202", _TEST, f'there is no column "{column}" in {data.split.test}', hint)
