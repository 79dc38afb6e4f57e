"""The app's looks: a Gradio theme whose colours meet WCAG contrast in light and in dark."""

from collections.abc import Callable
from pathlib import Path

import gradio as gr

from effexplorer.web.vendor import PLOTLY

STYLES = (
    "shared/theme.css",
    "shared/header.css",
    "lessons/lessons.css",
    "explore/plane.css",
    "shared/run_page.css",
    "shared/export.css",
    "build/builder.css",
    "build/own_data.css",
    "orders/orders.css",
    "build/job_panel.css",
    "find/find.css",
    "exits/exits.css",
    "exits/charts.css",
    "runs/runs.css",
    "runs/compare.css",
)

_LIGHT = {
    "body_background_fill": "#f7f7f5",
    "body_text_color": "#1b1f27",
    "body_text_color_subdued": "#545c6b",
    "block_background_fill": "#ffffff",
    "background_fill_primary": "#ffffff",
    "background_fill_secondary": "#f1f1ee",
    "border_color_primary": "#dfe0e3",
    "color_accent": "#2f4fd0",
    "color_accent_soft": "#e9edfc",
    "link_text_color": "#2f4fd0",
}
_DARK = {
    "body_background_fill": "#0e1015",
    "body_text_color": "#e7e9ee",
    "body_text_color_subdued": "#a2aab9",
    "block_background_fill": "#161920",
    "background_fill_primary": "#161920",
    "background_fill_secondary": "#1e222b",
    "border_color_primary": "#2c313d",
    "color_accent_soft": "#1f2846",
    "link_text_color": "#9db1ff",
}


def make_theme() -> gr.themes.Base:
    """Return the theme; its fonts are files that Gradio itself serves."""
    plex = gr.themes.LocalFont("IBM Plex Sans", weights=(400, 700))
    mono = gr.themes.LocalFont("IBM Plex Mono", weights=(400,))
    theme = gr.themes.Base(
        font=[plex, "system-ui", "sans-serif"], font_mono=[mono, "ui-monospace", "monospace"]
    )
    return theme.set(**_LIGHT, **{f"{name}_dark": value for name, value in _DARK.items()})


def make_head() -> str:
    """Return the style sheets of the app and its panels, for the page's head.

    The figure library begins to load there too, beside Gradio's own scripts.

    Not through Gradio's ``css``, which writes every rule twice, once with a longer selector that
    then wins over the rules for small screens.
    """
    library = f'<link rel="preload" as="script" href="gradio_api/file={PLOTLY}">'
    return f"{library}<style>\n{style_sheets()}</style>"


def style_sheets(wanted: Callable[[str], bool] = lambda name: True) -> str:
    """Return the style sheets of the panels, of all or of those whose name is ``wanted``."""
    folder = Path(__file__).parents[1]
    return "\n".join((folder / name).read_text("utf-8") for name in STYLES if wanted(name))


def color_rules() -> str:
    """Return the theme's colours as CSS, for a page without Gradio."""

    def rule(selector: str, colors: dict[str, str]) -> str:
        lines = (f"--{name.replace('_', '-')}: {value};" for name, value in colors.items())
        return f"{selector} {{ {' '.join(lines)} }}"

    return f"{rule('body', _LIGHT)}\n{rule('body.dark', _DARK)}"
