import pytest

from effexplorer.models.labels import as_it_is_problem, matched_rows, output_names

SENTIMENT = ("negative", "positive")


@pytest.mark.parametrize(
    ("names", "labels", "rows"),
    [
        (("negative", "positive"), SENTIMENT, [0, 1]),
        (("POSITIVE", "Negative"), SENTIMENT, [1, 0]),
        (("LABEL_0", "LABEL_1"), SENTIMENT, [0, 1]),
        (("LABEL_1", "LABEL_0"), SENTIMENT, [1, 0]),
        (("0", "1"), SENTIMENT, [0, 1]),
        (("pos", "neg"), SENTIMENT, [1, 0]),
        (("LABEL_NEG", "LABEL_POS"), SENTIMENT, [0, 1]),
        (("bad", "good"), SENTIMENT, [0, 1]),
        (("not_equivalent", "equivalent"), ("not_equivalent", "equivalent"), [0, 1]),
        (("duplicate", "not duplicate"), ("not_duplicate", "duplicate"), [1, 0]),
        (
            ("CONTRADICTION", "NEUTRAL", "ENTAILMENT"),
            ("entailment", "neutral", "contradiction"),
            [2, 1, 0],
        ),
        (("b", "a", "c"), ("a", "b", "c"), [1, 0, 2]),
        (("LABEL_0",), (), [0]),
        (("score",), (), [0]),
    ],
)
def test_outputs_are_matched_to_the_labels_of_their_name(names, labels, rows):
    assert matched_rows(names, labels) == rows


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (("bullish", "bearish"), SENTIMENT),
        (("negative", "neutral", "positive"), SENTIMENT),
        (("negative", "negative"), SENTIMENT),
        (("neg", "bad"), SENTIMENT),
        (("negative",), SENTIMENT),
        (("LABEL_0", "LABEL_2"), SENTIMENT),
        (("1 star", "2 stars"), SENTIMENT),
        (("entailment", "contradiction"), ("entailment", "not_entailment")),
        (("LABEL_0", "LABEL_1"), ()),
    ],
)
def test_outputs_of_other_names_match_nothing(names, labels):
    assert matched_rows(names, labels) is None


@pytest.mark.parametrize(
    ("config", "names"),
    [
        ({"id2label": {"1": "positive", "0": "negative"}}, SENTIMENT),
        ({"id2label": {"10": "k", "9": "j"}}, ("j", "k")),
        ({"id2label": None}, ("LABEL_0", "LABEL_1")),
        ({"num_labels": 3}, ("LABEL_0", "LABEL_1", "LABEL_2")),
        ({"num_labels": "3"}, ()),
        ({"id2label": {"first": "a"}}, ()),
        ({"id2label": ["a", "b"]}, ()),
        ({"architectures": ["BertForSequenceClassification"]}, ("LABEL_0", "LABEL_1")),
        ({"architectures": ["BertModel"], "id2label": {"0": "a"}}, ()),
        ({"architectures": ["BertForTokenClassification"], "id2label": {"0": "a"}}, ()),
    ],
)
def test_the_outputs_of_a_classifier_are_called_as_its_config_tells(config, names):
    assert output_names(config) == names


def test_a_model_without_a_classifier_is_refused():
    said = as_it_is_problem("minilm", (), SENTIMENT)
    assert said.startswith("epochs: 0 takes a model as it is") and said.endswith("has none.")


def test_other_labels_are_refused_with_those_that_there_are():
    said = as_it_is_problem("mine", ("bullish", "bearish"), SENTIMENT)
    assert said.endswith("whose labels must be negative, positive; got bullish, bearish.")
    said = as_it_is_problem("mine", tuple("abcdefgh"), ())
    assert said.endswith("whose labels must be one number; got a, b, c, d, e, f, ....")
