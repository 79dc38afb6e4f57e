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
    "x",
    "hourglass",
    "hexagon",
    "triangle-left",
    "bowtie",
    "triangle-right",
    "star-diamond",
    "hexagram",
)
# Colour and symbol of each operator alone, by letter. Those of a set are the exclusive or of its
# members', and the pairs of the seven that compress are chosen so that no two sets share both.
# The control has the dense model's colour: it compresses nothing.
_CODES = {
    "D": (1, 1),
    "P": (2, 2),
    "Q": (4, 4),
    "E": (3, 8),
    "S": (5, 9),
    "L": (6, 11),
    "V": (7, 14),
    "F": (0, 15),
}
_ANY_OTHER = (0, 15)


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

    The operators that compress, alone, differ in both colour and symbol, from each other and from
    dense, and so do the subsets of distill, prune and quantize. All their sets differ in at least
    one of the two.
    """
    series = symbol = 0
    for letter in set(letters.split(">")) - {"dense"}:
        color, shape = _CODES.get(letter, _ANY_OTHER)
        series, symbol = series ^ color, symbol ^ shape
    return Mark(series, SYMBOLS[symbol], open)


def set_name(letters: str) -> str:
    """Return the name of a set of operators in a legend: ``"distill + prune"`` or ``"dense"``."""
    used = set(letters.split(">"))
    return " + ".join(name for name, cls in OPERATORS.items() if cls.letter in used) or "dense"
