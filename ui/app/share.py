"""The link to what is on the screen, as text and as a QR code for phones in the room."""

from __future__ import annotations

import io
from urllib.parse import urlencode, urljoin, urlsplit

import segno
import streamlit as st
from segno.encoder import DataOverflowError
from streamlit import config, net_util

from ui.app import access, space

KEY = "share"
NOTE = "Whoever opens this link in your network sees the same."
ONLY_HERE = "This address works on this machine only. Start it with elmo-lens dashboard --class to let others in."
TOO_LONG = "The link is too long for a QR code."
ALT = "QR code of the link"
LINKS = ("This page", "My space")
SPACE_NOTE = "Open it on your other device. Whoever has this link can change what is yours."
SPACE_ALT = "QR code of the link to your space"
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
    with panel:
        if _is_space_wanted():
            _show_link(space_link(link_for_others(address, ""), space.key()), SPACE_NOTE, SPACE_ALT)
            return
        link = link_for_others(address, urlencode(st.query_params.to_dict()))
        _show_link(link, ONLY_HERE if urlsplit(link).hostname in _LOCAL else NOTE, ALT)


def _is_space_wanted() -> bool:
    """Whether the link to this visitor's space was asked for: others in the room see the screen."""
    if access.class_rules() is None or space.is_signed_in():
        return False
    chosen = st.segmented_control(
        "Link to", LINKS, default=LINKS[0], required=True, key="share_what", label_visibility="collapsed"
    )
    return chosen == LINKS[1]


def _show_link(link: str, note: str, alt: str) -> None:
    st.code(link, language=None, wrap_lines=True)
    st.caption(note)
    try:
        st.image(qr_code(link), width="stretch", alt=alt)
    except DataOverflowError:
        st.caption(TOO_LONG)


def space_link(address: str, key: str) -> str:
    """The link to a space, whose key stands where no browser sends it and no log has it.

    Args:
        address: Of any page, which others can open.
        key: Of the space.
    """
    return f"{urljoin(address, server_path(space.PAGE))}#{space.FRAGMENT}={key}"


def server_path(page: str) -> str:
    """The path of a page on this server."""
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return "/" + "/".join(filter(None, (base, page)))


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
