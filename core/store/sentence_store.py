"""The history of the Probe page: every sentence that somebody tried, with what the models of a run said."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Row

from core.arrays import FloatArray
from core.store import schema
from core.store.database import Database

MOMENT_S = 2.0  # a sentence that stood for less was not meant to be tried

_probes = schema.probes


@dataclass(frozen=True)
class Probe:
    """A sentence that somebody tried.

    Attributes:
        run_name: As the run is called now; empty if it was deleted.
        probs: By arm, the probability of "positive" from the head of each trial.
        tried_at: When it was last tried with that run.
        name: That somebody gave it; empty without.
    """

    id: int
    run_id: str
    run_name: str
    text: str
    probs: Mapping[str, tuple[float, ...]]
    tried_at: datetime
    is_starred: bool
    name: str

    @property
    def means(self) -> dict[str, float]:
        """Mean probability by arm."""
        return {arm: float(np.mean(values)) for arm, values in self.probs.items()}


@dataclass(frozen=True)
class Typing:
    """What stands in the text field, as the history has it.

    Attributes:
        probe_id: Its row.
        since_s: Clock at which it was first seen.
        is_new: Whether the row was written for it, and does not stem from an earlier day.
    """

    probe_id: int
    run_id: str
    text: str
    since_s: float
    is_new: bool


class SentenceStore:
    """The history, in the database of the runs; safe to use from several threads and processes.

    Every method raises `UserError` if the database is damaged, locked, full or cannot be reached or written.

    Args:
        url: SQLAlchemy URL of a database that a `RunStore` has opened before.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url, called="The history in")

    def close(self) -> None:
        """Let go of all connections; this happens by itself when the store is no longer used."""
        self._database.close()

    def keep(
        self, run_id: str, text: str, probs: Mapping[str, npt.NDArray[np.floating[Any]]], *, instead_of: int | None = None
    ) -> tuple[int, bool]:
        """Keep a sentence; one that was tried before with the same run moves to the top and keeps its star and name.

        Args:
            run_id: Of the run whose heads were asked.
            text: The sentence.
            probs: By arm, (num_heads,).
            instead_of: A row that this one replaces, unless somebody has starred or named it.

        Returns:
            The id of its row, and whether that was written for this sentence.
        """
        written = json.dumps({arm: [round(float(prob), 6) for prob in values] for arm, values in probs.items()})
        values = {"probs": written, "tried_s": time.time()}
        is_passing = sa.and_(_probes.c.id == instead_of, _probes.c.is_starred.is_(False), _probes.c.name == "")
        with self._database.begin() as connection:
            same = sa.select(_probes.c.id).where(_probes.c.run_id == run_id, _probes.c.text == text)
            known: int | None = connection.execute(same.limit(1)).scalar_one_or_none()
            if known is not None:
                connection.execute(_probes.update().where(_probes.c.id == known).values(**values))
                if known != instead_of:
                    connection.execute(_probes.delete().where(is_passing))
                return known, False
            values |= {"run_id": run_id, "text": text}
            if connection.execute(_probes.update().where(is_passing).values(**values)).rowcount and instead_of is not None:
                return instead_of, True
            row = _probes.insert().values(**values, is_starred=False, name="").returning(_probes.c.id)
            return int(connection.execute(row).scalar_one()), True

    def find(self, *, query: str = "", run_id: str = "", is_starred: bool = False, limit: int = 200) -> list[Probe]:
        """The sentences tried last, the newest first.

        Args:
            query: Only those whose text or name has this in it, whatever its case.
            run_id: Only those of this run.
            is_starred: Only starred ones.
            limit: So many at most.
        """
        wanted = _with_run_names().order_by(_probes.c.tried_s.desc(), _probes.c.id.desc()).limit(limit)
        if query:
            wanted = wanted.where(
                sa.or_(_probes.c.text.icontains(query, autoescape=True), _probes.c.name.icontains(query, autoescape=True))
            )
        if run_id:
            wanted = wanted.where(_probes.c.run_id == run_id)
        if is_starred:
            wanted = wanted.where(_probes.c.is_starred)
        with self._database.begin() as connection:
            return [_probe(row) for row in connection.execute(wanted)]

    def star(self, probe_ids: Sequence[int], *, is_starred: bool) -> None:
        """Star sentences, or take their stars away."""
        with self._database.begin() as connection:
            connection.execute(_probes.update().where(_probes.c.id.in_(probe_ids)).values(is_starred=is_starred))

    def rename(self, probe_id: int, name: str) -> None:
        """Give a sentence a name; an empty one takes it away."""
        with self._database.begin() as connection:
            connection.execute(_probes.update().where(_probes.c.id == probe_id).values(name=name.strip()))

    def delete(self, probe_ids: Sequence[int]) -> list[Probe]:
        """Delete sentences and return them, for `restore`."""
        with self._database.begin() as connection:
            deleted = [_probe(row) for row in connection.execute(_with_run_names().where(_probes.c.id.in_(probe_ids)))]
            connection.execute(_probes.delete().where(_probes.c.id.in_(probe_ids)))
        return deleted

    def restore(self, probes: Sequence[Probe]) -> None:
        """Take a deletion back; those that were tried again since are left as they are."""
        with self._database.begin() as connection:
            for probe in probes:
                same = sa.select(_probes.c.id).where(_probes.c.run_id == probe.run_id, _probes.c.text == probe.text)
                if connection.execute(same.limit(1)).scalar_one_or_none() is None:
                    connection.execute(
                        _probes.insert().values(
                            run_id=probe.run_id,
                            text=probe.text,
                            probs=json.dumps({arm: list(values) for arm, values in probe.probs.items()}),
                            tried_s=probe.tried_at.timestamp(),
                            is_starred=probe.is_starred,
                            name=probe.name,
                        )
                    )


