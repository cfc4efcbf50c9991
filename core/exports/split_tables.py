"""Which reviews train and which test, as tables: so that other programs can work on the same split and the same draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.experiment.config import ExperimentConfig
from core.experiment.draw import draw_trial
from core.experiment.lessons import with_lessons

if TYPE_CHECKING:
    from core.arrays import IndexArray
    from core.data.review_pool import ReviewPool


def split_table(pool: ReviewPool, rows: IndexArray) -> pd.DataFrame:
    """Some reviews of a pool, such as its training reviews, in the pool's order.

    Returns:
        Columns id, text (as models read it) and label (0 negative, 1 positive).
    """
    texts = [pool.texts[row] for row in rows]
    return pd.DataFrame({"id": [pool.ids[row] for row in rows], "text": texts, "label": pool.labels[rows]})


def draws_table(pool: ReviewPool, config: ExperimentConfig) -> pd.DataFrame:
    """What each trial of a run draws from the pool, in the order of the draw, and then the lessons that joined its training.

    Returns:
        Columns trial (counted from 1), part (train, validation or test) and id (of a lesson, "lesson-" and its place).

    Raises:
        UserError: The pool is too small.
    """
    pool, draws = with_lessons(pool, [draw_trial(pool, config, trial) for trial in range(config.num_trials)], config.lessons)
    ids = np.array(pool.ids)
    parts = []
    for trial, draw in enumerate(draws):
        for part, rows in (("train", draw.train), ("validation", draw.validation), ("test", draw.test)):
            parts.append(pd.DataFrame({"trial": trial + 1, "part": part, "id": ids[rows]}))
    return pd.concat(parts, ignore_index=True)
