"""A spec as it is run: with what a flag, or an argument, asks for in place of its budget."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from cloud_nas.errors import UsageError
from cloud_nas.spec import LoadedSpec, load


def with_budget(spec: str | os.PathLike[str] | LoadedSpec, profile: str | None, **caps: Any) -> LoadedSpec:
    """The spec with these caps (`trials`, `time`) in its budget; those that are None do not count.

    Raises:
        SpecError: the file's spec is not valid, or a cap is not.
        UsageError: a cap for a spec that was loaded before is not valid.
    """
    if not isinstance(spec, LoadedSpec):
        return load(spec, profile=profile, overrides={f"budget.{name}": cap for name, cap in caps.items()})
    given = {name: cap for name, cap in caps.items() if cap is not None}
    if not given:
        return spec
    before = spec.spec.budget
    try:
        budget = type(before).model_validate(before.model_dump() | given)
    except ValueError as error:
        shown = ", ".join(f"{name}: {cap!r}" for name, cap in given.items())
        raise UsageError(f"not a budget: {shown}", hint="trials is a whole number from 1; time is 2h, 45m or seconds") from error
    return dataclasses.replace(spec, spec=spec.spec.model_copy(update={"budget": budget}))
