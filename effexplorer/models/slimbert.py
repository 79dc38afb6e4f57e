"""SlimBert: a BERT-family encoder whose layers each have a width, and maybe a classifier."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

from effexplorer.models import checkpoint
from effexplorer.models.config import SlimBertConfig
from effexplorer.models.dropout import Dropout
from effexplorer.models.layers import Embeddings, Layer
from effexplorer.models.position_bias import PositionBias


class SlimBertForSequenceClassification(PreTrainedModel):  # type: ignore[misc]  # has no stubs
    """The encoder with a classifier (or regressor) at its end, and at ``config.exits`` before it.

    Saved and opened like any transformers model; ``effexplorer.models.checkpoint`` says how the
    compressed formats stand in the file.
    """

    config_class = SlimBertConfig
    base_model_prefix = ""
    main_input_name = "input_ids"
    layers: Sequence[Layer]  # as are the modules of a ModuleList
    exits: Sequence[nn.Linear]

    def __init__(self, config: SlimBertConfig) -> None:
        super().__init__(config)
        self.embeddings = Embeddings(config)
        self.position_bias = PositionBias(config) if config.buckets else None
        layers = nn.ModuleList(Layer(config, i) for i in range(config.num_hidden_layers))
        self.layers = layers  # type: ignore[assignment]  # a ModuleList does not tell of what
        width = config.hidden_size
        self.pooler = nn.Linear(width, width) if config.pooling == "cls" else None
        self.dropout = Dropout(config.dropout)
        self.classifier = nn.Linear(width, config.num_labels)
        exits = nn.ModuleList(nn.Linear(width, config.num_labels) for _ in config.exits)
        self.exits = exits  # type: ignore[assignment]  # likewise
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    def hidden_states(
        self, ids: Tensor, attention_mask: Tensor | None, token_types: Tensor | None = None
    ) -> list[Tensor]:
        """Return the outputs of embeddings and layers, each ``(batch, tokens, hidden)``."""
        mask = None
        if not self.training:
            mask = padded_mask(torch.ones_like(ids) if attention_mask is None else attention_mask)
        elif attention_mask is not None and not attention_mask.all():
            mask = attention_mask.bool()[:, None, None, :]  # (batch, 1, 1, tokens)
        mask = self.biased(mask, ids.shape[1])
        states = [self.embeddings(ids, token_types)]
        for layer in self.layers:
            states.append(layer(states[-1], mask))
        return states

    def biased(self, mask: Tensor | None, tokens: int) -> Tensor | None:
        """Return ``mask``, ``(batch, 1, 1, keys)`` or None, as the layers take it.

        With a position bias it is what is added to scores, ``(batch, columns, keys, keys)``;
        ``tokens`` are the keys where there is no mask.
        """
        if self.position_bias is None:
            return mask
        bias: Tensor = self.position_bias(mask, tokens if mask is None else mask.shape[-1])
        return bias

    def classify(self, state: Tensor, attention_mask: Tensor | None) -> Tensor:
        """Return the last exit's logits ``(batch, labels)`` of ``(batch, tokens, hidden)``."""
        pooled = self._pooled(len(self.layers), state, attention_mask)
        if self.pooler is not None:
            activation = _HEAD_ACTIVATIONS[self.config.head_activation]
            pooled = activation(self.pooler(pooled))  # (batch, hidden)
        logits: Tensor = self.classifier(self.dropout(pooled))
        return logits

    def classify_at(self, exit: int, state: Tensor, attention_mask: Tensor | None) -> Tensor:
        """Return logits ``(batch, labels)`` of an exit; ``state`` is the output of its layer.

        ``exit`` counts ``config.exit_layers`` from 0. An exit before the last is
        ``linear(tanh(pooled))``, without a dense pooler (COST-EFF, arXiv 2210.15523, section 3.1).
        """
        if exit == len(self.exits):
            return self.classify(state, attention_mask)
        pooled = torch.tanh(
            self._pooled(self.config.exits[exit], state, attention_mask)
        )  # (batch, hidden)
        logits: Tensor = self.exits[exit](self.dropout(pooled))
        return logits

    def exit_logits(self, states: list[Tensor], attention_mask: Tensor | None) -> list[Tensor]:
        """Return the logits ``(batch, labels)`` of every exit from what ``hidden_states`` gave."""
        return [
            self.classify_at(exit, states[layer], attention_mask)
            for exit, layer in enumerate(self.config.exit_layers)
        ]

    def _pooled(self, layer: int, state: Tensor, attention_mask: Tensor | None) -> Tensor:
        """Return ``(batch, hidden)``: the first token, or the mean over the real tokens."""
        if not self.config.pools_mean(layer):
            return state[:, 0]
        if attention_mask is None:
            return state.mean(1)
        weight = attention_mask[:, :, None].to(state.dtype)
        return (state * weight).sum(1) / weight.sum(1)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        labels: Tensor | None = None,
        **_: Any,
    ) -> SequenceClassifierOutput:
        """Return the last exit's logits ``(batch, labels)``, and its loss if ``labels`` are given.

        ``input_ids``, ``attention_mask`` and ``token_type_ids`` are ``(batch, tokens)``, padded on
        the right; ``labels`` are ``(batch,)``.
        """
        state = self.hidden_states(input_ids, attention_mask, token_type_ids)[-1]
        logits = self.classify(state, attention_mask)
        loss = None if labels is None else task_loss(logits, labels)
        return SequenceClassifierOutput(loss=loss, logits=logits)

    def save_pretrained(self, save_directory: str | Path, **_: Any) -> None:
        """Save config and weights: one ``model.safetensors``, compressed formats packed."""
        checkpoint.save(self, save_directory)

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | Path,
        *args: Any,
        config: SlimBertConfig | None = None,
        **kwargs: Any,
    ) -> Self:
        """Open a model that ``save_pretrained`` saved; the arguments are transformers' own."""
        config = config or cls.config_class.from_pretrained(pretrained_model_name_or_path)
        model = cls(config)
        checkpoint.fill(model, pretrained_model_name_or_path)
        model.eval()
        return model


def padded_mask(attention_mask: Tensor) -> Tensor:
    """Return the mask ``(batch, 1, 1, keys)``, keys being the tokens up to a multiple of ``KEYS``.

    Attention then adds up a sentence's keys in the same order whatever its batch is padded to, so
    that not even the last bit of an answer, which int8 rounding would amplify, depends on it.
    """
    mask = F.pad(attention_mask.bool(), (0, -attention_mask.shape[1] % KEYS))
    return mask[:, None, None, :]


def task_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross entropy, or the mean squared error when there is one output."""
    if logits.shape[1] == 1:
        return F.mse_loss(logits[:, 0].float(), labels.float())
    return F.cross_entropy(logits.float(), labels)


_HEAD_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": F.relu,
    "gelu": F.gelu,
}

KEYS = 16  # floats in the widest vector register

AutoConfig.register("slimbert", SlimBertConfig)
AutoModelForSequenceClassification.register(SlimBertConfig, SlimBertForSequenceClassification)
