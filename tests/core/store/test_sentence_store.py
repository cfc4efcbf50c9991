"""The history of the Probe page, in a real database."""

from __future__ import annotations

import json
import threading

import numpy as np
import pytest
import sqlalchemy as sa

from core.experiment.config import ExperimentConfig
from core.settings import KEEP_DELETED_S
from core.store.people.sentence_export import as_table, to_json
from core.store.people.sentence_store import PAUSE_S, LatestText, SentenceStore, save_latest
from core.store.run_store import RunStore
from tests.core.store.stored import another_program, change

TYPED = (("Fine", "ann"), ("Dull", "ann"), ("Nobody's", ""))
PROBS = {"basic": np.array([0.25, 0.75], np.float32), "elmo": np.array([0.5, 1.0], np.float32)}


@pytest.fixture
def history(store: RunStore) -> SentenceStore:
    return store.sentences


def keep(history: SentenceStore, *texts: str, run_id: str = "one") -> list[int]:
    return [history.save(run_id, text, PROBS)[0] for text in texts]


def texts(history: SentenceStore) -> list[str]:
    return [sentence.text for sentence in history.find()]


def type_in(history: SentenceStore, typed: list[tuple[str, float]], *, run_id: str = "one") -> list[str]:
    """Texts that are kept when these are predicted at these times."""
    latest: LatestText | None = None
    for text, now_s in typed:
        latest = save_latest(history, latest, run_id, text, PROBS, now_s=now_s)
    return texts(history)


def test_a_text_is_kept_with_its_run_and_the_probability_of_every_head(history: SentenceStore, store: RunStore) -> None:
    run = store.create_run(ExperimentConfig(train_size=100))
    keep(history, "It's <b>bad</b> 🙂 نص", run_id=run.id)
    [sentence] = history.find()
    assert (sentence.text, sentence.run_id, sentence.run_name) == ("It's <b>bad</b> 🙂 نص", run.id, run.name)
    assert sentence.probs == {"basic": (0.25, 0.75), "elmo": (0.5, 1.0)}
    assert sentence.means == {"basic": 0.5, "elmo": 0.75}


@pytest.mark.parametrize("odd", ["\0", "\ud83d"])
def test_what_no_database_can_store_becomes_a_sign_that_all_can(history: SentenceStore, odd: str) -> None:
    keep(history, f"Fine{odd} film")
    keep(history, f"Fine{odd} film")
    [sentence] = history.find(query=f"{odd} FILM")
    assert sentence.text == "Fine\ufffd film"
    history.rename(sentence.id, f"a{odd}")
    assert [sentence.name for sentence in history.find()] == ["a\ufffd"]


def test_the_history_outlives_the_program(store: RunStore, url: str) -> None:
    keep(store.sentences, "Fine")
    store.close()
    assert texts(RunStore(url).sentences) == ["Fine"]


def test_the_same_text_and_run_moves_to_the_top_and_keeps_star_and_name(history: SentenceStore) -> None:
    first, _ = keep(history, "Fine", "Dull")
    history.star([first], is_starred=True)
    history.rename(first, " mine ")
    assert history.save("one", "Fine", {"basic": np.array([0.9])}) == (first, False)
    [newest, _] = history.find()
    assert (newest.text, newest.is_starred, newest.name, newest.probs) == ("Fine", True, "mine", {"basic": (0.9,)})


def test_the_same_text_with_another_run_is_another_row(history: SentenceStore) -> None:
    keep(history, "Fine")
    keep(history, "Fine", run_id="two")
    assert [sentence.run_id for sentence in history.find()] == ["two", "one"]


def test_texts_are_found_by_words_of_text_or_name_run_and_star(history: SentenceStore) -> None:
    fine, dull, percent = keep(history, "Fine film", "Dull", "100 % good")
    keep(history, "Other run", run_id="two")
    history.rename(dull, "The Film lesson")
    history.star([fine], is_starred=True)
    assert [sentence.id for sentence in history.find(query="FILM")] == [dull, fine]
    assert [sentence.id for sentence in history.find(query="%")] == [percent]
    assert [sentence.text for sentence in history.find(run_id="two")] == ["Other run"]
    assert [sentence.id for sentence in history.find(is_starred=True)] == [fine]
    assert len(history.find(limit=2)) == 2


