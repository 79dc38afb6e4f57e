"""The tokenizer of a checkpoint: opened, and held against what the model can take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from effexplorer import bounded_file, limits
from effexplorer.errors import UserError
from effexplorer.models.families import FAMILIES


def open_tokenizer(folder: Path) -> Any:
    """Return the tokenizer in ``folder``.

    Raises UserError for files that are damaged or of another library's version, for one that is
    not fast (it could not be asked in the browser), and for one without a padding token.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except Exception as error:  # tokenizers raises nothing more special
        reason = " ".join(str(error).split())[:160].rstrip(".")
        raise UserError(f"model: its tokenizer must be readable; got {reason}.") from error
    if not getattr(tokenizer, "is_fast", False):
        kind = type(tokenizer).__name__
        raise UserError(f"model: its tokenizer must be one of the tokenizers library; got {kind}.")
    if tokenizer.pad_token_id is None:
        raise UserError("model: its tokenizer must have a padding token; got none.")
    return tokenizer


def check_tokenizer(folder: Path, tokenizer: Any, texts: int) -> int | None:
    """Return how many positions the model in ``folder`` has, None where its config does not tell.

    ``texts`` is how many texts a row has. Raises UserError where the model has no row for a token
    or a kind of token that ``tokenizer`` makes.
    """
    config = json.loads(bounded_file.read_text(folder / "config.json", limits.MAX_CONFIG_BYTES))
    family = FAMILIES.get(str(config.get("model_type")))
    if family is None:  # a model of this program, which was checked when it was made
        return None
    rows, last = config.get("vocab_size"), max(tokenizer.get_vocab().values())
    if isinstance(rows, int) and last >= rows:
        raise UserError(
            f"model: every token must have a row of the embedding; got tokens up to {last} "
            f"and {rows} rows."
        )
    kinds = family.fields.get("type_vocab_size", config.get("type_vocab_size", 2))
    pair = tokenizer(["a"], ["a"], verbose=False).encodings[0]
    if texts == 2 and kinds and max(pair.type_ids) >= kinds:
        raise UserError(
            f"model: a pair's second text must have a token type; got {kinds} of them in "
            "config.json."
        )
    places = config.get("max_position_embeddings")
    offset = config.get("pad_token_id", 1) + 1 if family.padded_positions else 0
    offset = family.fields.get("position_offset", offset)
    return places - offset if isinstance(places, int) else None
