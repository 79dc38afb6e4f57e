"""Which sentences show what early exit is: easy ones, and hard ones that only depth gets right.

Asks a multi-exit model of opinions about sentences that were written for this project. Easy is what
leaves at the first exit, right, and stays right; hard is what some exit before its own gets wrong
and the last gets right; the rest are no examples. The texts of ``effexplorer/ui/exits/examples.py``
are chosen from what this prints.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.timing import options_of
from effexplorer.cli.output import print_json, print_table
from effexplorer.inference.answer import Answer
from effexplorer.inference.model import load_exits

GOOD, BAD = "positive", "negative"
CANDIDATES = (
    ("A warm, funny and beautifully acted film.", GOOD),
    ("The food was cold and the waiter was rude.", BAD),
    ("Not once in two hours did I manage to be bored.", GOOD),
    ("Wonderful, another evening that I never get back.", BAD),
    ("A dream of a cast, and what a waste of it.", BAD),
    ("It is hardly the disaster I was told to expect.", GOOD),
    ("The plot is thin, but I laughed from beginning to end.", GOOD),
    ("The actors try hard, yet nothing here is funny.", BAD),
    ("I wanted to hate it and could not.", GOOD),
    ("I wanted to love it and could not.", BAD),
    ("There is not a dull minute in it.", GOOD),
    ("There is not a good minute in it.", BAD),
    ("Nobody in this film is allowed to be interesting.", BAD),
    ("Nothing about this ending is a cheat.", GOOD),
    ("The jokes are old, the songs are worse.", BAD),
    ("Slow at first, then impossible to leave.", GOOD),
    ("It promises much and keeps little.", BAD),
    ("It promises little and keeps much.", GOOD),
    ("Without its star this would be unbearable; with her it is a joy.", GOOD),
    ("With a better script this could have been a joy.", BAD),
    ("A film that is too clever to be good.", BAD),
    ("A film that is never too clever to be kind.", GOOD),
    ("The director has done better work, and so has everybody else.", BAD),
    ("I have seen it three times and would go again tomorrow.", GOOD),
    ("The best thing about it is that it ends.", BAD),
    ("If you see one film this year, do not let it be this one.", BAD),
    ("What could have been a mess is a small miracle.", GOOD),
    ("Beautiful pictures cannot hide that there is no story.", BAD),
    ("The story is told so well that its holes do not matter.", GOOD),
    ("It fails to be boring.", GOOD),
    ("It fails to be exciting.", BAD),
    ("Hardly a masterpiece, and still a very good evening.", GOOD),
    ("Hailed as a masterpiece, it is hardly a film.", BAD),
    ("The soup was excellent and the bill was fair.", GOOD),
    ("The train was late again and nobody said a word.", BAD),
    ("I was afraid it would break, but it works as on the first day.", GOOD),
    ("It looked solid, and broke on the first day.", BAD),
    ("They forgot our order, then brought us the best cake in town.", GOOD),
    ("They were friendly, and that is all that was good about it.", BAD),
    ("I would not trade this old bike for a new one.", GOOD),
    ("I would trade this new bike for my old one at once.", BAD),
    ("No complaints at all.", GOOD),
    ("Complaints are all that I have.", BAD),
)


def kind_of(answer: Answer, full: Answer, meant: str) -> str:
    """Return ``easy``, ``hard`` or "" for a text with the meaning ``meant``.

    ``answer`` is the model's at its own threshold, ``full`` that with every exit computed.
    """
    right = [label == meant for label in full.labels]
    if answer.exit == 0 and all(right):
        return "easy"
    return "hard" if right[-1] and right[answer.exit] and not all(right[: answer.exit]) else ""


def main() -> None:
    """Ask the model and print what it makes of every candidate."""
    parser = options_of(__doc__)
    parser.add_argument("--model", default="sst2", help="a shipped model, or a run's id")
    given = parser.parse_args()
    model = load_exits(given.model)
    texts = [text for text, _ in CANDIDATES]
    answers, whole = model(texts), model(texts, threshold=None)
    rows = _rows(answers, whole)
    if given.json:
        print_json(rows)
    else:
        heading = ("kind", "meant", "leaves after", "right", "text")
        print_table(heading, [tuple(map(str, row.values())) for row in rows])


def _rows(answers: Sequence[Answer], whole: Sequence[Answer]) -> list[dict[str, object]]:
    return [
        {
            "kind": kind_of(answer, full, meant),
            "meant": meant,
            "leaves": answer.layers[answer.exit],
            "right": "".join("+" if label == meant else "-" for label in full.labels),
            "text": text,
        }
        for answer, full, (text, meant) in zip(answers, whole, CANDIDATES, strict=True)
    ]


if __name__ == "__main__":
    main()
