"""Early exit against its ideal, against batches that wait for the slowest, and transformers.

MiniLM with an exit after every layer, on SST-2's validation sentences (the bundled reviews where
there is no SST-2), one at a time and 64 in a batch, in fp32 and int8, in PyTorch and ONNX Runtime.
At each exit the surest 40 % of the sentences left leave. The ideal is the same model without exits
times the mean exit layer over the number of layers (wanted: at most 5 % more at batch 64, 15 % at
batch 1). A sentence that leaves at the first exit is wanted in 1/15 of transformers' fp32 time.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from transformers import AutoTokenizer

from benchmarks.minilm import pair
from benchmarks.timing import Claim, in_turns, options_of, show, threads
from effexplorer.errors import UserError
from effexplorer.exits.policies import Policy, make_policy
from effexplorer.inference.engine import Engine, TorchEngine, pass_through
from effexplorer.inference.onnx import OnnxEngine
from effexplorer.models.catalog import find_model
from effexplorer.models.convert import add_exits, to_numeric
from effexplorer.models.source import locate
from effexplorer.tasks.data import load_task
from effexplorer.tasks.encoded import Examples, encode_split
from effexplorer.training.allocator import keep_large_blocks

SENTENCES, ALONE = 64, 16  # in a batch; and one at a time
LEAVING = 0.4  # of the sentences left, at each exit
NO_HEAT = np.ones(6)
FULL = make_policy("full", None, exits=6, regression=False)
AT_ONCE = make_policy("confidence", 0.0, exits=6, regression=False)
ENGINES = {"PyTorch": TorchEngine, "ONNX Runtime": OnnxEngine}
Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]  # ids, token types, lengths


@dataclass(frozen=True)
class Setting:
    """One engine and number format: the model with exits, and without them as its ideal."""

    name: str
    engine: Engine
    whole: Engine


def sentences() -> Examples:
    """Return 64 validation sentences, spread over the split."""
    try:
        data = load_task("sst2")
    except UserError:
        data = load_task("reviews")
    tokenizer = AutoTokenizer.from_pretrained(locate(find_model("minilm")).folder)
    every = encode_split(data.validation, data.spec, tokenizer)
    rows = np.linspace(0, len(every) - 1, SENTENCES).astype(int)
    ids = [every.ids[row] for row in rows]
    return Examples(ids, None, every.labels[rows], every.pad)


def batch_of(examples: Examples, rows: np.ndarray) -> Arrays:
    """Return the examples ``rows`` as an engine takes them."""
    ids = examples.batch(rows).ids.numpy()
    return ids, np.zeros_like(ids), examples.lengths[rows].astype(np.int32)


def leaving_policy(engine: Engine, batches: list[Arrays]) -> tuple[Policy, float]:
    """Return a policy that lets ``LEAVING`` of the rows left go at each exit; the mean layer."""
    logits = [pass_through(engine, *batch, FULL, NO_HEAT).logits for batch in batches]
    readiness = FULL.readiness(np.concatenate(logits), NO_HEAT)
    thresholds, left = [], np.arange(len(readiness))
    for exit in range(5):
        thresholds.append(float(np.quantile(readiness[left, exit], 1 - LEAVING)))
        left = left[readiness[left, exit] < thresholds[-1]]
    policy = make_policy("confidence", [*thresholds, 0.0], exits=6, regression=False)
    exits = [pass_through(engine, *batch, policy, NO_HEAT).exits for batch in batches]
    return policy, float(np.concatenate(exits).mean() + 1)


def leaving(engine: Engine, batches: list[Arrays], policy: Policy) -> Callable[[], None]:
    """Return a call that takes every batch through ``engine``, rows leaving as they are sure."""

    def ask() -> None:
        for batch in batches:
            pass_through(engine, *batch, policy, NO_HEAT)

    return ask


def waiting(engine: Engine, batches: list[Arrays], policy: Policy) -> Callable[[], None]:
    """Return a call in which every row of a batch stays until the slowest leaves."""

    def ask() -> None:
        for ids, types, lengths in batches:
            state, logits = engine.begin(ids, types, lengths), []
            inside = np.ones(len(ids), dtype=bool)
            for exit in range(6):
                state, answer = engine.advance(exit, state)
                logits.append(answer)
                sure = policy.readiness(np.stack(logits, 1), NO_HEAT[: exit + 1])[:, -1]
                inside &= sure < policy.thresholds[exit]
                if not inside.any():
                    break

    return ask


def whole(engine: Engine, batches: list[Arrays]) -> Callable[[], None]:
    """Return a call of a model without exits."""

    def ask() -> None:
        for batch in batches:
            engine.advance(0, engine.begin(*batch))

    return ask


def asking(model: torch.nn.Module, batches: list[Arrays]) -> Callable[[], None]:
    """Return a call of a transformers model."""
    inputs = [
        (torch.from_numpy(ids), torch.arange(ids.shape[1]) < torch.from_numpy(lengths)[:, None])
        for ids, _, lengths in batches
    ]

    def ask() -> None:
        with torch.inference_mode():
            for ids, mask in inputs:
                model(input_ids=ids, attention_mask=mask)

    return ask


def settings(model, number_format: str) -> list[Setting]:
    """Return MiniLM in this format, once for each engine."""
    plain = model if number_format == "fp32" else to_numeric(model, number_format).eval()
    exits = add_exits(model)
    exits = exits if number_format == "fp32" else to_numeric(exits, number_format)
    return [
        Setting(f"{name} {number_format}", kind(exits.eval()), kind(plain))
        for name, kind in ENGINES.items()
    ]


def transformers_int8(peer: torch.nn.Module) -> torch.nn.Module:
    """Return the peer with PyTorch's own dynamic int8 linear layers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is deprecated, and what people use
        return torch.ao.quantization.quantize_dynamic(peer, {torch.nn.Linear}, dtype=torch.qint8)


