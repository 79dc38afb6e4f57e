import json
import shlex

import pytest

from effexplorer.pipeline import parse_steps
from effexplorer.store import HERE, SHIPPED, Run
from effexplorer.ui.run_page import command, python, run_page
from tests.builders import a_record


def page(steps, source=SHIPPED, **last):
    return run_page(Run(a_record(steps, **last), source))


def tile(steps, label, **last):
    return next(one for one in page(steps, **last)["tiles"] if one["label"] == label)


def test_the_page_is_plain_json():
    json.dumps(page("distill > prune > quantize"), allow_nan=False)


def test_tiles_tell_the_change_against_the_run_s_own_dense_stage():
    assert tile("distill", "accuracy")["change"] == "-1.4 points"
    assert tile("quantize", "Size on disk")["change"] == "0.26 x"


@pytest.mark.parametrize(
    ("score", "better"), [(91.0, True), (89.0, False), (90.0, None)], ids=["up", "down", "same"]
)
def test_a_score_is_better_when_it_rises(score, better):
    assert tile("prune", "accuracy", score=score)["better"] is better


def test_a_cost_is_better_when_it_falls():
    assert tile("quantize", "Size on disk")["better"] is True
    assert tile("prune", "Latency")["better"] is None


def test_a_dense_run_has_nothing_to_compare_with():
    assert all(one["change"] is None for one in page("")["tiles"])


def test_every_stage_is_a_row_with_a_cell_per_column():
    rows = page("distill > quantize")["stages"]
    assert [row["step"] for row in rows] == ["dense", "distill", "quantize"]
    assert {len(row["cells"]) for row in rows} == {6}


def test_the_command_repeats_the_pipeline():
    record = a_record("distill(layers=2) > quantize", seed=3)
    words = shlex.split(command(record))
    options = dict(zip(words[5::2], words[6::2], strict=True))
    assert words[:5] == ["OMP_NUM_THREADS=1", "python", "-m", "effexplorer", "run"]
    assert parse_steps(options["--steps"]) == parse_steps(record.steps)
    assert (options["--seed"], options["--train-examples"]) == ("3", "20000")


def test_a_name_with_quotes_stays_one_word_of_the_command():
    record = a_record("prune", model="my models/o'clock")
    assert "my models/o'clock" in shlex.split(command(record))


def test_the_python_is_python():
    compile(python(a_record("distill > quantize")), "reproduce", "exec")


@pytest.mark.parametrize(
    ("source", "text"), [(SHIPPED, "shipped with effexplorer"), (HERE, "on this machine")]
)
def test_the_provenance_tells_where_it_was_measured(source, text):
    assert ["Measured", text] in page("prune", source)["provenance"]


@pytest.mark.parametrize(
    "term", ["Finished", "Seed", "Threads", "Data: source", "Machine", "Versions", "Commit"]
)
def test_the_provenance_has(term):
    assert term in [name for name, _ in page("prune")["provenance"]]
