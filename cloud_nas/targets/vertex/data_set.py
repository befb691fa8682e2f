"""The data set that AutoML trains on: made once, filled once, and gone on with wherever an earlier process left it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cloud_nas.errors import CloudNasError, CredentialsError, NotFoundError, UnreachableError
from cloud_nas.targets.plan import Plan, Request
from cloud_nas.targets.vertex import naming
from cloud_nas.targets.vertex.client import Client
from cloud_nas.targets.vertex.jobs import NONCE, PAGE
from cloud_nas.targets.vertex.sent import Sent, looked_for

DATA_SET = "{dataset}"
"""What stands in a plan's requests for the data set, whose id Google gives."""

_MADE, _FILLED = "dataset", "import"


@dataclass(frozen=True)
class DataSet:
    """A data set on its way.

    Attributes:
        client: of the place.
        plan: whose it is.
        sent: what was asked for already.
        note: told what takes its time.
        sleep: lets seconds pass.
    """

    client: Client
    plan: Plan
    sent: Sent
    note: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep

    def made(self, requests: Sequence[Request]) -> str:
        """The name of the data set, with everything in it that the requests put there.

        Args:
            requests: the one that makes it, and for images the one that fills it.
        """
        create, *fill = requests
        name = self._existing() or self._make(create)
        for request in fill:
            state = self._state(name)
            if state == "in between":
                self._delete(name)
                name = self._make(create)
            if state != "filled":
                self._fill(filled(request, name))
        return name

    def _existing(self) -> str | None:
        if self.sent.about(_MADE) is None:
            return self._listed()
        return looked_for(self._listed, sleep=self.sleep)

    def _listed(self) -> str | None:
        """The data set that carries the plan's nonce."""
        assert self.plan.name is not None
        asked = {"parent": self.client.parent, "filter": f"labels.{naming.LABEL}run={self.plan.name.run_id}", "pageSize": PAGE}
        found = [
            one
            for page in self.client.pages("ListDatasets", asked)
            for one in page.get("datasets", ())
            if one.get("labels", {}).get(NONCE) == self.plan.name.nonce
        ]
        first = min(found, key=lambda one: str(one.get("createTime", "")), default=None)
        return None if first is None else str(first["name"])

    def _make(self, create: Request) -> str:
        self.sent.note(_MADE)
        try:
            operation = self.client.call(create.operation, create.body)
            return str(self.client.wait_operation(operation["name"])["response"]["name"])
        except UnreachableError:
            found = looked_for(self._listed, sleep=self.sleep)
            if found is None:
                raise
            return found

    def _state(self, name: str) -> Literal["empty", "filled", "in between"]:
        """What the import has come to; waits for one that goes on. `in between`: nobody can tell any more."""
        about = self.sent.about(_FILLED) or {}
        ours = _id(str(about.get("data_set"))) == _id(name)
        operation = (about.get("operation") if ours else None) or self._import_of(name)
        if operation:
            self._wait(name, str(operation))
            return "filled"
        if ours or int(self.client.call("GetDataset", {"name": name}).get("dataItemCount", 0)):
            return "in between"
        return "empty"

    def _import_of(self, name: str) -> str | None:
        """The operation that fills a data set, where Google tells of one."""
        try:
            found = self.client.operations(name)
        except (CredentialsError, UnreachableError):
            raise
        except CloudNasError:  # not every place lists them
            return None
        imports = [one for one in found if "Import" in str(one.get("metadata", {}).get("@type", "")) and not one.get("error")]
        return str(imports[0]["name"]) if imports else None

    def _fill(self, request: Request) -> None:
        name = str(request.body["name"])
        self.sent.note(_FILLED, data_set=name)
        operation = str(self.client.call(request.operation, request.body)["name"])
        self.sent.note(_FILLED, data_set=name, operation=operation)
        self._wait(name, operation)

    def _wait(self, name: str, operation: str) -> None:
        self.note("the images are being imported, which takes minutes; to end this and submit again goes on here")
        try:
            self.client.wait_operation(operation)
        except (CredentialsError, UnreachableError):
            raise
        except CloudNasError:
            self._delete(name)
            raise

    def _delete(self, name: str) -> None:
        with contextlib.suppress(NotFoundError):
            self.client.wait_operation(self.client.call("DeleteDataset", {"name": name})["name"])
        self.sent.forget(_FILLED)
        self.sent.forget(_MADE)


def filled(request: Request, data_set: str | None) -> Request:
    """The request with the data set's id in the place that a plan keeps for it; `name` has the whole name."""
    if data_set is None:
        return request
    body: Mapping[str, Any] = _with(request.body, _id(data_set))
    named = str(body.get("name", ""))
    if named and not named.startswith("projects/"):
        body = {**body, "name": data_set}
    return Request(request.service, request.operation, body)


def _id(name: str) -> str:
    """The id alone: a name has the project's id where it is asked for, and its number in answers."""
    return name.rpartition("/")[2]


def _with(value: Any, identity: str) -> Any:
    if isinstance(value, str):
        return value.replace(DATA_SET, identity)
    if isinstance(value, Mapping):
        return {key: _with(item, identity) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with(item, identity) for item in value]
    return value
