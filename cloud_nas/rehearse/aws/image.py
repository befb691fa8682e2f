"""What stands in for AWS's TensorFlow image: this interpreter, its packages, AWS's toolkit, and of ours only what was sent."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cloud_nas.rehearse.aws.work import Work

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "TF_ENABLE_ONEDNN_OPTS", "SYSTEMROOT")
_GUARD = Path(__file__).parents[1] / "guard"


def command() -> list[str]:
    """The image's entry point, `train`.

    Raises:
        ModuleNotFoundError: the toolkit is not installed.
    """
    return [sys.executable, "-c", "from sagemaker_training.cli.train import main; main()"]


def environment(work: Work, base: Path) -> dict[str, str]:
    """What a container of the service finds; no credentials, nothing of the user's.

    `guard` comes first on the path: it holds back the `local_engine` and `cloud_nas` that are installed here, so that only what
    was uploaded can be imported, and the network where the request isolates the container.
    """
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    temporary = str(base.parent.parent / "tmp")
    return {
        **passed_on,
        "SAGEMAKER_BASE_DIR": str(base),
        "TRAINING_JOB_NAME": work.name,
        "TRAINING_JOB_ARN": work.arn,
        "AWS_REGION": work.region,
        "AWS_DEFAULT_REGION": work.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(_GUARD),
        "CLOUD_NAS_GUARD": str(base.parent.parent),
        "CLOUD_NAS_ISOLATED": "1" if work.request.get("EnableNetworkIsolation") else "",
        "HOME": temporary,
        "TMPDIR": temporary,
        **work.request.get("Environment", {}),
    }
