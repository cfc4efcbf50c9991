"""The list of all runs, each with what its finished trials add up to, in one query."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from core.store import schema
from core.store.rows import parse_config, parse_readable, status_of

OVERVIEW_COLUMNS = (
    "id",
    "name",
    "dataset",
    "train_size",
    "num_trials",
    "test_size",
    "elmo",
    "static",
    "status",
    "created_at",
    "is_example",
    "num_pairs",
    "mean_basic",
    "mean_elmo",
    "mean_difference",
)

_runs, _trials = schema.runs, schema.trials


def read_run_table(connection: Connection) -> pd.DataFrame:
    """A row per run, one's own before the example, the newest first; see `RunStore.overview`."""
    wanted = ("id", "name", "config", "status", "heartbeat_s", "created_s", "example")
    columns = [_runs.c[name] for name in wanted]
    by_arm = {arm: sa.func.max(sa.case((_trials.c.arm == arm, _trials.c.accuracy))).label(arm) for arm in ("basic", "elmo")}
    each = (
        sa.select(_trials.c.run_id, sa.func.count().label("num_arms"), *by_arm.values())
        .group_by(_trials.c.run_id, _trials.c.trial)
        .subquery()
    )
    means = {"mean_basic": each.c.basic, "mean_elmo": each.c.elmo, "mean_difference": each.c.elmo - each.c.basic}
    finished = (
        sa.select(
            each.c.run_id,
            sa.func.sum(each.c.num_arms).label("num_pairs"),
            *(sa.func.avg(values).label(name) for name, values in means.items()),
        )
        .group_by(each.c.run_id)
        .subquery()
    )
    query = (
        sa.select(*columns, *(finished.c[name] for name in ("num_pairs", *means)))
        .outerjoin(finished, _runs.c.id == finished.c.run_id)
        .where(schema.is_kept(_runs))
        .order_by(*schema.own_first(_runs))
    )
    records = parse_readable(connection.execute(query).all(), _record)
    frame = pd.DataFrame(records, columns=list(OVERVIEW_COLUMNS))
    return frame.astype({"num_pairs": "int64", **dict.fromkeys(means, "float64")})


def _record(row: Row[Any]) -> dict[str, Any]:
    config = parse_config(row.config, f"run {row.id}")
    return {
        "id": row.id,
        "name": row.name,
        **{name: getattr(config, name) for name in ("dataset", "train_size", "num_trials", "test_size", "elmo", "static")},
        "status": status_of(row),
        "created_at": datetime.fromtimestamp(row.created_s, UTC),
        "is_example": row.example is not None,
        "num_pairs": row.num_pairs or 0,
        "mean_basic": row.mean_basic,
        "mean_elmo": row.mean_elmo,
        "mean_difference": row.mean_difference,
    }
