"""One table of all codes and their texts; `cloud-nas explain` and the documentation read it.

CN1 the spec, CN2 data and model, CN3 what a conversion loses, CN4 money, CN5 a cloud's service, CN6 runs and this machine, CN7
comparing models.
A code's meaning never changes, and a code that is no longer used is not given to anything else.
"""

from __future__ import annotations

from cloud_nas.codes.code import Code
from cloud_nas.codes.comparing import COMPARING
from cloud_nas.codes.data_and_model import DATA_AND_MODEL, FINDINGS
from cloud_nas.codes.losses import LOSSES
from cloud_nas.codes.money import MONEY
from cloud_nas.codes.runs import RUNS
from cloud_nas.codes.service import SERVICE
from cloud_nas.codes.spec_codes import SPEC

__all__ = ["CODES", "FINDINGS", "Code", "explain"]

CODES: dict[str, Code] = {code.code: code for code in (*SPEC, *DATA_AND_MODEL, *LOSSES, *MONEY, *SERVICE, *RUNS, *COMPARING)}
"""Every code, in order."""


def explain(code: str) -> str:
    """What a code means and how to mend it, with an example that has the mistake and one that has not.

    Args:
        code: as it stands in a message, in any case; `CN104` and `104` are the same.

    Raises:
        NotFoundError: there is no such code.
    """
    from cloud_nas.errors import NotFoundError

    name = code.strip().upper()
    found = CODES.get(name) or CODES.get(f"CN{name}")
    if found is None:
        import difflib

        near = difflib.get_close_matches(name.replace("O", "0"), CODES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"codes go from {next(iter(CODES))} to {next(reversed(CODES))}"
        raise NotFoundError(f"there is no code {code.strip()[:40]}", hint=hint)
    return found.explained()
