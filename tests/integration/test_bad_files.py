"""Every bad file of the catalogue in one inbox, through the command: each is answered, and the good ones load."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from warehouse import cli, home, pipeline
from warehouse.settings import Settings
from warehouse.specification import extract

REQUEST = [column.printed_header for column in extract("ehc", "request").columns if not column.from_file_name]
HEADER = ",".join(REQUEST)
ROW = ",".join({"request_id": "R1", "person_id": "C1", "received_date": "2026-03-02"}.get(name, "") for name in REQUEST)
GOOD = f"{HEADER}\n{ROW}\n".encode()
BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE Message [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<Message><Children><Child>&c;</Child></Children></Message>
"""


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("ehc_request.csv", GOOD)
    return file.getvalue()


# Path in the inbox: bytes, the reason it is quarantined for.
BAD = {
    "ehc/2026-01-01/ehc_request.csv": (b"colour,shape\nred,round\n", "wrong_header"),
    "ehc/2026-01-02/ehc_request.csv": (f'{HEADER}\n{ROW}\nR2,"C2'.encode(), "truncated"),
    "ehc/2026-01-03/ehc_request.csv": (b"", "empty_file"),
    "ehc/2026-01-04/ehc_request.csv": (zipped(), "not_text"),
    "ehc/2026-01-05/ehc_request.csv": (b"Requests\n\nPrinted for the panel\n" + GOOD, "header_not_first"),
    "ehc/2026-01-06/ehc_request.csv": (GOOD + b"Total,1" + b"," * (len(REQUEST) - 2) + b"\n", "total_row"),
    "ehc/2026-01-07/ehc_request.csv": (f"{HEADER}\n".encode(), "no_rows"),
    "ehc/2026-01-08/holiday.csv": (b"day\n1\n", "unknown_file"),
    "cin/CIN_Census_2026.xml": (BOMB, "xml_entities"),
    "cin/CIN_Census_2025.xml": (b"<Message><Header>", "truncated"),
}
GOOD_FILES = {
    "ehc/2026-02-01/ehc_request.csv": GOOD,
    "ehc/2026-02-02/ehc_request.csv": b"\xef\xbb\xbf" + GOOD,
    "ehc/2026-02-03/ehc_request.csv": GOOD.decode().encode("utf-16"),
    "ehc/2026-02-04/ehc_request.csv": GOOD.decode()
    .replace("C1", "C\N{LATIN SMALL LETTER E WITH ACUTE}1")
    .encode("cp1252"),
    "ehc/2026-02-05/ehc_request.csv": GOOD.replace(b",", b";"),
    "ehc/2026-02-06/ehc_request.csv": GOOD.replace(b",", b"\t"),
    "ehc/2026-02-07/ehc_request.csv": GOOD.replace(b",", b"|"),
    "ehc/2026-02-08/ehc_request.csv": GOOD.replace(HEADER.encode(), HEADER.upper().replace("_", " ").encode()),
}


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    root = tmp_path_factory.mktemp("bad")
    home.create(root)
    settings = Settings.read(root)
    for name, content in {**{name: bad for name, (bad, _) in BAD.items()}, **GOOD_FILES}.items():
        file = settings.home.inbox / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    assert cli.main(["land", "--home", str(settings.home.root)]) == 0, "a bad file stopped the others"
    return settings


def receipts(settings: Settings, name: str) -> list[dict]:
    source, _, file = name.partition("/")
    found = [r for r in pipeline.receipts(settings.home) if (r["source"], r["file_name"]) == (source, file)]
    assert found, f"{name} has no receipt"
    return found


@pytest.mark.parametrize("name", BAD)
def test_quarantined_for_its_reason(landed: Settings, name: str) -> None:
    for receipt in receipts(landed, name):
        assert (receipt["status"], receipt["reason_code"]) == ("quarantined", BAD[name][1]), receipt["message"]
        assert receipt["rows_loaded"] == 0


@pytest.mark.parametrize("name", BAD)
def test_the_message_names_the_file_and_quotes_no_row(landed: Settings, name: str) -> None:
    for receipt in receipts(landed, name):
        assert Path(name).name in str(receipt["message"])
        assert "C1" not in str(receipt["message"]).replace(Path(name).name, "")


@pytest.mark.parametrize("name", GOOD_FILES)
def test_the_others_still_load(landed: Settings, name: str) -> None:
    (receipt,) = receipts(landed, name)
    assert (receipt["status"], receipt["rows_loaded"], receipt["rows_rejected"]) == ("loaded", 1, 0), receipt["message"]


def test_status_shows_each_and_how_to_mend_it(landed: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["status", "--home", str(landed.home.root)]) == 0
    said = capsys.readouterr().out
    for name in BAD:
        assert name.partition("/")[2] in said


def test_a_file_of_many_extracts_is_answered_once(landed: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """A CIN census has a receipt for each of its extracts, and a person reads of it once."""
    for command in ("land", "status"):
        assert cli.main([command, "--home", str(landed.home.root)]) == 0
        assert capsys.readouterr().out.count("CIN_Census_2026.xml") == 1, command


def test_status_names_the_columns_that_a_file_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt header of an optional column leaves it blank in every row; nobody would know."""
    home.create(tmp_path)
    (tmp_path / "inbox" / "ehc" / "ehc_request.csv").write_bytes(GOOD.replace(b"received_date", b"received_dt"))
    assert cli.main(["land", "--home", str(tmp_path)]) == 0
    capsys.readouterr()
    assert cli.main(["status", "--home", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "lacks received_date" in said
    assert "Is received_dt meant for received_date?" in said


def test_landing_again_changes_nothing(landed: Settings) -> None:
    before = pipeline.receipts(landed.home)
    assert cli.main(["land", "--home", str(landed.home.root)]) == 0
    assert pipeline.receipts(landed.home) == before