def claims_of(
    setting: Setting, batches: list[Arrays], peers: dict[str, torch.nn.Module], rounds: int
) -> list[Claim]:
    """Return the claims about one setting at one batch size."""
    size = len(batches[0][0])
    policy, depth = leaving_policy(setting.engine, batches)
    share, sentences = depth / 6, size * len(batches)
    ours = leaving(setting.engine, batches, policy)
    goal = 1.05 if size > 1 else 1.15
    named = {"the same model without exits": whole(setting.whole, batches)}
    if size > 1:
        named["rows kept to the slowest"] = waiting(setting.engine, batches, policy)
    named |= {f"transformers {name}": asking(peer, batches) for name, peer in peers.items()}
    claims = []
    for name, call in named.items():
        ours_seconds, other, ratio, spread = in_turns(ours, call, rounds=rounds, calls=1)
        what = f"{setting.name}, batch {size}, mean layer {depth:.1f} of 6: against {name}"
        times = tuple(
            f"{1000 * each / sentences:.2f} ms a sentence" for each in (ours_seconds, other)
        )
        claims.append(Claim(what, *times, ratio, spread))
        if call is named["the same model without exits"]:
            what = f"{setting.name}, batch {size}: that ratio against its ideal, {share:.2f}"
            met = ratio / share <= goal
            ideal = (f"{ratio:.2f}", f"{share:.2f}", ratio / share)
            claims.append(Claim(what, *ideal, "", f"<= {goal:.2f}", met))
    return claims


def first_exit(
    setting: Setting, batches: list[Arrays], peer: torch.nn.Module, rounds: int
) -> Claim:
    """Return what a sentence costs that leaves at once."""
    calls = leaving(setting.engine, batches, AT_ONCE), asking(peer, batches)
    ours, other, ratio, spread = in_turns(*calls, rounds=rounds, calls=1)
    times = (f"{1000 * each / len(batches):.2f} ms a sentence" for each in (ours, other))
    what = (
        f"{setting.name}, batch 1: a sentence that leaves at the first exit, against transformers"
    )
    goal = ("<= 0.067", ratio <= 1 / 15) if setting.name == "ONNX Runtime int8" else ()
    return Claim(f"{what} fp32", *times, ratio, spread, *goal)


def main() -> None:
    """Measure, and print a line for each claim."""
    parser = options_of(__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="turns that each side gets")
    parser.add_argument("--threads", type=int, default=1, help="threads of every engine")
    options = parser.parse_args()
    keep_large_blocks()  # as in the app's workers; it serves the peers just as well
    examples = sentences()
    together = [batch_of(examples, np.arange(SENTENCES))]
    alone = [batch_of(examples, np.array([row])) for row in range(0, SENTENCES, SENTENCES // ALONE)]
    claims = []
    with threads(options.threads):
        model, peer = pair()
        peers = {"fp32": peer, "int8": transformers_int8(peer)}
        for number_format in ("fp32", "int8"):
            for setting in settings(model, number_format):
                for batches in (alone, together):
                    claims += claims_of(setting, batches, peers, options.rounds)
                claims.append(first_exit(setting, alone, peer, options.rounds))
    show(claims, as_json=options.json)


if __name__ == "__main__":
    main()
