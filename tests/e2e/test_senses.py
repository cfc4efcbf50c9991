"""The Senses page in a real browser: a lesson, one's own sentences by link, the reviews."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlencode, urlparse

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server, query, settle
from ui.senses import wording

ELMO_MS = 60_000  # loading TensorFlow and ELMo on a busy machine
NASTY = "<img src=x onerror=document.title='taken'> plot"


def open_lesson(page: Page, server: Server, word: str) -> None:
    page.goto(f"{server.url}/senses?{urlencode({'senses_lesson': word})}")
    expect(page.get_by_text(wording.REVIEWS_TITLE)).to_be_visible(timeout=ELMO_MS)


def test_a_click_in_the_map_chooses_the_sentence_that_hovering_shows(page: Page, server: Server) -> None:
    open_lesson(page, server, "lead")
    point = page.get_by_label("Map of the word's vectors in 10 sentences").locator("path[aria-label*='Number: 7;']").last
    point.scroll_into_view_if_needed()
    point.hover()
    expect(page.locator("#vg-tooltip-element")).to_contain_text("All her decisions lead to disaster.")
    point.click()
    expect(page.get_by_text("Most similar to sentence 7")).to_be_visible()


def test_a_link_shows_the_sentence_and_the_layer_that_were_chosen(page: Page, server: Server) -> None:
    open_lesson(page, server, "lead")
    sentence = page.get_by_role("combobox", name="Sentence")
    sentence.scroll_into_view_if_needed()  # its list closes when the page is scrolled
    sentence.click()
    page.get_by_role("option", name="7: ").click()
    expect(page.get_by_text("Most similar to sentence 7")).to_be_visible()
    page.get_by_role("radio", name="ELMo, layer 1").click()
    expect(page).to_have_url(re.compile("senses_layer="))
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_text("Most similar to sentence 7")).to_be_visible(timeout=ELMO_MS)
    expect(other.get_by_role("radio", name="ELMo, layer 1")).to_be_checked()


def test_every_layer_has_its_heat_map_and_only_the_upper_ones_differ(page: Page, server: Server) -> None:
    open_lesson(page, server, "lead")
    for layer in ("Static", "ELMo, layer 0"):
        expect(page.get_by_label(f"Heat map of {layer}: ")).to_have_attribute("aria-label", re.compile("from 1.00 to 1.00"))
    for layer in ("ELMo, layer 1", "ELMo, layer 2"):
        expect(page.get_by_label(f"Heat map of {layer}: ")).not_to_have_attribute("aria-label", re.compile("to 1.00"))
    page.get_by_role("radio", name="Static").click()
    expect(page.get_by_text(wording.no_map(10, "static"))).to_be_visible()


def test_a_link_opens_ones_own_sentences_and_nothing_in_them_is_html(page: Page, server: Server) -> None:
    query = {"senses_lesson": "My own", "senses_word": "plot", "senses_sentences": f"{NASTY}\nThe plot thickens."}
    page.goto(f"{server.url}/senses?{urlencode(query)}")
    expect(page.get_by_label("Map of the word's vectors in 2 sentences")).to_be_visible(timeout=ELMO_MS)
    expect(page.get_by_text(NASTY[:30]).first).to_be_visible()
    expect(page).not_to_have_title("taken")
    expect(page.locator("img[src=x]")).to_have_count(0)


def test_the_reviews_that_use_the_word_alike_are_found_and_open_in_probe(page: Page, server: Server) -> None:
    open_lesson(page, server, "bank")
    page.get_by_role("button", name="Search the reviews").click()
    expect(page.get_by_text("Most similar to sentence 1,")).to_be_visible(timeout=ELMO_MS)
    expect(page.get_by_text("Similarity 0.")).to_have_count(8)
    settle(page)
    link = page.get_by_test_id("stMain").get_by_role("link", name="Try it").first
    [text] = parse_qs(urlparse(link.get_attribute("href") or "").query)["text"]
    assert "bank" in text.lower()
    link.click()
    expect(page.get_by_role("heading", name=wording.TITLE)).to_have_count(0)
    assert query(page, "text") == text


def test_reading_for_all_words_can_be_cancelled(page: Page, server: Server) -> None:
    open_lesson(page, server, "bank")
    page.get_by_role("radio", name="Other words").click()
    page.get_by_role("button", name="Search the reviews").click()
    expect(page.get_by_text(re.compile("about .* left"))).to_be_visible(timeout=ELMO_MS)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Search the reviews")).to_be_visible()
    expect(page.get_by_text("Most similar to sentence 1,")).to_have_count(0)
