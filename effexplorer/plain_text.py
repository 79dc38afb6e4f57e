"""Which texts stand in one line of UTF-8, as names in records, messages and links must."""

import unicodedata

_REFUSED = ("Cc", "Cs", "Zl", "Zp")  # controls, surrogates, separators of lines and paragraphs


def is_text(text: str) -> bool:
    """Tell whether ``text`` can be written as UTF-8 and stands in one line.

    Spaces and joiners of any script are text like letters.
    """
    return text.isprintable() or all(map(_is_kept, text))  # the former is quick


def escaped_text(text: str) -> str:
    r"""Return ``text`` with what ``is_text`` refuses as escapes: a line feed as ``\n``."""
    return "".join(
        character if _is_kept(character) else ascii(character)[1:-1] for character in text
    )


def _is_kept(character: str) -> bool:
    return unicodedata.category(character) not in _REFUSED
