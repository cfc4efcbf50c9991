"""Errors that people see can be told apart by a code."""

from __future__ import annotations

import ast
import pickle
import re

import pytest

from core.errors import UserError, shown
from tests.test_architecture import files_of, module_of

CODE = re.compile(r"[a-z]+(-[a-z]+){0,3}")  # one to four words


@pytest.mark.parametrize("house", ["core", "ui"])
def test_every_error_that_people_see_has_a_short_code(house: str) -> None:
    codes: dict[str, str] = {}
    for path in files_of(house):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "UserError":
                given = [ast.unparse(keyword.value) for keyword in node.keywords if keyword.arg == "code"]
                codes[f"{module_of(path)}:{node.lineno}"] = given[0] if given else ""
    assert codes
    literal = {place: code for place, code in codes.items() if not code.startswith("f")}  # an f-string makes one per kind
    assert {place: code for place, code in literal.items() if not CODE.fullmatch(code.strip("'"))} == {}


def test_an_error_of_a_worker_keeps_its_code() -> None:
    error = pickle.loads(pickle.dumps(UserError("No disk; make room.", code="no-disk")))
    assert (str(error), error.code) == ("No disk; make room.", "no-disk")


def test_a_long_value_is_shortened_where_a_sentence_quotes_it() -> None:
    assert shown("imdb") == "'imdb'"
    assert shown("a" * 500 + "b") == f"'{'a' * 39}…{'a' * 38}b'"
