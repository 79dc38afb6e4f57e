"""Exports: a run's model in forms that run without this program."""
