"""The encoding of a text file."""

from __future__ import annotations

import pytest

from core.data.formats.text_encoding import ENCODING_TITLES, decode_text
from core.errors import UserError

WRITTEN = {
    "cp1252": "“Amélie” – un café très agréable, naïve et drôle.\nC’est un très mauvais film, à éviter.\n",
    "mac_roman": "“Amélie” – un café très agréable, naïve et drôle.\nC’est un très mauvais film, à éviter.\n",
    "cp1250": "Příliš žluťoučký kůň úpěl ďábelské ódy.\nFilm był świetny, źle zrobiony.\n",
    "cp1254": "Bu film çok güzeldi, oyuncular şahane. Işık ve müzik iğrenç değil.\n",
    "cp1251": "Этот фильм очень хороший, актёры играли прекрасно.\nСкучный фильм, потеря времени.\n",
    "koi8_r": "Этот фильм очень хороший, актёры играли прекрасно.\nСкучный фильм, потеря времени.\n",
    "cp1253": "Η ταινία ήταν πολύ καλή και οι ηθοποιοί υπέροχοι.\n",
    "cp1256": "هذا الفيلم رائع جدا والممثلون ممتازون\n",
    "gb18030": "这部电影非常好看，演员的表演也很精彩。\n剧情无聊，浪费时间。\n",
    "big5": "這部電影非常好看，演員的表演也很精彩。\n劇情無聊，浪費時間。\n",
    "cp932": "この映画はとても面白かった。\n退屈な映画でした。\n",
    "euc_jp": "この映画はとても面白かった。\n退屈な映画でした。\n",
    "cp949": "이 영화는 정말 재미있었다.\n지루한 영화였습니다.\n",
}


@pytest.mark.parametrize("repeats", [1, 30])
@pytest.mark.parametrize("encoding", WRITTEN)
def test_an_encoding_is_found_by_the_letters_that_its_texts_have(encoding: str, repeats: int) -> None:
    text = "text,label\n" + WRITTEN[encoding] * repeats
    decoded = decode_text(text.encode(encoding))
    assert (decoded.encoding, decoded.text) == (encoding, text)
    assert decoded.is_guessed
    assert any(ENCODING_TITLES[encoding] in note for note in decoded.notes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_leaves_no_doubt(encoding: str) -> None:
    decoded = decode_text("text,label\r\nAmélie – 5 €,pos\rfine,neg\n".encode(encoding))
    assert decoded.text == "text,label\nAmélie – 5 €,pos\nfine,neg\n"
    assert (decoded.is_guessed, decoded.num_damaged, decoded.notes) == (False, 0, ())


@pytest.mark.parametrize("text", ["It’s a dreadful film.", "a café scene", "Schön. Größe", "“a fine film”"])
def test_a_single_sign_of_windows_1252_in_english_is_enough(text: str) -> None:
    assert decode_text(text.encode("cp1252")).text == text


def test_a_few_broken_bytes_in_utf_8_damage_a_few_characters() -> None:
    data = ("a café scene\n" * 60).encode() + "one caf\xe9 more\n".encode("latin-1")
    decoded = decode_text(data)
    assert (decoded.encoding, decoded.num_damaged) == ("utf-8", 1)
    assert decoded.text == "a café scene\n" * 60 + "one caf\ufffd more\n"
    assert len(decoded.notes) == 1


def test_a_text_may_have_replacement_characters_of_its_own() -> None:
    decoded = decode_text("caf\ufffd, really\n".encode())
    assert (decoded.encoding, decoded.num_damaged, decoded.notes) == ("utf-8", 0, ())


def test_an_encoding_can_be_chosen() -> None:
    decoded = decode_text("Скучный фильм".encode("cp866"), "cp866")
    assert (decoded.text, decoded.is_guessed) == ("Скучный фильм", False)
    assert decode_text("naïve".encode(), "cp1252").text == "naÃ¯ve"


@pytest.mark.parametrize("encoding", ["klingon", "base64"])
def test_an_encoding_that_is_none_is_refused(encoding: str) -> None:
    with pytest.raises(UserError) as error:
        decode_text(b"text", encoding)
    assert error.value.code == "encoding-unknown"


@pytest.mark.parametrize(
    "data",
    [bytes(range(256)) * 4, b"\x89PNG\r\n\x1a\n\x81\x8d", b"text,label\nA\0B,1", b"\xff\xfeodd"],
    ids=["bytes", "image", "a NUL", "half a character"],
)
def test_what_is_not_text_is_refused(data: bytes) -> None:
    with pytest.raises(UserError) as error:
        decode_text(data)
    assert error.value.code == "file-not-text"