def test_a_deletion_can_be_taken_back_by_everybody(history: SentenceStore, url: str) -> None:
    fine, _ = keep(history, "Fine", "Dull")
    history.star([fine], is_starred=True)
    history.delete([fine])
    assert texts(history) == ["Dull"]
    other = RunStore(url).sentences
    [deleted] = other.deleted()
    assert deleted.title == "Fine"
    other.restore([int(deleted.id)])
    assert texts(history) == ["Dull", "Fine"]
    assert [sentence.text for sentence in history.find(is_starred=True)] == ["Fine"]
    assert history.deleted() == []


def test_a_text_that_was_tried_again_is_not_restored_twice(history: SentenceStore) -> None:
    [fine] = keep(history, "Fine")
    history.rename(fine, "lesson 1")
    history.delete([fine])
    keep(history, "Fine")
    assert [sentence.name for sentence in history.find()] == [""]
    history.restore([fine])
    assert [(sentence.text, sentence.name) for sentence in history.find()] == [("Fine", "lesson 1")]
    assert history.deleted() == []


def test_each_visitor_finds_what_they_typed_and_all_is_found_by_everybody(history: SentenceStore) -> None:
    history.save("one", "Fine", PROBS, visitor="ann")
    history.save("one", "Dull", PROBS, visitor="bob")
    history.save("one", "Fine", PROBS, visitor="bob")
    history.save("one", "By nobody", PROBS)
    assert [sentence.text for sentence in history.find(visitor="ann")] == ["Fine"]
    assert [sentence.text for sentence in history.find(visitor="bob")] == ["Fine", "Dull"]
    assert texts(history) == ["By nobody", "Fine", "Dull"]


def test_a_text_that_is_typed_on_stays_if_somebody_else_typed_it_too(history: SentenceStore) -> None:
    latest = save_latest(history, None, "one", "Not", PROBS, now_s=0.0, visitor="ann")
    history.save("one", "Not", PROBS, visitor="bob")
    save_latest(history, latest, "one", "Not bad", PROBS, now_s=0.5, visitor="ann")
    assert [sentence.text for sentence in history.find(visitor="bob")] == ["Not"]
    assert "Not bad" in [sentence.text for sentence in history.find(visitor="ann")]


def test_what_several_people_have_typed_belongs_to_none_of_them(history: SentenceStore) -> None:
    fine, dull, nobodys = (history.save("one", text, PROBS, visitor=visitor)[0] for text, visitor in TYPED)
    history.save("one", "Fine", PROBS, visitor="bob")
    history.delete([dull])
    assert history.typed_only_by("ann", [fine, dull, nobodys]) == {dull}
    assert history.typed_only_by("bob", [fine, dull, nobodys]) == set()


def test_a_restored_text_is_found_by_all_who_typed_it(history: SentenceStore) -> None:
    fine, _ = history.save("one", "Fine", PROBS, visitor="ann")
    history.delete([fine])
    assert history.find(visitor="ann") == []
    history.save("one", "Fine", PROBS, visitor="bob")
    history.restore([fine])
    assert [len(history.find(visitor=visitor)) for visitor in ("ann", "bob")] == [1, 1]


def test_an_id_is_never_used_twice(history: SentenceStore) -> None:
    latest = save_latest(history, None, "one", "Not", PROBS, now_s=0.0)
    history.delete([latest.sentence_id])
    history.purge([latest.sentence_id])
    [other] = keep(history, "Of somebody else")
    assert other != latest.sentence_id
    save_latest(history, latest, "one", "Not bad", PROBS, now_s=0.5)
    history.delete([latest.sentence_id])
    assert texts(history) == ["Not bad", "Of somebody else"]


def test_what_is_typed_after_a_deletion_leaves_the_deleted_text_as_it_was(history: SentenceStore) -> None:
    latest = save_latest(history, None, "one", "Not", PROBS, now_s=0.0)
    history.delete([latest.sentence_id])
    save_latest(history, latest, "one", "Not bad", PROBS, now_s=0.5)
    history.restore([latest.sentence_id])
    assert sorted(texts(history)) == ["Not", "Not bad"]


