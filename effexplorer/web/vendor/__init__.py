"""Libraries of others that the browser loads, unchanged, each at a pinned version."""

from pathlib import Path

PLOTLY = Path(__file__).with_name("plotly-basic.min.js")
