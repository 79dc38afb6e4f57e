"""The runner: checks a pipeline, runs it stage by stage, and measures each stage."""

from effexplorer.runner.run import advance, check, run

__all__ = ["advance", "check", "run"]
