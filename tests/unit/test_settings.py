"""A mistake in the settings file is met at once and by name, before it can decide a figure in silence."""

from pathlib import Path

import pytest

from warehouse import home
from warehouse.settings import Home, Settings, SettingsError

MISTAKES = {
    "[dates]\nas_att = 2027-01-21": "dates.as_att",
    "[dates]\nas_at = '2027-01-21'": "dates.as_at",
    "[dates]\nas_at = 2027-01-21T00:00:00": "dates.as_at",
    "[sources]\nehc = 'no'": "sources.ehc",
    "[return]\ncollection_years = [2026, 2026]": "return.collection_years",
    "[return]\nserial_number = 0": "return.serial_number",
    "[return]\nreissue_days = -1": "return.reissue_days",
    "[thresholds]\nN20.share = '10%'": "thresholds.N20.share",
    "[thresholds]\nN20.share = -0.1": "thresholds.N20.share",
    "[disclosure]\nsuppress_below = 0": "disclosure.suppress_below",
    "[disclosure]\nround_to = -5": "disclosure.round_to",
    "[machine]\nthreads = true": "machine.threads",
    "[machine]\nthreads = 0": "machine.threads",
    "[inbox]\nsettle_seconds = 0": "inbox.settle_seconds",
    "[alerts]\nwebhook = 'mailto:a@b.example'": "alerts.webhook",
    "[machine]\nmemory = 'lots'": "machine.memory",
    "[officers]\ndmoo = 'Y'": "officers.dmoo",
    "[council]\nla_code = 302": "council.la_code",
    "council = 3": "council",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_named(text: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.parse(text, Home(tmp_path))
    assert MISTAKES[text] in str(refused.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[sources]\nehcc = false", "ehcc"),
        ("[door]\naccept = ['ehc.plans']", "ehc.plans"),
        ("[return]\ncollection_years = [2026, 2031]", "2031"),
        ("[thresholds]\nN20.shares = 0.1", "N20.shares"),
        ("[thresholds]\nN20 = 0.1", "N20"),
    ],
)
def test_what_nothing_declares_is_named(text: str, named: str, tmp_path: Path) -> None:
    (tmp_path / "countywide.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=f"has {named}, which is not declared"):
        home.opened(tmp_path)


def test_a_folder_without_a_settings_file_is_no_home(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is no home"):
        home.opened(tmp_path)


def test_what_is_right_is_read(tmp_path: Path) -> None:
    text = "[sources]\nehc = false\n[door]\naccept = ['ehc.plan']\n[return]\ncollection_years = [2026]\n"
    text += "[thresholds]\nN20.share = 0.1\nR15.days = 35\n"
    settings = home.agreed(Settings.parse(text + "[machine]\nmemory = '1.5 GB'\n", Home(tmp_path)))
    assert settings.dbt_vars()["thresholds"] == {"N20.share": 0.1, "R15.days": 35}
    assert not settings.source_is_on("ehc")
    assert (settings.door_accept, settings.collection_years, settings.memory) == (("ehc.plan",), (2026,), "1.5 GB")


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "countywide.toml").write_bytes("[council]\nname = 'Zo\u00eb'\n".encode("cp1252"))
    with pytest.raises(SettingsError, match="UTF-8"):
        Settings.read(tmp_path)


@pytest.mark.parametrize("name", ["Bath & North East Somerset", 'The "County"', "a\\b", "Ynys M\u00f4n"])
def test_init_keeps_any_name(name: str, tmp_path: Path) -> None:
    home.create(tmp_path, "302", name)
    assert Settings.read(tmp_path).council_name == name


def test_git_overlooks_a_home(tmp_path: Path) -> None:
    """People make homes inside a clone; git must never offer a child's record for a commit."""
    home.create(tmp_path / "shire", "302", "Somewhere")
    assert (tmp_path / "shire" / ".gitignore").read_text(encoding="utf-8") == "*\n"
    (tmp_path / "clone").mkdir()
    (tmp_path / "clone" / ".gitignore").write_text("/build/\n", encoding="utf-8")
    home.create(tmp_path / "clone")
    assert (tmp_path / "clone" / ".gitignore").read_text(encoding="utf-8") == "/build/\n", "somebody's own was replaced"


def test_init_writes_nothing_for_a_code_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="three-digit"):
        home.create(tmp_path / "shire", "3", "Somewhere")
    assert not (tmp_path / "shire").exists()


@pytest.mark.parametrize("bracket", ["[", "{a = "])
def test_brackets_without_end_are_refused(tmp_path: Path, bracket: str) -> None:
    with pytest.raises(SettingsError, match="nested without end"):
        Settings.parse("a = " + bracket * 100_000, Home(tmp_path))
