"""Writes the files that each panel's script is made of, as the app joins them, as JSON."""

import json
import sys

from effexplorer.ui import page  # noqa: F401  # it imports every panel
from effexplorer.ui.shared.panel import Panel

if __name__ == "__main__":
    panels = {
        panel.__name__: [str(path) for path in panel.script_files()]
        for panel in Panel.__subclasses__()
    }
    json.dump(panels, sys.stdout)
