"""Push: an exported folder becomes a repository of the Hugging Face hub."""

from __future__ import annotations

from pathlib import Path

from effexplorer.errors import UserError


def push(folder: Path, repository: str) -> str:
    """Upload ``folder`` as the repository ``OWNER/NAME``, and return its address.

    A repository that is new is private: publishing it is a decision of its own. The token is the
    one that the hub's client finds, in ``HF_TOKEN`` or from its own login. Raises UserError when
    the hub refuses or cannot be reached.
    """
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, HTTPError
    from huggingface_hub.utils import get_token

    if repository.count("/") != 1:
        raise UserError(f"push: must be OWNER/NAME; got {repository[:80]}.")
    if not get_token():
        raise UserError(
            "push: must find a token of the hub, in HF_TOKEN or from its own login; got none."
        )
    api = HfApi(endpoint=constants.ENDPOINT)
    try:
        api.create_repo(repository, private=True, exist_ok=True)
        api.upload_folder(
            repo_id=repository, folder_path=folder, commit_message="Export by effexplorer"
        )
    except HFValidationError as error:
        raise UserError(f"push: must be OWNER/NAME; got {repository[:80]}.") from error
    except HfHubHTTPError as error:
        status = getattr(error.response, "status_code", "no answer")
        raise UserError(
            f"push: {repository} must be writable with this token; got {status} from "
            f"{constants.ENDPOINT}."
        ) from error
    except (OSError, HTTPError) as error:
        raise UserError(
            f"push: the hub must be reachable; got {type(error).__name__} from "
            f"{constants.ENDPOINT}."
        ) from error
    return f"{constants.ENDPOINT}/{repository}"
