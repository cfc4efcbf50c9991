"""What stands in `deploy/`, as far as it can be checked without a container engine; `tests/e2e/proxy` runs the proxy."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
import streamlit
import yaml  # type: ignore[import-untyped]

from core.cli.main import parse
from core.files import ROOT

DEPLOY = ROOT / "deploy"
PINNED = re.compile(r"[\w./-]+/[\w.-]+:\d+\.\d+(\.\d+)?(-[\w-]+)?")
NEEDED = ("core", "ui", "pages", "assets", ".streamlit", "dashboard.py", "requirements.txt")  # what a wheel has, too
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Containerfile and what follows them, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Containerfile").read_text(encoding="utf-8"), flags=re.M).replace("\\\n", " ")
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in text.splitlines()) if name]


def of(name: str) -> list[str]:
    return [rest for found, rest in instructions() if found == name]


def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    return found


def ours() -> dict[str, Any]:
    return {name: service for name, service in services().items() if "build" in service}


def require_known(command: list[str]) -> None:
    """Raises `UserError` or exits unless it is a command of ours with options that it has."""
    assert command[0] == "elmo-lens"
    typed = parse([re.sub(r"\$\{.*\}", "lens.example.org", part) for part in command[1:]])
    chosen = getattr(typed, command[1])
    assert chosen.options == []  # nothing is left for Streamlit or Dask: all was understood


def test_the_image_is_built_on_a_pinned_one_and_runs_as_nobody_in_particular() -> None:
    [base] = of("FROM")
    assert PINNED.fullmatch(base)
    [user] = of("USER")
    assert int(user.split(":")[0]) > 0
    assert instructions().index(("USER", user)) > max(i for i, (name, _) in enumerate(instructions()) if name in ("COPY", "RUN"))


def test_the_image_has_one_volume_in_which_all_is_kept_that_is_written() -> None:
    assert of("VOLUME") == ["/data"]
    variables = dict(part.split("=", 1) for part in " ".join(of("ENV")).split())
    assert variables["ELMO_LENS_DATA_DIR"] == variables["HOME"] == "/data"


def test_the_image_has_all_that_the_program_needs_and_it_is_there_to_be_copied() -> None:
    copied = [path for rest in of("COPY") for path in rest.split()[:-1]]
    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert set(NEEDED) <= set(copied)


def test_the_image_says_whether_it_is_well() -> None:
    [check] = of("HEALTHCHECK")
    command = json.loads(check[check.index("CMD ") + len("CMD ") :])
    assert command[:2] == ["python", "-c"]
    compile(command[2], "health check", "exec")
    assert "/_stcore/health" in command[2]


def test_the_image_starts_the_dashboard() -> None:
    [command] = of("CMD")
    require_known(json.loads(command))


@pytest.mark.parametrize("name", services())
def test_a_service_is_pinned_cannot_write_gains_no_rights_and_is_watched(name: str) -> None:
    service = services()[name]
    assert PINNED.fullmatch(service["image"])
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "healthcheck" in service or name == "server"  # the image has the server's
    assert name == "proxy" or int(service["user"].split(":")[0]) > 0


@pytest.mark.parametrize("name", ours())
def test_a_service_of_ours_has_a_command_that_there_is_and_one_volume(name: str) -> None:
    service = ours()[name]
    require_known(service["command"])
    [volume] = service["volumes"]
    assert volume.endswith(":/data")
    assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_only_the_proxy_can_be_reached() -> None:
    assert [name for name, service in services().items() if "ports" in service] == ["server"]
    assert services()["proxy"]["network_mode"] == "service:server"
    assert services()["server"]["command"][3:5] == ["--address", "127.0.0.1"]
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    assert compose["networks"]["inside"] == {"internal": True}
    assert {name for name, service in services().items() if "outside" in service.get("networks", ())} == {"server"}


def test_no_password_stands_in_a_file() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"PASSWORD[^\n]*: (\S+)", text)) == {"${LENS_DATABASE_PASSWORD:?}"}


def test_the_policy_of_the_proxy_knows_the_scripts_that_stand_in_pages() -> None:
    pages = [Path(streamlit.__file__).parent / "static" / "index.html", ROOT / "ui" / "close_menu.html"]
    scripts = [script for page in pages for script in INLINE_SCRIPT.findall(page.read_text(encoding="utf-8"))]
    digests = {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts}
    assert set(re.findall(r"'sha256-([^']+)'", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))) == digests
