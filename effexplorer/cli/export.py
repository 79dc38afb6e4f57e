"""``effexplorer export``: a run's model as files that run without this program."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from effexplorer.cli.output import print_json, tell
from effexplorer.errors import UserError
from effexplorer.exports.export import FORMATS, plan, read_formats, write
from effexplorer.exports.source import find_run, open_source

HELP = "Write the model that a run ends with as files that run without this program."
EXAMPLE = "export 26bd9f217688 sentiment --format hf,onnx,exits"


def add_options(parser: ArgumentParser) -> None:
    """Add the run, the folder, the formats and the repository."""
    parser.add_argument("run", help="the run's id, or a shipped model's name")
    parser.add_argument("out", type=Path, help="a new folder")
    parser.add_argument("--format", default="hf", help=f"{', '.join(FORMATS)} (default: hf)")
    parser.add_argument(
        "--standard-operators", action="store_true", help="keep onnx to the ONNX standard"
    )
    parser.add_argument("--push", metavar="REPO", help="upload to the hub: OWNER/NAME")


def act(options: Namespace) -> int:
    """Say what the formats leave out, write the folder, and perhaps upload it."""
    formats = read_formats(options.format)
    if options.push and len(formats) > 1:
        raise UserError(f"push: must be of one format; got {', '.join(formats)}.")
    source = open_source(find_run(options.run))
    made = plan(source, formats, standard=options.standard_operators)
    tell(made.notes)
    write(made, options.out)
    address = ""
    if options.push:
        from effexplorer.exports.push import push

        address = push(options.out, options.push)
    if options.json:
        plain = {"run": source.record.id, "out": str(options.out), "formats": list(formats)}
        print_json(plain | {"left_out": list(made.notes), "address": address})
    else:
        print(f"Written: {options.out}")
        if address:
            print(f"Uploaded: {address} (private if it is new)")
    return 0
