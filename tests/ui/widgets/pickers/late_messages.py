"""Messages as browsers send them: the texts of options, even such as the page does not offer any more."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def send(app: AppTest, key: str, text: str | list[str]) -> AppTest:
    """What happens when a browser sends a text, or several, for the widget with that key."""
    [widget] = [element for element in (*app.selectbox, *app.multiselect, *app.pills) if element.key == key]
    states = app._tree.get_widget_states()
    [state] = [state for state in states.widgets if state.id == widget.id]
    if isinstance(text, str):
        state.string_value = text
    else:
        state.string_array_value.data[:] = text
    return app._run(states)
