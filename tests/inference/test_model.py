import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.special import softmax

import effexplorer
from effexplorer import home
from effexplorer.costs import macs
from effexplorer.errors import UserError
from effexplorer.inference import model as models
from effexplorer.inference.model import ExitModel, load_exits
from effexplorer.tasks.registry import find_task
from tests.inference.builders import ENGINES, made_exits, saved_exits
from tests.tiny_models import toy_tokenizer

TEXTS = ["good film", "word7 word8 bad word9 good", "bad", "word9 " * 60, "an unheard thing"]


def asked(task: str = "sst2", *, engine: str = "torch", threshold: float | None = 0.7, **changes):
    outputs = len(find_task(task).labels) or 1
    model = made_exits(num_labels=outputs, **changes)
    model.config.threshold = threshold
    return ExitModel(model, toy_tokenizer(), find_task(task), engine=engine)


@pytest.fixture(scope="module", params=ENGINES)
def model(request):
    return asked(engine=request.param)


def test_a_text_is_answered(model):
    answer = model("good film")
    assert answer.text == "good film"
    assert answer.label in ("negative", "positive")
    assert answer.layer == model.layers[answer.exit]
    assert len(answer.probabilities) == len(answer.readiness) == answer.exit + 1
    assert answer.label == answer.labels[answer.exit]
    assert answer.calibrated and not answer.truncated
    assert 0 < answer.milliseconds_spent


def test_a_list_is_answered_in_its_order(model, monkeypatch):
    monkeypatch.setattr(models, "BATCH", 2)
    together = model(TEXTS, policy="confidence", threshold=0.8)
    assert [one.text for one in together] == TEXTS
    for one, text in zip(together, TEXTS, strict=True):
        alone = model(text, policy="confidence", threshold=0.8)
        assert (one.exit, one.label, one.tokens) == (alone.exit, alone.label, alone.tokens)
        np.testing.assert_allclose(one.probabilities, alone.probabilities, atol=1e-5)


def test_an_empty_list_has_no_answers(model):
    assert model([]) == []


def test_probabilities_are_calibrated_and_readiness_is_theirs(model):
    answer = model("good film", all_exits=True)
    network = made_exits()
    ids = toy_tokenizer()("good film", return_tensors="pt")["input_ids"]
    logits = network.exit_logits(network.hidden_states(ids, None), None)
    heats = network.config.temperatures
    expected = [softmax(one.detach().numpy()[0] / t) for one, t in zip(logits, heats, strict=True)]
    np.testing.assert_allclose(answer.probabilities, expected, atol=1e-5)
    np.testing.assert_allclose(answer.readiness, np.max(expected, 1), atol=1e-5)
    names = ("negative", "positive")
    assert answer.labels == tuple(names[best] for best in np.argmax(expected, 1))


def test_with_all_exits_the_one_taken_is_still_told(model):
    some, every = (model(TEXTS, threshold=0.8, all_exits=all_exits) for all_exits in (False, True))
    assert [one.exit for one in some] == [one.exit for one in every]
    assert {len(one.probabilities) for one in every} == {3}
    assert every[0].milliseconds[-1] > every[0].milliseconds[0]


def test_macs_are_those_of_measure_at_the_texts_own_length(model):
    answer = model("good film", policy="confidence", threshold=0.0)
    expected = macs(made_exits().config, 2, answer.tokens)
    assert answer.tokens == 4
    assert answer.macs == tuple(expected)
    assert (answer.macs_spent, answer.macs_full) == (expected[0], expected[-1])


@pytest.mark.parametrize(
    "options",
    [{"policy": "full"}, {"threshold": None}, {"policy": "entropy", "threshold": None}],
)
def test_full_depth_can_be_asked_for(model, options):
    assert {one.exit for one in model(TEXTS, **options)} == {2}


def test_the_models_own_threshold_is_taken_unless_another_is_given(model):
    own = [one.exit for one in model(TEXTS)]
    assert own == [one.exit for one in model(TEXTS, policy="confidence", threshold=0.7)]
    assert {one.exit for one in model(TEXTS, threshold=0.0)} == {0}


def test_a_model_without_a_threshold_goes_to_full_depth():
    assert asked(threshold=None)("good film").exit == 2


def test_every_exit_can_have_a_threshold_of_its_own(model):
    assert {one.exit for one in model(TEXTS, threshold=[1.0, 0.0, 0.0])} == {1}


def test_patience_waits_for_exits_that_say_the_same(model):
    for answer in model(TEXTS, policy="patience", threshold=1, all_exits=True):
        first, second, _ = answer.labels
        assert answer.exit == (1 if first == second else 2)


def test_a_regression_leaves_where_consecutive_exits_agree():
    model = asked("stsb", threshold=None)
    pairs = [(text, "good film") for text in TEXTS]
    for answer in model(pairs, policy="agreement", threshold=-0.4, all_exits=True):
        close = [abs(a - b) <= 0.4 for a, b in zip(answer.labels, answer.labels[1:], strict=False)]
        assert answer.exit == (1 if close[0] else 2)
        assert answer.label == answer.labels[answer.exit]
        assert answer.probabilities == ((), (), ())
    assert model.labels == ()


