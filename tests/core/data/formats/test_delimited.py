"""Tables as text: separators and quotation marks."""

from __future__ import annotations

import pytest

from core.data.formats.delimited import MAX_COLUMNS, read_delimited
from core.errors import UserError


def cells(text: str) -> list[list[str]]:
    table: list[list[str]] = read_delimited(text).cells.to_numpy().tolist()
    return table


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_usual_separators_are_recognised(separator: str) -> None:
    rows = [
        ["text", "label"],
        *([f"a film; it, was {number}" if separator == "\t" else f"film {number}", "1"] for number in range(9)),
    ]
    assert cells("\n".join(separator.join(row) for row in rows)) == rows


def test_the_line_that_excel_puts_first_names_the_separator() -> None:
    assert cells("sep=;\ntext;label\na, b, c;1\n") == [["text", "label"], ["a, b, c", "1"]]
    assert cells("sep=|\na|b\n1|2\n") == [["a", "b"], ["1", "2"]]


def test_a_separator_inside_quotation_marks_is_text() -> None:
    assert cells('text;label\n"a; b";1\n"c, d";0\n') == [["text", "label"], ["a; b", "1"], ["c, d", "0"]]


def test_cells_have_commas_quotes_and_new_lines() -> None:
    assert cells('text,label\n"One, ""two""\nthree",pos\n') == [["text", "label"], ['One, "two"\nthree', "pos"]]


def test_short_rows_are_filled_up() -> None:
    assert cells("text,label,note\ngood,1\nbad,0,why\n") == [["text", "label", "note"], ["good", "1", ""], ["bad", "0", "why"]]


def test_quotation_marks_that_are_text_merge_no_rows() -> None:
    rows = [("sentence", "label"), *((f'"film" {n} is {"great" if n % 2 else "dull"}', str(n % 2)) for n in range(60))]
    rows += [(f'"the best of {n}', "1") for n in range(20)]
    read = read_delimited("\n".join("\t".join(row) for row in rows))
    assert read.cells.to_numpy().tolist() == [list(row) for row in rows]
    assert any("Quotation marks" in note for note in read.notes)


def test_marks_around_cells_are_no_text_although_a_row_is_broken() -> None:
    rows = ['"a fine, fine film\nindeed",1'] * 200
    rows.insert(100, '"a dull film,0')
    read = read_delimited("text,label\n" + "\n".join(rows))
    assert len(read.cells) == 201
    assert read.num_broken == 1
    assert set(read.cells[0]) == {"text", "a fine, fine film\nindeed"}
    assert "202" in read.notes[-1]  # the line of the broken row


def test_quotation_marks_behind_a_backslash_are_read() -> None:
    read = read_delimited("text,label\n" + '"He said \\"hi, you\\", then left",1\n"fine",0\n' * 5)
    assert read.cells.iloc[1].tolist() == ['He said "hi, you", then left', "1"]
    assert any("backslash" in note for note in read.notes)


def test_a_row_with_too_many_cells_is_left_out_with_its_line_where_few_are() -> None:
    read = read_delimited("text,label\n" + "good,1\nbad,0\n" * 100 + "well, bad,0\n")
    assert (len(read.cells), read.num_broken) == (201, 1)
    assert "202" in read.notes[0]


@pytest.mark.parametrize(
    ("text", "line"),
    [("text,label\ngood,pos\nwell, bad,neg\n", "line 3 has 3 columns instead of 2"), ("a,b\nc, d,e\nf, g,h\n", "line 2")],
)
def test_a_table_of_which_many_rows_are_broken_is_refused_with_the_first_line(text: str, line: str) -> None:
    with pytest.raises(UserError, match=line) as error:
        read_delimited(text)
    assert error.value.code == "table-broken"


def test_twenty_thousand_columns_are_one_sentence() -> None:
    with pytest.raises(UserError, match=f"20,000 columns and may have {MAX_COLUMNS:,}") as error:
        read_delimited(",".join(f"c{number}" for number in range(20_000)) + "\n" + "1," * 19_999 + "1\n")
    assert error.value.code == "table-too-wide"


def test_quotation_marks_in_every_line_take_no_time_to_match() -> None:
    text = "a,b\n" + '"a"",\n' * 100_000  # each opens a cell that never ends
    assert len(read_delimited(text).cells) == 100_001
