"""The link to what is on the screen, as text and as a QR code for phones in the room."""

from __future__ import annotations

import io
from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st
from segno.encoder import DataOverflowError
from streamlit import config, net_util

KEY = "share"
NOTE = "Whoever opens this link in your network sees the same."
ONLY_HERE = "This address works on this machine only. Start it with elmo-lens dashboard --class to let others in."
TOO_LONG = "The link is too long for a QR code."
ALT = "QR code of the link"
_LOCAL = {"localhost", "127.0.0.1", "::1"}
_EVERYWHERE = {None, "", "0.0.0.0", "::"}


def show() -> None:
    """The button, which `ui/style.css` places in the header; its content is made as it is opened, after what the page shows."""
    address = st.context.url
    if not address:  # in a test without a browser
        return
    panel = st.popover("Share", icon=":material/share:", key=KEY, type="tertiary", on_change="rerun")
    if not panel.open:
        return
    link = link_for_others(address, urlencode(st.query_params.to_dict()))
    with panel:
        st.code(link, language=None, wrap_lines=True)
        st.caption(ONLY_HERE if urlsplit(link).hostname in _LOCAL else NOTE)
        try:
            st.image(qr_code(link), width="stretch", alt=ALT)
        except DataOverflowError:
            st.caption(TOO_LONG)


def link_for_others(address: str, query: str) -> str:
    """The address of a page with its parameters; that of this machine in its network in place of "localhost".

    Args:
        address: As in the browser, without parameters.
        query: The parameters.
    """
    parts = urlsplit(address)
    host = parts.hostname
    listening = config.get_option("server.address")
    if host in _LOCAL and listening not in _LOCAL:
        host = net_util.get_internal_ip() if listening in _EVERYWHERE else listening
        host = host or parts.hostname
    netloc = parts.netloc.replace(str(parts.hostname), str(host), 1)
    return parts._replace(netloc=netloc, query=query).geturl()


def qr_code(link: str) -> str:
    """A QR code as SVG, dark on white in every theme, as cameras need it.

    Raises:
        DataOverflowError: The link is longer than a QR code can hold.
    """
    drawn = io.BytesIO()
    segno.make(link, error="m", micro=False).save(drawn, kind="svg", scale=8, dark="#000", light="#fff", xmldecl=False)
    return drawn.getvalue().decode()
