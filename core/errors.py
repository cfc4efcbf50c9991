"""The one kind of error that is shown to people."""


class UserError(Exception):
    """Something a person can mend.

    The message is one sentence that says what happened, with the value received, and what to do. Every other exception is a bug
    and keeps its traceback.
    """
