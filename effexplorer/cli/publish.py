"""``effexplorer publish``: finished runs and models as a static site."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from effexplorer.cli.output import print_json
from effexplorer.records.store import open_store

HELP = "Write finished runs and multi-exit models as a page that any file server shows."
EXAMPLE = "publish public --task sst2,sentiment --models sst2,sentiment"


def add_options(parser: ArgumentParser) -> None:
    """Add the folder, the tasks, the models and the title."""
    parser.add_argument("out", type=Path, help="a new folder")
    parser.add_argument("--task", metavar="TASKS", help="only the runs of these, by comma")
    parser.add_argument(
        "--models", help="multi-exit models by name or run id, by comma (default: the shipped ones)"
    )
    parser.add_argument("--title", default="effexplorer", help="the page's (default: effexplorer)")


def act(options: Namespace) -> int:
    """Write the site; what is there already is left alone."""
    from effexplorer.site.plan import plan
    from effexplorer.site.publish import publish

    made = plan(
        open_store(),
        tasks=_names(options.task or ""),
        models=None if options.models is None else _names(options.models),
        title=options.title,
    )
    publish(made, options.out)
    models = [model.offer.name for model in made.models]
    if options.json:
        print_json({"out": str(options.out), "runs": len(made.runs), "models": models})
    else:
        shown = f" and the models {', '.join(models)}" if models else ""
        print(f"Written: {options.out}, with {len(made.runs)} runs{shown}.")
        print(f"Look at it: python -m http.server --directory {options.out}")
    return 0


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip()]
