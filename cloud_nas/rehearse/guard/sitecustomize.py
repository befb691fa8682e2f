"""Runs first in every Python process of a stand-in's container; see `image.environment`."""

import importlib.machinery
import os
import socket
import sys

_HELD_BACK = {"cloud_nas", "local_engine"}
_INSIDE = os.path.realpath(os.environ["CLOUD_NAS_GUARD"]) if "CLOUD_NAS_GUARD" in os.environ else None


class _Guard:
    """Finds our packages only where they were uploaded, and not where this machine has them installed."""

    @staticmethod
    def find_spec(name, path=None, target=None):  # type: ignore[no-untyped-def]
        """None: somebody else looks for it."""
        if name not in _HELD_BACK or _INSIDE is None:
            return None
        inside = [entry for entry in sys.path if os.path.realpath(entry or ".").startswith(_INSIDE)]
        found = importlib.machinery.PathFinder.find_spec(name, inside)
        if found is None:
            raise ModuleNotFoundError(f"No module named {name!r}: the image has none, and none was uploaded", name=name)
        return found


def _isolate() -> None:
    """No network but loopback, as EnableNetworkIsolation has it."""
    connect = socket.socket.connect

    def only_here(self, address):  # type: ignore[no-untyped-def]
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "localhost", "::1"):
            raise OSError(101, "Network is unreachable: the container is isolated")
        return connect(self, address)

    socket.socket.connect = only_here  # type: ignore[method-assign]


sys.meta_path.insert(0, _Guard)
if os.environ.get("CLOUD_NAS_ISOLATED"):
    _isolate()
