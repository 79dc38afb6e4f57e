"""SlimBert as exported: a BERT-like encoder whose layers each have a width of their own.

Copied beside an exported model as it is, so it imports torch and transformers alone. Made by
effexplorer, under the Apache License 2.0.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

ACTIVATIONS = {
    "gelu": nn.GELU(),
    "gelu_new": nn.GELU(approximate="tanh"),
    "gelu_pytorch_tanh": nn.GELU(approximate="tanh"),
    "relu": nn.ReLU(),
    "silu": nn.SiLU(),
    "tanh": nn.Tanh(),
}


class SlimBertConfig(PreTrainedConfig):  # type: ignore[misc]  # no hints that are read
    """``heads`` and ``ffn`` hold a number per layer; ``int8`` tells how matrices are stored."""

    model_type = "slimbert_exported"

    def __init__(self, **fields: Any) -> None:
        """Keep the fields that config.json holds."""
        super().__init__(**fields)


class Int8Linear(nn.Module):
    """Integers with one scale a row; each input row is rounded to integers of its own scale."""

    weight: Tensor
    scale: Tensor

    def __init__(self, inputs: int, outputs: int, bias: bool = True) -> None:
        super().__init__()
        self.register_buffer("weight", torch.zeros(outputs, inputs, dtype=torch.int8))
        self.register_buffer("scale", torch.ones(outputs))
        self.bias = nn.Parameter(torch.zeros(outputs), requires_grad=False) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(..., out)`` of ``(..., in)``; sums below 2^53 are exact in float64."""
        steps = x.abs().amax(-1, keepdim=True).clamp_min(1e-12) / 127
        levels = (x / steps).round().double()
        answer = (levels @ self.weight.double().t()).float() * self.scale * steps
        return answer if self.bias is None else answer + self.bias


class Int8Embedding(nn.Module):
    """Integer rows with one scale each."""

    weight: Tensor
    scale: Tensor

    def __init__(self, words: int, width: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.zeros(words, width, dtype=torch.int8))
        self.register_buffer("scale", torch.ones(words))

    def forward(self, ids: Tensor) -> Tensor:
        """Return ``(batch, tokens, width)`` of ``(batch, tokens)``."""
        return self.weight[ids] * self.scale[ids][..., None]


class Embeddings(nn.Module):
    """Word, position and token-type embeddings, summed, normalised and maybe projected."""

    def __init__(self, config: SlimBertConfig) -> None:
        super().__init__()
        linear = Int8Linear if config.int8 else nn.Linear
        width, self.offset = config.embedding_size or config.hidden_size, config.position_offset
        table = Int8Embedding if config.int8 else nn.Embedding
        self.word = table(config.vocab_size, config.rank or width)
        self.word_up = linear(config.rank, width, bias=False) if config.rank else None
        self.position = nn.Embedding(config.max_position_embeddings, width)
        types = config.type_vocab_size
        self.token_type = nn.Embedding(types, width) if types else None
        self.norm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.project = linear(width, config.hidden_size) if config.embedding_size else None

    def forward(self, ids: Tensor, token_types: Tensor | None) -> Tensor:
        """Return ``(batch, tokens, hidden)`` of ``(batch, tokens)``."""
        x: Tensor = self.word(ids)
        if self.word_up is not None:
            x = self.word_up(x)
        x = x + self.position.weight[self.offset : self.offset + ids.shape[1]]
        if self.token_type is not None:
            x = x + self.token_type(torch.zeros_like(ids) if token_types is None else token_types)
        x = self.norm(x)
        if self.project is not None:
            x = self.project(x)
        return x


