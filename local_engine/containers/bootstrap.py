"""Starts our package in a container of Vertex AI. Its text is the container's program: the image has to have Python alone.

It takes the package out of the bucket, checks it, unpacks it into a new folder and becomes its `train.py`, arguments and all.
A bucket is mounted below `/gcs/`; where it is not, the Storage API is asked, with the token of the machine's account.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import site
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

TRIES = 6
_token: tuple[str, float] = ("", 0.0)


def mounted(uri: str) -> Path | None:
    """Where an object is as a file; None where its bucket is not mounted."""
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    folder = Path(os.environ.get("CLOUD_NAS_GCS_ROOT") or "/gcs") / bucket
    return folder / name if folder.is_dir() else None


def address(uri: str, query: str = "", *, upload: bool = False) -> str:
    """The Storage API's address of an object, or of uploads to its bucket."""
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    host = os.environ.get("STORAGE_EMULATOR_HOST") or "https://storage.googleapis.com"
    host = host.rstrip("/") if "://" in host else f"http://{host}"
    path = f"b/{bucket}/o" if upload else f"b/{bucket}/o/{urllib.parse.quote(name, safe='')}"
    return f"{host}{'/upload' if upload else ''}/storage/v1/{path}?{query}"


def call(method: str, url: str, *, body: Path | None = None, into: Path | None = None, tries: int = TRIES) -> bytes:
    """The answer to a request, or nothing where it goes into a file. What may pass is tried again.

    Raises:
        FileNotFoundError: there is no such object.
        FileExistsError: a precondition does not hold.
        OSError: the service refused, or did not answer.
    """
    bearer = token() if _wants_token(url) else ""
    for count in range(tries):
        if count:
            time.sleep(min(2.0**count, 30.0) / 2)
        try:
            return _once(method, url, bearer, body, into)
        except urllib.error.HTTPError as error:
            failure = f"{method} {url}: {error.code} {error.read(300).decode(errors='replace')}"
            if error.code in (404, 412):
                raise (FileNotFoundError if error.code == 404 else FileExistsError)(failure) from None
            if error.code not in (408, 429) and error.code < 500:
                break
        except OSError as error:
            failure = f"{method} {url}: {error}"
    raise OSError(failure)


def _once(method: str, url: str, bearer: str, body: Path | None, into: Path | None) -> bytes:
    request = urllib.request.Request(url, method=method)
    request.add_header("Metadata-Flavor", "Google")
    if bearer:
        request.add_header("Authorization", f"Bearer {bearer}")
    with (body or Path(os.devnull)).open("rb") as content:
        if body is not None:
            request.data = content  # before the length, which it would reset
            request.add_header("Content-Type", "application/octet-stream")
            request.add_header("Content-Length", str(body.stat().st_size))
        with urllib.request.urlopen(request, timeout=60) as answer:
            if into is None:
                return bytes(answer.read())
            with into.open("wb") as file:
                shutil.copyfileobj(answer, file, 1 << 20)
    if into.stat().st_size != int(answer.headers.get("Content-Length") or into.stat().st_size):
        raise OSError("the answer broke off")
    return b""


def _wants_token(url: str) -> bool:
    emulated = "STORAGE_EMULATOR_HOST" in os.environ and "GCE_METADATA_HOST" not in os.environ
    return "/computeMetadata/" not in url and not emulated


def token() -> str:
    """The access token of the account that the job runs as."""
    global _token
    if time.time() > _token[1]:
        host = os.environ.get("GCE_METADATA_HOST") or "metadata.google.internal"
        url = f"http://{host}/computeMetadata/v1/instance/service-accounts/default/token"
        told = json.loads(call("GET", url, tries=3))
        _token = (str(told["access_token"]), time.time() + float(told["expires_in"]) - 120)
    return _token[0]


def fetch(uri: str, path: Path) -> None:
    """Copies an object that nobody writes to any more into a file."""
    there = mounted(uri)
    if there is not None:
        try:
            shutil.copyfile(there, path)
            return
        except OSError:
            if "CLOUD_NAS_GCS_ROOT" in os.environ:
                raise
    call("GET", address(uri, "alt=media"), into=path)


def failed(text: str) -> None:
    """Leaves the reason beside the folder of the model, and in the log."""
    sys.stderr.write(f"{text}\n")
    uri = os.environ.get("AIP_MODEL_DIR", "").rstrip("/").rpartition("/")[0] + "/failure.txt"
    if not uri.startswith("gs://"):
        return
    try:
        with tempfile.NamedTemporaryFile() as file:
            file.write(f"{text}\n".encode())
            file.flush()
            there = mounted(uri)
            if there is None:
                name = urllib.parse.quote(uri.removeprefix("gs://").partition("/")[2], safe="")
                call("POST", address(uri, f"uploadType=media&name={name}", upload=True), body=Path(file.name))
            else:
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.name, there)
    except OSError as error:
        sys.stderr.write(f"the reason could not be left at {uri}: {error}\n")


def package(folder: Path) -> None:
    """Puts the package into `folder`, which is new."""
    archive, wanted = folder / "sourcedir.tar.gz", os.environ["CLOUD_NAS_CODE_SHA256"]
    fetch(os.environ["CLOUD_NAS_CODE"] + archive.name, archive)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != wanted:
        raise OSError(f"{os.environ['CLOUD_NAS_CODE']}{archive.name} is not what was sent: its sha256 is not {wanted}")
    unpack(archive, folder)


def unpack(archive: Path, folder: Path) -> None:
    """Puts the files of an archive of ours into `folder`.

    Raises:
        OSError: it holds something else than files inside the folder.
        TarError: it is no archive.
    """
    with tarfile.open(archive) as opened:
        for member in opened:
            path, content = (folder / member.name).resolve(), opened.extractfile(member) if member.isfile() else None
            if content is None or folder.resolve() not in path.parents:
                raise OSError(f"the package has {member.name!r}, which is no file inside it")
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                shutil.copyfileobj(content, file, 1 << 20)


def main() -> None:
    """Becomes the package's `train.py`."""
    folder = Path(tempfile.mkdtemp(prefix="cloud-nas-")) / "code"
    folder.mkdir()
    try:
        package(folder)
        if (folder / "requirements.txt").exists():
            sys.stdout.write("cloud-nas: installing what code.requirements names, from the package index\n")
            sys.stdout.flush()
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "-r"]
            if subprocess.run([*pip, str(folder / "requirements.txt")], check=False).returncode:
                raise OSError("pip could not install what code.requirements names; the log has its words")
    except (OSError, KeyError, ValueError, tarfile.TarError) as error:
        failed(f"cloud-nas: {' '.join(str(error).split())}"[:1000])
        sys.exit(1)
    places = [Path(one) for one in (*site.getsitepackages(), site.getusersitepackages())]
    found = [str(one) for place in places for one in sorted(place.glob("nvidia/*/lib"))]  # TensorFlow itself looks in some only
    known = os.environ.get("LD_LIBRARY_PATH", "")
    os.environ["LD_LIBRARY_PATH"] = os.pathsep.join([*found, *([known] if known else [])])
    os.chdir(folder)
    os.execv(sys.executable, [sys.executable, "train.py", *sys.argv[1:]])


if __name__ == "__main__":
    main()
