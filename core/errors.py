"""The one kind of error that is shown to people."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

# What pydantic says of these speaks of parsing.
_MUST_BE = {
    "int_parsing": "be a whole number",
    "float_parsing": "be a number",
    "bool_parsing": "be true or false",
    "string_unicode": "be text",
}


_LONGEST_SHOWN = 80  # characters of a value in a sentence


class UserError(Exception):
    """Something a person can mend.

    Every other exception is a bug and keeps its traceback.

    Args:
        sentence: What happened, with the value received, and what to do.
        code: What kind of mistake it is, in one to four words joined by hyphens, such as "run-missing". Programs and tests tell
            errors apart by it; the sentence may be improved at any time.
    """

    def __init__(self, sentence: str, *, code: str) -> None:
        super().__init__(sentence)
        self.code = code

    def __reduce__(self) -> tuple[Callable[..., UserError], tuple[str, str]]:
        """For pickle, which brings errors from workers: it would leave out the code."""
        return _restore, (str(self), self.code)


def _restore(sentence: str, code: str) -> UserError:
    return UserError(sentence, code=code)


def shown(value: object) -> str:
    """A value as a sentence quotes it, shortened in the middle."""
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN // 2]}…{text[-_LONGEST_SHOWN // 2 :]}"


def what_it_must(error: ErrorDetails) -> str:
    """How a sentence on a value that pydantic refuses goes on after "must": "be a whole number"."""
    return _MUST_BE.get(error["type"]) or error["msg"].split(" must ")[-1].split(" should ")[-1]


def refused(error: ErrorDetails, called: Callable[[str], str] = str) -> UserError:
    """What to tell somebody who gave a value that pydantic refuses.

    Args:
        error: What pydantic says of it.
        called: How whoever gave the value knows its field, such as "num_trials" or "head.epochs".
    """
    field = called(".".join(map(str, error["loc"]))) if error["loc"] else "The config"
    if error["type"] == "extra_forbidden":
        return UserError(f"There is no setting {field}; remove it or correct its name.", code="setting-unknown")
    given = error["input"]
    given = ",".join(map(str, given)) if isinstance(given, list | tuple) else given
    return UserError(f"{field} is {shown(given)}, but must {what_it_must(error)}; change it and try again.", code="value-refused")
