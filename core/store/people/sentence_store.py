"""The history of the Probe page: every sentence that was typed, with the predictions of a run's models."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from core.arrays import FloatArray
from core.deleted import Deleted, purge_before_s
from core.store import schema
from core.store.database import Database

PAUSE_S = 2.0  # a text that was replaced sooner was shown only because the typist paused

_sentences, _visitors = schema.probes, schema.visitors
_is_kept = schema.is_kept(_sentences)


@dataclass(frozen=True)
class TypedSentence:
    """A sentence in the history.

    Attributes:
        run_name: The current name of the run; empty if it was deleted.
        probs: By arm, the probability of "positive" from the head of each trial.
        tried_at: When it was last typed for that run.
        name: Given by a person; empty without.
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
class LatestText:
    """The text that `save_latest` saved last.

    Attributes:
        sentence_id: Its row.
        since_s: Clock at which it was first seen.
        is_new: Whether the row was inserted for it; False if it had been typed before.
    """

    sentence_id: int
    run_id: str
    text: str
    since_s: float
    is_new: bool


class SentenceStore:
    """All typed sentences, `RunStore.sentences`; raises as the run store does.

    People type what they like there, so a deleted sentence need not wait thirty days until it is gone: see `purge`.

    Args:
        database: Of the runs.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        if not database.is_read_only:
            self.purge()

    def save(
        self,
        run_id: str,
        text: str,
        probs: Mapping[str, npt.NDArray[np.floating[Any]]],
        *,
        instead_of: int | None = None,
        visitor: str = "",
    ) -> tuple[int, bool]:
        """Save a sentence; one that was saved before for the same run moves to the top and keeps its star and name.

        Args:
            run_id: The run that predicted.
            text: The sentence.
            probs: By arm, (num_heads,).
            instead_of: A row to replace, unless somebody has starred or named it.
            visitor: Digest of who typed it; empty for nobody.

        Returns:
            The id of its row, and whether the row was inserted for it.
        """
        rounded = json.dumps({arm: [round(float(prob), 6) for prob in values] for arm, values in probs.items()})
        values = {"probs": rounded, "tried_s": time.time()}
        try:
            with self._database.begin() as connection:
                return _save(connection, run_id, text, values, instead_of=instead_of, visitor=visitor)
        except sa.exc.IntegrityError:  # somebody else saved it at this very moment
            with self._database.begin() as connection:
                return _save(connection, run_id, text, values, instead_of=instead_of, visitor=visitor)

    def find(
        self, *, query: str = "", run_id: str = "", visitor: str = "", is_starred: bool = False, limit: int = 200
    ) -> list[TypedSentence]:
        """The newest sentences first.

        Args:
            query: Only those with this in their text or name, in upper or lower case.
            run_id: Only those of this run.
            visitor: Only those that this visitor typed.
            is_starred: Only starred ones.
            limit: The largest number of sentences.
        """
        wanted = _with_run_names().where(_is_kept).order_by(_sentences.c.tried_s.desc(), _sentences.c.id.desc()).limit(limit)
        if query:
            wanted = wanted.where(
                sa.or_(_sentences.c.text.icontains(query, autoescape=True), _sentences.c.name.icontains(query, autoescape=True))
            )
        if run_id:
            wanted = wanted.where(_sentences.c.run_id == run_id)
        if visitor:
            theirs = sa.select(_visitors.c.probe_id).where(_visitors.c.visitor == visitor)
            wanted = wanted.where(_sentences.c.id.in_(theirs))
        if is_starred:
            wanted = wanted.where(_sentences.c.is_starred)
        with self._database.begin() as connection:
            return [_parse_sentence(row) for row in connection.execute(wanted)]

    def typed_only_by(self, visitor: str, sentence_ids: Sequence[int]) -> set[int]:
        """Those of some sentences, deleted ones too, that this visitor has typed and nobody else."""
        rows = sa.select(_visitors).where(_visitors.c.probe_id.in_(sentence_ids))
        with self._database.begin() as connection:
            typed = connection.execute(rows).all()
        by_others = {row.probe_id for row in typed if row.visitor != visitor}
        return {row.probe_id for row in typed} - by_others

    def star(self, sentence_ids: Sequence[int], *, is_starred: bool) -> None:
        """Star sentences, or remove their stars."""
        with self._database.begin() as connection:
            connection.execute(_sentences.update().where(_sentences.c.id.in_(sentence_ids)).values(is_starred=is_starred))

    def rename(self, sentence_id: int, name: str) -> None:
        """Give a sentence a name; an empty one removes it."""
        with self._database.begin() as connection:
            connection.execute(_sentences.update().where(_sentences.c.id == sentence_id).values(name=name.strip()))

    def delete(self, sentence_ids: Sequence[int]) -> None:
        """Delete sentences. For thirty days they can be restored, then they are gone for good."""
        with self._database.begin() as connection:
            are_these = _sentences.update().where(_sentences.c.id.in_(sentence_ids), _is_kept)
            connection.execute(are_these.values(deleted_s=time.time()))
        self.purge()

    def deleted(self) -> list[Deleted]:
        """What can be restored, the last deleted first."""
        query = sa.select(_sentences).where(_sentences.c.deleted_s >= purge_before_s())
        with self._database.begin() as connection:
            rows = connection.execute(query.order_by(_sentences.c.deleted_s.desc(), _sentences.c.tried_s.desc())).all()
        return [Deleted(str(row.id), row.text, datetime.fromtimestamp(row.deleted_s, UTC)) for row in rows]

    def restore(self, sentence_ids: Sequence[int]) -> None:
        """Undo a deletion; a sentence that was typed again since gets the star and the name of the deleted one."""
        with self._database.begin() as connection:
            query = sa.select(_sentences).where(_sentences.c.id.in_(sentence_ids), ~_is_kept).order_by(_sentences.c.id)
            for row in connection.execute(query).all():
                again = connection.execute(_kept_sentence(row.run_id, row.text)).one_or_none()
                if again is None:
                    connection.execute(_sentences.update().where(_sentences.c.id == row.id).values(deleted_s=None))
                    continue
                marks = {"is_starred": again.is_starred or row.is_starred, "name": again.name or row.name}
                connection.execute(_sentences.update().where(_sentences.c.id == again.id).values(**marks))
                for visitor in connection.scalars(sa.select(_visitors.c.visitor).where(_visitors.c.probe_id == row.id)).all():
                    _note_visitor(connection, again.id, visitor)
                connection.execute(_sentences.delete().where(_sentences.c.id == row.id))

    def purge(self, sentence_ids: Sequence[int] = ()) -> None:
        """Remove deleted sentences for good: these, and those that were deleted over thirty days ago."""
        is_over = sa.or_(_sentences.c.deleted_s < purge_before_s(), _sentences.c.id.in_(sentence_ids))
        with self._database.begin() as connection:
            connection.execute(_sentences.delete().where(~_is_kept, is_over))
            connection.execute(_visitors.delete().where(_visitors.c.probe_id.not_in(sa.select(_sentences.c.id))))


def save_latest(
    store: SentenceStore,
    latest: LatestText | None,
    run_id: str,
    text: str,
    probs: Mapping[str, FloatArray],
    *,
    now_s: float,
    visitor: str = "",
) -> LatestText:
    """Save the text that is in the text field now.

    The page predicts whenever the typist pauses, also in the middle of a sentence. So a text that was there for less than
    `PAUSE_S` is replaced by one that continues it or is its beginning; one that was there for longer stays.

    Args:
        store: Where it is saved.
        latest: What this returned for the text before; None at first.
        run_id: The run that predicted.
        text: The sentence.
        probs: By arm, (num_heads,).
        now_s: Of a clock that never goes back.
        visitor: As for `SentenceStore.save`.
    """
    if latest and (latest.run_id, latest.text) == (run_id, text):
        return latest
    replaced = None
    if latest and latest.is_new and latest.run_id == run_id and now_s - latest.since_s < PAUSE_S:
        is_continued = text.startswith(latest.text) or latest.text.startswith(text)
        replaced = latest.sentence_id if is_continued else None
    sentence_id, is_new = store.save(run_id, text, probs, instead_of=replaced, visitor=visitor)
    return LatestText(sentence_id=sentence_id, run_id=run_id, text=text, since_s=now_s, is_new=is_new)


def _save(
    connection: Connection, run_id: str, text: str, values: Mapping[str, Any], *, instead_of: int | None, visitor: str
) -> tuple[int, bool]:
    """Save a sentence as `SentenceStore.save` does."""
    sentence_id, is_new = _save_row(connection, run_id, text, values, instead_of=instead_of, visitor=visitor)
    if visitor:
        _note_visitor(connection, sentence_id, visitor)
    return sentence_id, is_new


def _save_row(
    connection: Connection, run_id: str, text: str, values: Mapping[str, Any], *, instead_of: int | None, visitor: str
) -> tuple[int, bool]:
    """A row of its own; a text that was shown only because the typist paused gives way, unless somebody else has typed it too."""
    by_others = sa.exists().where(_visitors.c.probe_id == _sentences.c.id, _visitors.c.visitor != visitor)
    is_unmarked = sa.and_(_sentences.c.is_starred.is_(False), _sentences.c.name == "", ~by_others)
    is_replaceable = sa.and_(_sentences.c.id == instead_of, is_unmarked, _is_kept)
    if known := connection.execute(_kept_sentence(run_id, text)).one_or_none():
        connection.execute(_sentences.update().where(_sentences.c.id == known.id).values(**values))
        if known.id != instead_of:
            connection.execute(_sentences.delete().where(is_replaceable))
        return known.id, False
    values = {**values, "run_id": run_id, "text": text, "text_key": schema.text_key(text)}
    if connection.execute(_sentences.update().where(is_replaceable).values(**values)).rowcount and instead_of is not None:
        return instead_of, True
    row = _sentences.insert().values(**values, is_starred=False, name="").returning(_sentences.c.id)
    return int(connection.execute(row).scalar_one()), True


def _note_visitor(connection: Connection, sentence_id: int, visitor: str) -> None:
    """Note that a visitor has typed a sentence."""
    row = {"probe_id": sentence_id, "visitor": visitor}
    if not connection.execute(sa.select(_visitors).filter_by(**row)).first():
        connection.execute(_visitors.insert().values(**row))


def _kept_sentence(run_id: str, text: str) -> sa.Select[Any]:
    """Query for the row of a text and run; deleted ones do not count."""
    return sa.select(_sentences).where(_sentences.c.run_id == run_id, _sentences.c.text_key == schema.text_key(text), _is_kept)


def _with_run_names() -> sa.Select[Any]:
    run_name = sa.case((schema.is_kept(schema.runs), schema.runs.c.name), else_="").label("run_name")
    return sa.select(*_sentences.c, run_name).outerjoin(schema.runs, schema.runs.c.id == _sentences.c.run_id)


def _parse_sentence(row: Row[Any]) -> TypedSentence:
    return TypedSentence(
        id=row.id,
        run_id=row.run_id,
        run_name=row.run_name or "",
        text=row.text,
        probs={arm: tuple(values) for arm, values in json.loads(row.probs).items()},
        tried_at=datetime.fromtimestamp(row.tried_s, UTC),
        is_starred=row.is_starred,
        name=row.name,
    )
