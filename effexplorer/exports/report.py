"""A report: finished runs in one HTML file that needs no network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from effexplorer import units
from effexplorer.exports.report_figure import plane
from effexplorer.records.reproduce import command
from effexplorer.records.schema import ENGINES, Record, Stage
from effexplorer.tasks.scores import score_words

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { border-bottom: 1px solid #8888; padding: 0.25rem 0.75rem; text-align: right; }
th:first-child, td:first-child { text-align: left; }
pre { background: #8882; overflow-x: auto; padding: 0.75rem; }
td:not(:first-child) { white-space: nowrap; }
svg { max-width: 100%; height: auto; }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee; } }
"""
_HEADING = ("", "score", "95 % interval", "change", "size", "parameters", "MACs", "latency")


def report(records: Sequence[Record]) -> str:
    """Return the HTML page of ``records``: what was compared, tables, a figure, commands."""
    title = f"{units.many(len(records), 'compressed model')}, measured by effexplorer"
    ends = [_end(number, record) for number, record in enumerate(records, start=1)]
    parts = [
        f"<h1>{escape(title)}</h1>",
        _about(records),
        f"<h2>How they end</h2>{_table(_HEADING, ends)}",
        f"<h2>Score against size, step by step</h2>{plane(records)}",
        *map(_run, records),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _about(records: Sequence[Record]) -> str:
    """Return what the numbers are, and what in them cannot be compared."""
    data = {(record.task, record.data["fingerprint"]) for record in records}
    machines = {str(record.machine.get("processor", "unknown")) for record in records}
    said = [
        "Scores are percent on the validation rows, with a 95 % interval over them that says "
        "nothing of other seeds. Size is the weight file's, latency that of one text at a time."
    ]
    if len(data) > 1:
        said.append("The runs were trained or measured on different rows: mind that in comparing.")
    if len(machines) > 1:
        said.append("They were measured on different machines: their latencies cannot be compared.")
    return f"<p>{escape(' '.join(said))}</p>"


def _end(number: int, record: Record) -> list[str]:
    name = f"{number}. {record.task}, {record.model}: {record.steps or 'dense'} ({record.id})"
    return [name, *_cells(record.final, record.stages[0])]


def _cells(stage: Stage, dense: Stage) -> list[str]:
    return [
        units.percent(stage.score),
        f"{stage.score_low:.1f} to {stage.score_high:.1f}",
        units.points(stage.score - dense.score),
        f"{units.megabytes(stage.bytes)} ({units.times(stage.bytes / dense.bytes)})",
        units.count(stage.parameters),
        units.count(stage.macs),
        units.milliseconds(stage.latency_ms),
    ]


def _run(record: Record) -> str:
    last, data, machine = record.final, record.data, record.machine
    rows = [[stage.step, *_cells(stage, record.stages[0])] for stage in record.stages]
    facts = (
        f"{score_words(record.score_name)}; trained on {data['train_examples']:,} rows, measured "
        f"on {data['validation_examples']:,} ({data['source']}, fingerprint "
        f"{data['fingerprint']}); "
        f"weights: {record.weights['source']}; seed {record.seed}; {record.created[:10]}; "
        f"{machine.get('processor', 'unknown')}, {ENGINES.get(last.engine, last.engine)}."
    )
    exits = [
        [
            f"after layer {exit.layer}" if exit.layer else "before any layer",
            units.percent(exit.score),
            units.count(exit.macs),
        ]
        for exit in last.exits
    ]
    name = f"{record.model} on {record.task}: {record.steps or 'dense'}"
    table = _table(("exit", "score", "MACs"), exits) if exits else ""
    return (
        f"<h2>{escape(name)}</h2>"
        f"<p>{escape(facts)}</p>{_table(_HEADING, rows)}{table}"
        f"<p>Made again by</p><pre>{escape(command(record))}</pre>"
    )


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in heading)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
