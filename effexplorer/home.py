"""Where effexplorer keeps a user's runs, stages, jobs and tasks, and where shipped ones stand."""

import math
import os
from pathlib import Path

import platformdirs

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.plain_text import is_text


def home() -> Path:
    """Return the user's data folder: ``EFFEXPLORER_HOME``, else the platform's own place."""
    return named_folder("EFFEXPLORER_HOME") or platformdirs.user_data_path("effexplorer")


def named_folder(variable: str) -> Path | None:
    """Return the folder that an environment variable names, or None where it is not set.

    Raises UserError for the home of nobody, and for a name that is no text, which no record could
    hold.
    """
    chosen = os.environ.get(variable)
    if not chosen:
        return None
    folder = os.path.expanduser(chosen)
    if folder.startswith("~"):
        raise UserError(f"{variable}: must be a folder; got {chosen[:60]}, whose user is unknown.")
    if not is_text(folder):
        raise UserError(f"{variable}: must be a name in UTF-8, in one line; got {chosen[:60]!a}.")
    return Path(folder)


def runs_folder() -> Path:
    """Return the folder of the records measured on this machine."""
    return home() / "runs"


def stages_folder() -> Path:
    """Return the folder of the bounded cache of finished stages."""
    return home() / "stages"


def stages_bytes() -> int:
    """Return how large that cache may become: ``EFFEXPLORER_CACHE_GB``, else 6 GiB.

    Raises UserError when that names no size.
    """
    asked = os.environ.get("EFFEXPLORER_CACHE_GB", "")
    if not asked:
        return limits.STAGE_CACHE_BYTES
    try:
        size = float(asked)
    except ValueError:
        size = math.nan
    if not 0 < size < math.inf:
        raise UserError(
            f"EFFEXPLORER_CACHE_GB: must be a number of gigabytes above 0; got {asked[:40]}."
        )
    return int(size * 1e9)


def web_folder() -> Path:
    """Return the folder of the files from which browsers compute models, made when first asked."""
    return home() / "web"


def models_folder() -> Path:
    """Return the folder of models that were unpacked from installed packages."""
    return home() / "models"


def jobs_folder() -> Path:
    """Return the folder in which every job has a folder of its own."""
    return home() / "jobs"


def tasks_folder() -> Path:
    """Return the folder of the user's own tasks, each with its data in a folder of its own."""
    return home() / "tasks"


def uploads_folder() -> Path:
    """Return the folder of files that browsers brought and that are no task yet."""
    return home() / "uploads"


def searches_folder() -> Path:
    """Return the folder in which every search for a pipeline has a folder of its own."""
    return home() / "searches"


def precomputed_folder() -> Path:
    """Return the shipped results: inside an installed package, beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "precomputed"
    return installed if installed.is_dir() else package.parent / "precomputed"
