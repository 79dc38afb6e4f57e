import json
import shlex

import pytest

from effexplorer.pipeline import parse_steps
from effexplorer.records.store import HERE, SHIPPED, Run
from effexplorer.ui.shared.run_page import command, python, run_page
from tests.builders import a_record, some_exits


def page(steps, source=SHIPPED, **last):
    return run_page(Run(a_record(steps, **last), source))


def tile(steps, label, **last):
    return next(one for one in page(steps, **last)["tiles"] if one["label"] == label)


def test_the_page_is_plain_json():
    json.dumps(page("distill > prune > quantize"), allow_nan=False)


def test_tiles_tell_the_change_against_the_run_s_own_dense_stage():
    assert tile("distill", "accuracy")["change"] == "-1.4 points"
    assert tile("quantize", "Size on disk")["change"] == "3.8 x smaller"


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


def test_a_run_without_exits_shows_none():
    assert page("prune")["exits"] is None


def test_every_exit_is_a_row_with_its_share():
    rows = page("exit", **some_exits(3))["exits"]["rows"]
    assert [row["layer"] for row in rows] == ["layer 1", "layer 2", "layer 3"]
    assert sum(row["share"] for row in rows) == pytest.approx(100)
    assert rows[0]["cells"] == ["82.0 %", "35.0 M", "1.10"]


def test_the_operating_point_is_told_against_full_depth():
    exits = page("exit", score=90.0, macs=245_000_000, **some_exits())["exits"]
    assert exits["point"] == [
        ["Threshold", "0.83", ""],
        ["Score", "89.4 %", "-0.6 against full depth"],
        ["Layers", "3.5", "of 6, mean"],
        ["MACs", "122 M", "50 % of full depth"],
    ]
    assert "held out of training" in exits["words"] and "validation split" in exits["words"]


def test_a_run_without_a_threshold_says_that_every_sentence_goes_through():
    exits = some_exits()
    exits["operating"].pop("threshold")
    told = page("exit", **exits)["exits"]
    assert told["point"][0] == ["Threshold", "none", ""]
    assert told["words"].startswith("Every sentence goes through all layers")


def test_a_regression_s_threshold_is_a_difference():
    exits = some_exits()
    exits["operating"]["threshold"] = -0.2
    run = Run(a_record("exit", task="stsb", **exits), SHIPPED)
    told = run_page(run)["exits"]
    assert told["point"][0][1] == "0.20" and "differs from the one before" in told["words"]


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
    "term", ["Finished", "Seed", "Latency", "Data: source", "Machine", "Versions", "Commit"]
)
def test_the_provenance_has(term):
    assert term in [name for name, _ in page("prune")["provenance"]]


@pytest.mark.parametrize(
    ("timing", "text"),
    [
        ({}, "PyTorch, 1 thread"),
        ({"engine": "onnx", "threads": 2}, "ONNX Runtime, 2 threads"),
        (
            {"engine": "onnx", "kernel": "unsigned x signed bytes", "kernel_ratio": 0.244},
            "ONNX Runtime, 1 thread, unsigned x signed bytes, "
            "an int8 layer takes 0.24 of fp32's time",
        ),
        (
            {"kernel": "float_pieces", "kernel_ratio": 1.04},
            "PyTorch, 1 thread, float_pieces, an int8 layer takes 1.04 of fp32's time, "
            "slower than fp32",
        ),
    ],
)
def test_the_provenance_tells_what_latency_was_measured_with(timing, text):
    run = Run(a_record("quantize", **timing), SHIPPED)
    assert ["Latency", text] in run_page(run, [run])["provenance"]


def test_latencies_of_two_engines_are_not_compared():
    apart = Run(a_record("quantize", engine="onnx"), SHIPPED)
    tile = run_page(apart, [apart])["tiles"][-1]
    assert tile["label"] == "Latency" and tile["change"] is tile["better"] is None


def test_a_run_of_several_steps_tells_measured_minus_predicted():
    runs = [Run(a_record(one), SHIPPED) for one in ("", "prune", "quantize")]
    told = run_page(Run(a_record("prune > quantize", score=85.0), SHIPPED), runs)["missed"]
    assert told["rows"][0] == ["Score, effects added", "-3.8 points", "predicted 88.8 %"]
    assert run_page(runs[1], runs)["missed"] is None


def test_a_model_that_is_kept_can_be_had_in_every_format_that_holds_it(tmp_path, monkeypatch):
    monkeypatch.setattr("effexplorer.exports.source.stage_folder", lambda record: tmp_path)
    assert page("prune", HERE)["export"] == {"formats": ["hf", "onnx"], "missing": None}
    with_exits = page("exit", HERE, **some_exits())["export"]
    assert with_exits["formats"] == ["hf", "onnx", "exits"]


def test_a_model_that_is_not_kept_is_told_with_the_command_that_makes_it():
    told = page("prune", HERE)
    assert told["export"]["formats"] == []
    assert f"{told['command']} --out again" in told["export"]["missing"]
