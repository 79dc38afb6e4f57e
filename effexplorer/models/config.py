"""The slim encoder's configuration: the width of every layer, the pooling and the number format."""

from typing import Any

from transformers import PreTrainedConfig

NUMERICS = ("fp32", "int8-aware", "int8", "int4", "int2")
HEAD_ACTIVATIONS = ("tanh", "relu", "gelu")


class SlimBertConfig(PreTrainedConfig):  # type: ignore[misc]  # has no stubs
    """Shape and format of a ``SlimBert``.

    ``heads`` and ``ffn`` hold, per layer, the number of attention heads and of feed-forward
    neurons; a head has ``head_size`` dimensions whatever their number. ``pooling`` is ``cls``
    (a dense layer over the first token, as BERT and RoBERTa have it, with ``head_activation``
    behind it) or ``mean`` (over the tokens, nothing between it and the classifier).
    ``position_offset`` is the id of the first position (RoBERTa starts after its padding id).
    ``buckets`` is the number of distances between two tokens that the layers' shared position bias
    tells apart (MPNet), 0 for none; ``bias_heads`` holds, per layer, the column of that bias that
    each of its heads adds to its scores. ``type_vocab_size`` of 0 means no token types.
    ``embedding_size`` is the width of the embedding tables and their norm where a projection to the
    layers' width follows (ELECTRA), else 0. ``rank`` is the inner width of a factorised word
    embedding, 0 for a plain table. ``exits`` are the layers, counted from 1, that have a classifier
    of their own besides the last one, which always has; 0 is before any layer. ``temperatures``
    calibrate all exits, the last among them (empty: all 1), and ``threshold`` is the readiness at
    which sentences leave unless another is asked for (None: at the last exit).
    ``task`` names the task that it was fine-tuned on, "" where that is not known, and
    ``text_length`` is the number of word pieces at which texts were cut (None: the task's own).
    ``numeric`` is the format of matrices and word embedding: ``fp32``; ``int8-aware`` (fp32 that is
    rounded to the int8 grid as it is used); ``int8``; ``int4`` and ``int2``. ``sparse`` tells that
    the encoder's matrices are stored as a bit mask and the values that are not zero.
    """

    model_type = "slimbert"

    def __init__(
        self,
        vocab_size: int = 30522,
        hidden_size: int = 384,
        head_size: int = 32,
        heads: list[int] | None = None,
        ffn: list[int] | None = None,
        activation: str = "gelu",
        max_position_embeddings: int = 512,
        position_offset: int = 0,
        type_vocab_size: int = 2,
        layer_norm_eps: float = 1e-12,
        pad_token_id: int = 0,
        dropout: float = 0.1,
        attention_dropout: float = 0.0,
        pooling: str = "cls",
        head_activation: str = "tanh",
        embedding_size: int = 0,
        buckets: int = 0,
        bias_heads: list[list[int]] | None = None,
        rank: int = 0,
        exits: list[int] | None = None,
        temperatures: list[float] | None = None,
        threshold: float | None = None,
        task: str = "",
        text_length: int | None = None,
        numeric: str = "fp32",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.head_size = head_size
        self.heads = list(heads) if heads is not None else [12] * 6
        self.ffn = list(ffn) if ffn is not None else [1536] * 6
        self.activation = activation
        self.max_position_embeddings = max_position_embeddings
        self.position_offset = position_offset
        self.type_vocab_size = type_vocab_size
        self.layer_norm_eps = layer_norm_eps
        self.dropout = dropout
        self.attention_dropout = attention_dropout
        self.pooling = pooling
        self.head_activation = head_activation
        self.embedding_size = embedding_size
        self.buckets = buckets
        every_head = [list(range(count)) for count in self.heads] if buckets else []
        self.bias_heads = list(bias_heads) if bias_heads else every_head
        self.rank = rank
        self.exits = list(exits or ())
        self.temperatures = list(temperatures or ())
        self.threshold = threshold
        self.task = task
        self.text_length = text_length
        self.numeric = numeric
        self.sparse = sparse
        super().__init__(pad_token_id=pad_token_id, **kwargs)
        if len(self.heads) != len(self.ffn):
            raise ValueError(f"heads and ffn must have one entry a layer; got {heads} and {ffn}")
        if numeric not in NUMERICS:
            raise ValueError(f"numeric must be one of {', '.join(NUMERICS)}; got {numeric}")
        if pooling not in ("cls", "mean"):
            raise ValueError(f"pooling must be cls or mean; got {pooling}")
        if head_activation not in HEAD_ACTIVATIONS:
            raise ValueError(
                f"head_activation must be one of {HEAD_ACTIVATIONS}; got {head_activation}"
            )
        if buckets and [len(columns) for columns in self.bias_heads] != self.heads:
            raise ValueError(f"bias_heads must have one entry a head; got {bias_heads}")
        if self.exits != sorted({layer for layer in self.exits if 0 <= layer < len(self.heads)}):
            raise ValueError(f"exits must be layers before the last one, in order; got {exits}")
        if self.temperatures and len(self.temperatures) != len(self.exits) + 1:
            raise ValueError(f"temperatures must have one entry an exit; got {temperatures}")

    @property
    def exit_layers(self) -> list[int]:
        """Return the layers that a classifier follows, counted from 1, the last included."""
        return [*self.exits, len(self.heads)]

    def pools_mean(self, layer: int) -> bool:
        """Tell whether the classifier after ``layer`` reads the mean over the tokens.

        Before any layer it always does: the first token is the same one in every text there.
        """
        return self.pooling == "mean" or layer == 0

    @property
    def has_means(self) -> bool:
        """Tell whether any classifier reads the mean over the tokens."""
        return any(map(self.pools_mean, self.exit_layers))

    @property
    def embedding_width(self) -> int:
        """Return the width of the embedding tables."""
        return self.embedding_size or self.hidden_size

    @property
    def bias_columns(self) -> int:
        """Return the number of columns of the shared position bias."""
        return 1 + max((max(columns) for columns in self.bias_heads), default=-1)

    @property
    def num_hidden_layers(self) -> int:
        """Return the number of layers."""
        return len(self.heads)
