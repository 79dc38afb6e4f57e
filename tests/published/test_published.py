import csv
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel, RobertaConfig, RobertaModel

from effexplorer import published as package
from effexplorer.operators.layer_rules import exhaustive
from effexplorer.published import published, removals
from effexplorer.published.sizes import LAYERS, parameters_left
from effexplorer.records.schema import COSTS
from effexplorer.tasks.spec import TASKS

FOLDER = Path(package.__file__).parent
MODELS = {
    "bert-base-uncased": (BertModel, BertConfig()),
    "roberta-base": (
        RobertaModel,
        RobertaConfig(vocab_size=50_265, max_position_embeddings=514, type_vocab_size=1),
    ),
}
# The removal orders in the layer files of the authors' repository, for the final method.
ORDERS = {
    "bert-base-uncased": {
        "cola": (11, 10, 9, 4, 0, 5), "mnli": (8, 1, 11, 6, 0, 5), "mrpc": (8, 5, 6, 10, 7, 1),
        "qnli": (10, 8, 1, 4, 5, 6), "qqp": (2, 4, 11, 8, 0, 6), "rte": (0, 7, 5, 11, 2, 8),
        "sst2": (11, 10, 8, 0, 6, 9), "stsb": (1, 9, 11, 10, 7, 8),
    },
    "roberta-base": {
        "cola": (11, 9, 10, 5, 7, 8), "mnli": (11, 10, 9, 8, 1, 7), "mrpc": (6, 10, 8, 9, 7, 1),
        "qnli": (11, 8, 10, 7, 1, 9), "qqp": (8, 11, 10, 9, 6, 1), "rte": (10, 5, 9, 8, 6, 7),
        "sst2": (11, 10, 7, 8, 9, 5), "stsb": (10, 11, 6, 8, 9, 7),
    },
}  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("layers", [12, 11, 6, 1])
def test_parameters_left_are_those_that_transformers_counts(model, layers):
    build, config = MODELS[model]
    config.num_hidden_layers = layers
    with torch.device("meta"):
        made = build(config)
    assert parameters_left(model, layers) == sum(
        parameter.numel() for parameter in made.parameters()
    )


@pytest.mark.parametrize("model", ORDERS)
def test_the_greedy_path_is_the_published_order_of_removal(model):
    greedy = [
        removal
        for removal in removals()
        if (removal.search, removal.split) == ("greedy", "train85_15")
    ]
    for task, order in ORDERS[model].items():
        steps = [one.layers for one in greedy if (one.model, one.task) == (model, task)]
        assert steps == [order[: count + 1] for count in range(6)]


def test_exhaustive_searches_are_whole_and_ours_finds_their_best():
    searches = {}
    for removal in removals():
        if removal.search == "exhaustive":
            searches.setdefault((removal.model, removal.task), {})[removal.layers] = removal.score
    assert len(searches) == 14
    for scores in searches.values():
        assert len(scores) == 66
        assert scores[exhaustive(LAYERS, 2, scores.__getitem__)] == max(scores.values())


def test_roberta_never_loses_its_lowest_layer():
    assert not any(
        0 in removal.layers
        for removal in removals()
        if (removal.model, removal.search) == ("roberta-base", "greedy")
    )


@pytest.mark.parametrize(
    "task", [name for name, task in TASKS.items() if task.on_hub and name != "reviews"]
)
def test_every_glue_task_has_figures_with_source_and_split(task):
    found = published(task)
    assert found and {one.task for one in found} == {task}
    for one in found:
        assert one.source and one.split and one.metric and one.series
        assert 0 < one.score <= 100 and one.cost >= 0
        assert one.axis in (*COSTS, None) and (one.axis is None) == (one.cost_name not in COSTS)


def test_other_tasks_have_none():
    assert published("reviews") == () == published("my.csv")


def test_greedy_pruning_stands_at_the_parameters_of_its_layers_in_one_series_for_each_split():
    found = [one for one in published("rte") if one.series.startswith("Greedy")]
    assert len({one.series for one in found}) == 4
    path = [one for one in found if "bert-base" in one.series and "dev" in one.series]
    path = [one for one in path if one.model == "bert-base-uncased"]
    assert [one.cost for one in path] == [
        parameters_left("bert-base-uncased", n) for n in range(11, 5, -1)
    ]
    assert [one.score for one in path[:2]] == [67.1, 68.6]


def test_greedy_prunings_metric_is_the_tasks_score_except_for_mismatched_mnli():
    for task in ORDERS["roberta-base"]:
        metrics = {one.metric for one in published(task) if one.series.startswith("Greedy")}
        assert metrics <= {TASKS[task].metrics[0], "accuracy (mismatched)"}


def test_the_data_are_small_and_every_row_of_the_figures_names_its_source():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.csv")) < 120_000
    with (FOLDER / "figures.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows and all(row["source"] for row in rows)
    assert not [
        row for row in rows if "2208.00483" in row["source"] or "2208.09684" in row["source"]
    ]
