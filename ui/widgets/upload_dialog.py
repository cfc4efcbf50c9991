"""The dialog that adds somebody's own reviews."""

from __future__ import annotations

from textwrap import shorten

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.data import columns, datasets, review_file
from core.data.columns import ColumnGuess, ColumnMapping
from core.data.formats.text_encoding import ENCODING_TITLES
from core.data.review_table import ReviewTable
from core.errors import UserError
from ui.app import access, server, visitors
from ui.app.errors import errors_shown
from ui.text import count, escape
from ui.widgets.pickers import choices

MAX_LABEL_VALUES = 100  # a column with more is not a column of labels
_NUM_EXAMPLES = 3  # of each class
_MAX_EXAMPLE = 200  # characters
_MIN_COLUMNS = 2
_ADDED_KEY = "added_dataset"


def take_added() -> str | None:
    """The dataset that was added since the last call; a message says how much of the file it holds.

    The message cannot come from the dialog: the rerun that closes it would close the message too.
    """
    name: str | None = st.session_state.pop(_ADDED_KEY, None)
    if name is None:
        return None
    record = datasets.import_record(name, server.settings())
    num_reviews = record.num_negative + record.num_positive
    st.toast(
        f"{count(num_reviews, 'review')} added. {escape(record.left_out_sentence)}", icon=":material/check:", duration="long"
    )
    return name


def forget_file(key: str = "csv_file") -> None:
    """Let go of the file and of what was read of it, as soon as its rows are added or the dialog is closed.

    Args:
        key: Of the widget that the file was given to.
    """
    _read.clear()
    _guess.clear()
    if file := st.session_state.get(key):
        visitors.let_go_of(file)


@st.dialog("Use your own reviews", width="large", on_dismiss=forget_file)
@errors_shown()
def dialog() -> None:
    """Choose a file, say which column is what, look at three reviews of each class, add them."""
    access.require_may_upload()
    most_mb = st.get_option("server.maxUploadSize")
    st.caption(
        f"A file of up to {most_mb} MB with one review per row, and a column that says which are positive: CSV, TSV, Excel, "
        "JSON, Parquet or fastText. Or a .zip or .tar.gz of text files in folders neg and pos. Further columns are kept: Compare "
        "can slice the test reviews by them."
    )
    file = st.file_uploader("File", key="csv_file")
    if file is None:
        return
    table = choose_encoding(file)
    if len(table.frame.columns) < _MIN_COLUMNS:
        raise UserError(
            f'The file has only one column, "{str(table.frame.columns[0])[:100]}"; add one that says which reviews are negative '
            "and which are positive, and separate the columns with commas, semicolons or tabs.",
            code="table-one-column",
        )
    st.dataframe(table.frame.head(), hide_index=True, height="content", key="csv_preview", alt="The first rows of the file")
    mapping = _choose_columns(table, read_as=f"{file.file_id} {table.encoding}")
    if mapping is None:
        return
    _show_examples(table, mapping)
    name = st.text_input("Name of the dataset", value=datasets.suggest_name(file.name), key="csv_name", max_chars=40)
    taken = datasets.find_dataset(name, server.settings())
    if taken is None or taken in datasets.BUILT_IN:
        is_pressed = st.button("Add the reviews", type="primary", icon=":material/add:", key="csv_add")
    else:
        name = taken
        st.warning(
            f"There is a dataset **{escape(name)}** already. If other reviews replace it, runs that used it keep their results "
            "but cannot be resumed. To keep both, change the name above.",
            icon=":material/warning:",
        )
        is_pressed = st.button("Replace the reviews", type="primary", icon=":material/swap_horiz:", key="csv_replace")
    if is_pressed:
        _require_both_labels(table, mapping)
        if taken is not None:
            access.require_may_change(access.dataset_key(name))
        with st.spinner("Adding the reviews"):
            pool = datasets.add_dataset(name, table, mapping, server.settings(), file=file.name, replace=taken is not None)
            if taken is None:
                access.release_ownership(access.dataset_key(pool.name))
            access.take_ownership(access.dataset_key(pool.name))
            st.session_state[_ADDED_KEY] = pool.name
        forget_file()
        st.rerun()


# A file of 200 MB is not hashed with every click: its id stands for it, and what the caches need not compare has an underscore.
@st.cache_resource(scope="session", max_entries=2, show_spinner="Reading the file")
def _read(file_id: str, encoding: str | None, _file: UploadedFile) -> ReviewTable:  # noqa: ARG001
    """The whole file: a label may occur in its last row only."""
    return review_file.read_table(_file.getvalue(), encoding)


