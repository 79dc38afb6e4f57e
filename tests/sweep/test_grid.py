import pytest

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.pipeline import Pipeline, parse_steps
from effexplorer.presets import GROUPS
from effexplorer.sweep.grid import expand, placed, read_grid

FOUR = ["distill", "prune", "exit", "quantize(mode=aware)"]


def steps(entry, **rest) -> list[str]:
    """Return the steps that one entry of ``pipelines`` stands for, as they are typed."""
    return [str(pipeline) for pipeline in expand({"pipelines": [entry], **rest}).pipelines]


def test_a_grid_is_every_pipeline_on_every_model_task_and_seed():
    grid = expand(
        {
            "models": ["minilm", "bert-tiny"],
            "tasks": ["reviews", "sst2"],
            "seeds": [0, 1, 2],
            "pipelines": [{"steps": "prune"}, {"steps": ""}],
        }
    )
    found = {
        (pipeline.model, pipeline.task, pipeline.seed, str(pipeline)) for pipeline in grid.pipelines
    }
    assert len(grid.pipelines) == len(found) == 2 * 2 * 3 * 2
    assert ("bert-tiny", "sst2", 2, "prune") in found
    assert grid.refused == ()


def test_what_is_left_out_is_minilm_on_the_reviews_with_seed_0():
    (only,) = expand({"pipelines": [{"steps": "prune"}]}).pipelines
    assert only == Pipeline("minilm", "reviews", parse_steps("prune"))


def test_one_value_stands_for_a_list_of_it():
    (only,) = expand({"tasks": "sst2", "seeds": 3, "pipelines": {"steps": "prune"}}).pipelines
    assert (only.task, only.seed) == ("sst2", 3)


def test_examples_and_epochs_are_for_all_tasks_or_for_each():
    grid = expand(
        {
            "tasks": ["sst2", "rte"],
            "train_examples": {"sst2": 4000},
            "epochs": 2,
            "pipelines": [{"steps": ""}],
        }
    )
    assert [(pipeline.train_examples, pipeline.epochs) for pipeline in grid.pipelines] == [
        (4000, 2),
        (None, 2),
    ]


def test_a_pipeline_that_two_entries_name_is_run_once():
    assert len(expand({"pipelines": [{"steps": "prune"}, {"steps": "P"}]}).pipelines) == 1


def test_knob_values_are_put_in_in_every_combination():
    entry = {"steps": "drop(layers={n}, rule={rule})", "n": [1, 2], "rule": ["top", "bottom"]}
    assert steps(entry) == [
        "drop(layers=1, rule=top)",
        "drop(layers=1, rule=bottom)",
        "drop(rule=top)",
        "drop(rule=bottom)",
    ]


def test_steps_without_text_are_the_dense_model():
    assert steps({"steps": None}) == steps({"steps": ""}) == [""]


def test_a_preset_is_its_steps_and_a_pattern_all_that_match():
    named = {
        preset.name: str(Pipeline("minilm", "reviews", preset.steps))
        for preset in GROUPS[0].presets
    }
    name = next(iter(named))
    assert steps({"preset": name}) == [named[name]]
    pattern = name.partition("-")[0] + "-*"
    wanted = {
        str(Pipeline("minilm", "reviews", preset.steps))
        for group in GROUPS
        for preset in group.presets
        if preset.name.startswith(pattern[:-1])
    }
    assert set(steps({"preset": pattern})) == wanted and len(wanted) > 1


def test_subsets_keep_the_order_that_is_written():
    assert steps({"subsets": ["distill", "prune", "quantize"]}) == [
        "",
        "distill",
        "prune",
        "quantize",
        "distill > prune",
        "distill > quantize",
        "prune > quantize",
        "distill > prune > quantize",
    ]


def test_orders_use_every_step():
    found = steps({"orders": ["distill", "prune", "exit"]})
    assert len(found) == 6
    assert all(sorted(one.split(" > ")) == ["distill", "exit", "prune"] for one in found)


def test_ordered_subsets_are_the_orders_of_every_subset():
    found = steps({"ordered_subsets": FOUR})
    assert len(found) == len(set(found)) == 1 + 4 + 12 + 24 + 24  # 4!/(4-k)! for k = 0..4
    assert {len(parse_steps(one)) for one in found} == {0, 1, 2, 3, 4}


def test_quantize_trains_wherever_it_does_not_stand_last():
    assert steps({"orders": ["prune", "quantize"]}) == [
        "prune > quantize",
        "quantize(mode=aware) > prune",
    ]
    assert placed(parse_steps("quantize(mode=aware)")) == parse_steps("quantize(mode=aware)")


