"""Which runs make one learning curve: those that differ in their training size only, and read the same version of ELMo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.experiment.config import dataset_title
from core.store.run import Run

_OWN = {"train_size", "num_trials", "allow_low_coverage", "bag_of_words"}  # what runs of one family may differ in
_VERSION = "version of data and code"
_FIELD_TITLES = {"dataset": "reviews", "elmo": "ELMo", "static": "static vectors", "test_size": "test reviews"}


@dataclass(frozen=True)
class CurveFamily:
    """Runs of one curve.

    Attributes:
        title: What sets them apart from the other families, plain text; empty for the only family.
        runs: One per training size, ascending.
        num_spare: Runs left out because another run of the same size is preferred.
    """

    title: str
    runs: tuple[Run, ...]
    num_spare: int


def families(runs: Iterable[Run]) -> list[CurveFamily]:
    """The runs sorted into families, in the order of their first runs.

    Among runs of one size, a finished one is preferred, then the one with more trials.
    """
    by_key: dict[str, list[Run]] = {}
    for run in runs:
        by_key.setdefault(_key(run), []).append(run)
    found = []
    for titled, members in zip(_titles([members[0] for members in by_key.values()]), by_key.values(), strict=True):
        best: dict[int, Run] = {}
        for run in members:
            rival = best.get(run.config.train_size)
            if rival is None or _rank(run) > _rank(rival):
                best[run.config.train_size] = run
        ordered = tuple(best[size] for size in sorted(best))
        found.append(CurveFamily(titled, ordered, len(members) - len(ordered)))
    return found


def other_sizes(chosen: Sequence[Run], stored: Iterable[Run]) -> list[Run]:
    """Stored runs that would add a size to the curve of the first chosen run, ascending."""
    key = _key(chosen[0])
    sizes = {run.config.train_size for run in chosen if _key(run) == key}
    more = families(run for run in stored if _key(run) == key and run.config.train_size not in sizes)
    return [run for family in more for run in family.runs]


def _rank(run: Run) -> tuple[bool, int]:
    return run.is_finished, run.config.num_trials


def _key(run: Run) -> str:
    return f"{run.is_example} {run.provenance.model_dump_json()} {run.config.model_dump_json(exclude=_OWN)}"


def _titles(runs: Sequence[Run]) -> list[str]:
    flat = [
        {
            **dict(_flatten(run.config.model_dump(mode="json", exclude=_OWN))),
            "trained": "for the example" if run.is_example else "here",
            _VERSION: run.provenance.version,
        }
        for run in runs
    ]
    differing = [name for name in flat[0] if len({str(values[name]) for values in flat}) > 1] if flat else []
    if _VERSION in differing and len(differing) > 1:
        differing.remove(_VERSION)  # what else differs tells them apart
    found = [", ".join(f"{_field_title(name)}: {_value(name, values[name])}" for name in differing) for values in flat]
    return [title[:1].upper() + title[1:] for title in found]


def _flatten(values: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from ((f"{name} {inner}", deeper) for inner, deeper in _flatten(value))
        else:
            yield name, value


def _field_title(name: str) -> str:
    return _FIELD_TITLES.get(name, name.replace("_", " "))


def _value(name: str, value: Any) -> str:
    if name == "dataset":
        return dataset_title(str(value))
    if name == "lessons":
        return f"{len(value):,}"
    if type(value) is int:
        return f"{value:,}"
    return ", ".join(value) if isinstance(value, list) else str(value)
