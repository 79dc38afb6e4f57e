"""A model with a trimmed vocabulary: only some of its tokens and positions, in any format."""

from __future__ import annotations

import copy

import torch

from effexplorer.models.slimbert import SlimBertForSequenceClassification


@torch.no_grad()
def keep_words(
    model: SlimBertForSequenceClassification, words: list[int], *, tokens: int
) -> SlimBertForSequenceClassification:
    """Return a copy of ``model`` with the word embedding's rows ``words`` only, in that order.

    The padding id must be among them. Of the positions those of texts of at most ``tokens`` tokens
    stay. Works for plain and factorised tables, in fp32 and int8; a
    table packed in 4 or 2 bits has groups that span rows, and cannot be cut.
    """
    config = copy.deepcopy(model.config)
    config.vocab_size = len(words)
    config.pad_token_id = words.index(model.config.pad_token_id)
    places = min(config.position_offset + tokens, config.max_position_embeddings)
    config.max_position_embeddings = places
    state = {
        name: value[words] if name.startswith("embeddings.word.") else value
        for name, value in model.state_dict().items()
    }
    state["embeddings.position.weight"] = state["embeddings.position.weight"][:places]
    smaller = SlimBertForSequenceClassification(config)
    smaller.load_state_dict(state)
    smaller.train(model.training)
    return smaller
