import dataclasses

import pytest
import yaml
from huggingface_hub import ModelCardData, parse_eval_result_entries

from effexplorer.exports.card import card
from effexplorer.exports.metadata import licences, metadata, write_results
from tests.builders import a_record, some_exits
from tests.exports.builders import a_source


def the_card(source=None, form="hf", notes=(), **options):
    return card(source or a_source(), form, notes, trust=False, file="model.onnx", **options)


def test_the_head_is_what_the_hub_reads():
    head = yaml.safe_load(metadata(a_source(), "hf"))
    (model,) = head["model-index"]
    (result,) = model["results"]
    assert result["dataset"]["type"] == "nyu-mll/glue" and result["dataset"]["config"] == "sst2"
    assert result["metrics"] == [{"type": "accuracy", "value": 90.0}]
    assert head["base_model"] == ["sentence-transformers/all-MiniLM-L6-v2"]
    assert (head["license"], head["pipeline_tag"]) == ("apache-2.0", "text-classification")
    assert ModelCardData(**head).to_dict()["library_name"] == "transformers"


def test_scores_stand_in_a_file_for_the_hub_where_it_has_the_data(tmp_path):
    write_results(a_source(), tmp_path)
    (path,) = (tmp_path / ".eval_results").iterdir()
    (entry,) = parse_eval_result_entries(yaml.safe_load(path.read_text("utf-8")))
    assert (entry.dataset_id, entry.task_id) == ("nyu-mll/glue", "sst2")
    assert entry.value == a_source().record.final.score
    write_results(a_source(task="reviews"), tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("models", "found"),
    [(["minilm"], ["apache-2.0"]), (["roberta-base"], ["mit"]), (["a/b"], ["other"])],
)
def test_the_licence_is_that_of_the_weights(models, found):
    assert licences(models) == found


def test_the_card_tells_every_step_with_its_interval_size_and_latency():
    text = the_card()
    record = a_source().record
    for stage in record.stages:
        assert f"| {stage.step} | {stage.score:.1f} % |" in text
    assert "| 6.5 ms" not in text and "ms |" in text and "MB |" in text
    assert record.data["fingerprint"] in text and "made up, 2 cores" in text


def test_exits_are_told_with_the_operating_point():
    source = a_source(exits=True)
    record = a_record("exit", **some_exits())
    text = the_card(dataclasses.replace(source, record=record), "exits")
    assert "| 6 | 90.0 % | - |" in text
    assert "texts leave after 3.50 layers on average" in text


@pytest.mark.parametrize(
    ("form", "part"),
    [
        ("hf", 'pipeline("text-classification"'),
        ("onnx", "onnx/model.onnx"),
        ("exits", "read_exits"),
    ],
)
def test_each_format_says_how_to_load_it(form, part):
    assert part in the_card(form=form)


def test_what_was_left_out_and_the_code_that_comes_along_are_told():
    text = card(a_source(), "hf", ["hf: a word."], trust=True, file="model.onnx")
    assert "**Left out.** hf: a word." in text and "trust_remote_code=True" in text


def test_data_of_ones_own_are_nobody_elses():
    source = a_source()
    spec = dataclasses.replace(source.spec, name="mine", title="mine: your data, 2 classes")
    text = the_card(dataclasses.replace(source, spec=spec))
    assert "Data: brought by the one who made this model" in text
    assert "datasets" not in text.split("---")[1]


def test_sentiment_is_measured_on_glue_s_data_and_trained_on_others_too(tmp_path):
    source = a_source(task="sentiment")
    (model,) = yaml.safe_load(metadata(source, "hf"))["model-index"]
    data = model["results"][0]["dataset"]
    assert (data["type"], data["config"], data["name"]) == ("nyu-mll/glue", "sst2", "Sentiment")
    write_results(source, tmp_path)
    (path,) = (tmp_path / ".eval_results").iterdir()
    (entry,) = parse_eval_result_entries(yaml.safe_load(path.read_text("utf-8")))
    assert (path.name, entry.task_id) == ("sst2.yaml", "sst2")
    assert "DynaSent round 1 (Potts et al. 2021), CC BY 4.0" in the_card(source)


def test_the_machine_that_trained_is_told_where_it_is_another():
    source = a_source()
    machine = source.record.machine | {"trained_on": "a GPU elsewhere"}
    record = dataclasses.replace(source.record, machine=machine)
    assert "Trained on a GPU elsewhere. made up, 2 cores" in the_card(
        dataclasses.replace(source, record=record)
    )
    assert "Trained on a GPU" not in the_card(source)
