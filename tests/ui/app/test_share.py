"""The link that is shared, and its QR code."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from segno.encoder import DataOverflowError
from streamlit import config, net_util

from ui.app import share


@pytest.fixture(autouse=True)
def in_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net_util, "get_internal_ip", lambda: "192.168.1.7")


@pytest.mark.parametrize("listening", ["0.0.0.0", "192.168.1.7", None])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_link_of_this_machine_becomes_one_that_others_can_open(
    host: str, listening: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "get_option", lambda _: listening)
    link = share.link_for_others(f"http://{host}:8501/probe", "text=It+was+good&run=example")
    assert link == "http://192.168.1.7:8501/probe?text=It+was+good&run=example"


def test_a_server_that_listens_to_this_machine_alone_keeps_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "get_option", lambda _: "127.0.0.1")
    assert share.link_for_others("http://127.0.0.1:8501", "") == "http://127.0.0.1:8501"


def test_any_other_address_stays() -> None:
    assert share.link_for_others("https://lens.school.org/compare", "view=curve") == "https://lens.school.org/compare?view=curve"


def test_the_qr_code_is_dark_on_white_in_every_theme() -> None:
    picture = ET.fromstring(share.qr_code("http://192.168.1.7:8501/?run=example"))
    colours = {element.get(name) for element in picture.iter() for name in ("fill", "stroke")} - {None}
    assert colours == {"#fff", "#000"}


def test_a_link_can_be_too_long_for_a_qr_code() -> None:
    with pytest.raises(DataOverflowError):
        share.qr_code(f"http://192.168.1.7:8501/probe?text={'x' * 4000}")
