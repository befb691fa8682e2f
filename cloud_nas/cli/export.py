"""`cloud-nas export`: a model in the form that another program takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from cloud_nas.cli import output
from cloud_nas.cli.settings import common_options
from cloud_nas.quiet import quiet_tensorflow

if TYPE_CHECKING:
    from cloud_nas.operations.export import Form


@click.command()
@click.argument("model", metavar="MODEL")
@click.option("--to", required=True, type=click.Choice(["keras", "savedmodel", "tflite", "onnx"]), help="The form.")
@click.option("--out", metavar="DIR", help="The new folder.  [default: ./MODEL-FORM]")
@click.option("--check", is_flag=True, help="Run what was written on held-out rows, and tell the largest difference.")
@click.option("--data", metavar="FILE", help="Raw rows for that; default: those that were held out.")
@click.option("--trust", is_flag=True, help="Load the model's own code although it has not run on this machine.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
def export(model: str, to: str, out: str | None, check: bool, data: str | None, trust: bool, as_json: bool) -> None:
    """Write a model as Keras, SavedModel, TFLite or ONNX.

    Preprocessing is inside: what is written takes raw rows. ONNX needs the extra `onnx`.
    """
    from cloud_nas.operations.export import export as ask

    quiet_tensorflow()
    found = ask(model, cast("Form", to), out=out, check=check, data=data, trust=trust)
    if as_json:
        output.emit_json("export", found.to_json())
        return
    output.emit_rows(
        ("form", "folder", "bytes", "checked on rows", "largest difference"),
        [
            (
                found.to,
                str(found.path),
                found.bytes,
                found.rows or None,
                None if found.difference is None else f"{found.difference:.3g}",
            )
        ],
    )
    if not check:
        output.hint("--check runs it on held-out rows and tells the largest difference")
