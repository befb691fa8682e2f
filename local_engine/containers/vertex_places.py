"""Where a job of Vertex AI has its things: what the service and the request's own variables say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from local_engine.errors import EngineError

STATE = "state.tar"
"""One object with all that a trial needs to go on; of an ended job, that it has ended."""

PUBLISHED = "published.json"
"""How good the model is that lies there."""

MODEL, OUTPUT, FAILURE = "model.tar.gz", "output.tar.gz", "failure.txt"


@dataclass(frozen=True)
class Places:
    """URIs (`gs://...`); folders end with a slash.

    Attributes:
        code: the folder of the package.
        wheels: the folder of what an image may lack; in it a folder a wheel, named after its content.
        rows: the folder of the rows.
        model: the folder of this job's or trial's model (`AIP_MODEL_DIR`).
        checkpoints: the folder of what it needs to go on (`AIP_CHECKPOINT_DIR`).
        study: the folder of a search's study, over all attempts; None for a trial.
    """

    code: str
    wheels: str
    rows: str
    model: str
    checkpoints: str
    study: str | None = None

    @classmethod
    def here(cls, environment: Mapping[str, str] = os.environ) -> Places:
        """This process's.

        Raises:
            EngineError: the request or the service did not set one of them.
        """

        def folder(name: str) -> str:
            if not environment.get(name, "").startswith("gs://"):
                raise EngineError(f"{name} is {environment.get(name)!r}, not a folder of Cloud Storage")
            return environment[name].rstrip("/") + "/"

        study = folder("CLOUD_NAS_STUDY") if environment.get("CLOUD_NAS_STUDY") else None
        code = folder("CLOUD_NAS_CODE")
        wheels = folder("CLOUD_NAS_WHEELS")
        return cls(code, wheels, folder("CLOUD_NAS_ROWS"), folder("AIP_MODEL_DIR"), folder("AIP_CHECKPOINT_DIR"), study)

    @property
    def state(self) -> str:
        """The object with the state."""
        return self.checkpoints + STATE

    @property
    def failure(self) -> str:
        """The object that says why the job failed: in the folder of the job, or of the trial."""
        return self.model.rstrip("/").rpartition("/")[0] + f"/{FAILURE}"
