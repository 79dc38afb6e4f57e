"""A made-up run with exits: its record, a tiny random model, and an invented table."""

import numpy as np
import torch
from transformers import AutoTokenizer

from effexplorer import home
from effexplorer.exits.table import ExitTable, write_table
from effexplorer.models.slimbert import SlimBertForSequenceClassification
from effexplorer.records.files import write_record
from effexplorer.records.schema import EXIT_TABLE_SUFFIX
from effexplorer.runner.stage_cache import EXIT_TABLE_FILE, record_keys
from effexplorer.tasks.registry import find_task
from tests.builders import a_record, some_exits
from tests.tiny_models import shaken, tiny_config

TAGS = ("plain", "negated", "sarcastic")


def made_table(examples=240, exits=4, *, outputs=2, seed=0, tags=True) -> ExitTable:
    """Return a table in which later exits are surer and more often right, and hard rows later."""
    random = np.random.default_rng(seed)
    hard = random.integers(len(TAGS), size=examples)
    evidence = 0.8 * np.arange(1, exits + 1) - hard[:, None] * 0.5  # (examples, exits)
    tokens = random.integers(5, 40, size=examples)
    noise = random.normal(size=(examples, exits, outputs)).cumsum(1)
    if outputs == 1:
        labels = random.uniform(0, 5, size=examples)
        logits = labels[:, None, None] + noise / np.arange(1, exits + 1)[:, None]
    else:
        labels = random.integers(outputs, size=examples)
        logits = noise + evidence[..., None] * np.eye(outputs)[labels][:, None] * 2
    return ExitTable(
        logits=logits.astype(np.float16).astype(np.float32),
        temperatures=np.linspace(1.4, 2.2, exits) if outputs > 1 else np.ones(exits),
        macs=(tokens[:, None] * np.arange(1, exits + 1) * 1_000_000).astype(np.float32),
        layers=np.arange(1, exits + 1),
        labels=labels,
        tokens=tokens,
        tags=np.array(TAGS)[hard] if tags else np.array([], dtype=str),
        threshold=np.array(0.83 if outputs > 1 else -0.4),
    )


def save_exit_run(model_folder, *, task="reviews", exits=4, model=True):
    """Put a run with exits into ``EFFEXPLORER_HOME`` and return its record.

    ``model_folder`` has a tokenizer; without ``model`` only the record and the table are there.
    """
    spec = find_task(task)
    outputs = len(spec.labels) or 1
    record = a_record("exit", task=task, layers=exits, **some_exits(exits))
    table = made_table(exits=exits, outputs=outputs, tags=task == "reviews")
    write_record(record, home.runs_folder())
    write_table(table, home.runs_folder() / f"{record.id}{EXIT_TABLE_SUFFIX}")
    if not model:
        return record
    *_, key = record_keys(record)
    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    config = tiny_config(
        vocab_size=len(tokenizer),
        heads=[4] * exits,
        ffn=[64] * exits,
        max_position_embeddings=130,
        num_labels=outputs,
        exits=list(range(1, exits)),
        temperatures=table.temperatures.tolist(),
        threshold=float(table.threshold),
        task=task,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        tiny = shaken(SlimBertForSequenceClassification(config), 0.2)
    folder = home.stages_folder() / key
    tiny.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    write_table(table, folder / EXIT_TABLE_FILE)
    return record
