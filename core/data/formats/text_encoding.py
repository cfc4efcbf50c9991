"""The encoding of a text file: what the bytes say, and which decodings people may choose instead."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from charset_normalizer import from_bytes

from core.errors import UserError

_LATIN = "éèêëàâäáãåçñöóôõúùûüíìîïßæøœÉÀÁÖÜÄÅÇÑ“”‘’–—…€£°«»¿¡ąćęłńśźżčďěňřšťůžőűığşİ"
_CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя«»—"

# By Python's name: what people call it, and characters that are frequent in texts written in it. The detector often finds several
# encodings equally likely; the frequent characters decide. Of equals, the first one wins.
_ENCODINGS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "utf-8": ("UTF-8", ""),
        "cp1252": ("Windows-1252 (Western Europe)", _LATIN),
        "mac_roman": ("Mac Roman", _LATIN),
        "cp1250": ("Windows-1250 (Central Europe)", _LATIN),
        "cp1254": ("Windows-1254 (Turkish)", _LATIN),
        "cp850": ("DOS 850 (Western Europe)", _LATIN),
        "cp1251": ("Windows-1251 (Cyrillic)", _CYRILLIC),
        "koi8_r": ("KOI8-R (Cyrillic)", _CYRILLIC),
        "cp866": ("DOS 866 (Cyrillic)", _CYRILLIC),
        "cp1253": ("Windows-1253 (Greek)", "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώ"),
        "cp1255": ("Windows-1255 (Hebrew)", "אבגדהוזחטיכלמנסעפצקרשתםןךףץ"),
        "cp1256": ("Windows-1256 (Arabic)", "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىأإآء"),
        "gb18030": ("GBK, GB 18030 (Chinese)", "的了是不我一有在人这好看很来个们说没得就也都和电影剧情员演，。！"),
        "big5": ("Big5 (Chinese)", "的了是不我一有在人這好看很來個們說沒得就也都和電影劇情員演，。！"),
        "cp932": ("Shift-JIS (Japanese)", "".join(map(chr, range(0x3041, 0x30FF))) + "、。！？"),
        "euc_jp": ("EUC-JP (Japanese)", "".join(map(chr, range(0x3041, 0x30FF))) + "、。！？"),
        "cp949": ("EUC-KR, CP949 (Korean)", "이다는을를은에서가고하지도한의영화정말로라있었그나너무재미보기만으해"),
        "utf-16": ("UTF-16", ""),
    }
)
ENCODING_TITLES: Mapping[str, str] = MappingProxyType({name: title for name, (title, _) in _ENCODINGS.items()})

_SAMPLE_BYTES = 2**15
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_ASCII_LETTER = re.compile(rb"[A-Za-z]")
_MAX_LATIN_SHARE = 0.25
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_MAX_CONTROL_SHARE = 0.02  # of the characters; files that are not text have many
_BYTE_ORDER_MARKS = (  # UTF-32's begins like UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_NOT_TEXT = "The file is not text, or not in this encoding; choose a table of reviews, or another encoding."


@dataclass(frozen=True)
class DecodedText:
    """A text and how its bytes were read.

    Attributes:
        text: Line breaks are "\\n" only; bytes that mean nothing in the encoding are "�".
        encoding: One of `ENCODING_TITLES`, or another name that Python knows.
        is_guessed: Whether another encoding is possible; texts in UTF-8 leave no doubt.
        num_damaged: Characters that are "�" because their bytes mean nothing.
    """

    text: str
    encoding: str
    is_guessed: bool
    num_damaged: int

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the text should know, as sentences."""
        notes = []
        if self.is_guessed:
            notes.append(f"Read as {ENCODING_TITLES[self.encoding]}, a guess: check the letters with accents in the texts.")
        if self.num_damaged:
            characters = "character is" if self.num_damaged == 1 else "characters are"
            notes.append(f"{self.num_damaged:,} {characters} damaged and shown as �.")
        return tuple(notes)


