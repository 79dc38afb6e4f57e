"""The base of our own components: a Gradio HTML component whose DOM its JavaScript file builds.

A panel's value is plain JSON. Its template is constant, and its script writes every text through
``textContent``, because Gradio's templates would evaluate what stands in a value.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from effexplorer.errors import UserError

UI = Path(__file__).parents[1]
_MAX_VALUE = 4 * 1024**2


class Panel(gr.HTML):  # type: ignore[misc]  # Gradio has no stubs
    """A component drawn by ``script`` after ``shared/dom`` and ``parts``, styled by ``theme.css``.

    ``server`` are the functions that the script may call; each checks what it is given.
    """

    script = ""  # its path in ui/ without the suffix: "explore/plane" is drawn in ``.fx-plane``
    parts: tuple[str, ...] = ()  # the scripts that stand before it, named likewise

    def __init__(
        self, value: Any = None, *, server: tuple[Callable[..., Any], ...] = (), **options: Any
    ) -> None:
        """Make the panel; ``options`` are those of every Gradio component."""
        code = [path.read_text("utf-8") for path in self.script_files()]
        super().__init__(
            value,
            html_template=f'<div class="fx fx-{Path(self.script).name}"></div>',
            js_on_load="\n".join(code),
            apply_default_css=False,
            server_functions=list(server),
            **options,
        )

    @classmethod
    def script_files(cls) -> list[Path]:
        """Return the files that are joined to the panel's script, in their order."""
        return [UI / f"{name}.js" for name in ("shared/dom", *cls.parts, cls.script)]

    def preprocess(self, payload: Any) -> Any:
        """Return what the browser sent; a panel's value is for showing only, so it is dropped."""
        return None

    def postprocess(self, value: Any) -> Any:
        """Return ``value`` after a check that it is plain JSON of a bearable size."""
        if len(json.dumps(value, allow_nan=False)) > _MAX_VALUE:
            raise UserError("page: what it shows must be smaller; choose fewer runs.")
        return value

    def api_info(self) -> dict[str, Any]:
        """Return the schema of the value: any JSON object."""
        return {"type": "object", "additionalProperties": True}

    def example_payload(self) -> Any:
        """Return a value for Gradio's own documentation; panels are private."""
        return None

    example_value = example_payload
