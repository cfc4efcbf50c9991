"""The clients of `python -m benchmarks load` against a real server for a class."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.load import Plan, figures, put_load
from core.store.run_store import RunStore
from tests.e2e.conftest import Server
from tests.e2e.stored_runs import add_run


@pytest.fixture(scope="module")
def variables() -> Mapping[str, str]:
    return {"ELMO_LENS_CLASS_RULES": "1"}


def test_three_clients_get_an_answer_each_and_nothing_goes_wrong(server: Server, store: RunStore) -> None:
    run = add_run(store, 100)
    address = f"{server.url.replace('http', 'ws', 1)}/_stcore/stream"
    sentences = ["A dull film.", "Not bad at all.", "What a mess!"]
    plan = Plan(address, run.id, sentences, num_clients=3, duration_s=1, every_s=1, num_starting=0)
    with ThreadPoolExecutor(1) as thread:  # in this one, Playwright's loop is running after other tests
        load = thread.submit(asyncio.run, put_load(plan)).result()
    assert load.errors == []
    assert len(load.answer_ms) >= 3
    assert len(store.sentences.find(run_id=run.id)) == 3  # whatever the clients say, the server has read them
    assert [figure.median for figure in figures(load) if figure.name == "errors"] == [0]
