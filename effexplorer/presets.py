"""Presets: pipelines of the works behind this project, each under one name, as they are typed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, permutations

from effexplorer.errors import UserError, shown
from effexplorer.operators import Operator
from effexplorer.pipeline import parse_steps


@dataclass(frozen=True)
class Preset:
    """A pipeline's steps under a name; ``label`` is short enough for a button.

    ``typed`` is read when it is asked for, so that it has the operators' present defaults.
    """

    name: str
    label: str
    typed: str

    @property
    def steps(self) -> tuple[Operator, ...]:
        """Return the operators in their order."""
        return parse_steps(self.typed)


@dataclass(frozen=True)
class Group:
    """The presets of one work: ``source`` names it, ``about`` says in a sentence what they show."""

    title: str
    source: str
    about: str
    presets: tuple[Preset, ...]


def find_preset(name: str) -> Preset:
    """Return the preset called ``name``; raises UserError when there is none."""
    for group in GROUPS:
        for preset in group.presets:
            if preset.name == name:
                return preset
    raise UserError(
        f"preset: must be one of those that effexplorer presets lists; got {shown(name)}."
    )


def _subsets() -> tuple[Preset, ...]:
    names = ("distill", "prune", "quantize")
    chosen = (combination for size in range(4) for combination in combinations(names, size))
    return tuple(_lettered("s2", subset) for subset in chosen)


def _orders() -> tuple[Preset, ...]:
    names = ("distill", "prune", "exit", "quantize")
    return tuple(_lettered("s1", order) for order in permutations(names))


def _lettered(paper: str, names: tuple[str, ...]) -> Preset:
    """Return the preset of these operators; quantize trains where something follows it."""
    letters = [_LETTERS[name] for name in names]
    typed = [
        "quantize(mode=aware)" if name == "quantize" and name != names[-1] else name
        for name in names
    ]
    name = "-".join([paper, *letters]).lower() if letters else f"{paper}-dense"
    return Preset(name, ">".join(letters) or "dense", " > ".join(typed))


_LETTERS = {"distill": "D", "prune": "P", "exit": "E", "quantize": "Q"}

GROUPS = (
    Group(
        "Subsets",
        "Movva et al. 2022, arXiv 2208.09684",
        "Every subset of distill, prune and quantize: do their savings in size multiply?",
        _subsets(),
    ),
    Group(
        "Orders",
        "Xin et al. 2022, arXiv 2208.00483",
        "All 24 orders of distill, prune, exit and quantize: does the order matter? "
        "Where quantize is not last, it trains (mode=aware).",
        _orders(),
    ),
    Group(
        "Layers",
        "Peer et al. 2022, arXiv 2105.14839",
        "Layers dropped one by one, those that the task misses least, beside fixed places. "
        "Greedy searches with short trainings; as published, every candidate is trained wholly.",
        (
            *(Preset(f"s3-greedy-{n}", f"greedy {n}", f"drop(layers={n})") for n in (1, 2, 3)),
            *(
                Preset(
                    f"s3-published-{n}",
                    f"published {n}",
                    f"drop(layers={n}, search=full, start=pretrained)",
                )
                for n in (1, 2, 3)
            ),
            *(
                Preset(f"s3-{rule}-3", f"{rule} 3", f"drop(layers=3, rule={rule})")
                for rule in ("top", "bottom", "alternate", "symmetric")
            ),
        ),
    ),
    Group(
        "Exits",
        "Shen et al. 2022, arXiv 2210.15523",
        "Exits before narrower layers, so that what any exit needs is kept, or after them, which "
        "the paper says degrades. As published, the word embedding is factorised too.",
        (
            Preset("s4-exits-first", "E>S", "exit > slenderize"),
            Preset("s4-exits-last", "S>E", "slenderize > exit"),
            Preset("s4-exits-first-q", "E>S>Q", "exit > slenderize > quantize"),
            Preset("s4-exits-last-q", "S>E>Q", "slenderize > exit > quantize"),
            Preset("s4-published", "published", "exit(teacher=before) > slenderize(rank=128)"),
        ),
    ),
)
