"""Tables of the run store as they are now; `migrations` changes those of an earlier version."""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa

ID_LEN = 8  # of a run and of a sweep

metadata = sa.MetaData()


class TypedText(sa.types.TypeDecorator[str]):
    """What people typed, in which a sign takes the place of what not every database can store: NUL, and half a character."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 - as SQLAlchemy calls it
        """The text as it is stored."""
        return value and value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


schema_version = sa.Table("schema_version", metadata, sa.Column("version", sa.Integer, nullable=False))  # one row

# Columns that were added later are nullable: rows of an earlier version have no value for them.
runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.String(ID_LEN), primary_key=True),
    sa.Column("name", TypedText, nullable=False),
    sa.Column("config", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False, index=True),
    sa.Column("machine", sa.Text, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("message", TypedText, nullable=False, default=""),
    sa.Column("created_s", sa.Float(53), nullable=False),
    sa.Column("heartbeat_s", sa.Float(53), nullable=False),
    sa.Column("is_driven", sa.Boolean, nullable=False, default=False),
    sa.Column("driver", sa.String(16)),  # who claimed it last
    sa.Column("is_cancel_requested", sa.Boolean, nullable=False, default=False),
    sa.Column("phase_s", sa.Text, nullable=False, default="{}"),
    sa.Column("reviews_per_s", sa.Float(53)),
    sa.Column("coverage", sa.Float(53)),
    sa.Column("num_computed", sa.Integer),  # reviews that `reviews_per_s` is the mean of
    sa.Column("test_ids", sa.Text, nullable=False, default="[]"),
    sa.Column("test_labels", sa.Text),  # one digit per test review
    sa.Column("train_pool_size", sa.Integer),  # reviews that its trials draw from
    sa.Column("elmo_version", sa.Text),  # what version 0.1 knew of the provenance
    sa.Column("provenance", sa.Text),  # JSON of a `Provenance`
    sa.Column("deleted_s", sa.Float(53)),  # when somebody deleted it; purged thirty days later
    sa.Column("example", sa.String(16)),  # digest of the shipped example that the row belongs to; NULL for one's own
)
trials = sa.Table(
    "trials",
    metadata,
    sa.Column("run_id", sa.String(ID_LEN), primary_key=True),
    sa.Column("trial", sa.Integer, primary_key=True),
    sa.Column("arm", sa.String(32), primary_key=True),
    sa.Column("accuracy", sa.Float(53), nullable=False),
    sa.Column("validation_accuracy", sa.Float(53), nullable=False),
    sa.Column("best_epoch", sa.Integer, nullable=False),
    sa.Column("num_epochs", sa.Integer, nullable=False),
    sa.Column("train_s", sa.Float(53), nullable=False),
    sa.Column("probs", sa.LargeBinary(length=2**31 - 1), nullable=False),
)
heads = sa.Table(
    "heads",
    metadata,
    sa.Column("run_id", sa.String(ID_LEN), primary_key=True),
    sa.Column("trial", sa.Integer, primary_key=True),
    sa.Column("arm", sa.String(32), primary_key=True),
    sa.Column("arrays", sa.LargeBinary(length=2**31 - 1), nullable=False),
)
bags_of_words = sa.Table(
    "bags_of_words",
    metadata,
    sa.Column("run_id", sa.String(ID_LEN), primary_key=True),
    sa.Column("trial", sa.Integer, primary_key=True),
    sa.Column("accuracy", sa.Float(53), nullable=False),
    sa.Column("chosen_c", sa.Float(53), nullable=False),
    sa.Column("train_s", sa.Float(53), nullable=False),
    sa.Column("probs", sa.LargeBinary(length=2**31 - 1), nullable=False),
)
sweeps = sa.Table(
    "sweeps",
    metadata,
    sa.Column("id", sa.String(ID_LEN), primary_key=True),
    sa.Column("name", TypedText, nullable=False),
    sa.Column("config", sa.Text, nullable=False),
    sa.Column("train_sizes", sa.Text, nullable=False),
    sa.Column("run_ids", sa.Text, nullable=False),
    sa.Column("created_s", sa.Float(53), nullable=False),
    sa.Column("num_reused", sa.Integer, nullable=False),
    sa.Column("reused", sa.Text),  # `num_reused` by size
    sa.Column("deleted_s", sa.Float(53)),
    sa.Column("example", sa.String(16)),  # as of runs
)
probes = sa.Table(
    "probes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.String(ID_LEN), nullable=False, index=True),
    sa.Column("text", TypedText, nullable=False),
    sa.Column("text_key", sa.String(32), nullable=False),  # digest of the text, which is too long for an index
    sa.Column("probs", sa.Text, nullable=False),
    sa.Column("tried_s", sa.Float(53), nullable=False, index=True),
    sa.Column("is_starred", sa.Boolean, nullable=False, default=False),
    sa.Column("name", TypedText, nullable=False, default=""),
    sa.Column("deleted_s", sa.Float(53)),
    sqlite_autoincrement=True,  # an id is never used twice
)
visitors = sa.Table(  # who typed a sentence: a sentence that several people typed is one row
    "probe_visitors",
    metadata,
    sa.Column("probe_id", sa.Integer, primary_key=True),
    sa.Column("visitor", sa.String(32), primary_key=True, index=True),  # a digest
)
owners = sa.Table(  # who has made what on a server for a class; without a row, only the operator may change it
    "owners",
    metadata,
    sa.Column("its_id", sa.String(64), primary_key=True),  # of a run, a learning curve, a dataset, a deletion of one
    sa.Column("owner", sa.String(32), nullable=False, index=True),  # a digest, as of `visitors`
    sa.Column("is_operators", sa.Boolean, nullable=False, default=False),
)
_is_not_deleted = probes.c.deleted_s.is_(None)
sa.Index(
    "ix_probes_run_and_text",
    probes.c.run_id,
    probes.c.text_key,
    unique=True,
    sqlite_where=_is_not_deleted,
    postgresql_where=_is_not_deleted,
)


def text_key(text: str) -> str:
    """What tells a sentence from all others of its run."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def own_first(table: sa.Table) -> tuple[sa.ColumnElement[Any], ...]:
    """Order of a list of runs or learning curves: one's own before the example, the newest first."""
    return table.c.example.is_not(None), table.c.created_s.desc(), table.c.id


def is_kept(table: sa.Table) -> sa.ColumnElement[bool]:
    """Condition on a table whose rows can be deleted: nobody has deleted it."""
    return table.c.deleted_s.is_(None)
