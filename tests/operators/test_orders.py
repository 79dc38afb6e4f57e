"""Every legal order of every subset of up to four operators builds, trains, saves and reopens.

A sample of the orders is tried, another one every day; ``make orders`` tries all.
"""

import copy
import dataclasses
import functools
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification

from effexplorer.models.convert import finished
from effexplorer.operators import OPERATORS, Outline, make_operator
from effexplorer.operators.finetune import fine_tune
from effexplorer.pipeline import step_problems
from effexplorer.tasks.encoded import EncodedTask, Examples
from tests.tiny_models import tiny_classifier, toy_context

START = Outline(layers=6)
LONGEST, SAMPLE = 4, 30
STEP = 0.01  # epochs that make one training step
# What makes each operator quick and possible in every company.
KNOBS = {
    "distill": [{"layers": 3, "epochs": STEP}],
    "drop": [{"layers": 1, "rule": "top", "epochs": STEP}],
    "exit": [{"epochs": STEP}],
    "finetune": [{"epochs": STEP}],
    "prune": [{"sparsity": 0.5, "epochs": STEP}],
    "quantize": [{}, {"bits": 4}, {"mode": "aware", "epochs": STEP}],
    "slenderize": [{"rank": 16, "steps": 2, "epochs": STEP}],
    "trim": [{}],
}
REOPEN = "import sys; from tests.operators.test_orders import reopen; reopen(sys.argv[1])"


@functools.cache
def legal_orders() -> list[tuple]:
    """Return every legal order of up to ``LONGEST`` different operators on a fresh model."""
    variants = {name: [make_operator(name, knob) for knob in KNOBS[name]] for name in KNOBS}
    found, waiting = [], [()]
    while waiting:
        steps = waiting.pop()
        found += [steps] if steps else []
        left = set(OPERATORS) - {step.name for step in steps}
        if len(steps) < LONGEST:
            longer = [(*steps, variant) for name in left for variant in variants[name]]
            waiting += [one for one in longer if not any(step_problems(one, START))]
    return sorted(found, key=named)


def tried() -> list[tuple]:
    """Return the orders to try: all, or a sample."""
    if os.environ.get("EFFEXPLORER_ORDERS") == "all":
        return legal_orders()
    return random.Random(0).sample(legal_orders(), SAMPLE)  # noqa: S311 - no secret


def named(steps: tuple) -> str:
    return " > ".join(map(str, steps))


def with_tokenizer(context, tokenizer):
    """Return the context with the same tokens under the ids of another tokenizer."""
    old, task = context.tokenizer, context.task

    def told(examples: Examples) -> Examples:
        ids = [tokenizer.convert_tokens_to_ids(old.convert_ids_to_tokens(x)) for x in examples.ids]
        return dataclasses.replace(examples, ids=ids, pad=tokenizer.pad_token_id)

    splits = (told(one) for one in (task.train, task.held_out, task.validation))
    task = EncodedTask(task.spec, *splits)
    return dataclasses.replace(context, task=task, tokenizer=tokenizer)


@functools.cache
def built(steps: tuple):
    """Return the model after ``steps``, and the context of a step that follows."""
    if not steps:
        model = tiny_classifier(heads=[4] * START.layers, ffn=[64] * START.layers)
        return model, toy_context(epochs=STEP)
    model, context = built(steps[:-1])
    model = steps[-1].apply(copy.deepcopy(model), context)
    if steps[-1].retokenizes:
        context = with_tokenizer(context, steps[-1].new_tokenizer(context))
    return model, context


def answers(model, ids: torch.Tensor, mask: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return the logits of every exit."""
    with torch.inference_mode():
        states = model.eval().hidden_states(ids, mask)
        return {str(at): logit.clone() for at, logit in enumerate(model.exit_logits(states, mask))}


def reopen(folder: str) -> None:
    """Open every model in ``folder`` and write down what it says of its batch."""
    for place in Path(folder).iterdir():
        batch = load_file(place / "batch")
        model = AutoModelForSequenceClassification.from_pretrained(place)
        save_file(answers(model, batch["ids"], batch["mask"]), place / "reopened")


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """Build, train and save every order that is tried, and reopen all in a fresh process."""
    folder = tmp_path_factory.mktemp("orders")
    found = {}
    for at, steps in enumerate(tried()):
        model, context = built(steps)
        outline = functools.reduce(lambda before, step: step.after(before), steps, START)
        if outline.trainable:
            model = fine_tune(copy.deepcopy(model), context)
        model = finished(model)
        batch = context.task.validation.batch(range(4))
        found[steps] = folder / str(at)
        model.save_pretrained(found[steps])
        save_file({"ids": batch.ids, "mask": batch.mask}, found[steps] / "batch")
        save_file(answers(model, batch.ids, batch.mask), found[steps] / "built")
    built.cache_clear()
    command = [sys.executable, "-c", REOPEN, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603 - our own code
    assert done.returncode == 0, done.stderr
    return found


def test_every_operator_has_a_place_in_the_orders():
    assert set(KNOBS) == set(OPERATORS)
    assert {step.name for steps in legal_orders() for step in steps} == set(OPERATORS)


@pytest.mark.parametrize("steps", tried(), ids=named)
def test_a_model_answers_the_same_in_a_fresh_process(places, steps):
    before, after = (load_file(places[steps] / name) for name in ("built", "reopened"))
    assert before.keys() == after.keys()
    assert len(before) > 1 or not any(step.name == "exit" for step in steps)
    for exit, logits in before.items():
        assert logits.isfinite().all()
        assert torch.equal(after[exit], logits)


def test_what_is_not_legal_says_why():
    first = {named(steps) for steps in legal_orders()}
    refused = 0
    for steps in legal_orders():
        for name in set(OPERATORS) - {step.name for step in steps}:
            longer = (*steps, make_operator(name, KNOBS[name][0]))
            if len(steps) < LONGEST and named(longer) not in first:
                refused += 1
                problem = next(filter(None, step_problems(longer, START)))
                assert problem.startswith(f"{name}: ") and problem.endswith(".")
    assert refused > 100
