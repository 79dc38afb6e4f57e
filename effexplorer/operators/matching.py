"""Matching: which of a teacher's layers and exits those of a student are made or learn from."""


def evenly_spaced(layers: int, kept: int) -> list[int]:
    """Return ``kept`` of ``layers`` layer indices at even distances, the first one among them.

    Source: DistilBERT (Sanh et al. 2019), section 3, which takes one layer out of two.
    """
    return [index * layers // kept for index in range(kept)]


def same_depth(layers: int, own: int) -> list[int]:
    """Return for each of a student's ``own`` layers the one of ``layers`` at its share of depth.

    Counted from 1; the last meets the last. As TinyBERT (Jiao et al. 2020) maps layers.
    """
    return [-(-layer * layers // own) for layer in range(1, own + 1)]


def matched_exits(own: list[int], matched: list[int], taught: list[int]) -> list[int]:
    """Return for each of a student's exits the teacher's exit that it learns from, from 0.

    One before any layer meets the first.

    ``own`` are the layers of the student's exits before its last, ``matched`` gives for each of
    its layers the teacher's, and ``taught`` are the layers of the teacher's exits. Where the
    matched layer has none, the nearest exit teaches.
    """
    wanted = [matched[layer - 1] if layer else 0 for layer in own]
    near = [_nearest(taught, layer) for layer in wanted]
    return [*near, len(taught) - 1]


def _nearest(layers: list[int], wanted: int) -> int:
    return min(range(len(layers)), key=lambda at: abs(layers[at] - wanted))