def test_illegal_orders_of_a_set_are_left_out_and_told():
    grid = expand({"pipelines": [{"orders": ["drop(start=pretrained)", "prune"]}]})
    assert [str(pipeline) for pipeline in grid.pipelines] == ["drop(start=pretrained) > prune"]
    ((order, reason),) = grid.refused
    assert str(order) == "prune > drop(start=pretrained)"
    assert reason.startswith("drop: start=pretrained must be the first step")


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        (None, "grid: must have models, tasks, seeds"),
        ([], "grid: must have models, tasks, seeds"),
        ({}, "grid: must have models, tasks, seeds"),
        ("steps", "grid: must have models, tasks, seeds"),
        ({"pipeline": []}, "grid: a key must be one of models, .*; got pipeline"),
        ({"tasks": ["sst2"]}, "grid: pipelines must be a list with something in it"),
        ({"pipelines": []}, "grid: pipelines must be a list with something in it"),
        ({"seeds": [], "pipelines": [{"steps": ""}]}, "grid: seeds must be a list with something"),
        ({"pipelines": ["prune"]}, "grid: each of pipelines must have one of steps, preset"),
        ({"pipelines": [{}]}, "grid: each of pipelines must have one of steps, preset"),
        (
            {"pipelines": [{"steps": "", "preset": "x"}]},
            "grid: each of pipelines must have one of steps, preset",
        ),
        ({"pipelines": [{"steps": 7}]}, "grid: steps must be typed steps; got 7"),
        ({"pipelines": [{"steps": "prune", "n": [1]}]}, r"grid: steps must use \{n\}"),
        ({"pipelines": [{"steps": "prune({n})", "n": []}]}, "grid: n must be a list with"),
        ({"pipelines": [{"steps": "fold"}]}, "steps: an operator must be one of"),
        ({"pipelines": [{"preset": "s9-*"}]}, "grid: preset must be one of those"),
        ({"pipelines": [{"preset": "s2-*", "n": 1}]}, "grid: preset must stand alone"),
        ({"pipelines": [{"orders": ["prune > exit"]}]}, "grid: each of a set's steps must be one"),
        ({"pipelines": [{"orders": []}]}, "grid: orders must be a list with something in it"),
        ({"pipelines": [{"steps": "quantize > prune"}]}, "grid: quantize > prune: prune: a step"),
        ({"models": ["nobody"], "pipelines": [{"steps": ""}]}, "grid: dense: model: must be one"),
        ({"tasks": ["chess"], "pipelines": [{"steps": ""}]}, "grid: dense: task: must be one of"),
        ({"models": [3], "pipelines": [{"steps": ""}]}, "grid: models must be names; got 3"),
        ({"tasks": [None], "pipelines": [{"steps": ""}]}, "grid: tasks must be names"),
        ({"seeds": ["one"], "pipelines": [{"steps": ""}]}, "run: seed must be"),
        ({"epochs": 900, "pipelines": [{"steps": ""}]}, "run: epochs must be"),
        (
            {"epochs": {"sst-2": 3}, "pipelines": [{"steps": ""}]},
            "task: must be one of .*; got sst-2",
        ),
        (
            {"train_examples": {3: 30}, "pipelines": [{"steps": ""}]},
            "task: must be one of .*; got 3",
        ),
        ({"train_examples": 1, "pipelines": [{"steps": ""}]}, "run: train_examples must be"),
    ],
    ids=str,
)
def test_what_is_no_grid_is_told_in_a_sentence(plain, said):
    with pytest.raises(UserError, match=f"^{said}") as raised:
        expand(plain)
    assert "\n" not in str(raised.value)


def test_a_grid_has_a_largest_size(monkeypatch):
    monkeypatch.setattr(limits, "MAX_SWEEP_RUNS", 5)
    with pytest.raises(UserError, match="grid: must be at most 5 runs; got 6 and maybe more"):
        expand({"seeds": list(range(9)), "pipelines": [{"steps": ""}]})


@pytest.mark.parametrize(
    ("entry", "runs"),
    [
        ({"orders": ["prune"] * 12}, "479001600"),
        ({"ordered_subsets": ["prune"] * 10}, "9864101"),
        ({"subsets": ["prune"] * 40}, "1099511627776"),
        ({"steps": "prune({a}, {b})", "a": list(range(999)), "b": list(range(999))}, "998001"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value,
)
def test_a_large_set_is_refused_before_it_is_written_out(entry, runs):
    with pytest.raises(UserError, match=f"grid: must be at most 20000 runs; got {runs} and"):
        expand({"pipelines": [entry]})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, r"grid: must be a YAML file; got .*grid.yaml \(No such file or directory\)"),
        (b"\xff\xfe\xfa", r"grid: must be a YAML file; got .*bytes that are no text"),
        (b"seeds: [0\nx: ", "grid: must be YAML; got something else in grid.yaml, line 2"),
        (b"!!python/object/apply:os.getcwd []", "grid: must be YAML; got something else"),
    ],
    ids=["missing", "bytes", "broken", "code"],
)
def test_a_file_that_is_no_grid_is_told_in_a_sentence(tmp_path, content, said):
    path = tmp_path / "grid.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=f"^{said}"):
        read_grid(path)


def test_a_file_is_read_as_its_values(tmp_path):
    path = tmp_path / "grid.yaml"
    path.write_text("seeds: [4]\npipelines:\n  - steps: prune\n", "utf-8")
    assert read_grid(path) == expand({"seeds": [4], "pipelines": [{"steps": "prune"}]})


def test_controls_stand_beside_every_pipeline_once():
    found = steps(
        {"ordered_subsets": ["distill(epochs=2)", "prune(epochs=2)"]}, controls=True, epochs=3
    )
    assert found == [
        "",
        "distill(epochs=2.0)",
        "finetune(epochs=2.0)",
        "prune(epochs=2.0)",
        "distill(epochs=2.0) > prune(epochs=2.0)",
        "finetune(epochs=2.0) > finetune(epochs=2.0)",
        "prune(epochs=2.0) > distill(epochs=2.0)",
    ]


@pytest.mark.parametrize("value", [1, "yes", None, []])
def test_controls_are_asked_for_or_not(value):
    with pytest.raises(UserError, match=r"^grid: controls must be true or false; got "):
        expand({"pipelines": [{"steps": ""}], "controls": value})
