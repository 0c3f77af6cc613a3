"""`finews completion`: what a shell must read to complete commands and options."""

import click
from click.shell_completion import get_completion_class

from finews.command_line import examples

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_FINEWS_COMPLETE"


@click.command(
    epilog=examples(
        'eval "$(finews completion bash)"   # in ~/.bashrc',
        "finews completion fish > ~/.config/fish/completions/finews.fish",
    )
)
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the completion script of a shell. 输出命令补全脚本。"""
    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"no completion for {shell}")
    root = click.get_current_context().find_root()
    click.echo(made(root.command, {}, "finews", VARIABLE).source())
