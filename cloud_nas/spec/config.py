"""Values that a spec leaves open, in the project's `cloud-nas.toml` and in the user's configuration: places, and profiles.

Both files hold defaults of the places to run at, which always count, and profiles, chosen with `--profile NAME` or
`CLOUD_NAS_PROFILE`. A profile is made of sections of the spec:

    [targets.sagemaker]
    bucket = "my-bucket"

    [profile.quick.budget]
    trials = 3
    time = "5m"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path as FilePath
from typing import Any

from cloud_nas.spec.diagnostics import Diagnostic
from cloud_nas.spec.fields import shown
from cloud_nas.spec.later import KEYS
from cloud_nas.spec.layers import Layer, Origin
from cloud_nas.spec.source import Source, read_source
from cloud_nas.spec.suggest import did_you_mean
from cloud_nas.spec.yaml import Path, Spot

PROJECT_FILE = "cloud-nas.toml"
PLACES = "targets"
SECTIONS = ("search", "train", "final", "budget", "targets")
"""What a profile may set. What is learnt, from what data and by what model, stands in the spec."""


class ConfigFile:
    """One configuration file, read; `problems` say what is wrong with it."""

    def __init__(self, path: FilePath, origin: Origin) -> None:
        self.path = path
        self.origin: Origin = origin
        self.values: dict[str, Any] = {}
        self.problems: list[Diagnostic] = []
        source = read_source(path, kind="configuration")
        if isinstance(source, Diagnostic):
            self.problems.append(source)
            self.source = Source.of(str(path), "")
            return
        self.source = source
        try:
            self.values = tomllib.loads(source.text)
        except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
            self.problems.append(self._not_toml(error))
        self._check_keys()

    @property
    def profiles(self) -> Mapping[str, Any]:
        """The profiles by name."""
        profiles = self.values.get("profile")
        return profiles if isinstance(profiles, dict) else {}

    def layer(self, profile: str) -> Layer | None:
        """The values of one profile, None where this file has none of that name."""
        values = self.profiles.get(profile)
        if not isinstance(values, dict):
            return None
        known = {name: value for name, value in values.items() if name in SECTIONS}
        return Layer(self.origin, known, self.source, partial(self._locate, profile))

    def places(self) -> Layer | None:
        """The defaults of places, None where this file has none."""
        values = self.values.get(PLACES)
        return Layer(self.origin, {PLACES: values}, self.source, self._locate_place) if isinstance(values, dict) else None

    def _locate_place(self, path: Path, key: bool) -> Spot:
        return self.spot(path)

    def _locate(self, profile: str, path: Path, key: bool) -> Spot:
        return self.spot(("profile", profile, *path))

    def spot(self, path: Path) -> Spot:
        """The line that sets the key at `path`, found in the text, or the nearest table above it."""
        best, depth = Spot(1, 1), 0
        table: Path = ()
        for number, line in enumerate(self.source.lines, 1):
            header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
            key = re.match(r"\s*([\w.\"'-]+)\s*=", line)
            if header:
                table = tuple(_names(header[1]))
                here, place = table, header.start(1)
            elif key:
                here, place = (*table, *_names(key[1])), key.start(1)
            else:
                continue
            shared = min(len(here), len(path))
            if here[:shared] == path[:shared] and shared > depth:
                best, depth = Spot(number, place + 1, len((header or key or [""])[1])), shared
        return best

    def _not_toml(self, error: Exception) -> Diagnostic:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line, column = (int(found[1]), int(found[2])) if found else (1, 1)
        reason = str(error).split(" (at ")[0]
        return self.source.diagnostic("CN117", f"not TOML: {reason}", line=line, column=column, hint="text values are in quotes")

    def _check_keys(self) -> None:
        for path, table, allowed in self._tables():
            if not isinstance(table, dict):
                form = "write [targets.PLACE]" if path == (PLACES,) else "write [profile.NAME.SECTION]"
                self._report("CN108", path, f"{path[-1]} is a table, not {shown(table)}", form)
                continue
            for name in [name for name in table if name not in allowed]:
                later = KEYS.get((name,))
                if later:
                    self._report("CN112", (*path, name), f'"{name}" ({later}) is not in this version', "leave it out")
                else:
                    hint = did_you_mean(name, allowed, what="it can hold")
                    self._report("CN104", (*path, name), f'unknown key "{name}"', hint)

    def _tables(self) -> Iterator[tuple[Path, Any, tuple[str, ...]]]:
        yield (), self.values, ("profile", PLACES)
        if PLACES in self.values and not isinstance(self.values[PLACES], dict):
            yield (PLACES,), self.values[PLACES], ()
        if "profile" in self.values and not isinstance(self.values["profile"], dict):
            yield ("profile",), self.values["profile"], ()
        for name, profile in self.profiles.items():
            yield ("profile", name), profile, SECTIONS

    def _report(self, code: str, path: Path, message: str, hint: str | None) -> None:
        spot = self.spot(path)
        self.problems.append(
            self.source.diagnostic(code, message, line=spot.line, column=spot.column, hint=hint, length=spot.length)
        )


def find_config(folder: FilePath) -> list[ConfigFile]:
    """The project's file, nearest above `folder`, and the user's, in the order in which they win."""
    from platformdirs import user_config_path

    found = []
    try:
        places = [folder, *folder.parents]
        project = next((place / PROJECT_FILE for place in places if (place / PROJECT_FILE).is_file()), None)
        if project is not None:
            found.append(ConfigFile(project, "project"))
        user = user_config_path("cloud-nas", appauthor=False) / "config.toml"
        if user.is_file():
            found.append(ConfigFile(user, "user"))
    except OSError:
        # A folder above that may not be looked into holds no configuration for us.
        pass
    return found


def profile_problem(name: str, files: list[ConfigFile]) -> Diagnostic:
    """There is no profile of this name in any file."""
    names = sorted({profile for file in files for profile in file.profiles})
    hint = did_you_mean(name, names, what="there are") or f"write [profile.{name}.budget] into {PROJECT_FILE} beside the spec"
    return Diagnostic(
        "CN118", "error", files[0].source.file if files else PROJECT_FILE, 1, 1, f'there is no profile "{name}"', hint
    )


def _names(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]
