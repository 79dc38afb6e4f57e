import copy

import pytest
import torch

from effexplorer.models.convert import to_numeric
from effexplorer.models.formats import AwareEmbedding
from effexplorer.operators.finetune import fine_tune
from effexplorer.training.used_words import used_words_alone
from tests.tiny_models import VOCABULARY, tiny_classifier, toy_context, toy_examples

EXAMPLES = toy_examples()
USED = sorted({EXAMPLES.pad, *(id for row in EXAMPLES.ids for id in row)})


@pytest.fixture(params=["fp32", "int8-aware"])
def model(request):
    return to_numeric(tiny_classifier(), request.param)


def test_the_words_in_use_answer_as_before(model):
    batch = EXAMPLES.batch(torch.arange(8).numpy())
    before = model.hidden_states(batch.ids, batch.mask)[-1]
    with used_words_alone(model, EXAMPLES):
        table = model.embeddings.word.table
        assert table.weight.shape[0] == len(USED) < VOCABULARY
        assert isinstance(table, AwareEmbedding) == (model.config.numeric == "int8-aware")
        assert torch.equal(model.hidden_states(batch.ids, batch.mask)[-1], before)


def test_training_moves_the_words_in_use_and_no_others(model):
    before, table = copy.deepcopy(model.embeddings.word.weight), model.embeddings.word.weight
    fine_tune(model, toy_context(), epochs=1)
    assert model.embeddings.word.weight is table
    moved = (table != before).any(1)
    assert moved[3:5].all()  # the words that tell the label
    assert not moved[[word for word in range(VOCABULARY) if word not in USED]].any()


def test_the_table_is_whole_again_after_a_stopped_training(model):
    with pytest.raises(RuntimeError, match="stop"), used_words_alone(model, EXAMPLES):
        model.embeddings.word.table.weight.data.zero_()
        raise RuntimeError("stop")
    assert len(model.embeddings.word.weight) == VOCABULARY
    assert not model.embeddings.word.weight[USED].any()


def test_words_that_do_not_learn_stay_where_they_are(model):
    model.embeddings.word.weight.requires_grad_(False)
    table = model.embeddings.word
    with used_words_alone(model, EXAMPLES):
        assert model.embeddings.word is table
