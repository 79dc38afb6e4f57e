"""torch and transformers, loaded whole: a thread that finds them half loaded fails."""

import threading

_turn = threading.Lock()


def load_libraries() -> None:
    """Import torch and transformers, one thread at a time; later calls return at once.

    What several threads of the app may do first calls it before it imports either of them.
    """
    with _turn:
        from transformers import PreTrainedModel  # noqa: F401 - its module imports torch
