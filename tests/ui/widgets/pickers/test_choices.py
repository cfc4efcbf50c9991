"""Options that change while somebody looks at them; and no other file calls Streamlit's widgets with such options."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from core.files import ROOT
from tests.ui.widgets.pickers.late_messages import send

WIDGETS = {"selectbox", "radio", "pills", "segmented_control", "multiselect", "select_slider", "menu_button"}
HOME = ROOT / "ui" / "widgets" / "pickers"

# Every other call, by the key of its widget, with the reason why no text of its options can become unknown.
FREE = "people type texts of their own, which are values"
FIXED = "the options stand in the code"
EXCEPTIONS = {
    ("ui/app/share.py", "'share_what'"): FIXED,
    ("ui/train/advanced_settings.py", "'elmo'"): FREE,
    ("ui/train/advanced_settings.py", "'static'"): FREE,
    ("ui/train/advanced_settings.py", "ARMS_KEY"): FREE,
    ("ui/train/advanced_settings.py", "'max_tokens'"): FIXED,
    ("ui/train/advanced_settings.py", "'preset'"): FIXED,
    ("ui/train/advanced_settings.py", "'validation'"): FIXED,
    ("ui/train/advanced_settings.py", "'layer_mix'"): FIXED,
    ("ui/train/advanced_settings.py", "'head_pooling'"): FIXED,
    ("ui/train/guess.py", "_WINNER_KEY"): FIXED,
    ("ui/train/run_results.py", "'right_chart'"): FIXED,
    ("ui/compare/selection.py", "'compare_view'"): FIXED,
    ("ui/compare/predictions/source.py", "_KEY"): FIXED,
    ("ui/probe/history.py", "'history_filter'"): FIXED,
    ("ui/probe/history.py", "'history_whose'"): FIXED,
    ("ui/probe/challenges/view.py", "'challenge_suite'"): FIXED,
    ("ui/probe/challenges/report_view.py", "'challenge_measure'"): FIXED,
    ("ui/reviews/views.py", "browse_view.VIEW"): FIXED,
    ("ui/reviews/browse_view.py", "ORDER"): FIXED,
    ("ui/reviews/browse_view.py", "key"): FIXED,
    ("ui/senses/layers_view.py", "LAYER"): FIXED,
    ("ui/senses/reviews_view.py", "SCOPE"): FIXED,
}


def calls(path: Path) -> Iterator[tuple[str, str, dict[str, str]]]:
    """What is called on what in a file, with its named arguments."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            arguments = {argument.arg or "**": ast.unparse(argument.value) for argument in node.keywords}
            yield ast.unparse(node.func.value), node.func.attr, arguments


def other_files() -> list[Path]:
    return [path for house in ("ui", "pages") for path in (ROOT / house).rglob("*.py") if not path.is_relative_to(HOME)]


def test_every_widget_whose_options_change_is_a_safe_one() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), arguments.get("key", "no key"))
        for path in other_files()
        for owner, name, arguments in calls(path)
        if name in WIDGETS and owner != "choices"
    }
    assert found == EXCEPTIONS.keys()


def test_every_table_with_rows_to_choose_is_a_safe_one() -> None:
    found = [
        path.name
        for path in other_files()
        for _, name, arguments in calls(path)
        if name in ("dataframe", "data_editor") and "on_select" in arguments
    ]
    assert found == []


def one_of() -> None:
    import streamlit as st  # the function is a script of its own

    from ui.widgets.pickers import choices

    def take(option: str) -> None:
        st.session_state["taken"] = [*st.session_state.get("taken", []), option]

    choices.selectbox("Run", st.session_state["titles"], key="run", on_change=take)


def several() -> None:
    import streamlit as st

    from ui.widgets.pickers import choices

    def take(chosen: list[str]) -> None:
        st.session_state["taken"] = [*st.session_state.get("taken", []), chosen]

    choices.multiselect("Runs", st.session_state["titles"], key="run", default=["a"], on_change=take)


def opened(script: Any, **titles: str) -> AppTest:
    app = AppTest.from_function(script, default_timeout=30)
    app.session_state["titles"] = titles
    return app.run()


def taken(app: AppTest) -> list[Any]:
    found: list[Any] = app.session_state.get("taken", [])
    return found


def test_a_choice_is_handed_on_as_its_option() -> None:
    app = opened(one_of, a="Monday", b="Tuesday")
    send(app, "run", "Tuesday")
    assert taken(app) == ["b"]
    assert app.selectbox(key="run").value == "b"


def test_a_text_that_no_option_has_any_more_changes_nothing() -> None:
    app = opened(one_of, a="Monday", b="Tuesday", c="Friday")
    send(app, "run", "Tuesday")
    send(app, "run", "Wednesday")
    assert taken(app) == ["b"]
    assert app.selectbox(key="run").value == "b"
    assert app.selectbox(key="run").proto.raw_value == "Tuesday"  # what the browser is told


def test_a_chosen_option_that_is_renamed_stays_chosen_and_the_browser_learns_its_new_text() -> None:
    app = opened(one_of, a="Monday", b="Tuesday")
    send(app, "run", "Tuesday")
    app.session_state["titles"] = {"a": "Tuesday", "b": "Monday"}  # even if the texts change places
    app.run()
    assert app.selectbox(key="run").value == "b"
    box = app.selectbox(key="run").proto
    assert (box.set_value, box.raw_value) == (True, "Monday")


def test_of_several_choices_an_unknown_one_changes_nothing_either() -> None:
    app = opened(several, a="Monday", b="Tuesday")
    send(app, "run", ["Monday", "Tuesday"])
    send(app, "run", ["Monday", "Wednesday"])
    assert taken(app) == [["a", "b"]]
    assert app.multiselect(key="run").value == ["a", "b"]


def test_options_of_the_same_title_can_be_told_apart() -> None:
    app = opened(one_of, a="Monday", b="Monday", c="Monday · a")
    options = app.selectbox(key="run").options
    assert len(set(options)) == 3
    send(app, "run", options[1])
    assert taken(app) == ["b"]


def test_a_place_in_a_table_belongs_to_the_rows_that_were_shown() -> None:
    def table() -> None:
        import pandas as pd
        import streamlit as st

        from ui.widgets.pickers import row_picker

        words = st.session_state["words"]
        st.session_state["chosen"] = row_picker.choose(pd.DataFrame({"word": words}), words, key="words")

    app = AppTest.from_function(table, default_timeout=30)
    app.session_state["words"] = ["a", "b", "c"]
    app.run()
    key = str(app.dataframe[0].key)
    app.session_state[key] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.run()
    assert app.session_state["chosen"] == ["b"]
    app.session_state["words"] = ["x", "y", "z"]
    app.run()
    assert app.session_state["chosen"] == []
    assert app.dataframe[0].key != key
