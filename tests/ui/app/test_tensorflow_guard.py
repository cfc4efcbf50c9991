"""What is loaded into the dashboard's process, and what Streamlit does to it after every rerun."""

from __future__ import annotations

import pytest
from streamlit.runtime.scriptrunner.script_runner import _clean_problem_modules

from ui.app import tensorflow_guard


def test_streamlit_does_not_clear_what_tensorflow_has_made_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    monkeypatch.setattr(keras.backend, "clear_session", keras.backend.clear_session)  # so that it is put back afterwards
    keras.backend.clear_session()
    tensorflow_guard.keep_kernels()
    first = keras.layers.Dense(1).name
    _clean_problem_modules()
    assert keras.layers.Dense(1).name != first  # names would begin anew in a session that was cleared
