"""SlimBert: a BERT-family encoder whose layers each have a width, and maybe a classifier."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

from effexplorer.models import checkpoint
from effexplorer.models.config import SlimBertConfig
from effexplorer.models.formats import embedding, linear


class Embeddings(nn.Module):
    """Word, position and token-type embeddings, summed and normalised."""

    def __init__(self, config: SlimBertConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.offset = config.position_offset
        self.word = embedding(config.numeric, config.vocab_size, config.rank or width)
        self.word_up = None
        if config.rank:
            self.word_up = linear(config.numeric, config.rank, width, bias=False)
        self.position = nn.Embedding(config.max_position_embeddings, width)
        self.token_type = nn.Embedding(config.type_vocab_size, width)
        self.norm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, ids: Tensor, token_types: Tensor | None) -> Tensor:
        """Return ``(batch, tokens, hidden)`` of ids and token types ``(batch, tokens)``."""
        tokens = ids.shape[1]
        kinds = self.token_type.weight[0] if token_types is None else self.token_type(token_types)
        places = self.position.weight[self.offset : self.offset + tokens]  # (tokens, hidden)
        words = self.word(ids)  # (batch, tokens, rank or hidden)
        if self.word_up is not None:
            words = self.word_up(words)
        return self.dropout(self.norm(words + places + kinds))  # (batch, tokens, hidden)


class Layer(nn.Module):
    """Self-attention and feed-forward network, each with its residual and norm (post-norm)."""

    def __init__(self, config: SlimBertConfig, index: int) -> None:
        super().__init__()
        width, self.heads, self.head_size = (
            config.hidden_size,
            config.heads[index],
            config.head_size,
        )
        inner = self.heads * self.head_size
        self.attention_dropout = config.attention_dropout
        self.qkv = linear(config.numeric, width, 3 * inner)
        self.output = linear(config.numeric, inner, width)
        self.attention_norm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.up = linear(config.numeric, width, config.ffn[index])
        self.activation = ACTIVATIONS[config.activation]
        self.down = linear(config.numeric, config.ffn[index], width)
        self.ffn_norm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """Return ``(batch, tokens, hidden)`` of the same; ``mask`` is ``(batch, 1, 1, tokens)``."""
        batch, tokens, _ = x.shape
        keys = tokens if mask is None else mask.shape[-1]
        qkv = self.qkv(x)
        if keys > tokens:
            qkv = F.pad(qkv, (0, 0, 0, keys - tokens))
        qkv = qkv.view(batch, keys, 3, self.heads, self.head_size)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind()  # (batch, heads, keys, head_size)
        dropout = self.attention_dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=dropout)
        mixed = mixed.transpose(1, 2)[:, :tokens].flatten(2)  # (batch, tokens, inner)
        x = self.attention_norm(x + self.dropout(self.output(mixed)))
        return self.ffn_norm(x + self.dropout(self.down(self.activation(self.up(x)))))


class SlimBertForSequenceClassification(PreTrainedModel):
    """The encoder with a classifier (or regressor) at its end, and at ``config.exits`` before it.

    Saved and opened like any transformers model; ``effexplorer.models.checkpoint`` says how the
    compressed formats stand in the file.
    """

    config_class = SlimBertConfig
    base_model_prefix = ""
    main_input_name = "input_ids"

    def __init__(self, config: SlimBertConfig) -> None:
        super().__init__(config)
        self.embeddings = Embeddings(config)
        self.layers = nn.ModuleList(Layer(config, i) for i in range(config.num_hidden_layers))
        width = config.hidden_size
        self.pooler = nn.Linear(width, width) if config.pooling == "cls" else None
        self.dropout = nn.Dropout(config.dropout)
        self.classifier = nn.Linear(width, config.num_labels)
        self.exits = nn.ModuleList(nn.Linear(width, config.num_labels) for _ in config.exits)
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
        states = [self.embeddings(ids, token_types)]
        for layer in self.layers:
            states.append(layer(states[-1], mask))
        return states

    def classify(self, state: Tensor, attention_mask: Tensor | None) -> Tensor:
        """Return the last exit's logits ``(batch, labels)`` of ``(batch, tokens, hidden)``."""
        pooled = self._pooled(state, attention_mask)
        if self.pooler is not None:
            pooled = torch.tanh(self.pooler(pooled))  # (batch, hidden)
        return self.classifier(self.dropout(pooled))

    def classify_at(self, exit: int, state: Tensor, attention_mask: Tensor | None) -> Tensor:
        """Return logits ``(batch, labels)`` of an exit; ``state`` is the output of its layer.

        ``exit`` counts ``config.exit_layers`` from 0. An exit before the last is
        ``linear(tanh(pooled))``, without a dense pooler (COST-EFF, arXiv 2210.15523, section 3.1).
        """
        if exit == len(self.exits):
            return self.classify(state, attention_mask)
        pooled = torch.tanh(self._pooled(state, attention_mask))  # (batch, hidden)
        return self.exits[exit](self.dropout(pooled))

    def exit_logits(self, states: list[Tensor], attention_mask: Tensor | None) -> list[Tensor]:
        """Return the logits ``(batch, labels)`` of every exit from what ``hidden_states`` gave."""
        return [
            self.classify_at(exit, states[layer], attention_mask)
            for exit, layer in enumerate(self.config.exit_layers)
        ]

    def _pooled(self, state: Tensor, attention_mask: Tensor | None) -> Tensor:
        """Return ``(batch, hidden)``: the first token, or the mean over the real tokens."""
        if self.config.pooling == "cls":
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
        **_,
    ) -> SequenceClassifierOutput:
        """Return the last exit's logits ``(batch, labels)``, and its loss if ``labels`` are given.

        ``input_ids``, ``attention_mask`` and ``token_type_ids`` are ``(batch, tokens)``, padded on
        the right; ``labels`` are ``(batch,)``.
        """
        state = self.hidden_states(input_ids, attention_mask, token_type_ids)[-1]
        logits = self.classify(state, attention_mask)
        loss = None if labels is None else task_loss(logits, labels)
        return SequenceClassifierOutput(loss=loss, logits=logits)

    def save_pretrained(self, save_directory, **_) -> None:
        """Save config and weights: one ``model.safetensors``, compressed formats packed."""
        checkpoint.save(self, save_directory)

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path, *args, config=None, **kwargs):
        """Open a model that ``save_pretrained`` saved; the arguments are transformers' own."""
        config = config or cls.config_class.from_pretrained(pretrained_model_name_or_path)
        model = cls(config)
        checkpoint.fill(model, pretrained_model_name_or_path)
        return model.eval()


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


KEYS = 16  # floats in the widest vector register

ACTIVATIONS = {
    "gelu": nn.GELU(),
    "gelu_new": nn.GELU(approximate="tanh"),
    "gelu_pytorch_tanh": nn.GELU(approximate="tanh"),
    "relu": nn.ReLU(),
    "silu": nn.SiLU(),
}

AutoConfig.register("slimbert", SlimBertConfig)
AutoModelForSequenceClassification.register(SlimBertConfig, SlimBertForSequenceClassification)
