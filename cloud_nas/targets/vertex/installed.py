"""Whether Google's libraries are here; nothing is imported."""

from __future__ import annotations

from importlib.util import find_spec

from cloud_nas.errors import MissingExtraError

_INSTALL = 'pip install "cloud-nas[vertex]"'
_PACKAGES = {"google.cloud.aiplatform_v1": "google-cloud-aiplatform", "google.cloud.storage": "google-cloud-storage"}


def require_installed(*modules: str) -> None:
    """Ends here where one is missing.

    Args:
        modules: `google.cloud.aiplatform_v1`, `google.cloud.storage`.

    Raises:
        MissingExtraError: with the install line.
    """
    missing = [_PACKAGES[module] for module in modules if not _is_there(module)]
    if missing:
        raise MissingExtraError(f"Google needs {' and '.join(missing)}, not installed", hint=_INSTALL)


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even what it is in
        return False
