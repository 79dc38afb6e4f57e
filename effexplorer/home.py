"""Where effexplorer keeps a user's runs, stages and jobs, and where the shipped results stand."""

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """Return the user's data folder: ``EFFEXPLORER_HOME``, else the platform's own place."""
    chosen = os.environ.get("EFFEXPLORER_HOME")
    return Path(chosen).expanduser() if chosen else platformdirs.user_data_path("effexplorer")


def runs_folder() -> Path:
    """Return the folder of the records measured on this machine."""
    return home() / "runs"


def stages_folder() -> Path:
    """Return the folder of the bounded cache of finished stages."""
    return home() / "stages"


def jobs_folder() -> Path:
    """Return the folder in which every job has a folder of its own."""
    return home() / "jobs"


def precomputed_folder() -> Path:
    """Return the shipped results: inside an installed package, beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "precomputed"
    return installed if installed.is_dir() else package.parent / "precomputed"
