"""Results as files."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd

from ui.train import run_results


def test_the_csv_is_the_table_of_the_original_with_trials_from_one() -> None:
    accuracies = pd.DataFrame({"basic": [0.7, 0.71], "elmo": [0.78, np.nan]}, index=pd.RangeIndex(2, name="trial"))
    again = pd.read_csv(io.StringIO(run_results.to_csv(accuracies)), index_col="trial")
    assert again.index.to_list() == [1, 2]
    assert again["basic"].to_list() == [0.7, 0.71]
    assert again["elmo"].isna().to_list() == [False, True]
