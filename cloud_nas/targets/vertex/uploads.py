"""Files into the bucket: each under a name of its content, sent once, checked by hash, and gone on with where it broke off.

A large file goes to an address of its own, which Google keeps for a week. It is kept here, for the owner's eyes only, so that a
process that comes after one that was killed sends only the rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cloud_nas.errors import CredentialsError, RefusedError, UnreachableError
from cloud_nas.files import in_words
from cloud_nas.package.cache import folder_of as cached
from cloud_nas.package.cache import key_of
from cloud_nas.targets import sending
from cloud_nas.targets.plan import Upload
from cloud_nas.targets.sending import LARGE, PART
from cloud_nas.targets.vertex.objects import SHA256
from cloud_nas.targets.vertex.refusals import ServiceError
from cloud_nas.targets.vertex.storage import Storage
from local_engine.files import read_json, write_json

_CHANGED = "412"
_WITHOUT_PROGRESS = 5


def upload(storage: Storage, uploads: Sequence[Upload], *, note: Callable[[str], None] = lambda text: None) -> None:
    """Sends what is not there yet.

    Args:
        storage: of the place.
        uploads: of the plan.
        note: told of what is sent.

    Raises:
        RefusedError: a file is not the one that the plan lists.
    """
    there = {one.uri: one for folder in _folders(uploads) for one in storage.list(folder)}
    known = [(one, there.get(one.destination)) for one in uploads]
    stale = {one.destination: found.generation for one, found in known if found is not None}
    missing = [one for one, found in known if found is None or (found.bytes, found.sha256) != (one.bytes, one.sha256)]
    if not missing:
        return
    note(f"uploading {len(missing)} files, {in_words(sum(one.bytes for one in missing))}")
    sending.each(lambda one: _put(storage, one, stale.get(one.destination, 0)), [one for one in missing if one.bytes < LARGE])
    for one in missing:
        if one.bytes >= LARGE:
            _put_large(storage, one, stale.get(one.destination, 0))


def check_bucket(storage: Storage, place: Mapping[str, Any], *, note: Callable[[str], None] = lambda text: None) -> None:
    """Ends here where the bucket is not there, or is not of the jobs' region alone, where a job would fail in the end.

    Who may write objects may not always ask where the bucket is; then it is only noted.

    Raises:
        RefusedError: so it is.
    """
    name = str(place["bucket"])
    try:
        found = storage.bucket(name)
    except CredentialsError as error:
        if error.code != "CN506":
            raise
        note(f"where the bucket {name} is was not checked: {error.message}")
        return
    hint = f"name a bucket of {place['location']} alone, or another location, under targets.vertex"
    if found["locationType"] != "region":
        what = f"the bucket {name} is in more than one region ({found['location']}), and Vertex AI does not train with those"
        raise RefusedError(what, hint=hint, code="CN505")
    if found["location"] != place["location"]:
        what = f"the bucket {name} is in {found['location']}, and the jobs are to be in {place['location']}"
        raise RefusedError(what, hint=hint, code="CN505")


def _folders(uploads: Sequence[Upload]) -> list[str]:
    return sorted({sending.folder_of(one.destination) for one in uploads})


def _put(storage: Storage, one: Upload, generation: int) -> None:
    content = Path(one.source).read_bytes()
    sending.require_same(one, hashlib.sha256(content).hexdigest())
    if not storage.write(one.destination, content, metadata={SHA256: one.sha256}, generation=generation):
        _require_there(storage, one)


def _put_large(storage: Storage, one: Upload, generation: int) -> None:
    """Sends a large file, holding one part in memory at a time."""
    kept = cached("uploads") / f"{key_of(one.destination)[:32]}.json"
    session, come = _begun(storage, one, kept) or (_begin(storage, one, kept, generation), 0)
    try:
        _send(storage, one, session, come)
    except ServiceError as error:
        kept.unlink(missing_ok=True)
        if error.service_code != _CHANGED:
            raise
        _require_there(storage, one)
    except RefusedError:
        kept.unlink(missing_ok=True)
        raise
    kept.unlink(missing_ok=True)


def _send(storage: Storage, one: Upload, session: str, come: int) -> None:
    """Sends what has not come yet; the whole file is hashed on the way, and the last part waits for the hash."""
    whole, start = hashlib.sha256(), 0
    for content in sending.pieces(Path(one.source), PART):
        whole.update(content)
        end = start + len(content)
        if end >= one.bytes:
            sending.require_same(one, whole.hexdigest())
        tries = 0
        while come < end:
            before, come = come, storage.send(session, content[come - start :], come, one.bytes)
            tries = tries + 1 if come <= before else 0
            if come < start or tries == _WITHOUT_PROGRESS:
                raise UnreachableError(f"Cloud Storage has no more than {come} bytes of {one.source}", hint="submit again")
        start = end
    if start != one.bytes:
        sending.require_same(one, whole.hexdigest())


def _begun(storage: Storage, one: Upload, kept: Path) -> tuple[str, int] | None:
    """The address that this file was being sent to, and how many bytes have come there."""
    try:
        about = read_json(kept)
        session = str(about["session"]) if (about["to"], about["sha256"]) == (one.destination, one.sha256) else ""
    except (OSError, ValueError, KeyError, TypeError):
        return None
    come = storage.arrived(session, one.bytes) if session else None
    return None if come is None else (session, come)


def _begin(storage: Storage, one: Upload, kept: Path, generation: int) -> str:
    session = storage.begin(one.destination, one.bytes, metadata={SHA256: one.sha256}, generation=generation)
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_json(kept, {"to": one.destination, "sha256": one.sha256, "session": session}, mode=0o600)
    return session


def _require_there(storage: Storage, one: Upload) -> None:
    """Somebody else wrote the object meanwhile: good where it is the same."""
    found = storage.stat(one.destination)
    if found is None or (found.bytes, found.sha256) != (one.bytes, one.sha256):
        raise RefusedError(f"{one.destination} is written by somebody else at this moment", hint="submit again")
