"""What a redraw and a pressed key cost the database: pages are drawn every second, for a class of thirty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from tests.core.tiny_runs import PATIENCE_S
from tests.pages.conftest import AddRun
from ui.app import models, server


@pytest.fixture
def statements(data_dir: object) -> Iterator[list[str]]:  # noqa: ARG001  # the store that the pages open
    """Every SQL statement of the pages, as it is executed."""
    executed: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        executed.append(statement)

    engine = server.store()._database._engine
    sa.event.listen(engine, "before_cursor_execute", note)
    yield executed
    sa.event.remove(engine, "before_cursor_execute", note)


def draw_panel(run_id: str) -> None:
    from functools import partial  # AppTest runs this function as a script of its own

    from ui.train import panel, run_panel

    panel.show(partial(run_panel.load, run_id), was_active=False)


def test_a_redraw_of_a_run_reads_its_row_once(add_run: AddRun, statements: list[str]) -> None:
    panel = AppTest.from_function(draw_panel, kwargs={"run_id": add_run().id}, default_timeout=30).run()
    statements.clear()
    panel.run()
    assert not panel.exception
    assert sum("FROM runs" in statement for statement in statements) == 1


def test_a_predictor_that_is_loaded_costs_one_count(
    add_run: AddRun, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "_warm_up_predictor", lambda _: None)  # made-up heads load, but predict nothing
    run = add_run()
    models.predictor(run).result(timeout=PATIENCE_S)
    statements.clear()
    models.predictor(run)
    [statement] = statements
    assert statement.startswith("SELECT count(*)")


def test_outcomes_that_are_loaded_cost_one_count(add_run: AddRun, statements: list[str]) -> None:
    run = add_run()
    models.outcomes(run)
    statements.clear()
    models.outcomes(run)
    [statement] = statements
    assert "count(*)" in statement
