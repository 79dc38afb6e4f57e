"""How a point looks: colour and symbol per set of operators, open where it was measured here."""

from dataclasses import dataclass

from effexplorer.operators import OPERATORS

COLORS = (
    "#3a3f4b",
    "#0072b2",
    "#d55e00",
    "#8a5fb0",
    "#00876c",
    "#b8860b",
    "#c2447f",
    "#2f97c9",
)  # after Okabe and Ito (2008), darkened to 3:1 on white
SYMBOLS = (
    "circle",
    "square",
    "diamond",
    "triangle-up",
    "cross",
    "triangle-down",
    "pentagon",
    "star",
)


@dataclass(frozen=True)
class Mark:
    """A point's looks: the number of its colour in ``COLORS`` and the name of its symbol."""

    series: int
    symbol: str
    open: bool = False

    @property
    def color(self) -> str:
        """Return the colour on a light ground."""
        return COLORS[self.series]

    @property
    def plotly_symbol(self) -> str:
        """Return Plotly's name of the symbol."""
        return f"{self.symbol}-open" if self.open else self.symbol


def mark(letters: str, *, open: bool = False) -> Mark:
    """Return the mark of ``letters`` (``"D>P>Q"`` or ``"dense"``); their order does not count.

    The sets of up to three operators differ in both colour and symbol; of more operators, in at
    least one of the two for the first 64 sets.
    """
    known = [cls.letter for cls in OPERATORS.values()]
    number = sum(1 << known.index(one) for one in set(letters.split(">")) if one in known)
    count = len(COLORS)
    symbol = SYMBOLS[(number + number // count) % count]
    return Mark(number % count, symbol, open)


def set_name(letters: str) -> str:
    """Return the name of a set of operators in a legend: ``"distill + prune"`` or ``"dense"``."""
    used = set(letters.split(">"))
    return " + ".join(name for name, cls in OPERATORS.items() if cls.letter in used) or "dense"
