"""What only happens to a store on a server: it restarts, is away, refuses, or lets others wait for a row."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from core.errors import UserError
from core.example import EXAMPLE_ID, example_digest, open_store
from core.settings import Settings
from core.store import claims, database, schema
from core.store.claims import Claim, ResumedElsewhereError
from core.store.run import Run
from core.store.run_store import RunStore
from tests.core.store.outages.postgresql_server import PASSWORD, PostgresqlServer
from tests.core.store.stored import CONFIG, NOW, another_program, claimed, make_stale, trial_result

AWAY_S = 2.0


@pytest.fixture
def url(postgresql: PostgresqlServer) -> str:
    return postgresql.new_url()


@pytest.fixture
def driven(store: RunStore) -> tuple[Run, Claim]:
    run = store.create_run(CONFIG, NOW)
    return run, claimed(store, run.id)


@contextmanager
def stopped(server: PostgresqlServer) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextmanager
def held(url: str, run: Run) -> Iterator[None]:
    """Another program is changing the row of a run."""
    with another_program(url) as connection:
        connection.execute(sa.text("SELECT 1 FROM runs WHERE id = :id FOR UPDATE"), {"id": run.id})
        yield


@pytest.mark.parametrize("is_crash", [False, True], ids=["restarted", "crashed"])
def test_a_driver_goes_on_with_a_write_in_whose_middle_the_server_goes_away(
    store: RunStore, driven: tuple[Run, Claim], postgresql: PostgresqlServer, is_crash: bool
) -> None:
    run, claim = driven
    is_halfway, is_away = threading.Event(), threading.Event()

    def pause(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO trials") and not is_halfway.is_set():
            is_halfway.set()
            is_away.wait(30)

    sa.event.listen(store._database._engine, "after_cursor_execute", pause)
    with ThreadPoolExecutor(1) as thread:
        saved = thread.submit(store.trials.save, run, trial_result(0, "elmo"), claim=claim)
        assert is_halfway.wait(30)
        postgresql.stop(is_crash=is_crash)
        is_away.set()
        time.sleep(AWAY_S)
        assert not saved.done()
        postgresql.start()
        saved.result(timeout=30)
    assert store.trials.table(run)["accuracy"].to_list() == [0.75]
    assert len(store.trials.heads(run)["elmo"]) == 1


def test_a_driver_gives_up_in_the_end_with_one_sentence_without_a_password(
    store: RunStore, driven: tuple[Run, Claim], postgresql: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, claim = driven
    monkeypatch.setattr(claims, "_PATIENCE_S", 1.0)
    with stopped(postgresql), pytest.raises(UserError, match=r"for 1 seconds \(no connection\)") as error:
        store.trials.save(run, trial_result(0, "elmo"), claim=claim)
    assert error.value.code == "database-fails"
    assert PASSWORD not in "".join(traceback.format_exception(error.value))
    store.trials.save(run, trial_result(0, "elmo"), claim=claim)


def test_a_page_is_told_at_once_that_the_server_is_away(
    store: RunStore, driven: tuple[Run, Claim], postgresql: PostgresqlServer
) -> None:
    with stopped(postgresql), pytest.raises(UserError) as error:
        store.rename(driven[0].id, "new")
    assert error.value.code == "database-fails"
    store.rename(driven[0].id, "new")  # with connections that are whole


def test_a_wrong_password_is_one_sentence_that_does_not_have_it(postgresql: PostgresqlServer) -> None:
    with pytest.raises(UserError) as error:
        RunStore(postgresql.new_url(user="stranger"))
    assert error.value.code == "database-fails"
    assert PASSWORD not in "".join(traceback.format_exception(error.value))


def test_whoever_waits_too_long_for_a_row_is_told_that_it_is_locked(
    url: str, driven: tuple[Run, Claim], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_LOCK_TIMEOUT_S", 0.05)
    impatient = RunStore(url)
    with held(url, driven[0]):
        with pytest.raises(UserError) as error:
            impatient.rename(driven[0].id, "new")
        assert impatient.get_run(driven[0].id) == driven[0]  # reading waits for nobody
    assert error.value.code == "store-locked"
    impatient.close()


def test_a_driver_waits_for_a_row_and_writes_then(url: str, driven: tuple[Run, Claim], monkeypatch: pytest.MonkeyPatch) -> None:
    run, claim = driven
    monkeypatch.setattr(database, "_LOCK_TIMEOUT_S", 0.05)
    impatient = RunStore(url)
    with ThreadPoolExecutor(1) as thread:
        with held(url, run):
            saved = thread.submit(impatient.trials.save, run, trial_result(0, "elmo"), claim=claim)
            time.sleep(0.5)  # many times the timeout
            assert not saved.done()
        saved.result(timeout=30)
    assert impatient.trials.num_finished(run) == 1
    impatient.close()


def test_a_claim_waits_for_a_write_that_has_begun_and_ends_all_later_ones(
    store: RunStore, url: str, driven: tuple[Run, Claim]
) -> None:
    run, first = driven
    make_stale(url, run.id)
    with ThreadPoolExecutor(1) as thread:
        with store._database.begin() as connection:
            claims.hold(connection, run.id, first)
            second = thread.submit(RunStore(url).claim, run.id)
            time.sleep(0.3)
            assert not second.done()
        assert second.result(timeout=30)
    with pytest.raises(ResumedElsewhereError):
        store.trials.save(run, trial_result(0, "elmo"), claim=first)


def test_a_run_that_sends_a_heartbeat_while_somebody_waits_to_claim_it_stays_its_drivers(
    store: RunStore, url: str, driven: tuple[Run, Claim]
) -> None:
    run, first = driven
    make_stale(url, run.id)
    with ThreadPoolExecutor(1) as thread:
        with store._database.begin() as connection:
            own = claims.may_write(first)
            table = schema.runs
            connection.execute(table.update().where(table.c.id == run.id, own).values(heartbeat_s=time.time()))
            second = thread.submit(RunStore(url).claim, run.id)
            time.sleep(0.3)
        assert second.result(timeout=30) is None
    store.trials.save(run, trial_result(0, "elmo"), claim=first)


def test_arrays_of_many_megabytes_come_back_bit_by_bit(store: RunStore) -> None:
    run = store.create_run(CONFIG)
    weights = np.random.default_rng(0).random((4, 1024, 1024), dtype=np.float32)  # 16 MB
    store.trials.save(run, replace(trial_result(0, "elmo"), head={"conv/kernel": weights}))

    [head] = store.trials.heads(run)["elmo"]
    np.testing.assert_array_equal(head["conv/kernel"], weights, strict=True)


def test_several_programs_may_put_the_shipped_example_into_a_new_store_at_once(url: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=url, example=True)
    with ThreadPoolExecutor(4) as threads:
        stores = list(threads.map(lambda _: open_store(settings), range(4)))

    local = open_store(Settings(data_dir=tmp_path, example=True))
    run = stores[0].get_run(EXAMPLE_ID)
    assert run == local.get_run(EXAMPLE_ID)
    assert stores[0].example_digest() == example_digest()
    assert stores[0].trials.accuracies(run).equals(local.trials.accuracies(run))
    pd.testing.assert_frame_equal(stores[0].overview(), local.overview())  # but for the last digit of means
    for store in (*stores, local):
        store.close()
