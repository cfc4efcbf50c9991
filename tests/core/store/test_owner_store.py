"""Who has made what, in a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from core.store.people.owner_store import Owner
from core.store.run_store import RunStore

ANN, BOB = Owner("a" * 32), Owner("b" * 32, is_operator=True)


def test_an_owner_is_known_to_another_program(store: RunStore, url: str) -> None:
    store.owners.take("run 1", ANN)
    store.owners.take("run 2", BOB)
    other = RunStore(url)
    assert other.owners.of(["run 1", "run 2", "run 3"]) == {"run 1": ANN, "run 2": BOB}
    assert other.owners.of([]) == {}
    other.close()


def test_whoever_was_first_stays_the_owner(store: RunStore) -> None:
    store.owners.take("run 1", ANN)
    store.owners.take("run 1", BOB)
    assert store.owners.of(["run 1"]) == {"run 1": ANN}


def test_of_several_who_take_the_same_at_once_one_has_it(store: RunStore) -> None:
    owners = [Owner(str(number)) for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda owner: store.owners.take("run 1", owner), owners))
    [owner] = store.owners.of(["run 1"]).values()
    assert owner in owners


def test_what_is_gone_leaves_its_name_to_the_next(store: RunStore) -> None:
    store.owners.take("dataset", ANN)
    store.owners.release("dataset")
    assert not store.owners.has_any(ANN.id)
    store.owners.take("dataset", BOB)
    assert store.owners.of(["dataset"]) == {"dataset": BOB}


def test_what_the_operator_has_made_is_found(store: RunStore) -> None:
    store.owners.take("run 1", ANN)
    store.owners.take("run 2", BOB)
    assert store.owners.of_operator() == {"run 2": BOB}
    assert store.owners.has_any(ANN.id)
