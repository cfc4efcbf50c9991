"""A class on one server: how long each student waits, and how busy the server is.

    python -m benchmarks classroom [--students 20] [--every 5] [--rounds 10] [--cores 2]

Trains a small run in a temporary data folder and starts the dashboard on it, on so many cores. Students open the Probe page one
after the other, each in a browser context of their own that has seen nothing of it; then all of them fill in the beginnings of
test reviews, up to 60 tokens long, each one every so many seconds. The browser runs on the same machine and has all of its
cores, so the times people wait are those of a machine that does the work of twenty others beside; the processor time is the
server's alone.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.dashboard import CHROMIUM, CHROMIUM_ARGS, dashboard, train_run
from benchmarks.measure import Figure, report
from benchmarks.probe import ANSWER_MS, CLOCK, LOAD_MS, pick_sentences
from core.settings import Settings
from ui.probe import wording


@dataclass
class Lesson:
    """What was measured.

    Attributes:
        entered_ms: Processor time of the server while each student opened the page and had a first answer.
        each_mb: Memory of the server that each student took.
        answer_ms: Processor time of the server for an answer, the mean of each round.
        waited_ms: From each input to its answer.
        num_cores: That the server needed while all were typing.
    """

    entered_ms: list[float] = field(default_factory=list)
    each_mb: float = 0.0
    answer_ms: list[float] = field(default_factory=list)
    waited_ms: list[float] = field(default_factory=list)
    num_cores: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description="How a class gets on with one server.")
    parser.add_argument("--students", type=int, default=20, metavar="N")
    parser.add_argument("--every", type=float, default=5.0, metavar="SECONDS", help="between two sentences of a student")
    parser.add_argument("--rounds", type=int, default=10, metavar="N", help="sentences of each student")
    parser.add_argument("--cores", type=int, default=2, metavar="N", help="of the server")
    parser.add_argument("--chromium", default=CHROMIUM)
    arguments = parser.parse_args()
    cores = set(sorted(os.sched_getaffinity(0))[: arguments.cores])
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        run = train_run(settings)
        sentences = pick_sentences(run, settings, arguments.students * arguments.rounds)
        with dashboard(settings, cores) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=arguments.chromium, args=CHROMIUM_ARGS)
            page = f"{url}/probe?run={run.id}"
            lesson = give_lesson(browser, page, sentences, num_students=arguments.students, every_s=arguments.every)
            browser.close()
    figures = [
        Figure("opening the page and a first answer, processor time", tuple(lesson.entered_ms), "ms"),
        Figure("memory per student", (lesson.each_mb,), "MB"),
        Figure("an answer, processor time", tuple(lesson.answer_ms), "ms"),
        Figure("cores that the server needs while all type", (lesson.num_cores,), "cores"),
        Figure("from the last key to the new numbers", tuple(lesson.waited_ms), "ms"),
        Figure("the same, 95th percentile", (float(np.percentile(lesson.waited_ms, 95)),), "ms"),
    ]
    what = f"{arguments.students} students, each with a sentence every {arguments.every:g} s, a server on {len(cores)} cores"
    report("classroom", what, figures)


def give_lesson(browser: Browser, url: str, sentences: Sequence[str], *, num_students: int, every_s: float) -> Lesson:
    """Opens the pages, then types all sentences in rounds."""
    [server] = [child for child in psutil.Process().children() if "streamlit" in child.cmdline()]
    lesson = Lesson()
    enter(browser, url)  # loads the models
    before_bytes = server.memory_info().rss
    pages = []
    for _ in range(num_students):
        before_s = processor_s(server)
        pages.append(enter(browser, url))
        lesson.entered_ms.append((processor_s(server) - before_s) * 1000)
    lesson.each_mb = (server.memory_info().rss - before_bytes) / num_students / 2**20

    began_s, first_s = time.perf_counter(), processor_s(server)
    for start in range(0, len(sentences), num_students):
        before_s = processor_s(server)
        for page, sentence in zip(pages, sentences[start : start + num_students], strict=True):
            typed_s = time.perf_counter()
            page.evaluate(CLOCK, ANSWER_MS)
            page.get_by_role("textbox", name="Sentence", exact=True).fill(sentence)
            time.sleep(max(0.0, every_s / num_students - (time.perf_counter() - typed_s)))
        answered_ms = [page.evaluate("window.answered") for page in pages]  # null if the answer looks like the previous one
        lesson.waited_ms += [float(waited_ms) for waited_ms in answered_ms if waited_ms is not None]
        lesson.answer_ms.append((processor_s(server) - before_s) * 1000 / num_students)
    lesson.num_cores = (processor_s(server) - first_s) / (time.perf_counter() - began_s)
    return lesson


def enter(browser: Browser, url: str) -> Page:
    """The Probe page of another student, after its first answer."""
    page = browser.new_context().new_page()
    page.set_default_timeout(LOAD_MS)
    page.goto(url)
    page.get_by_role("textbox", name="Sentence", exact=True).fill("The first of all takes longer.")
    page.get_by_text(wording.EFFECTS_EXPLAINED).wait_for()
    return page


def processor_s(server: psutil.Process) -> float:
    """CPU seconds of all threads of the process since its start."""
    times = server.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    main()
