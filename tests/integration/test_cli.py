"""The commands as a person types them: each does what it says, and says what it can't."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from warehouse import cli, home, pipeline
from warehouse.settings import REPOSITORY, Settings
from warehouse.specification import sources

if TYPE_CHECKING:
    from tests.conftest import County

COMMANDS = ("demo", "init", "land", "door", "build", "publish", "run", "return", "check", "status", "docs", "doctor")


def countywide(*arguments: str | Path, folder: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, without this session's environment."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if name == "COUNTYWIDE_PARSED" or not name.startswith(("COUNTYWIDE_", "DBT_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "warehouse.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env=clean | {"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(REPOSITORY)},
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def copy(county: County, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The finished county in another folder, to try things on."""
    root = tmp_path_factory.mktemp("copy") / "home"
    shutil.copytree(county.home.root, root)
    return Settings.read(root)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    assert "--home" in capsys.readouterr().out


def test_help_answers_at_once() -> None:
    """0.3 s on an idle machine; three tries, since a test machine is seldom idle."""
    fastest = min(_seconds(lambda: countywide("--help")) for _ in range(3))
    assert fastest < 0.6


def test_a_spelling_mistake_is_not_understood() -> None:
    assert countywide("lnad").returncode == 2


class TestInit:
    def test_makes_a_home_that_can_be_read(self, tmp_path: Path) -> None:
        outcome = countywide("init", tmp_path / "shire", "--la-code", "302", "--name", "Somewhere")
        assert outcome.returncode == 0, outcome.stderr
        settings = Settings.read(tmp_path / "shire")
        assert (settings.la_code, settings.council_name, settings.demonstration) == ("302", "Somewhere", False)
        assert set(settings.sources) == set(sources())

    def test_every_key_of_the_settings_is_in_the_file(self, tmp_path: Path) -> None:
        """A key that the file does not show is a key that nobody finds."""
        from warehouse.settings import _KEYS

        countywide("init", tmp_path)
        text = (tmp_path / "countywide.toml").read_text(encoding="utf-8")
        shown = tomllib.loads(text.replace("# known_on", "known_on"))
        for key in _KEYS:
            section, _, name = key.partition(".")
            assert section in shown, key
            assert not name or name in shown[section], key

    def test_every_source_says_what_to_drop(self, tmp_path: Path) -> None:
        countywide("init", tmp_path)
        for source in sources().values():
            page = (tmp_path / "inbox" / source.name / "README.md").read_text(encoding="utf-8")
            for extract in source.extracts:
                assert f"## {extract.entity}" in page
                assert extract.file_pattern in page
                for column in extract.columns:
                    assert column.from_file_name or column.given or (column.xpath or column.printed_header) in page

    def test_takes_its_folder_as_home_too(self, tmp_path: Path) -> None:
        assert countywide("init", "--home", tmp_path / "shire").returncode == 0
        assert home.opened(tmp_path / "shire").council_name == "Our council"
        assert countywide("init").returncode == 1

    def test_does_not_overwrite(self, tmp_path: Path) -> None:
        countywide("init", tmp_path)
        (tmp_path / "countywide.toml").write_text('[council]\nla_code = "302"\n', encoding="utf-8")
        outcome = countywide("init", tmp_path)
        assert outcome.returncode == 1
        assert "exists already" in outcome.stderr
        assert Settings.read(tmp_path).la_code == "302"

    def test_its_pages_are_not_taken_for_deliveries(self, tmp_path: Path) -> None:
        countywide("init", tmp_path)
        outcome = countywide("land", "--home", tmp_path)
        assert outcome.returncode == 0, outcome.stderr
        assert "README" not in outcome.stdout