def test_the_second_text_of_a_pair_is_read_as_the_second():
    model = asked("mrpc", threshold=None)
    one, other = model([("good film", "bad"), ("bad", "good film")])
    assert one.text == ("good film", "bad")
    assert one.probabilities != other.probabilities


def test_a_text_longer_than_the_model_is_cut_and_that_is_told(model):
    answer = model("word9 " * 60)
    assert answer.truncated and answer.tokens == model.max_length == 48


def test_a_model_without_temperatures_says_that_it_is_not_calibrated():
    network = made_exits()
    network.config.temperatures = []
    model = ExitModel(network, toy_tokenizer(), find_task("sst2"), engine="torch")
    assert not model("good film").calibrated


@pytest.mark.parametrize("task", ["sst2", "stsb"])
def test_an_answer_is_plain_json(task):
    text = "good film" if task == "sst2" else ("good film", "bad")
    model = asked(task)
    options = {} if task == "sst2" else {"threshold": -0.4}
    plain = json.loads(json.dumps(model(text, **options).to_dict(), allow_nan=False))
    assert plain["macs_full"] > 0 and plain["milliseconds_spent"] > 0
    assert plain["text"] == text if task == "sst2" else list(text)


def test_many_threads_may_ask_at_once(model):
    expected = [one.exit for one in model(TEXTS)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: [one.exit for one in model(TEXTS)], range(40)))
    assert found == [expected] * 40


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"policy": "fly"}, "policy: must be one of confidence, entropy, patience, full; got fly."),
        ({"policy": "agreement"}, "policy: must be one of confidence, entropy, patience, full"),
        ({"policy": "entropy"}, "threshold: must be given for the policy entropy; got none."),
        ({"threshold": 90}, "confidence: threshold must be between 0 and 1; got 90."),
        ({"threshold": float("nan")}, "confidence: threshold must be between 0 and 1; got nan."),
        ({"threshold": "high"}, "confidence: threshold must be between 0 and 1; got"),
        ({"threshold": [0.5, 0.5]}, "confidence: threshold must be one number, or one for each"),
        ({"policy": "patience", "threshold": -1}, "patience: threshold must be 0 or more exits"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_in_one_sentence(model, options, sentence):
    with pytest.raises(UserError) as told:
        model("good film", **options)
    assert str(told.value).startswith(sentence)
    assert "\n" not in str(told.value)


def test_one_text_that_cannot_be_answered_is_refused(model):
    with pytest.raises(UserError, match="nothing but space"):
        model(["good film", " "])


def test_an_int8_aware_model_is_asked_in_int8():
    aware = made_exits("int8-aware")
    model = ExitModel(aware, toy_tokenizer(), find_task("sst2"), engine="torch")
    int8 = ExitModel(made_exits("int8"), toy_tokenizer(), find_task("sst2"), engine="torch")
    assert model("good film").probabilities == int8("good film").probabilities


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"engine": "fly"}, r"engine: must be one of onnx, torch; got fly\."),
        ({"spec": find_task("mnli")}, r"model: must have 3 outputs for mnli; got 2\."),
    ],
)
def test_a_model_that_does_not_fit_is_refused(changes, sentence):
    fields = {"spec": find_task("sst2"), "engine": "torch"} | changes
    with pytest.raises(UserError, match=sentence):
        ExitModel(made_exits(), toy_tokenizer(), fields["spec"], engine=fields["engine"])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_saved_model_is_loaded_by_its_folder(tmp_path, engine):
    saved_exits(tmp_path / "mine", numeric="int8")
    model = load_exits(tmp_path / "mine", engine=engine)
    assert (model.spec.name, model.threshold, model.layers) == ("sst2", 0.7, (1, 2, 3))
    assert model("good film").label in model.labels


def test_a_shipped_model_is_loaded_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setattr(home, "precomputed_folder", lambda: tmp_path)
    saved_exits(tmp_path / "models" / "films")
    assert effexplorer.load_exits("films")("good film").label in ("negative", "positive")


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\x00\xff\xfe"])
def test_a_damaged_folder_is_refused_in_one_sentence(tmp_path, file, content):
    saved_exits(tmp_path / "mine")
    (tmp_path / "mine" / file).write_bytes(content)
    with pytest.raises(UserError) as told:
        load_exits(tmp_path / "mine")
    assert "\n" not in str(told.value)


def test_a_folder_without_a_tokenizer_is_refused(tmp_path):
    saved_exits(tmp_path / "mine")
    for path in (tmp_path / "mine").glob("tokenizer*"):
        path.unlink()
    with pytest.raises(UserError, match="mine: must be a whole model"):
        load_exits(tmp_path / "mine")
