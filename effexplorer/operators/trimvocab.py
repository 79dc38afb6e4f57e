"""Trim vocabulary: the tokens that the task's training text never uses leave the embedding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from effexplorer.operators.base import Context, Operator, Outline, register
from effexplorer.operators.knobs import knob

if TYPE_CHECKING:
    from effexplorer.models.slimbert import SlimBertForSequenceClassification


@register
@dataclass(frozen=True)
class TrimVocabulary(Operator):
    """Only the tokens that the task's training text uses keep a row of the word embedding.

    **What it does.** With ``c(t)`` the times that token t occurs in the training text, the
    vocabulary V becomes::

        V' = {t in V: c(t) >= minimum} + special tokens + pieces of one character or byte

    and, for BPE, the tokens that those are merged from; for Unigram (SentencePiece) the least
    probable token, too, from which the cost of an unknown character follows. Rows of the embedding
    and the tokenizer are renumbered together; positions past the task's longest text leave as well.
    With ``minimum`` of 1 every training text keeps its tokens, so that the model's answers to it
    are the same to the last bit; a word that was never seen falls into shorter pieces instead of
    becoming unknown.
    Source: Abdaoui et al. 2020, *Load What You Need* (arXiv 2010.05609), who keep the tokens that a
    language uses.

    **What it costs.** Nothing is trained: seconds. Words that only later text has are spelled out
    in pieces that the model rarely saw, which lengthens the text and can change its answer. MiniLM
    on SST-2 keeps 13,074 of 30,522 tokens and 15.9 of 22.6 million parameters; 38 % of the
    validation sentences then fall into other pieces, and 2 % of the answers change (one seed).

    **When it helps.** In small models, where the embedding is half of all weights, and in narrow
    tasks with little text. It makes the file smaller, not the arithmetic. What was trimmed on a
    small sample of the training text knows fewer words.
    """

    name: ClassVar[str] = "trim"
    letter: ClassVar[str] = "V"
    summary: ClassVar[str] = "Tokens that the training text never uses leave the embedding."
    source: ClassVar[str] = "Abdaoui et al. 2020, arXiv 2010.05609"

    minimum: int = knob(
        1, low=1, high=1000, help="Times that a token must occur in the training text to stay."
    )

    @property
    def trains(self) -> bool:
        """Tell that this step does not train."""
        return False

    @property
    def retokenizes(self) -> bool:
        """Tell that tokens get new numbers."""
        return True

    def problem(self, before: Outline) -> str | None:
        """Return why the embedding cannot be cut, or None."""
        if before.bits < 8:
            return (
                "trim: must stand before quantize to 4 or 2 bits, whose packed groups span the "
                f"rows of the embedding; got trim after {before.bits} bits."
            )
        return super().problem(before)

    def tokenizer_problem(self, kind: str) -> str | None:
        """Return why a tokenizer of this kind cannot be trimmed, or None."""
        from effexplorer.tasks.vocabulary import kind_problem

        return kind_problem(kind)

    def after(self, before: Outline) -> Outline:
        """Return the outline, which tells nothing of the vocabulary."""
        return before

    def sentences(self, examples: int, epochs: float, before: Outline) -> int:
        """Return 0: nothing is trained."""
        return 0

    def new_tokenizer(self, context: Context) -> Any:
        """Return the tokenizer with the tokens that stay, renumbered."""
        from effexplorer.tasks.vocabulary import trimmed

        tokenizer = trimmed(context.tokenizer, self._kept(context))
        longest = context.task.spec.max_length
        tokenizer.model_max_length = min(longest, tokenizer.model_max_length)
        return tokenizer

    def apply(
        self, model: SlimBertForSequenceClassification, context: Context
    ) -> SlimBertForSequenceClassification:
        """Return a copy of ``model`` with the rows of the tokens and positions that stay."""
        from effexplorer.models.trim_vocabulary import keep_words

        tokens = context.task.spec.max_length
        return keep_words(model, self._kept(context), tokens=tokens)

    def _kept(self, context: Context) -> list[int]:
        from effexplorer.tasks.vocabulary import kept_tokens, token_counts

        counts = token_counts(context.task.train.ids, len(context.tokenizer))
        return kept_tokens(context.tokenizer, counts, self.minimum)
