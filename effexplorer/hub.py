"""The Hugging Face hub: does it answer, and the files of one repository at one revision."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

from huggingface_hub import constants

from effexplorer import limits
from effexplorer.errors import UserError

_lock = threading.Lock()
_seen: dict[str, tuple[float, bool]] = {}


def reachable() -> bool:
    """Tell whether the hub answers: one look of a few seconds, remembered for a minute."""
    if constants.HF_HUB_OFFLINE:
        return False
    endpoint = constants.ENDPOINT
    with _lock:
        asked, answer = _seen.get(endpoint, (-limits.HUB_MEMORY_SECONDS, False))
        if time.monotonic() - asked >= limits.HUB_MEMORY_SECONDS:
            answer = _answers(endpoint)
            _seen[endpoint] = (time.monotonic(), answer)
        return answer


def refusal() -> str:
    """Return why the hub was not asked or did not answer, as the end of a sentence."""
    if constants.HF_HUB_OFFLINE:
        return "HF_HUB_OFFLINE, which forbids to ask it"
    return f"no answer from {constants.ENDPOINT}"


def cached(
    repository: str,
    revision: str,
    patterns: tuple[str, ...],
    whole: Callable[[Path], bool],
    *,
    kind: str = "model",
) -> Path | None:
    """Return the folder of a repository that the hub's cache holds, or None.

    ``whole`` tells whether a folder has all the files that are needed: a cache can hold a part.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = snapshot_download(
            repository,
            repo_type=kind,
            revision=revision,
            allow_patterns=list(patterns),
            cache_dir=constants.HF_HUB_CACHE,
            local_files_only=True,
        )
    except LocalEntryNotFoundError:
        return None
    return Path(folder) if whole(Path(folder)) else None


def is_name(repository: str) -> bool:
    """Tell whether the hub could have a repository of that name."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(repository)
    except HFValidationError:
        return False
    return True


def cached_file(repository: str, revision: str, name: str) -> Path | None:
    """Return one file of a repository of models that the hub's cache holds, or None."""
    from huggingface_hub import try_to_load_from_cache

    path = try_to_load_from_cache(
        repository, name, revision=revision, cache_dir=constants.HF_HUB_CACHE
    )
    return Path(path) if isinstance(path, str) else None


def sizes(repository: str, revision: str) -> dict[str, int]:
    """Return the bytes of each file at the top of a repository of models; nothing is downloaded.

    Raises UserError when the hub refuses or breaks off, or there are too many files.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HTTPError
    from huggingface_hub.hf_api import RepoFile

    files: dict[str, int] = {}
    try:
        for entry in HfApi(constants.ENDPOINT).list_repo_tree(repository, revision=revision):
            if len(files) == limits.MAX_HUB_FILES:
                raise UserError(
                    f"hub: {repository} must have at most {limits.MAX_HUB_FILES} files; got more."
                )
            if isinstance(entry, RepoFile):
                files[entry.path] = entry.size
    except (OSError, HTTPError) as error:
        raise _refused(repository, revision, error) from error
    return files


def download(
    repository: str, revision: str, patterns: tuple[str, ...], *, kind: str = "model"
) -> Path:
    """Return the folder of a repository, its files fetched where the cache lacks them.

    Raises UserError when the hub refuses or breaks off.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HTTPError

    try:
        folder = snapshot_download(
            repository,
            repo_type=kind,
            revision=revision,
            allow_patterns=list(patterns),
            cache_dir=constants.HF_HUB_CACHE,
            endpoint=constants.ENDPOINT,
        )
    except (OSError, HTTPError) as error:
        raise _refused(repository, revision, error) from error
    return Path(folder)


def _refused(repository: str, revision: str, error: Exception) -> UserError:
    return UserError(
        f"hub: {repository} at revision {revision[:12]} must be downloadable; "
        f"got {type(error).__name__} from {constants.ENDPOINT}."
    )


def _answers(endpoint: str) -> bool:
    """Ask in a thread of its own: a name server that hangs heeds no timeout."""
    answers = []

    def ask() -> None:
        try:
            look = Request(endpoint, method="HEAD")  # noqa: S310 - the user's own HF_ENDPOINT
            with urlopen(look, timeout=limits.HUB_TIMEOUT_SECONDS) as reply:  # noqa: S310 - same
                answers.append(reply.status < 400)
        except (OSError, HTTPException, ValueError):
            answers.append(False)

    thread = threading.Thread(target=ask, name="hub-look", daemon=True)
    thread.start()
    thread.join(limits.HUB_TIMEOUT_SECONDS)
    return answers == [True]
