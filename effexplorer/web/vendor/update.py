"""Fetch the vendored packages again: ``python -m effexplorer.web.vendor.update`` (needs npm).

The packages are pinned by version and by the registry's SHA-512; ``files.json`` keeps the SHA-256
of every file that is taken from them (before it is compressed, where its name ends in ``.gz``), and
a test compares it with what lies in this folder.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from effexplorer.errors import UserError

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Package:
    """A package of the npm registry: ``files`` maps the names in it to those in this folder."""

    name: str
    version: str
    integrity: str
    licence: str
    files: dict[str, str]


PACKAGES = (
    Package(
        "onnxruntime-web",
        "1.30.0",
        "sha512-q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ==",
        "MIT",
        {
            "dist/ort.wasm.bundle.min.mjs": "ort.wasm.bundle.min.mjs",
            "dist/ort-wasm-simd-threaded.wasm": "ort-wasm-simd-threaded.wasm.gz",
        },
    ),
    Package(
        "@huggingface/tokenizers",
        "0.2.0",
        "sha512-LidMHe1FpcSYH4vcSjXooda34pC0M8m1gmDOv7SQi6Iv+ib1zX7J3sHBCC9/3FPCkn2k1b55FneVqMRxrr99pg==",
        "Apache-2.0",
        {"dist/tokenizers.min.mjs": "tokenizers.min.mjs", "LICENSE": "LICENSE.tokenizers"},
    ),
    Package(  # the plotly.js of the plotly package, with the kinds of traces that are drawn here
        "plotly.js-basic-dist-min",
        "4.1.1",
        "sha512-1oNF8PeQx2hv/y7tqEVWKD3JGwn/MGEMQ8mL9HUwsaqG9FGy/OU5FHUHvzqbqxN4mnwZGI9abTiE775C4kkjMQ==",
        "MIT",
        {
            "plotly-basic.min.js": "plotly-basic.min.js",
            "LICENSE": "LICENSE.plotly.js-basic-dist-min",
        },
    ),
)


def fetch(package: Package, target: Path) -> None:
    """Write the package's files into ``target``; raises UserError for any other archive."""
    npm = shutil.which("npm")
    if npm is None:
        raise UserError("vendor: must have npm on the PATH; got none.")
    with tempfile.TemporaryDirectory() as scratch:
        wanted = f"{package.name}@{package.version}"
        subprocess.run([npm, "pack", "--silent", wanted], cwd=scratch, check=True)  # noqa: S603
        (archive,) = Path(scratch).glob("*.tgz")
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode("ascii")
        if f"sha512-{digest}" != package.integrity:
            raise UserError(f"vendor: {wanted} must have {package.integrity}; got sha512-{digest}.")
        with tarfile.open(archive) as files:
            for source, name in package.files.items():
                member = files.extractfile(f"package/{source}")
                if member is None:
                    raise UserError(f"vendor: {wanted} must hold {source}; got none.")
                data = member.read()
                if name.endswith(".gz"):
                    data = gzip.compress(data, 9, mtime=0)
                (target / name).write_bytes(data)


def content(path: Path) -> bytes:
    """Return what ``path`` holds, uncompressed."""
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def listing(folder: Path) -> dict[str, dict[str, str]]:
    """Return for each vendored file its package, version, licence and SHA-256 in ``folder``."""
    return {
        name: {
            "package": package.name,
            "version": package.version,
            "licence": package.licence,
            "sha256": hashlib.sha256(content(folder / name)).hexdigest(),
        }
        for package in PACKAGES
        for name in package.files.values()
    }


def main() -> None:
    """Fetch all packages and write ``files.json``."""
    for package in PACKAGES:
        fetch(package, FOLDER)
    text = json.dumps(listing(FOLDER), indent=2) + "\n"
    (FOLDER / "files.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
