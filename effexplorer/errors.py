"""The two exceptions that carry meaning across the whole program."""


class UserError(Exception):
    """Something the user can mend. Its text is one sentence (subject: rule; got value), shown whole."""


class Cancelled(Exception):
    """A run was asked to stop and did so between two steps."""
