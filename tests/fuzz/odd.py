"""Strategies for what fuzzing is made of: odd texts, and files that something has happened to."""

from __future__ import annotations

from hypothesis import strategies as st

_SNIPPETS = [
    *"\t\n\r\x00\x0b\x1a\x85\xa0\u2028\u200b\u00ad\ufeff\ufffd,;|\"'`\\/<>&{}[]():=#_-–—…%",
    *("'s", "n't", "cannot", "gonna", "&amp;", "&#0;", "&#x110000;", "&amp;amp;lt;", "<br />", "<b>", "``", "''", "--", "..."),
    *(
        "😀",
        "👨‍👩‍👧",
        "🇩🇪",
        "e\u0301",
        "ﬁ",
        "ß",
        "İ",
        "ǆ",
        "あ",
        "好",
        "א",
        "한",
        "١٢",
        "Dr.",
        "U.S.",
        "1.5",
        "1_000",
        "nan",
        "inf",
        "-0",
    ),
    *("null", "true", "__label__1", "sep=;", "=1+1", "text", "label", "positive", "negative", "0", "1", "not", "It", "a" * 300),
]
words = st.sampled_from(["a", "film", "Good", "bad", "I", "great", "dull", "never", "it's", "it"])
texts = st.lists(st.one_of(words, st.sampled_from(_SNIPPETS), st.text(max_size=6), st.just(" ")), max_size=14).map(
    "".join
)  # with and without spaces
sentences = st.lists(st.one_of(words, words, st.sampled_from(_SNIPPETS[32:])), min_size=1, max_size=9).map(" ".join)


@st.composite
def damaged(draw: st.DrawFn, wholes: st.SearchStrategy[bytes], *, at_most: int = 4) -> bytes:
    """A file in which up to four places were overwritten, deleted, inserted, repeated or cut off."""
    data = draw(wholes)
    for _ in range(draw(st.integers(1, at_most))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from([0, 1, 1, 2, 10, 1000])))
        new = draw(st.one_of(st.binary(max_size=4), st.sampled_from(_SNIPPETS).map(str.encode), st.just(data[start:end] * 2)))
        data = data[:start] if draw(st.integers(0, 9)) == 0 else data[:start] + new + data[end:]
    return data
