"""What travels to a place: every file of the parcels under its URI, and the wheels fetched just before they are sent."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

from cloud_nas.package import wheels
from cloud_nas.package.cache import folder_of
from cloud_nas.package.parcel import Parcel, ParcelFile
from cloud_nas.targets.job import Job
from cloud_nas.targets.plan import Upload

_WHEEL = "wheel:"


def uploads(job: Job, folders: Mapping[str, Callable[[Job], str]]) -> tuple[Upload, ...]:
    """Every file that travels. A wheel that is not here yet has `wheel:NAME==VERSION` for its source.

    Args:
        job: with its parcels.
        folders: what gives the URI of a parcel's folder, by what the parcel is, in the order of the uploads. Of `wheels`: the
            folder that all jobs share, where each has a folder named after its content; else they go with the parcel.
    """
    return tuple(
        Upload(
            f"{_WHEEL}{one.wheel}" if one.wheel else str(job.parcels[what].folder / one.path),
            _shared(job, one, folders["wheels"]) if one.wheel and "wheels" in folders else folder(job) + one.path,
            one.bytes,
            one.sha256,
        )
        for what, folder in folders.items()
        if what in job.parcels
        for one in job.parcels[what].files
    )


def of_parcel(parcel: Parcel, folder: str) -> tuple[Upload, ...]:
    """The files of a parcel that travels by itself, below `folder`, a URI with a slash at its end."""
    return tuple(Upload(str(parcel.folder / one.path), folder + one.path, one.bytes, one.sha256) for one in parcel.files)


def _shared(job: Job, one: ParcelFile, folder: Callable[[Job], str]) -> str:
    return f"{folder(job)}{one.sha256}/{one.path.rpartition('/')[2]}"


def with_wheels(uploads: Sequence[Upload]) -> list[Upload]:
    """The uploads, each with a file for its source; wheels come from the user's package index.

    Raises:
        RefusedError: the index does not have them.
    """
    named = {one: one.destination.rpartition("/")[2] for one in uploads if one.source.startswith(_WHEEL)}
    files = [
        ParcelFile(f"{wheels.FOLDER}/{file}", one.sha256, one.bytes, one.source.removeprefix(_WHEEL))
        for one, file in named.items()
    ]
    kept = folder_of(wheels.FOLDER)
    wheels.bring(files, kept.parent)
    return [dataclasses.replace(one, source=str(kept / named[one])) if one in named else one for one in uploads]