def remember(
    history: SentenceStore, typing: Typing | None, run_id: str, text: str, probs: Mapping[str, FloatArray], *, now_s: float
) -> Typing:
    """Keep what stands in the text field now.

    A pause in typing shows a sentence that nobody meant to try. So a sentence that stood only for a moment is replaced by one
    that continues it or is its beginning; one that stood longer stays.

    Args:
        history: Where it is kept.
        typing: What this returned for the text before; None at first.
        run_id: Of the run whose heads were asked.
        text: The sentence.
        probs: By arm, (num_heads,).
        now_s: Of a clock that never goes back.
    """
    if typing and (typing.run_id, typing.text) == (run_id, text):
        return typing
    passing = None
    if typing and typing.is_new and typing.run_id == run_id and now_s - typing.since_s < MOMENT_S:
        is_same_typing = text.startswith(typing.text) or typing.text.startswith(text)
        passing = typing.probe_id if is_same_typing else None
    probe_id, is_new = history.keep(run_id, text, probs, instead_of=passing)
    return Typing(probe_id=probe_id, run_id=run_id, text=text, since_s=now_s, is_new=is_new)


def as_table(probes: Sequence[Probe]) -> pd.DataFrame:
    """A row per sentence, as it is exported.

    Returns:
        Columns text, name, starred, tried_at (ISO 8601, UTC), run, run_name, and for each arm its mean, lowest and highest
        probability.
    """
    rows = []
    for probe in probes:
        row = _described(probe)
        for arm, values in probe.probs.items():
            row |= {arm: probe.means[arm], f"{arm}_lowest": min(values), f"{arm}_highest": max(values)}
        rows.append(row)
    return pd.DataFrame(rows)


def to_json(probes: Sequence[Probe]) -> str:
    """The same as JSON, with the probability from every head."""
    written = [
        _described(probe) | {"probabilities": {arm: list(values) for arm, values in probe.probs.items()}} for probe in probes
    ]
    return json.dumps(written, ensure_ascii=False, indent=2)


def _described(probe: Probe) -> dict[str, object]:
    """What both exports say of a sentence, but for its probabilities."""
    return {
        "text": probe.text,
        "name": probe.name,
        "starred": probe.is_starred,
        "tried_at": probe.tried_at.isoformat(timespec="seconds"),
        "run": probe.run_id,
        "run_name": probe.run_name,
    }


def _with_run_names() -> sa.Select[Any]:
    run_name = sa.case((schema.is_kept(schema.runs), schema.runs.c.name), else_="").label("run_name")
    return sa.select(*_probes.c, run_name).outerjoin(schema.runs, schema.runs.c.id == _probes.c.run_id)


def _probe(row: Row[Any]) -> Probe:
    return Probe(
        id=row.id,
        run_id=row.run_id,
        run_name=row.run_name or "",
        text=row.text,
        probs={arm: tuple(values) for arm, values in json.loads(row.probs).items()},
        tried_at=datetime.fromtimestamp(row.tried_s, UTC),
        is_starred=row.is_starred,
        name=row.name,
    )
