"""The version of cloud-nas, written here because asking the installed metadata for it costs as much as the rest of `--help`."""

from __future__ import annotations

VERSION = "0.1.0"
