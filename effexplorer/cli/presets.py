"""``effexplorer presets``: the named pipelines of the works behind this project."""

from argparse import ArgumentParser, Namespace

from effexplorer.cli.output import print_json, print_table
from effexplorer.presets import GROUPS

HELP = "List the presets: names, steps, and the works that they come from."
EXAMPLE = "presets"


def add_options(parser: ArgumentParser) -> None:
    """Add nothing: this command has no options of its own."""


def act(options: Namespace) -> int:
    """Print the presets of each work."""
    if options.json:
        rows = [
            {"name": preset.name, "steps": preset.typed, "source": group.source}
            for group in GROUPS
            for preset in group.presets
        ]
        print_json(rows)
        return 0
    for group in GROUPS:
        print(f"{group.title} ({group.source})\n{group.about}\n")
        lines = [
            (preset.name, preset.typed or "(the dense model alone)") for preset in group.presets
        ]
        print_table(("preset", "steps"), lines)
        print()
    return 0