def test_a_deleted_text_is_gone_for_good_when_somebody_wants_it_or_after_thirty_days(history: SentenceStore, url: str) -> None:
    wanted, old, kept = keep(history, "Private", "Old", "Fine")
    history.delete([wanted, old])
    history.purge([wanted, kept])
    assert [deleted.title for deleted in history.deleted()] == ["Old"]
    change(url, "UPDATE probes SET deleted_s = deleted_s - :ago_s", ago_s=KEEP_DELETED_S + 1)
    RunStore(url).close()
    with another_program(url) as connection:
        assert connection.execute(sa.text("SELECT text FROM probes")).scalars().all() == ["Fine"]


def test_a_deleted_run_leaves_its_texts_without_its_name(history: SentenceStore, store: RunStore) -> None:
    run = store.create_run(ExperimentConfig(train_size=100))
    keep(history, "Fine", run_id=run.id)
    store.set_status(run.id, "finished")
    store.delete(run.id)
    assert [sentence.run_name for sentence in history.find()] == [""]


def test_a_text_replaces_its_own_beginnings_while_it_is_typed(history: SentenceStore) -> None:
    assert type_in(history, [("Not", 0.0), ("Not b", 0.5), ("Not bad", 1.0)]) == ["Not bad"]


def test_a_text_that_stood_for_a_while_stays_when_words_are_added(history: SentenceStore) -> None:
    assert type_in(history, [("Not bad", 0.0), ("Not bad at all", 2 * PAUSE_S)]) == ["Not bad at all", "Not bad"]


def test_what_is_passed_through_while_deleting_is_not_kept(history: SentenceStore) -> None:
    assert type_in(history, [("Not bad", 0.0), ("Not b", 5.0), ("Not", 5.4), ("Not good", 6.0)]) == ["Not good", "Not bad"]


def test_another_text_never_replaces_one(history: SentenceStore) -> None:
    assert type_in(history, [("A dull film", 0.0), ("A great film", 0.1)]) == ["A great film", "A dull film"]


def test_a_text_of_an_earlier_day_is_not_replaced_when_it_is_passed_through(history: SentenceStore) -> None:
    keep(history, "Not")
    assert type_in(history, [("No", 0.0), ("Not", 0.5), ("Not bad", 1.0)]) == ["Not bad", "Not"]


def test_a_starred_text_is_not_replaced(history: SentenceStore) -> None:
    latest = save_latest(history, None, "one", "Not", PROBS, now_s=0.0)
    history.star([latest.sentence_id], is_starred=True)
    save_latest(history, latest, "one", "Not bad", PROBS, now_s=0.5)
    assert texts(history) == ["Not bad", "Not"]


def test_the_text_is_kept_anew_when_another_run_is_chosen(history: SentenceStore) -> None:
    latest = save_latest(history, None, "one", "Fine", PROBS, now_s=0.0)
    save_latest(history, latest, "two", "Fine", PROBS, now_s=0.1)
    assert [sentence.run_id for sentence in history.find()] == ["two", "one"]


def test_exports_have_every_field(history: SentenceStore) -> None:
    keep(history, 'He said "no", <i>twice</i>')
    sentences = history.find()
    [row] = as_table(sentences).to_dict("records")
    assert (row["basic"], row["basic_lowest"], row["elmo_highest"]) == (0.5, 0.25, 1.0)
    [content] = json.loads(to_json(sentences))
    assert content["text"] == row["text"] == 'He said "no", <i>twice</i>'
    assert content["probabilities"] == {"basic": [0.25, 0.75], "elmo": [0.5, 1.0]}


def test_an_export_has_the_models_in_their_order_although_one_could_not_read_the_newest_text(history: SentenceStore) -> None:
    keep(history, "A film.")
    history.save("one", "фильм", {"elmo": np.array([0.25, 0.75])})
    table = as_table(history.find())
    assert [column for column in table if column in PROBS] == ["basic", "elmo"]
    assert table["basic"].isna().tolist() == [True, False]
    assert table["basic_lowest"].isna().tolist() == [True, False]


def test_several_people_who_type_the_same_make_one_row(history: SentenceStore) -> None:
    barrier = threading.Barrier(8)

    def type_it() -> None:
        barrier.wait()
        keep(history, "Fine")

    threads = [threading.Thread(target=type_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts(history) == ["Fine"]


def test_several_people_can_type_at_once(history: SentenceStore) -> None:
    def type_many(number: int) -> None:
        keep(history, *[f"{number} {i}" for i in range(20)])

    threads = [threading.Thread(target=type_many, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(history.find()) == 80