@st.cache_data(scope="session", max_entries=8, show_spinner=False)
def _guess(read_as: str, label_column: str | None, _table: ReviewTable) -> ColumnGuess:  # noqa: ARG001
    return columns.guess_columns(_table, label_column=label_column)


def choose_encoding(file: UploadedFile) -> ReviewTable:
    """The file as it is read; where its encoding matters, a widget that changes it."""
    table = _read(file.file_id, None, file)
    if table.encoding and not file.getvalue().isascii():
        encodings = dict.fromkeys([table.encoding, *ENCODING_TITLES])
        chosen = choices.selectbox(
            "Encoding",
            {name: ENCODING_TITLES.get(name, name) for name in encodings},
            key="csv_encoding",
            help="How letters are stored as bytes. If letters look wrong below, choose another one.",
        )
        if chosen != table.encoding:
            table = _read(file.file_id, chosen, file)
    for note in table.notes:
        st.caption(f":material/info: {escape(note)}")
    return table


def _choose_columns(table: ReviewTable, *, read_as: str) -> ColumnMapping | None:
    """Widgets for the columns and what their values mean, filled in with a guess where there is one.

    Args:
        table: The file.
        read_as: Another string for another file or encoding.

    Returns:
        What was chosen; None before there is a column of labels.
    """
    guess = _guess(read_as, None, table)
    headings = [str(column) for column in table.frame.columns]
    left, right = st.columns(2)
    titles = {heading: heading for heading in headings}
    text_column = choices.selectbox(
        "Column with the text",
        titles,
        index=headings.index(guess.text_column) if guess.text_column else 0,
        key="csv_text_column",
        place=left,
    )
    label_column = choices.selectbox(
        "Column with the label",
        titles,
        index=headings.index(guess.label_column) if guess.label_column else None,
        key="csv_label_column",
        place=right,
        placeholder="Choose the column that says positive or negative",
    )
    if label_column is None:
        return None
    if guess.label_column != label_column:  # what its values mean is clear once somebody has said that they are labels
        guess = _guess(read_as, label_column, table)
    values = columns.label_values(table.frame, label_column)
    left, right = st.columns(2)  # below the others on a phone, too
    listed = {value: value for value in values[:MAX_LABEL_VALUES]}
    negative, positive = (
        choices.multiselect(
            f"These values are {meaning}",
            listed,
            default=list(guessed),
            key=f"csv_{meaning}",
            place=side,
            placeholder="Choose one or several",
        )
        for side, meaning, guessed in ((left, "negative", guess.negative), (right, "positive", guess.positive))
    )
    st.caption("Rows with any other value are left out.")
    if len(values) > MAX_LABEL_VALUES:
        st.caption(f"The column has {len(values):,} different values; the first {MAX_LABEL_VALUES} are listed.")
    return ColumnMapping(text_column, label_column, tuple(negative), tuple(positive))


def _show_examples(table: ReviewTable, mapping: ColumnMapping) -> None:
    """Three reviews of each class, to see whether the columns and labels are right; nothing while they cannot be."""
    if mapping.text_column == mapping.label_column or set(mapping.negative) & set(mapping.positive):
        return
    found = columns.find_examples(table.frame, mapping, num_per_class=_NUM_EXAMPLES)
    for side, meaning, examples in zip(st.columns(2), ("negative", "positive"), found, strict=True):
        side.markdown(f"**{count(examples.num_rows, f'{meaning} row')}**{', for example' if examples.texts else ''}")
        for text in examples.texts:
            side.caption(escape(shorten(text, _MAX_EXAMPLE, placeholder=" …")))


def _require_both_labels(table: ReviewTable, mapping: ColumnMapping) -> None:
    """Check what a person may have forgotten, before the whole file is read.

    Raises:
        UserError: No value means negative, or none means positive.
    """
    if mapping.text_column == mapping.label_column or (mapping.negative and mapping.positive):
        return
    values = columns.label_values(table.frame, mapping.label_column)
    if len(values) < 2:  # negative and positive
        what = f'only the value "{values[0]}"' if values else "no values"
        raise UserError(
            f'The column "{mapping.label_column}" has {what}; choose another one, or add rows so that there are both negative '
            "and positive reviews.",
            code="one-label",
        )
    raise UserError(
        f'Choose above which values of "{mapping.label_column}" mean negative and which mean positive, at least one each.',
        code="labels-not-chosen",
    )
