"""``effexplorer operators``: every operator with its knobs, their bounds and their help."""

from argparse import ArgumentParser, Namespace
from typing import Any

from effexplorer.cli.output import print_json
from effexplorer.operators import OPERATORS, Knob, Operator

HELP = "Show every operator with its knobs, their bounds and their help."
EXAMPLE = "operators"


def add_options(parser: ArgumentParser) -> None:
    """Add nothing: this command has no options of its own."""


def act(options: Namespace) -> int:
    """Print the operators in the order in which people see them."""
    if options.json:
        print_json([_plain(operator) for operator in OPERATORS.values()])
        return 0
    for operator in OPERATORS.values():
        print(f"{operator.name} ({operator.letter}): {operator.summary}")
        for knob in operator.knobs():
            print(f"  {knob.name}={knob.default}  [{_bounds(knob)}]  {knob.help}")
        print(f"  source: {operator.source}")
        print(f"  more: {operator.page()}\n")
    return 0


def _plain(operator: type[Operator]) -> dict[str, Any]:
    return {
        "name": operator.name,
        "letter": operator.letter,
        "summary": operator.summary,
        "source": operator.source,
        "page": operator.page(),
        "knobs": [knob.to_dict() for knob in operator.knobs()],
    }


def _bounds(knob: Knob) -> str:
    if knob.choices:
        return ", ".join(map(str, knob.choices)) + knob.others
    return f"{knob.low:g} to {knob.high:g}"
