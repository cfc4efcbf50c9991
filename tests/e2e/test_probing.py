"""What somebody does on the Probe page, in a real browser, with heads that were trained on the bundled vectors."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from core.predict.examples import load_candidates
from core.store.run_store import RunStore
from tests.core.classifier.trained import CONFIG, NUM_VALIDATION, train
from tests.e2e.conftest import Server, query, settle
from tests.e2e.screens.test_looks import CONTRASTS, LEAST_CONTRAST
from ui.probe import history, live, wording

LOAD_MS = 120_000
READ = wording.read(2).removeprefix("2 ")
SENTENCE = "A great but blorptastic film"
HOSTILE = "<img src=x onerror=window.broken_in=1> <script>window.broken_in=2</script> **bold** [x](javascript:alert(1)) :smile:"


@pytest.fixture(scope="module")
def runs(data_dir: Path, store: RunStore) -> list[str]:
    """Ids of two runs of the same heads; the second has only those of the first trial."""
    results = list(train(data_dir))
    ids = []
    for num_trials in (CONFIG.num_trials, 1):
        run = store.create_run(CONFIG.model_copy(update={"num_trials": num_trials}))
        store.set_draws(run.id, [f"{i:016x}" for i in range(NUM_VALIDATION)], [i % 2 for i in range(NUM_VALIDATION)])
        for result in results:
            if result.trial < num_trials:
                store.trials.save(run, result)
        store.set_status(run.id, "finished")
        ids.append(run.id)
    return ids


@pytest.fixture
def probe(page: Page, server: Server, runs: list[str]) -> Page:
    """The page with the models of the first run."""
    page.goto(f"{server.url}/probe?run={runs[0]}")
    expect(field(page)).to_be_visible()
    return page


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Sentence", exact=True)


def words(page: Page) -> Locator:
    return page.get_by_role("group", name="What each word does")


def word(page: Page, text: str) -> Locator:
    """The button of a word, whose name begins with it."""
    return words(page).get_by_role("button", name=re.compile(rf"^{re.escape(text)}(?!\w)"))


def effect(page: Page, text: str, arm: str) -> Locator:
    return word(page, text).locator(f"[data-arm={arm}]")


def answer(page: Page, arm: str) -> Locator:
    """What a model makes of the text: its name, its chance, its label."""
    return page.get_by_role("region", name=wording.DUEL_TITLE).locator(f"[data-arm={arm}]")


def chance(page: Page, arm: str) -> Locator:
    """The probability that a model gives."""
    return answer(page, arm).locator(".number")


def type_in(page: Page, text: str) -> None:
    field(page).fill(text)
    expect(page.get_by_text(READ)).to_be_visible(timeout=LOAD_MS)
    expect(word(page, re.findall(r"\w+", text)[-1]).last).to_be_visible()


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def cell(page: Page, text: str) -> Locator:
    """A cell of a table. Tables are painted; what they say stands in elements for screen readers only."""
    return page.locator("canvas [role=gridcell]").filter(has_text=text)


def choose_row(page: Page, table: str, row: int) -> None:
    """Tick a row of a table."""
    page.get_by_role("region", name=table).click(position={"x": 16, "y": 36 + 35 * row + 17})


def test_both_answers_and_the_reasons_follow_the_typing(probe: Page) -> None:
    field(probe).press_sequentially("The plot was great")
    expect(effect(probe, "great", "basic")).to_have_text(re.compile(r"^\+\d"), timeout=LOAD_MS)
    expect(effect(probe, "great", "elmo")).to_have_text(re.compile(r"^\+\d"))
    field(probe).press_sequentially(" but a weak blorptastic film")  # nobody presses Enter or leaves the field
    expect(effect(probe, "weak", "basic")).to_have_text(re.compile(r"^−\d"))
    expect(effect(probe, "weak", "elmo")).to_have_text(re.compile(r"^−\d"))
    expect(effect(probe, "blorptastic", "basic")).to_have_text(re.compile(r"^\? "))
    expect(effect(probe, "blorptastic", "elmo")).not_to_have_text(re.compile(r"\?"))


def test_both_predictions_change_while_a_sentence_is_typed(probe: Page) -> None:
    field(probe).press_sequentially("A great film")
    expect(probe.get_by_text(wording.read(3))).to_be_visible(timeout=LOAD_MS)
    settle(probe)
    first = {arm: chance(probe, arm).inner_text() for arm in CONFIG.arms}
    field(probe).press_sequentially(" ruined by dull jokes")  # nobody presses Enter or leaves the field
    expect(probe.get_by_text(wording.read(7))).to_be_visible()
    for arm, before in first.items():
        expect(chance(probe, arm)).not_to_have_text(before)


def test_exact_numbers_are_told_to_the_mouse_and_to_the_keyboard(probe: Page) -> None:
    type_in(probe, SENTENCE)
    word(probe, "great").hover()
    told = probe.get_by_text(re.compile(r"^“great”: Basic .* with it, .* without, log-odds "))
    expect(told).to_be_visible()
    word(probe, "A").focus()
    probe.keyboard.press("ArrowRight")
    probe.keyboard.press("ArrowRight")
    expect(probe.get_by_text(re.compile("^“but”: Basic"))).to_be_visible()
    expect(told).to_have_count(0)
    probe.keyboard.press("Enter")
    expect(probe.get_by_role("combobox", name="Word to change").first).to_have_value("3: but")


def test_a_word_is_changed_compared_taken_over_and_brought_back(probe: Page) -> None:
    type_in(probe, SENTENCE)
    word(probe, "great").click()
    own = probe.get_by_role("textbox", name=wording.OWN_WORDS)
    own.press_sequentially("dreadful")
    table = "The text unchanged and with one word changed"
    expect(cell(probe, "yours: dreadful")).to_be_attached()
    choose_row(probe, table, 1)
    probe.get_by_role("button", name="Use this text").click()
    expect(field(probe)).to_have_value("A dreadful but blorptastic film")
    expect(word(probe, "dreadful")).to_be_visible()
    probe.get_by_role("button", name="Undo", exact=True).click()
    expect(field(probe)).to_have_value(SENTENCE)


def test_a_text_of_the_history_is_starred_and_shared_by_link(probe: Page, browser: Browser) -> None:
    type_in(probe, SENTENCE)
    table = "The texts that were tried"
    open_tab(probe, live.HISTORY)
    expect(cell(probe, SENTENCE).first).to_be_attached()
    choose_row(probe, table, 0)
    probe.get_by_role("button", name="Star", exact=True).click()
    expect(cell(probe, "★")).to_be_attached()
    probe.get_by_role("button", name="Link").click()
    address = probe.get_by_test_id("stCode").inner_text().strip()
    assert parse_qs(urlparse(address).query)["text"] == [SENTENCE]
    other = browser.new_context().new_page()
    other.goto(address)
    expect(field(other)).to_have_value(SENTENCE)
    settle(other)
    other.reload()
    expect(field(other)).to_have_value(SENTENCE)
    assert query(other, "run") == query(probe, "run")
    expect(effect(other, "great", "elmo")).to_have_text(effect(probe, "great", "elmo").inner_text(), timeout=LOAD_MS)
    other.context.close()


@pytest.mark.parametrize(("button", "begins"), [("CSV", "text,name,starred"), ("JSON", "[")])
def test_the_history_can_be_downloaded(probe: Page, button: str, begins: str) -> None:
    type_in(probe, SENTENCE)
    open_tab(probe, live.HISTORY)
    with probe.expect_download() as download:
        probe.get_by_test_id("stDownloadButton").get_by_role("button", name=button, exact=True).click()
    written = download.value.path().read_text()
    assert written.startswith(begins)
    assert SENTENCE in written


def test_the_history_is_replayed_with_another_run(probe: Page, runs: list[str]) -> None:
    type_in(probe, SENTENCE)
    open_tab(probe, live.HISTORY)
    probe.get_by_text("Replay with another run").click()
    probe.get_by_role("button", name=re.compile(r"Replay \d+ texts?")).click()
    replayed = probe.get_by_role("region", name="The replayed texts")
    expect(replayed).to_be_visible(timeout=LOAD_MS)
    expect(replayed.locator("[role=gridcell]").filter(has_text=SENTENCE)).to_be_attached()
    assert query(probe, "run") == runs[0]


def test_nothing_that_is_typed_becomes_part_of_the_page(probe: Page) -> None:
    type_in(probe, HOSTILE)
    words(probe).get_by_role("button").first.click()
    expect(probe.get_by_text(wording.CHOOSE_VARIANT)).to_be_visible()
    expect(words(probe)).to_contain_text("onerror")
    expect(words(probe).locator("img, b, strong, a")).to_have_count(0)
    expect(word(probe, "smile")).to_be_visible()
    main = probe.get_by_test_id("stMain")
    expect(main.locator("img[src=x], a[href^=javascript]")).to_have_count(0)
    assert "broken_in" not in main.locator("script").evaluate_all("scripts => scripts.map(script => script.textContent).join()")
    assert probe.evaluate("window.broken_in") is None


def test_right_to_left_text_runs_from_right_to_left(probe: Page) -> None:
    type_in(probe, "فيلم رائع جدا")
    settle(probe)
    boxes = [button.bounding_box() for button in words(probe).get_by_role("button").all()]
    places = [box["x"] for box in boxes if box]
    assert places == sorted(places, reverse=True)


def test_ten_thousand_words_are_cut_and_answered(probe: Page) -> None:
    field(probe).fill("good film " * 5000)
    told = f"{wording.read(512)}; {wording.not_read(9488)}"
    expect(probe.get_by_text(told)).to_be_visible(timeout=LOAD_MS)
    probe.get_by_role("button", name="Leave out each of the 512 words once").click()
    expect(probe.get_by_text(re.compile(r"of 512 words left out"))).to_be_visible(timeout=LOAD_MS)


def test_the_text_is_still_there_after_another_page(probe: Page) -> None:
    type_in(probe, SENTENCE)
    probe.get_by_role("link", name="How it works").click()
    expect(field(probe)).to_have_count(0)
    probe.get_by_role("link", name="Try it").first.click()
    expect(field(probe)).to_have_value(SENTENCE)


SMALL: ViewportSize = {"width": 1280, "height": 720}


@pytest.mark.parametrize("query", ["", "&large=1"])
def test_the_whole_duel_fits_on_a_projector(page: Page, server: Server, runs: list[str], query: str) -> None:
    page.set_viewport_size(SMALL)
    page.goto(f"{server.url}/probe?run={runs[0]}&text=A+great+but+weak+film{query}")
    expect(effect(page, "film", "elmo")).to_have_text(re.compile(r"\d"), timeout=LOAD_MS)
    expect(page.get_by_text(wording.BOTH_FAIL)).to_be_visible()
    settle(page)
    for shown in (
        page.get_by_role("heading", name=wording.TITLE),
        field(page),
        page.get_by_text(wording.BOTH_FAIL),
        *(answer(page, arm) for arm in CONFIG.arms),
        page.get_by_role("heading", name="Why"),
        effect(page, "film", "basic"),
        effect(page, "film", "elmo"),
        page.get_by_text(wording.EFFECTS_EXPLAINED),
    ):
        expect(shown).to_be_in_viewport(ratio=1)


def test_both_numbers_stand_above_the_keyboard_of_a_phone(phone: Page, server: Server, runs: list[str]) -> None:
    phone.goto(f"{server.url}/probe?run={runs[0]}&text=A+great+but+weak+film")
    expect(effect(phone, "film", "elmo")).to_have_text(re.compile(r"\d"), timeout=LOAD_MS)
    settle(phone)
    for shown in (field(phone), *(answer(phone, arm) for arm in CONFIG.arms)):
        box = shown.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 400


def test_nothing_moves_while_somebody_types(probe: Page) -> None:
    probe.set_viewport_size(SMALL)
    expect(probe.get_by_text(wording.BOTH_FAIL)).to_be_visible(timeout=LOAD_MS)
    settle(probe)
    marks = [field(probe), *(answer(probe, arm) for arm in CONFIG.arms), probe.get_by_role("tab", name=live.HISTORY)]
    before = [mark.bounding_box() for mark in marks]
    type_in(probe, "A great film")
    settle(probe)
    after = [mark.bounding_box() for mark in marks]
    assert [box["y"] for box in after if box] == [box["y"] for box in before if box]


def test_a_row_of_the_history_is_chosen_by_keyboard_alone(probe: Page) -> None:
    type_in(probe, SENTENCE)
    open_tab(probe, live.HISTORY)
    expect(cell(probe, SENTENCE).first).to_be_attached()
    probe.get_by_role("searchbox", name="Search").focus()
    canvas = probe.get_by_role("region", name="The texts that were tried").locator("canvas").first
    for _ in range(12):
        probe.keyboard.press("Tab")
        if canvas.evaluate("canvas => canvas === document.activeElement"):
            break
    probe.keyboard.press("ArrowDown")
    probe.keyboard.press("Shift+Space")
    expect(probe.get_by_role("button", name="Try again")).to_be_visible()


def test_options_and_tabs_can_be_read_while_one_points_at_them_in_the_dark(
    browser: Browser, server: Server, runs: list[str]
) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 1000}, color_scheme="dark").new_page()
    page.goto(f"{server.url}/probe?run={runs[0]}&text=film&probe_tab={live.HISTORY}")
    expect(page.get_by_text(wording.BOTH_FAIL)).to_be_visible(timeout=LOAD_MS)
    settle(page)
    for pointed_at in (
        page.get_by_test_id("stButtonGroup").filter(has_text=wording.BOTH_FAIL).get_by_role("radio").first,
        page.get_by_role("radio", name=history.WHOSE[0]),  # is chosen
        page.get_by_role("radio", name=history.WHOSE[1]),
        page.get_by_role("tab", name=live.HISTORY),  # is open
        page.get_by_role("tab", name=live.CHALLENGES),
    ):
        pointed_at.hover()
        enough = f"() => ({CONTRASTS})().every(([, contrast]) => contrast >= {LEAST_CONTRAST})"
        page.wait_for_function(enough, timeout=5_000)
    page.context.close()


def test_what_fools_both_models_leads_to_reviews_with_the_same_phrase(probe: Page) -> None:
    both_fail = probe.get_by_test_id("stButtonGroup").filter(has_text=wording.BOTH_FAIL)
    both_fail.get_by_role("radio").first.click(timeout=LOAD_MS)
    phrases = {candidate.text: candidate.phrase for candidate in load_candidates()}
    expect(probe.get_by_role("link", name="Read reviews with")).to_be_visible()
    phrase = phrases[field(probe).input_value()]
    probe.get_by_role("link", name="Read reviews with").click()
    expect(probe.get_by_role("searchbox", name="Search")).to_have_value(phrase)
    expect(probe.locator("mark").first).to_have_text(re.compile(phrase, re.IGNORECASE))