class Layer(nn.Module):
    """Self-attention and feed-forward network, each with its residual and norm."""

    def __init__(self, config: SlimBertConfig, index: int) -> None:
        super().__init__()
        linear = Int8Linear if config.int8 else nn.Linear
        width, self.heads, self.size = config.hidden_size, config.heads[index], config.head_size
        inner = self.heads * self.size
        self.bias_heads = config.bias_heads[index] if config.buckets else None
        self.qkv, self.output = linear(width, 3 * inner), linear(inner, width)
        self.attention_norm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.up, self.down = linear(width, config.ffn[index]), linear(config.ffn[index], width)
        self.activation = ACTIVATIONS[config.activation]
        self.ffn_norm = nn.LayerNorm(width, eps=config.layer_norm_eps)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return ``(batch, tokens, hidden)`` of the same; ``mask`` is added to the scores."""
        batch, tokens, _ = x.shape
        if self.bias_heads is not None:
            mask = mask[:, self.bias_heads]
        qkv = self.qkv(x).view(batch, tokens, 3, self.heads, self.size)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # (batch, heads, tokens, size)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = self.attention_norm(x + self.output(mixed.transpose(1, 2).flatten(2)))
        x = self.ffn_norm(x + self.down(self.activation(self.up(x))))
        return x


class PositionBias(nn.Module):
    """What the distance of two tokens adds to attention scores (MPNet)."""

    def __init__(self, config: SlimBertConfig) -> None:
        super().__init__()
        columns = 1 + max(max(heads) for heads in config.bias_heads if heads)
        self.table = nn.Embedding(config.buckets, columns)

    def forward(self, tokens: int) -> Tensor:
        """Return ``(1, columns, tokens, tokens)``."""
        places = torch.arange(tokens, device=self.table.weight.device)
        distances = places[None] - places[:, None]  # (queries, keys)
        half, away = len(self.table.weight) // 2, distances.abs()
        exact = half // 2
        steps = torch.log(away.clamp(min=1).float() / exact) / math.log(128 / exact)
        shared = (exact + (steps * (half - exact)).long()).clamp(max=half - 1)
        buckets = half * (distances > 0) + torch.where(away < exact, away, shared)
        bias: Tensor = self.table(buckets)
        return bias.permute(2, 0, 1)[None]


class SlimBertForSequenceClassification(PreTrainedModel):  # type: ignore[misc]  # likewise
    """The encoder with a classifier, or with one number for a regression, at its end."""

    config_class = SlimBertConfig
    base_model_prefix = ""

    def __init__(self, config: SlimBertConfig) -> None:
        super().__init__(config)
        self.embeddings = Embeddings(config)
        self.position_bias = PositionBias(config) if config.buckets else None
        self.layers = nn.ModuleList(Layer(config, index) for index in range(len(config.heads)))
        width = config.hidden_size
        self.pooler = nn.Linear(width, width) if config.pooling == "cls" else None
        self.classifier = nn.Linear(width, config.num_labels)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Leave every weight as the file has it: this model is for use, not for training anew."""

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        labels: Tensor | None = None,
        **_: Any,
    ) -> SequenceClassifierOutput:
        """Return the logits ``(batch, labels)`` of ids ``(batch, tokens)``, padded on the right."""
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        real = attention_mask.bool()
        x = self.embeddings(input_ids, token_type_ids)
        mask = torch.zeros(real.shape, dtype=x.dtype, device=x.device)
        mask = mask.masked_fill(~real, torch.finfo(x.dtype).min)[:, None, None, :]
        if self.position_bias is not None:
            mask = mask + self.position_bias(input_ids.shape[1])
        for layer in self.layers:
            x = layer(x, mask)
        pooled = x[:, 0]
        if self.pooler is None or not len(self.layers):
            weight = real[:, :, None].to(x.dtype)
            pooled = (x * weight).sum(1) / weight.sum(1)
        if self.pooler is not None:
            pooled = ACTIVATIONS[self.config.head_activation](self.pooler(pooled))
        logits = self.classifier(pooled)
        loss = None
        if labels is not None and logits.shape[1] == 1:
            loss = F.mse_loss(logits[:, 0], labels.to(logits.dtype))
        elif labels is not None:
            loss = F.cross_entropy(logits, labels)
        return SequenceClassifierOutput(loss=loss, logits=logits)
