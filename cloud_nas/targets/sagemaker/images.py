"""AWS's TensorFlow image that trains what we send: where each region keeps it, and which of its two kinds a machine wants.

Version 2.21.0 has TensorFlow 2.21.0 and Keras 3.15.1 under Python 3.12, as at home, so that what is trained there loads here. The
table is of AWS's own, `sagemaker/core/image_uri_config/tensorflow.json`, which a test holds it against.
"""

from __future__ import annotations

from cloud_nas.errors import UsageError

VERSION = "2.21.0"
PYTHON = "py312"

ACCOUNTS = {
    "af-south-1": "626614931356",
    "ap-east-1": "871362719292",
    "ap-east-2": "975050140332",
    "ap-northeast-1": "763104351884",
    "ap-northeast-2": "763104351884",
    "ap-northeast-3": "364406365360",
    "ap-south-1": "763104351884",
    "ap-south-2": "772153158452",
    "ap-southeast-1": "763104351884",
    "ap-southeast-2": "763104351884",
    "ap-southeast-3": "907027046896",
    "ap-southeast-4": "457447274322",
    "ap-southeast-5": "550225433462",
    "ap-southeast-6": "633930458069",
    "ap-southeast-7": "590183813437",
    "ca-central-1": "763104351884",
    "ca-west-1": "204538143572",
    "cn-north-1": "727897471807",
    "cn-northwest-1": "727897471807",
    "eu-central-1": "763104351884",
    "eu-central-2": "380420809688",
    "eu-isoe-west-1": "371248457586",
    "eu-north-1": "763104351884",
    "eu-south-1": "692866216735",
    "eu-south-2": "503227376785",
    "eu-west-1": "763104351884",
    "eu-west-2": "763104351884",
    "eu-west-3": "763104351884",
    "eusc-de-east-1": "204133271717",
    "il-central-1": "780543022126",
    "me-central-1": "914824155844",
    "me-south-1": "217643126080",
    "me-west-1": "124382933778",
    "mx-central-1": "637423239942",
    "sa-east-1": "763104351884",
    "us-east-1": "763104351884",
    "us-east-2": "763104351884",
    "us-gov-east-1": "446045086412",
    "us-gov-west-1": "442386744353",
    "us-iso-east-1": "886529160074",
    "us-isob-east-1": "094389454867",
    "us-isof-east-1": "303241398832",
    "us-isof-south-1": "454834333376",
    "us-west-1": "763104351884",
    "us-west-2": "763104351884",
}
"""The account that holds the image, by region; the keys are the regions that we know."""

_SUFFIXES = {
    "cn-": "amazonaws.com.cn",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "us-isof-": "csp.hci.ic.gov",
    "eu-isoe-": "cloud.adc-e.uk",
    "eusc-": "amazonaws.eu",
}


def training_image(region: str, instance: str) -> str:
    """The image's URI.

    Args:
        region: such as `eu-west-1`.
        instance: such as `ml.g5.xlarge`.

    Raises:
        UsageError: AWS has no TensorFlow image for the region or the kind of machine.
    """
    if region not in ACCOUNTS:
        hint = "targets: {sagemaker: {image: ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG}}"
        raise UsageError(f"no TensorFlow image of AWS's is known in {region}", hint=hint, code="CN510")
    family = family_of(instance)
    if family.startswith(("trn", "inf", "p6e")):
        hint = "take an instance with NVIDIA GPUs and an x86 processor, such as ml.g5.xlarge, or an image of your own"
        raise UsageError(f"AWS's TensorFlow {VERSION} image does not run on {instance}", hint=hint, code="CN510")
    suffix = next((suffix for prefix, suffix in _SUFFIXES.items() if region.startswith(prefix)), "amazonaws.com")
    kind = "gpu" if has_gpu(instance) else "cpu"
    return f"{ACCOUNTS[region]}.dkr.ecr.{region}.{suffix}/tensorflow-training:{VERSION}-{kind}-{PYTHON}"


def has_gpu(instance: str) -> bool:
    """Whether a machine of this type has NVIDIA GPUs."""
    return family_of(instance).startswith(("g", "p"))


def family_of(instance: str) -> str:
    """`g5` of `ml.g5.xlarge`; nothing where the name has another form."""
    parts = instance.split(".")
    return parts[1] if len(parts) == 3 and parts[0] == "ml" else ""
