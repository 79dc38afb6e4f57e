"""The model card of an export: what it was, each step and its cost, scores, and how to load it."""

from __future__ import annotations

from collections.abc import Sequence

from effexplorer import units
from effexplorer.exports.metadata import GLUE_DATA, hub_id, licences, metadata
from effexplorer.exports.source import Source
from effexplorer.pipeline import Pipeline
from effexplorer.records.reproduce import command
from effexplorer.records.schema import ENGINES, Record, Stage
from effexplorer.tasks.metrics import interval
from effexplorer.tasks.scores import score_words
from effexplorer.units import many, percent

LOADING = {
    "hf": """```python
from transformers import pipeline

classify = pipeline("text-classification", model="{place}"{trust})
```
""",
    "onnx": """`onnx/{file}` takes `input_ids`, `attention_mask` and, where it has that input,
`token_type_ids`, padded on the right, and gives `logits`. Files lie where transformers.js expects
them.

```python
from onnxruntime import InferenceSession
from transformers import AutoTokenizer

session = InferenceSession("{place}/onnx/{file}")
coded = AutoTokenizer.from_pretrained("{place}")(["A text."], return_tensors="np")
inputs = {{value.name: coded[value.name] for value in session.get_inputs()}}
print(session.run(["logits"], inputs))
```
""",
    "exits": """`read_exits.py` needs onnxruntime, tokenizers and numpy alone. Texts leave at the
first exit that is sure enough; `exits.json` holds layers, temperatures, policy and threshold.

```python
from read_exits import ExitModel

print(ExitModel("{place}")(["A text."]))
```
""",
}


def card(source: Source, form: str, notes: Sequence[str], *, trust: bool, file: str) -> str:
    """Return the card of an export in the format ``form``, with the hub's metadata at its head.

    ``notes`` are what the format could not hold; with ``trust`` the model comes with its code.
    """
    record, spec = source.record, source.spec
    loading = LOADING[form].format(
        place=".", trust=", trust_remote_code=True" if trust else "", file=file
    )
    parts = [
        f"---\n{metadata(source, form)}\n---\n",
        f"# {record.model}, {spec.title.partition(':')[0]}: {record.steps or 'dense'}\n",
        f"{record.model} was fine-tuned on {spec.name} and then compressed by effexplorer, which "
        f"measured it after every step (run `{record.id}`). Everything below was measured with the "
        "run's own weights.\n",
        *([f"**Left out.** {' '.join(notes)}\n"] if notes else []),
        f"## How to load it\n\n{loading}",
        f"## What each step did\n\n{_steps(record)}",
        *([f"## Exits\n\n{_exits(source)}"] if record.final.exits else []),
        f"## Data\n\n{_data(source)}",
        f"## Machine\n\n{_machine(record)}",
        f"## Licences\n\n{_licences(source)}",
        f"## How to make it again\n\n```sh\n{command(record)}\n```\n",
    ]
    return "\n".join(parts)


def _steps(record: Record) -> str:
    name = score_words(record.score_name)
    rows = [
        f"| {stage.step} | {percent(stage.score)} | {_ends(stage.score_low, stage.score_high)} "
        f"| {units.megabytes(stage.bytes)} | {units.count(stage.parameters)} "
        f"| {units.count(stage.macs)} | {units.milliseconds(stage.latency_ms)} |"
        for stage in record.stages
    ]
    head = f"| step | {name} | 95 % interval | size | parameters | MACs | latency |\n"
    return head + "|---|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n"


def _exits(source: Source) -> str:
    last = source.record.final
    name = score_words(source.record.score_name)
    rows = [
        f"| {exit.layer} | {percent(exit.score)} | {ends} | {units.count(exit.macs)} "
        f"| {exit.temperature:.2f} |"
        for exit, ends in zip(last.exits, _exit_intervals(source), strict=True)
    ]
    head = f"| exit after layer | {name} | 95 % interval | MACs | temperature |\n"
    return head + "|---|---|---|---|---|\n" + "\n".join(rows) + "\n" + _operating(last)


def _operating(last: Stage) -> str:
    if "threshold" not in last.operating:
        return ""
    at = last.operating
    return (
        f"\nAt the threshold {at['threshold']:.3f}, chosen on held-out training rows, texts leave "
        f"after {at['layers']:.2f} layers on average: {percent(at['score'])}, "
        f"{units.count(at['macs'])} MACs.\n"
    )


def _exit_intervals(source: Source) -> list[str]:
    """Return the interval of each exit, from the run's exit table; a dash without one."""
    table = source.table
    if table is None:
        return ["-"] * len(source.record.final.exits)
    logits = table.logits
    answers = logits[..., 0] if source.spec.regression else logits.argmax(-1)  # (examples, exits)
    return [_ends(*interval(source.spec, column, table.labels)) for column in answers.T]


def _ends(low: float, high: float) -> str:
    return f"{low:.1f} to {high:.1f}"


def _data(source: Source) -> str:
    data, spec = source.record.data, source.spec
    labels = ", ".join(spec.labels) or "numbers from {:g} to {:g}".format(*spec.scale)
    return (
        f"{spec.title} Texts: {', '.join(spec.text)}; labels: {labels}. Trained on "
        f"{data['train_examples']:,} rows, measured on {data['validation_examples']:,} "
        f"({data['source']}, fingerprint `{data['fingerprint']}`). Texts are cut at "
        f"{source.max_length} word pieces.\n"
    )


def _machine(record: Record) -> str:
    machine, engine = record.machine, ENGINES.get(record.final.engine, record.final.engine)
    trained = f"Trained on {machine['trained_on']}. " if machine.get("trained_on") else ""
    return (
        f"{trained}{machine.get('processor', 'unknown')}, {machine.get('cores', '?')} cores; "
        f"latency is of one text at a time on {many(record.final.threads, 'thread')} in {engine}. "
        f"torch {record.versions.get('torch', 'unknown')}.\n"
    )


def _licences(source: Source) -> str:
    names = Pipeline.from_dict(source.record.pipeline).models
    lines = [
        f"- Weights derive from {hub_id(name) or name}: {licence}."
        for name, licence in zip(names, licences(names), strict=True)
    ]
    if source.spec.name == "sentiment":
        lines.append(
            "- Data: SST-2 of GLUE, under its authors' licence; phrases of product reviews and "
            "DynaSent round 1 (Potts et al. 2021), CC BY 4.0."
        )
    elif source.spec.name in GLUE_DATA:
        lines.append("- Data: GLUE; each of its data sets keeps the licence of its authors.")
    elif source.spec.name == "reviews":
        lines.append("- Data: reviews written for effexplorer, Apache-2.0.")
    else:
        lines.append("- Data: brought by the one who made this model; ask them.")
    return "\n".join(lines) + "\n"
