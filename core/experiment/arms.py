"""The arms: what each model reads of a text, what it is called, and arms of one's own."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from typing import Any, Literal, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Kind = Literal["static", "elmo", "letters", "shuffled", "module"]

# An arm is a list of readers; their vectors are concatenated per token, in this order. All but the first two are controls.
ARMS: dict[str, tuple[str, ...]] = {
    "basic": ("static",),
    "elmo": ("elmo", "static"),
    "elmo-alone": ("elmo",),
    "letters": ("letters",),  # ELMo's layer 0, which knows no neighbours
    "shuffled": ("shuffled",),  # ELMo on the words of each sentence in another order
}
ARM_TITLES = {"basic": "Basic", "elmo": "ELMo", "elmo-alone": "ELMo alone", "letters": "Letters", "shuffled": "Shuffled"}
PAIR = ("basic", "elmo")  # the two that are trained, joined and compared if nothing else is asked for
STAIRCASE = ("basic", "letters", "shuffled", "elmo-alone", "elmo")  # from one of them to the other, one change at a time
BAG_OF_WORDS = "bag-of-words"  # a reference beside the arms, which wins and loses nothing
MODEL_TITLES = {**ARM_TITLES, BAG_OF_WORDS: "Bag of words"}
MAX_ARMS = 6

_OF_ELMO = ("elmo", "letters", "shuffled")  # kinds that read words with the run's ELMo
_LAYERS = ("mean", "0", "1", "2")
_NAME = re.compile(r"\w[\w .-]{0,29}")
_BETWEEN = re.compile(rf"\+(?=(?:{'|'.join(get_args(Kind))})(?:[:+]|$))")  # a path may have a plus in it, too
_GRAMMAR = (
    "be written as NAME=READER+READER, with the readers static, static:FILE, elmo, elmo:LAYER, letters, shuffled and "
    "module:FOLDER"
)


class OwnArm(BaseModel):
    """An arm of somebody's own.

    Attributes:
        name: What it is called everywhere.
        reads: Its readers. "static", "elmo", "letters" and "shuffled" are those of the run; "static:FILE" are other static
            vectors, "elmo:LAYER" another layer of the run's ELMo ("mean", "0", "1" or "2"), and "module:FOLDER" is a TF-Hub
            module that makes one vector of a whole text. Files and folders may be addresses.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    reads: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        """An arm as somebody types it: "mine=static:wiki.vec+letters"."""
        if not isinstance(value, str):
            return value
        name, is_there, readers = value.partition("=")
        if not is_there:
            raise ValueError(f"it must {_GRAMMAR}")
        return {"name": name.strip(), "reads": tuple(reader.strip() for reader in _BETWEEN.split(readers))}

    @field_validator("name")
    @classmethod
    def _name_is_free(cls, name: str) -> str:
        taken = {each.casefold() for each in (*MODEL_TITLES, *MODEL_TITLES.values(), "staircase", "trial", "difference")}
        if not _NAME.fullmatch(name) or name.casefold() in taken:
            raise ValueError("it must be a name of up to 30 letters, digits and blanks that no other model has")
        return name

    @field_validator("reads")
    @classmethod
    def _readers_are_known(cls, readers: tuple[str, ...]) -> tuple[str, ...]:
        for reader in readers:
            kind, has_source, source = reader.partition(":")
            needs_source = kind == "module"
            if kind not in get_args(Kind) or (needs_source and not source) or (has_source and not source):
                raise ValueError(f"it must {_GRAMMAR}")
            if (kind == "elmo" and has_source and source not in _LAYERS) or (kind in ("letters", "shuffled") and has_source):
                raise ValueError(f"it must have a layer of ELMo: {', '.join(f'elmo:{layer}' for layer in _LAYERS)}")
        if len(set(readers)) < len(readers):
            raise ValueError("it must read each of its vectors once")
        if len(readers) > 1 and any(is_of_texts(reader) for reader in readers):
            raise ValueError("it must read either words or, with one module, whole texts")
        return readers

    def __str__(self) -> str:
        """As somebody types it."""
        return f"{self.name}={'+'.join(self.reads)}"


def kind_of(reader: str) -> Kind:
    """What a reader is, without its source."""
    return cast("Kind", reader.partition(":")[0])


def source_of(reader: str) -> str:
    """The file, folder or address of a reader, or its layer; empty for one of the run's own."""
    return reader.partition(":")[2]


def is_of_elmo(reader: str) -> bool:
    """Whether a reader gives vectors of the run's ELMo, of whatever layer and in whatever order."""
    return kind_of(reader) in _OF_ELMO


def is_of_texts(reader: str) -> bool:
    """Whether a reader gives one vector for a whole text instead of one for each word."""
    return kind_of(reader) == "module"


def arm_title(arm: str) -> str:
    """An arm, or the bag of words, as it is called in headings; one of somebody's own has its own name."""
    return MODEL_TITLES.get(arm, arm)


def in_order(arms: Iterable[str]) -> list[str]:
    """Arms in the order in which all pages show them, each once; those of somebody's own come last."""
    among = dict.fromkeys(arms)
    return [*(arm for arm in ARMS if arm in among), *(arm for arm in among if arm not in ARMS)]


def pair_of(arms: Iterable[Hashable]) -> tuple[str, str] | None:
    """The two arms of a run that are joined and compared, its first two; None for a single one."""
    first_two = [str(arm) for arm, _ in zip(arms, range(2), strict=False)]
    return (first_two[0], first_two[1]) if len(first_two) == 2 else None


def has_pair(arms: Iterable[Hashable]) -> bool:
    """Whether there are two arms to compare."""
    return pair_of(arms) is not None
