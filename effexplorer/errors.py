"""The two exceptions that carry meaning across the whole program."""


class UserError(Exception):
    """Something the user can mend. Its one sentence (subject: rule; got value) is shown whole."""


class Cancelled(Exception):
    """A run was asked to stop and did so between two steps."""