def decode_text(data: bytes, encoding: str | None = None) -> DecodedText:
    """Decodes a file of text.

    A byte order mark decides; otherwise UTF-8 it is, even with a few broken bytes; otherwise the most likely of the encodings
    that people use.

    Args:
        data: The file.
        encoding: What a person chose; None to find out.

    Raises:
        UserError: The encoding is unknown, or the file is not text.
    """
    if encoding:
        return _decoded(data, _checked(encoding))
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), None) or _unmarked_utf_16(data)
    decoded = _decoded(data, marked or "utf-8")
    num_signs = len(decoded.text) - len(decoded.text.encode("ascii", "ignore")) if decoded.num_damaged else 0
    if not decoded.num_damaged or (not marked and decoded.num_damaged <= (num_signs - decoded.num_damaged) // 2):
        return decoded
    guess = None if marked else _guess(data)
    if guess is None:
        raise UserError(_NOT_TEXT, code="file-not-text")
    return _decoded(data, guess, is_guessed=True)


def _checked(encoding: str) -> str:
    try:
        "".encode(encoding)  # refuses what Python calls an encoding but is none of text, such as base64
        return encoding
    except LookupError:
        raise UserError(
            f'There is no encoding "{encoding}"; choose one of {", ".join(ENCODING_TITLES)}, or another that Python knows.',
            code="encoding-unknown",
        ) from None


def _decoded(data: bytes, encoding: str, *, is_guessed: bool = False) -> DecodedText:
    """The text in an encoding; refused if that makes no text of it."""
    try:
        text = data.decode(encoding, "replace")
    except UnicodeError:  # "utf-16" without a byte order mark may refuse
        raise UserError(_NOT_TEXT, code="file-not-text") from None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text or len(_CONTROL.findall(text)) > _MAX_CONTROL_SHARE * len(text):
        raise UserError(_NOT_TEXT, code="file-not-text")
    num_damaged = text.count("\ufffd")
    return DecodedText(
        text, encoding.removesuffix("-sig"), is_guessed, num_damaged if num_damaged and _is_broken(data, encoding) else 0
    )


def _is_broken(data: bytes, encoding: str) -> bool:
    """Whether bytes mean nothing; a text may have a "�" of its own."""
    try:
        data.decode(encoding)
    except UnicodeError:
        return True
    return False


def _unmarked_utf_16(data: bytes) -> str | None:
    """UTF-16 shows by its zero bytes, every other one in Latin text."""
    sample = data[: _SAMPLE_BYTES // 2 * 2]
    for encoding, is_zero, other in (("utf-16-le", sample[1::2], sample[::2]), ("utf-16-be", sample[::2], sample[1::2])):
        if is_zero.count(0) > len(is_zero) * 0.4 and not other.count(0):
            return encoding
    return None


def _guess(data: bytes) -> str | None:
    """The most likely encoding of bytes that are not UTF-8; None if none is likely."""
    lines = [line for line in data.splitlines() if not line.isascii()]
    sample = b"\n".join(lines)[:_SAMPLE_BYTES]
    sample = sample[: sample.rfind(b"\n")] if b"\n" in sample[-_SAMPLE_BYTES // 2 :] else sample
    num_signs = len(_NOT_ASCII.findall(sample))
    # In Latin scripts letters with accents are few; elsewhere almost every letter takes bytes beyond ASCII.
    is_latin = num_signs < _MAX_LATIN_SHARE * (num_signs + len(_ASCII_LETTER.findall(sample)))
    candidates = [name for name, (_, frequent) in _ENCODINGS.items() if frequent and (frequent == _LATIN or not is_latin)]
    likelihood: dict[str, float] = {}
    for match in from_bytes(sample, cp_isolation=candidates, enable_fallback=False):
        for name in {match.encoding, *match.could_be_from_charset} & set(candidates):
            signs = [character for character in sample.decode(name, "replace") if not character.isascii()]
            frequent = sum(character in _ENCODINGS[name][1] for character in signs) / max(1, len(signs))
            likelihood[name] = frequent + match.coherence - match.chaos
    return max(candidates, key=lambda name: likelihood.get(name, -1.0)) if likelihood else None
