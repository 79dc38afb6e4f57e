"""The page of a static site: the app's panels as one script, its styles as one sheet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from effexplorer.ui.exits.exits import ExitsPanel
from effexplorer.ui.explore.plane import PlanePanel
from effexplorer.ui.lessons.panel import TABS, LessonsPanel
from effexplorer.ui.orders.orders import OrdersPanel
from effexplorer.ui.page import HeaderPanel
from effexplorer.ui.shared.panel import Panel
from effexplorer.ui.shared.run_page import RunPanel
from effexplorer.ui.shared.theme import color_rules, style_sheets

PANELS: tuple[type[Panel], ...] = (
    HeaderPanel,
    LessonsPanel,
    PlanePanel,
    RunPanel,
    OrdersPanel,
    ExitsPanel,
)
SCRIPTS = ("site.js", "plane.js", "orders.js")
_HERE = Path(__file__).parent
_UNUSED = ("build/", "find/", "runs/")  # styles of panels that need a server
_FONTS = "body { --font: system-ui, sans-serif; --font-mono: ui-monospace, monospace; }"


def panels_script() -> str:
    """Return the panels' scripts, each a function of what the app gives it."""
    functions = []
    for panel in PANELS:
        code = "\n".join(path.read_text("utf-8") for path in panel.script_files())
        name = Path(panel.script).name
        functions.append(f"{name}(element, props, trigger, watch, server) {{\n{code}\n}}")
    joined = ",\n".join(functions)
    return f"window.effexplorerPanels = {{\n{joined}\n}};\n"


def style_sheet() -> str:
    """Return the page's styles: the theme's colours, the page's own, then the panels'."""
    own = (_HERE / "site.css").read_text("utf-8")
    panels = style_sheets(lambda name: not name.startswith(_UNUSED))
    return "\n".join((color_rules(), _FONTS, own, panels))


def page(title: str, site: dict[str, Any], tabs: Sequence[str], footer: str) -> str:
    """Return the page with its ``tabs``, of which Explore is always one; ``site`` is its contents.

    ``footer`` is plain text.
    """
    parts = [
        f'<section class="tabitem" id="tab-{id}" role="tabpanel" '
        f'aria-labelledby="open-{id}" hidden>'
        f'<div id="{id}"><div class="fx fx-{id}"></div></div></section>'
        for id in tabs
        if id != "explore"
    ]
    buttons = [
        f'<button type="button" role="tab" id="open-{id}" data-tab-id="{id}" '
        f'aria-controls="tab-{id}">{TABS[id]}</button>'
        for id in tabs
    ]
    text = (_HERE / "index.html").read_text("utf-8")
    for name, part in (
        ("title", escape(title)),
        ("site", json.dumps(site, allow_nan=False).replace("<", "\\u003c")),
        ("tabs", "".join(buttons)),
        ("panels", "".join(parts)),
        ("footer", escape(footer)),
    ):
        text = text.replace(f"<!-- {name} -->", part)
    return text


def scripts() -> dict[str, str]:
    """Return the page's own scripts by the names of their files."""
    return {name: (_HERE / name).read_text("utf-8") for name in SCRIPTS}


def card(title: str, about: str) -> str:
    """Return the folder's README, which is also the card of a static Space."""
    return f"""---
title: {json.dumps(title, ensure_ascii=False)}
emoji: 📉
colorFrom: blue
colorTo: green
sdk: static
app_file: index.html
---

# {title}

{about}

Open it with any file server: `python -m http.server` in this folder, GitHub Pages, a static Space.
Plotly.js, ONNX Runtime and the tokenizer stand here unchanged, under the licences beside them.
"""
