"""Text as people paste it, made plain: the one preparation that training, Probe, challenges and Senses share.

HTML entities are decoded (escaped ones of escaped ones too) and tags removed, control characters that Windows-1252 has as signs
are mended, characters without width dropped, letters composed (NFC), and all spellings of an apostrophe, a quotation mark, a
hyphen and a space made one. A plain text stays as it is.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html.entities import html5

_MAX_ROUNDS = 8  # what one round uncovers, such as a tag in entities, the next one reads; a hostile text may nest for ever

# Anything that a step below may change; letters from À to ſ are composed already.
_SUSPECT = re.compile(r"[^ -%'-;=-_a-~À-ſ]|  |\A | \Z")

# Entities end with a semicolon; it is often forgotten after a number and after the shortest names.
_ENTITY = re.compile(
    r"&(?:(?:amp|#0*38|#[xX]0*26);)*+"
    r"((?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});|#[0-9]{2,5}|(?:amp|quot|lt|gt|nbsp)(?![\w;]))?"
)
_TAG_END = r"(?:\s+[A-Za-z-]+=[^<>]*)?\s*/?>"
_BLOCK_TAG = re.compile(rf"</?(?i:br|p|hr|div|li|ul|ol|blockquote){_TAG_END}")
_INLINE_TAG = re.compile(rf"</?(?i:i|b|u|em|strong|span|a|font|small){_TAG_END}")
_APOSTROPHE_IN_WORD = re.compile(r"(?<=\w)`(?=\w)")
_SPACES = re.compile(r"[^\S ]\s*+| \s++")
_OUTER_SPACE = re.compile(r"\A | \Z")

_NO_WIDTH = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
_CONTROLS = "\x00-\x08\x0e-\x1b\x7f"  # the others are spaces
_PLAIN_SIGNS = {
    **dict.fromkeys("‘’‚‛‹›′´ʹʻʼʽ＇", "'"),
    **dict.fromkeys("“”„‟«»″＂", '"'),
    **dict.fromkeys("‐‑−", "-"),
    **{chr(code): bytes([code]).decode("cp1252", errors="ignore") for code in range(0x80, 0xA0)},
}
_SIGN = re.compile(f"[{''.join(_PLAIN_SIGNS)}{_NO_WIDTH}{_CONTROLS}]")

# A character with the marks that may be composed with it. Python's \w has no marks, but has the vowels of Hangul.
_MARK = r"(?:[^\w\s\x00-\x7f\u2010-\u2027\u2190-\u2bff\U0001f000-\U0001faff]|[\u1160-\u11ff])"
_WITH_MARKS = re.compile(rf"[^\x00-\x7f]{_MARK}*+|[\x00-\x7f]{_MARK}++")


@dataclass(frozen=True)
class PlainText:
    """A plain text, and where each of its characters stands in the original.

    Attributes:
        text: N characters.
        starts: N positions in the original at which the characters begin.
        ends: N positions after them.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def plain_text(text: str) -> str:
    """The plain form of any text, without line breaks."""
    for _ in range(0 if _is_plain(text) else _MAX_ROUNDS):
        before = text
        for pattern, replace in _steps(text):
            text = pattern.sub(replace, text)
        if text == before:
            break
    return text


def locate_plain_text(text: str) -> PlainText:
    """The same with the positions of all characters, for showing what was read in the text as somebody typed it."""
    plain = PlainText(text, range(len(text)), range(1, len(text) + 1))
    for _ in range(0 if _is_plain(text) else _MAX_ROUNDS):
        before = plain.text
        for pattern, replace in _steps(before):
            plain = _substitute(plain, pattern, replace)
        if plain.text == before:
            break
    return plain


def _is_plain(text: str) -> bool:
    if text.isascii() and text.isprintable():  # most texts; the search would take five times as long
        return not ("&" in text or "<" in text or "`" in text or "  " in text) and text == text.strip()
    return not _SUSPECT.search(text)


_Replacement = Callable[[re.Match[str]], str]


def _steps(text: str) -> Iterator[tuple[re.Pattern[str], _Replacement]]:
    """What to replace by what, in order; steps that a text cannot need are left out."""
    if "&" in text:
        yield _ENTITY, _decode
    if "<" in text or "&" in text:
        yield _BLOCK_TAG, lambda _: " "
        yield _INLINE_TAG, lambda _: ""
    yield _SIGN, lambda match: _PLAIN_SIGNS.get(match[0], "")
    if "`" in text or "&" in text:
        yield _APOSTROPHE_IN_WORD, lambda _: "'"
    if not text.isascii() or "&" in text:
        yield _WITH_MARKS, lambda match: unicodedata.normalize("NFC", match[0])
    yield _SPACES, lambda _: " "
    yield _OUTER_SPACE, lambda _: ""


def _decode(entity: re.Match[str]) -> str:
    name = entity[1]
    if name is None:
        return "&"
    if name.startswith("#"):
        return html.unescape(f"&{name}")
    return html5.get(name.removesuffix(";") + ";", f"&{name}")


def _substitute(plain: PlainText, pattern: re.Pattern[str], replace: _Replacement) -> PlainText:
    """`pattern.sub` that keeps track of positions: what replaces several characters stands where all of them did."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0

    def keep(until: int) -> None:
        pieces.append(plain.text[done:until])
        starts.extend(plain.starts[done:until])
        ends.extend(plain.ends[done:until])

    for match in pattern.finditer(plain.text):
        replacement = replace(match)
        if replacement == match[0]:
            continue
        keep(match.start())
        pieces.append(replacement)
        starts += [plain.starts[match.start()]] * len(replacement)
        ends += [plain.ends[match.end() - 1]] * len(replacement)
        done = match.end()
    if not done:
        return plain
    keep(len(plain.text))
    return PlainText("".join(pieces), starts, ends)
