"""Objects in Cloud Storage, with neither an SDK nor a library: by the Storage API, or as files where the bucket is mounted.

What nobody writes to any more is read through the mount, which is fast. What changes is asked of the API, since a mount remembers
for a minute or more what it saw; and it is written by the API, which takes a precondition and lets nobody see half of an object.
Only where the API refuses (the job's account may have a token for other things alone) does the mount serve for that too.
"""

from __future__ import annotations

import json
import os
import shutil
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from local_engine.containers import bootstrap


class Storage:
    """The objects that a job may see; every one is named by its URI (`gs://bucket/name`).

    Methods raise `FileNotFoundError` where there is no such object and `OSError` where the storage refuses or does not answer.
    """

    def __init__(self) -> None:
        self._asks = "CLOUD_NAS_GCS_ROOT" not in os.environ or "STORAGE_EMULATOR_HOST" in os.environ
        """Whether the API is asked; not where it was found to refuse."""

    def fetch(self, uri: str, path: Path) -> None:
        """Copies an object that changes no more into the file `path`, whose folder is made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        bootstrap.fetch(uri, path)

    def fetch_fresh(self, uri: str, path: Path) -> None:
        """Copies an object, as it is now, into the file `path`, whose folder is made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        there = bootstrap.mounted(uri)
        if self._asks:
            try:
                bootstrap.call("GET", bootstrap.address(uri, "alt=media"), into=path)
                return
            except OSError as error:
                self._give_up(error, there)
        assert there is not None
        shutil.copyfile(there, path)

    def put(self, uri: str, source: Path, *, generation: int | None = None) -> int | None:
        """Makes the object of a file, whole or not at all.

        Args:
            uri: of the object.
            source: the file.
            generation: which the object has to have as yet; 0: it has not to be there; None: whichever.

        Returns:
            The new object's generation; None where it is not known.

        Raises:
            FileExistsError: somebody else has written it.
        """
        there = bootstrap.mounted(uri)
        if self._asks:
            query = {"uploadType": "media", "name": uri.removeprefix("gs://").partition("/")[2]}
            if generation is not None:
                query["ifGenerationMatch"] = str(generation)
            url = bootstrap.address(uri, urllib.parse.urlencode(query, quote_via=urllib.parse.quote), upload=True)
            try:
                return int(json.loads(bootstrap.call("POST", url, body=source))["generation"])
            except OSError as error:
                self._give_up(error, there)
        assert there is not None
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, there)  # closing it makes the object; under another name first, there would be two
        return None

    def generation(self, uri: str) -> int | None:
        """The generation that an object has; 0 where there is none; None where the API cannot tell."""
        if not self._asks:
            return None
        try:
            return int(json.loads(bootstrap.call("GET", bootstrap.address(uri, "fields=generation")))["generation"])
        except FileNotFoundError:
            return 0
        except OSError as error:
            self._give_up(error, bootstrap.mounted(uri))
            return None

    def names(self, folder: str) -> list[str]:
        """The names of all objects below a folder's URI (with a slash at its end), relative to it, ascending."""
        there = bootstrap.mounted(folder)
        if self._asks:
            try:
                return sorted(self._listed(folder))
            except OSError as error:
                self._give_up(error, there)
        assert there is not None
        return sorted(path.relative_to(there).as_posix() for path in there.rglob("*") if path.is_file())

    def remove(self, uri: str) -> None:
        """Removes an object, if it is there."""
        there = bootstrap.mounted(uri)
        try:
            if self._asks:
                bootstrap.call("DELETE", bootstrap.address(uri))
            elif there is not None:
                there.unlink()
        except FileNotFoundError:
            return

    def _listed(self, folder: str) -> Iterator[str]:
        bucket, _, prefix = folder.removeprefix("gs://").partition("/")
        page = ""
        while True:
            query = urllib.parse.urlencode({"prefix": prefix, "fields": "items(name),nextPageToken", "pageToken": page})
            url = bootstrap.address(f"gs://{bucket}/").partition("/o/")[0] + f"/o?{query}"
            told = json.loads(bootstrap.call("GET", url))
            for item in told.get("items", ()):
                name = str(item["name"]).removeprefix(prefix)
                if name and not name.endswith("/"):
                    yield name
            page = told.get("nextPageToken", "")
            if not page:
                return

    def _give_up(self, error: OSError, there: Path | None) -> None:
        """From now on the mount alone is used, where the API fails and there is one.

        Raises:
            OSError: the same, where it is an answer, or nothing else is left.
        """
        if there is None or isinstance(error, FileNotFoundError | FileExistsError):
            raise error
        self._asks = False