class TestStatus:
    def test_adds_up(self, copy: Settings) -> None:
        outcome = countywide("status", "--home", copy.home.root)
        assert outcome.returncode == 0, outcome.stderr
        for source in sources().values():
            assert source.name in outcome.stdout or not source.is_generated, source.name

    def test_every_receipt_adds_up(self, county: County) -> None:
        receipts = pipeline.receipts(county.home)
        assert receipts
        for receipt in receipts:
            assert receipt["rows_received"] == receipt["rows_loaded"] + receipt["rows_rejected"], receipt["file_name"]

    def test_says_so_when_nothing_landed(self, tmp_path: Path) -> None:
        countywide("init", tmp_path)
        outcome = countywide("status", "--home", tmp_path)
        assert outcome.returncode == 1
        assert "countywide land" in outcome.stderr


class TestDoor:
    def test_says_all_that_is_refused(self, tmp_path: Path) -> None:
        """Who has to mend two extracts should not find the second after mending the first."""
        home.create(tmp_path)
        columns = {
            "plan": "plan_id,person_id,start_date\n{0},p{0},2024-05-01\n",
            "advice": "advice_id,request_id,person_id,advice_type,requested_date\n{0},r{0},p{0},EP,2024-05-01\n",
        }
        for entity, text in columns.items():
            header, row = text.splitlines(keepends=True)
            for day, count in (("2026-12-01", 500), ("2027-01-01", 100)):
                file = tmp_path / "inbox" / "ehc" / day / f"ehc_{entity}.csv"
                file.parent.mkdir(exist_ok=True)
                file.write_text(header + "".join(row.format(number) for number in range(count)), encoding="utf-8")
        countywide("land", "--home", tmp_path)
        outcome = countywide("door", "--home", tmp_path)
        assert outcome.returncode == 1
        first, second = [line for line in outcome.stdout.splitlines() if "error: ehc." in line]
        assert "100 of 500" in first and "100 of 500" in second
        assert "ehc.advice, ehc.plan" in outcome.stderr


class TestRun:
    def test_writes_a_return_again(self, copy: Settings) -> None:
        outcome = countywide("return", "sen2", "--year", "2026", "--home", copy.home.root)
        assert outcome.returncode == 0, outcome.stderr
        assert "return 2026" in outcome.stdout

    def test_a_year_not_built(self, copy: Settings) -> None:
        outcome = countywide("return", "sen2", "--year", "2019", "--home", copy.home.root)
        assert outcome.returncode == 1
        assert "collection_years" in outcome.stderr

    def test_settings_changed_since_the_build(self, copy: Settings) -> None:
        """The records were made with the old serial number; a sheet that says the new one would not be true."""
        file = copy.home.settings_file
        before = file.read_text(encoding="utf-8")
        file.write_text(before.replace("[return]\n", "[return]\nserial_number = 2\n"), encoding="utf-8")
        outcome = countywide("return", "sen2", "--year", "2026", "--home", copy.home.root)
        file.write_text(before, encoding="utf-8")
        assert outcome.returncode == 1
        assert "serial_number" in outcome.stderr and "countywide run" in outcome.stderr

    def test_publish_without_a_build(self, copy: Settings) -> None:
        outcome = countywide("publish", "--home", copy.home.root)
        assert outcome.returncode == 1
        assert "countywide build" in outcome.stderr

    def test_a_home_is_held_by_one_run(self, copy: Settings) -> None:
        with pipeline.exclusive(copy.home):
            outcome = countywide("land", "--home", copy.home.root)
        assert outcome.returncode == 1
        assert "Another run" in outcome.stderr

    def test_settings_that_cannot_be(self, tmp_path: Path) -> None:
        (tmp_path / "countywide.toml").write_text("[dates]\nas_att = 2027-01-21\n", encoding="utf-8")
        outcome = countywide("run", "--home", tmp_path)
        assert outcome.returncode == 1
        assert "unknown key 'dates.as_att'" in outcome.stderr
        assert "Traceback" not in outcome.stderr

    @pytest.mark.parametrize("command", ["land", "run", "status"])
    def test_a_mistyped_folder_does_not_become_a_home(self, command: str, tmp_path: Path) -> None:
        outcome = countywide(command, "--home", tmp_path / "shrie")
        assert outcome.returncode == 1
        assert "countywide init" in outcome.stderr
        assert not (tmp_path / "shrie").exists()

    def test_nothing_is_not_published(self, tmp_path: Path) -> None:
        """A home with an empty inbox would publish a return of nobody."""
        countywide("init", tmp_path)
        outcome = countywide("run", "--home", tmp_path)
        assert outcome.returncode == 1
        assert "Nothing has landed" in outcome.stderr
        assert not (tmp_path / "published").exists()

    def test_the_home_can_come_from_the_environment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COUNTYWIDE_HOME", str(tmp_path / "elsewhere"))
        assert Settings.read(None).home.root == (tmp_path / "elsewhere").resolve()


