"""The slim encoder's parts: embeddings, and layers that each have a width of their own."""

from torch import Tensor, nn
from torch.nn import functional as F

from effexplorer.models.config import SlimBertConfig
from effexplorer.models.dropout import Dropout, attention
from effexplorer.models.formats import embedding, linear

ACTIVATIONS = {
    "gelu": nn.GELU(),
    "gelu_new": nn.GELU(approximate="tanh"),
    "gelu_pytorch_tanh": nn.GELU(approximate="tanh"),
    "relu": nn.ReLU(),
    "silu": nn.SiLU(),
}


class Embeddings(nn.Module):
    """Word, position and token-type embeddings, summed, normalised and maybe projected."""

    def __init__(self, config: SlimBertConfig) -> None:
        super().__init__()
        width = config.embedding_width
        self.offset = config.position_offset
        self.word = embedding(config.numeric, config.vocab_size, config.rank or width)
        self.word_up = None
        if config.rank:
            self.word_up = linear(config.numeric, config.rank, width, bias=False)
        self.position = nn.Embedding(config.max_position_embeddings, width)
        self.token_type = None
        if config.type_vocab_size:
            self.token_type = nn.Embedding(config.type_vocab_size, width)
        self.norm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.dropout = Dropout(config.dropout)
        self.project = None
        if config.embedding_size:
            self.project = linear(config.numeric, width, config.hidden_size)

    def forward(self, ids: Tensor, token_types: Tensor | None) -> Tensor:
        """Return ``(batch, tokens, hidden)`` of ids and token types ``(batch, tokens)``."""
        tokens = ids.shape[1]
        places = self.position.weight[self.offset : self.offset + tokens]  # (tokens, width)
        words = self.word(ids)  # (batch, tokens, rank or width)
        if self.word_up is not None:
            words = self.word_up(words)
        total = words + places
        if self.token_type is not None:
            types = self.token_type
            total = total + (types.weight[0] if token_types is None else types(token_types))
        states: Tensor = self.dropout(self.norm(total))  # (batch, tokens, width)
        return states if self.project is None else self.project(states)


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
        every = list(range(config.bias_columns))
        own = config.bias_heads[index] if config.buckets else every
        self.bias_heads = None if own == every else own
        self.qkv = linear(config.numeric, width, 3 * inner)
        self.output = linear(config.numeric, inner, width)
        self.attention_norm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.up = linear(config.numeric, width, config.ffn[index])
        self.activation = ACTIVATIONS[config.activation]
        self.down = linear(config.numeric, config.ffn[index], width)
        self.ffn_norm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.dropout = Dropout(config.dropout)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """Return ``(batch, tokens, hidden)`` of the same.

        ``mask`` is what the model's ``biased`` returns.
        """
        batch, tokens, _ = x.shape
        if self.bias_heads is not None and mask is not None:
            mask = mask[:, self.bias_heads]
        keys = tokens if mask is None else mask.shape[-1]
        qkv = self.qkv(x)
        if keys > tokens:
            qkv = F.pad(qkv, (0, 0, 0, keys - tokens))
        qkv = qkv.view(batch, keys, 3, self.heads, self.head_size)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind()  # (batch, heads, keys, head_size)
        dropout = self.attention_dropout if self.training else 0.0
        mixed = attention(q, k, v, mask, dropout)
        mixed = mixed.transpose(1, 2)[:, :tokens].flatten(2)  # (batch, tokens, inner)
        x = self.attention_norm(x + self.dropout(self.output(mixed)))
        states: Tensor = self.ffn_norm(x + self.dropout(self.down(self.activation(self.up(x)))))
        return states
