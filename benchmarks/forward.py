"""SlimBert in fp32 against transformers' BertForSequenceClassification (SDPA), the same weights.

Wanted: the same logits, and at most the peer's time (a ratio of 1.00).
"""

from __future__ import annotations

from benchmarks.minilm import SHAPES, asking, pair, random_sentences
from benchmarks.timing import Claim, in_turns, options_of, show, threads
from effexplorer.training.allocator import keep_large_blocks


def main() -> None:
    """Time both models and print a line for each shape and number of threads."""
    parser = options_of(__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="turns that each model gets")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="torch threads")
    options = parser.parse_args()
    keep_large_blocks()  # as in the app's workers; it serves the peer just as well
    ours, peer = pair()
    claims = []
    for shape in SHAPES:
        inputs = random_sentences(*shape)
        contestants = asking(ours, *inputs), asking(peer, *inputs)
        drift = (contestants[0]() - contestants[1]()).abs().max().item()
        for number in options.threads:
            with threads(number):
                calls = 20 if shape[0] == 1 else 2
                mine, other, ratio, spread = in_turns(
                    *contestants, rounds=options.rounds, calls=calls
                )
            what = f"{shape[0]}x{shape[1]}, {number} thread(s), logits differ by {drift:.0e}"
            times = f"{1000 * mine:.1f} ms", f"{1000 * other:.1f} ms"
            claims.append(Claim(what, *times, ratio, spread, "<= 1.00", ratio <= 1.0))
    show(claims, as_json=options.json)


if __name__ == "__main__":
    main()
