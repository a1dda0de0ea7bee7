"""The summary in a real browser: it draws, asks nothing of the network, and axe finds no serious fault.

Needs Chromium and Node; skipped with a word where they are absent, refused to skip where CI is set.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import County

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> str:
    """Path of a Chromium, with the two packages of package.json installed."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (found and node and npm):
        _absent("no Chromium or no Node on this machine: install Debian's chromium, nodejs and npm")
    if not (HERE / "node_modules" / "playwright-core").is_dir():
        installed = subprocess.run(
            [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=HERE,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if installed.returncode:
            _absent(f"npm could not install playwright-core and axe-core: {installed.stderr[-300:]}")
    return str(found)


def _absent(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"CI is set, so the browser test may not be skipped: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="module")
def seen(browser: str, county: County) -> dict[str, Any]:
    page = county.home.published / "summary.html"
    looked = subprocess.run(
        [str(shutil.which("node")), str(HERE / "look.mjs"), browser, str(page)],
        cwd=HERE,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=180,
    )
    assert looked.returncode == 0, looked.stderr[-2000:]
    return json.loads(looked.stdout)


def test_the_page_asks_nothing_of_anyone(seen: dict[str, Any]) -> None:
    assert seen["outside"] == []
    assert seen["errors"] == []


def test_axe_finds_no_serious_fault(seen: dict[str, Any]) -> None:
    assert seen["passes"] > 20, "axe did not run"
    assert [fault for fault in seen["violations"] if fault["impact"] in ("serious", "critical")] == []


def test_the_page_has_its_parts(seen: dict[str, Any], county: County) -> None:
    assert seen["language"] == "en-GB" and len(seen["h1"]) == 1 and seen["mains"] == 1
    assert county.settings.council_name in seen["title"]
    assert seen["first_focus"] == "Skip to the figures"
    for heading in (
        "What ran",
        "What came in",
        "What was refused",
        "At the door",
        "SEN2 return",
        "Findings by rule",
        "Timeliness in",
        "Placement on the census day",
        "Public tables",
        "Definitions",
        "Assumptions",
    ):
        assert heading in seen["text"], heading
    assert "invented" in seen["text"], "the demonstration has to say so"
    assert "2027 is provisional" in seen["text"]


def test_every_plot_is_drawn_and_has_its_table(seen: dict[str, Any]) -> None:
    assert len(seen["pairs"]) >= 12
    for pair in seen["pairs"]:
        assert pair["images"] == 1 and pair["drawn"], pair["id"]
        assert pair["rows"] >= 5, pair["id"]


def test_the_page_fits_a_desk_and_a_phone(seen: dict[str, Any]) -> None:
    assert seen["wider"] <= 0 and seen["wider_on_a_phone"] <= 0
