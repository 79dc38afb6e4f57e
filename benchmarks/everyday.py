"""Sentences that are no film reviews: how often a multi-exit model of opinions is right about them.

Written for this project: what people say of things, weather, service and school, half of it praise.
Some are negated or roundabout, as people speak. Prints the accuracy at full depth and at the
model's own operating point; there is no peer and no claim, only how far the model reaches.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.timing import options_of
from effexplorer import units
from effexplorer.cli.output import print_json, print_table
from effexplorer.errors import UserError
from effexplorer.inference.answer import Answer
from effexplorer.inference.model import load_exits

GOOD, BAD = "positive", "negative"
SENTENCES = {
    "things": (
        ("This phone is the best that I have owned.", GOOD),
        ("I would not say that this phone is bad.", GOOD),
        ("The battery lasts for two days, which I love.", GOOD),
        ("For that price the kettle is a bargain.", GOOD),
        ("I have had this bag for ten years and it still looks new.", GOOD),
        ("The screen cracked on the first day.", BAD),
        ("Save your money, these shoes fall apart.", BAD),
        ("The vacuum cleaner is loud and picks up nothing.", BAD),
        ("It worked for a week and then never again.", BAD),
        ("I expected much more from such an expensive camera.", BAD),
    ),
    "weather": (
        ("What a lovely sunny morning.", GOOD),
        ("At last the rain has stopped and we can go out.", GOOD),
        ("The breeze at the lake was pleasant all day.", GOOD),
        ("Fresh snow and a blue sky, it could not be better.", GOOD),
        ("The evening was mild and clear.", GOOD),
        ("It has been grey and wet for three weeks.", BAD),
        ("The heat is unbearable and nobody can sleep.", BAD),
        ("Our picnic was ruined by the storm.", BAD),
        ("There is nothing nice about this fog.", BAD),
        ("The wind was so cold that my face hurt.", BAD),
    ),
    "service": (
        ("The nurse was patient and explained everything.", GOOD),
        ("They answered within an hour and solved my problem.", GOOD),
        ("Our waiter could not have been kinder.", GOOD),
        ("The hotel gave us a better room for nothing.", GOOD),
        ("I will gladly come back to this hairdresser.", GOOD),
        ("I waited for an hour and nobody came.", BAD),
        ("The man at the desk was rude to my mother.", BAD),
        ("My parcel arrived late and open.", BAD),
        ("They do not care about their customers at all.", BAD),
        ("I was charged twice and they refuse to pay it back.", BAD),
    ),
    "school": (
        ("The new teacher makes maths fun.", GOOD),
        ("I passed the exam with the best mark of the class.", GOOD),
        ("Her lecture was clear and never boring.", GOOD),
        ("The library is quiet and has all that I need.", GOOD),
        ("My daughter can hardly wait for Monday.", GOOD),
        ("Nobody in the class understood the lesson.", BAD),
        ("The homework is pointless and takes all evening.", BAD),
        ("He failed the test although he had studied for weeks.", BAD),
        ("The classrooms are dirty and far too small.", BAD),
        ("I learned nothing in this course.", BAD),
    ),
}


def main() -> None:
    """Ask the model at full depth and at its own threshold, and print how often it is right."""
    parser = options_of(__doc__)
    parser.add_argument("--model", default="sst2", help="a model of opinions, or a run's id")
    given = parser.parse_args()
    try:
        model = load_exits(given.model)
    except UserError as error:
        raise SystemExit(str(error)) from error
    if sorted(model.labels) != sorted((GOOD, BAD)):
        raise SystemExit(f"model: must answer {GOOD} or {BAD}; got {', '.join(model.labels)}.")
    asked = [(kind, *sentence) for kind, some in SENTENCES.items() for sentence in some]
    texts = [text for _, text, _ in asked]
    full, own = model(texts, threshold=None), model(texts)
    rows = [row(kind, asked, full, own) for kind in (*SENTENCES, "all")]
    if given.json:
        print_json(rows)
        return
    cells = [
        (
            line["sentences"],
            line["count"],
            units.percent(line["full"]),
            units.percent(line["own"]),
            f"{line['layers']:.1f} of {model.layers[-1]}",
        )
        for line in rows
    ]
    print_table(("sentences", "how many", "full depth", "own threshold", "layers, mean"), cells)
    wrong = [
        (answer.label, answer.layer, text)
        for answer, (_, text, label) in zip(own, asked, strict=True)
        if answer.label != label
    ]
    print_table(("wrong", "layer", "text"), wrong)


def row(
    kind: str, asked: Sequence[tuple[str, str, str]], full: Sequence[Answer], own: Sequence[Answer]
) -> dict[str, object]:
    """Return the accuracies of one kind of sentences, or of ``all``, in percent."""
    places = [at for at, (name, _, _) in enumerate(asked) if kind in (name, "all")]

    def accuracy(answers: Sequence[Answer]) -> float:
        return 100 * sum(answers[at].label == asked[at][2] for at in places) / len(places)

    return {
        "sentences": kind,
        "count": len(places),
        "full": accuracy(full),
        "own": accuracy(own),
        "layers": sum(own[at].layer for at in places) / len(places),
    }


if __name__ == "__main__":
    main()