class TestDemo:
    def test_never_beside_real_children(self, tmp_path: Path) -> None:
        countywide("init", tmp_path, "--la-code", "302")
        outcome = countywide("demo", "--plans", "10", "--pupils", "100", "--home", tmp_path)
        assert outcome.returncode == 1
        assert "folder of its own" in outcome.stderr
        assert [file.name for file in (tmp_path / "inbox" / "ehc").iterdir()] == ["README.md"]

    def test_never_into_an_inbox_with_files(self, tmp_path: Path) -> None:
        (tmp_path / "inbox" / "ehc").mkdir(parents=True)
        (tmp_path / "inbox" / "ehc" / "ehc_person.csv").write_text("person_id\n", encoding="utf-8")
        assert countywide("demo", "--plans", "10", "--pupils", "100", "--home", tmp_path).returncode == 1

    def test_the_same_county_is_left_alone(self, copy: Settings) -> None:
        before = _stamps(copy.home.inbox)
        made = countywide("demo", "--plans", "1000", "--pupils", "15000", "--home", copy.home.root)
        assert made.returncode == 0, made.stderr
        assert "there already" in made.stdout
        assert _stamps(copy.home.inbox) == before

    def test_a_count_is_a_count(self) -> None:
        assert countywide("demo", "--plans", "none").returncode == 2


class TestDoctor:
    def test_finds_nothing_wrong_with_a_finished_county(self, copy: Settings) -> None:
        outcome = countywide("doctor", "--quick", "--home", copy.home.root)
        assert outcome.returncode == 0, outcome.stdout
        assert "wrong" not in {line.split(" ")[0] for line in outcome.stdout.splitlines()}

    def test_says_how_to_mend_the_settings(self, tmp_path: Path) -> None:
        (tmp_path / "countywide.toml").write_text("[council]\nla_code = 302\n", encoding="utf-8")
        outcome = countywide("doctor", "--quick", "--home", tmp_path)
        assert outcome.returncode == 1
        assert "council.la_code" in outcome.stdout

    def test_says_which_sources_have_no_files(self, tmp_path: Path) -> None:
        countywide("init", tmp_path)
        outcome = countywide("doctor", "--quick", "--home", tmp_path)
        for source in sources():
            assert f"source {source}" in outcome.stdout
        assert "no files in" in outcome.stdout

    def test_sees_a_damaged_warehouse(self, tmp_path: Path) -> None:
        (tmp_path / "published").mkdir()
        (tmp_path / "published" / "countywide.duckdb").write_bytes(b"not a database at all" * 500)
        outcome = countywide("doctor", "--quick", "--home", tmp_path)
        assert outcome.returncode == 1
        assert "cannot be opened" in outcome.stdout


def test_an_error_of_others_is_not_quoted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a library says of its error may quote a child's value; our one sentence says where, not what."""

    def broken(*_arguments: object) -> None:
        raise ValueError("could not read 'Ann Example, 2014-03-02'")

    monkeypatch.setattr(pipeline, "receipts", broken)
    home.create(tmp_path)
    assert cli.main(["status", "--home", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "ValueError" in said
    assert "--debug" in said
    assert "Ann" not in said


def _stamps(folder: Path) -> dict[str, int]:
    return {file.as_posix(): file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()}


def _seconds(work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
