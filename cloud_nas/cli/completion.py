"""`cloud-nas completion`: the line that makes a shell complete commands, options and run ids."""

from __future__ import annotations

import click

from cloud_nas.cli import output
from cloud_nas.cli.settings import common_options

VARIABLE = "_CLOUD_NAS_COMPLETE"
_USE = {
    "bash": 'eval "$(cloud-nas completion bash)" in ~/.bashrc',
    "zsh": 'eval "$(cloud-nas completion zsh)" in ~/.zshrc, after compinit',
    "fish": "cloud-nas completion fish | source in ~/.config/fish/config.fish",
}


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@common_options
def completion(shell: str) -> None:
    r"""Print a script that completes commands in your shell.

    \b
    bash  eval "$(cloud-nas completion bash)" in ~/.bashrc
    zsh   eval "$(cloud-nas completion zsh)" in ~/.zshrc, after compinit
    fish  cloud-nas completion fish | source in ~/.config/fish/config.fish
    """
    from click.shell_completion import get_completion_class

    from cloud_nas.cli.main import main

    made = get_completion_class(shell)
    assert made is not None, "click completes in all three"
    click.echo(made(main, {}, "cloud-nas", VARIABLE).source(), nl=False)
    if output.on_terminal():
        output.hint(_USE[shell])
