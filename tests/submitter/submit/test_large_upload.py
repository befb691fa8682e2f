"""A gigabyte goes up in little memory, and a process that is killed leaves parts that no other sends again."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cloud_nas.targets.sagemaker import uploads

MIB = 2**20
SIZE = 1024 * MIB
ACCOUNT = "123456789012"
MOST_MEMORY = 200 * MIB
"""Bytes that the process that uploads may take, Python and AWS's client and all."""

SENDS = """
import json, pathlib, sys
from cloud_nas.targets.plan import Upload
from cloud_nas.targets.sagemaker import uploads
from cloud_nas.targets.sagemaker.client import Client

uploads.upload(Client("eu-west-1"), {"role": sys.argv[2]}, [Upload(**json.loads(sys.argv[1]))])
"""

PEAK = """
for line in pathlib.Path("/proc/self/status").read_text().splitlines():
    if line.startswith("VmHWM:"):
        print(int(line.split()[1]) * 1024)
"""
"""The process's own peak; `ru_maxrss` would count the one that started it, whose memory it has until it is another program."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="a process's own peak of memory is read from /proc"),
]


@dataclass(frozen=True)
class Server:
    """An S3 in a process of its own, which notes what it answered."""

    endpoint: str
    log: Path

    def parts(self) -> Counter[int]:
        """How often it took each part."""
        return Counter(int(number) for number in re.findall(r'"PUT [^"]*partNumber=(\d+)[^"]*" 200', self.log.read_text()))

    def begun(self) -> int:
        """How many uploads in parts it was asked to begin."""
        return len(re.findall(r'"POST [^"]*\?uploads[^"]*" 200', self.log.read_text()))


def until(true: Callable[[], Any], *, seconds: float = 120) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it does not come about"
        time.sleep(0.02)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    pytest.importorskip("moto")
    log = tmp_path / "server.log"
    # parts lie on the disk until the upload is complete
    environment = os.environ | {"MOTO_S3_DEFAULT_KEY_BUFFER_SIZE": str(MIB), "TMPDIR": str(tmp_path)}
    with log.open("wb") as said:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=environment)
    try:
        until(lambda: "Running on" in log.read_text())
        found = re.search(r"Running on (http://\S+)", log.read_text())
        assert found
        nowhere = str(tmp_path / "no-such-file")
        for name, value in {
            "AWS_ENDPOINT_URL": found[1],
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_CONFIG_FILE": nowhere,
            "AWS_SHARED_CREDENTIALS_FILE": nowhere,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
        }.items():
            monkeypatch.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
            monkeypatch.delenv(name, raising=False)
        yield Server(found[1], log)
    finally:
        process.kill()
        process.wait()


def large_file(path: Path) -> str:
    """Random bytes at both ends, in the middle a hole; gives the sha256."""
    with path.open("wb") as file:
        for place in (0, SIZE // 2, SIZE - 100 * MIB):
            file.seek(place)
            for _ in range(100):
                file.write(os.urandom(MIB))
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def test_a_gigabyte_goes_on_after_a_kill_in_constant_memory(server: Server, tmp_path: Path) -> None:
    import boto3

    client = boto3.client("s3", region_name="eu-west-1")
    client.create_bucket(Bucket="large", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    path = tmp_path / "rows.bin"
    sha256 = large_file(path)
    key = f"cloud-nas/data/{sha256}/rows.bin"
    one = {"source": str(path), "destination": f"s3://large/{key}", "bytes": SIZE, "sha256": sha256}
    command = [sys.executable, "-c", SENDS + PEAK, json.dumps(one), f"arn:aws:iam::{ACCOUNT}:role/search"]
    parts = SIZE // uploads.PART

    first = subprocess.Popen(command)
    until(lambda: sum(server.parts().values()) >= parts // 3)
    first.send_signal(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    before = server.parts()
    assert parts // 3 <= sum(before.values()) < parts

    second = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    assert server.begun() == 1
    assert server.parts() == dict.fromkeys(range(1, parts + 1), 1)
    peak = int(second.stdout)
    print(f"{SIZE // MIB} MiB in {parts} parts, {sum(before.values())} before the kill, at most {peak / MIB:.0f} MiB of memory")
    assert peak < MOST_MEMORY

    arrived = hashlib.sha256()
    for content in client.get_object(Bucket="large", Key=key)["Body"].iter_chunks(MIB):
        arrived.update(content)
    assert arrived.hexdigest() == sha256
