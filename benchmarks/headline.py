"""The headline: how small, cheap and good the shipped SST-2 model is beside BERT-base.

Sets the model's parameters, its mean multiply-accumulates over the validation split at its own
operating point, and its score there against BERT-base's: parameters and multiply-accumulates are
counted here, for the same sentences in BERT's own word pieces; the score is the SST-2 validation
accuracy that the project was given as published for it. Needs EFFEXPLORER_GLUE_DIR or a hub that
answers.
"""

from __future__ import annotations

import numpy as np
from transformers import AutoTokenizer

from benchmarks.timing import Claim, options_of, show
from effexplorer.costs import macs, weights
from effexplorer.exits.policies import leave
from effexplorer.inference.saved_models import find_exits
from effexplorer.measure import predictions, readiness
from effexplorer.models.catalog import find_model
from effexplorer.models.config import SlimBertConfig
from effexplorer.models.slimbert import SlimBertForSequenceClassification
from effexplorer.models.source import locate
from effexplorer.tasks.data import load_task
from effexplorer.tasks.encoded import encode_split

BERT_SCORE = 92.9
BERT = SlimBertConfig(hidden_size=768, head_size=64, heads=[12] * 12, ffn=[3072] * 12)


def main() -> None:
    """Read the shipped model and its exit table, and print the three claims."""
    parser = options_of(__doc__)
    parser.add_argument("--model", default="sst2", help="a shipped model, or a run's id")
    given = parser.parse_args()
    shelved = find_exits(given.model)
    model = SlimBertForSequenceClassification.from_pretrained(shelved.folder)
    data, table = load_task(shelved.task), shelved.table()
    left = leave(readiness(data.spec, table), float(table.threshold))
    rows = np.arange(len(left))
    score = 100 * (predictions(table.logits)[rows, left] == table.labels).mean()
    spent = table.macs[rows, left].mean()
    parameters = sum(weight.numel() for weight, _ in weights(model))

    tokenizer = AutoTokenizer.from_pretrained(locate(find_model("minilm")).folder)  # BERT's own
    lengths = encode_split(data.validation, data.spec, tokenizer).lengths
    bert_macs = np.mean([macs(BERT, 2, float(length))[-1] for length in lengths])
    bert_parameters = SlimBertForSequenceClassification(BERT).num_parameters()
    claims = [
        claim("parameters", parameters, bert_parameters, 1 / 8),
        claim("MACs a sentence, mean", spent, bert_macs, 1 / 19),
        Claim(
            f"accuracy, leaving after {table.layers[left].mean():.2f} layers on average",
            f"{score:.2f} %, {score / BERT_SCORE:.3f} of it",
            f"{BERT_SCORE} %, published",
            score / BERT_SCORE,
            wanted="at least 0.965",
            met=bool(score >= 0.965 * BERT_SCORE),
        ),
    ]
    show(claims, as_json=given.json)


def claim(what: str, ours: float, peer: float, most: float) -> Claim:
    """Return the claim that ``ours`` is at most the share ``most`` of BERT-base's."""
    return Claim(
        what,
        f"{ours / 1e6:.1f} M",
        f"{peer / 1e6:.1f} M",
        ours / peer,
        wanted=f"at most 1/{1 / most:.0f} ({most:.3f}); it is 1/{peer / ours:.1f}",
        met=ours <= most * peer,
    )


if __name__ == "__main__":
    main()
