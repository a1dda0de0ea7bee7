"""One frozen `Settings`: where a council's home is, who the council is, which years and dates count.

Nothing else in the project reads an environment variable, a settings file or the clock to decide a figure.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

REPOSITORY = Path(__file__).resolve().parent.parent
SETTINGS_FILE = "countywide.toml"
DEFAULT_HOME = Path("build")


class SettingsError(ValueError):
    """The settings file is missing something or says something impossible; the message names the key and the mend."""


@dataclass(frozen=True)
class Home:
    """The folders of one council's home. Only `raw` has to be kept; `inbox` is the council's; the rest is rebuilt."""

    root: Path

    @property
    def inbox(self) -> Path:
        """Files exactly as delivered: inbox/<source>/."""
        return self.root / "inbox"

    @property
    def raw(self) -> Path:
        """Immutable dated Parquet: raw/<source>/<entity>/snapshot_date=YYYY-MM-DD/<file hash>.parquet."""
        return self.root / "raw"

    @property
    def originals(self) -> Path:
        """The bytes of each delivered file, named by hash."""
        return self.raw / "_original"

    @property
    def ledger(self) -> Path:
        """Landing's own tables as Parquet: raw/_landing/{receipt,reject,door_result}/."""
        return self.raw / "_landing"

    @property
    def register(self) -> Path:
        """Who has which person_key since when: raw/_person/register/."""
        return self.raw / "_person" / "register"

    @property
    def publications(self) -> Path:
        """Every count that was ever printed: raw/_published/, a file a publication."""
        return self.raw / "_published"

    @property
    def reported(self) -> Path:
        """Every figure of the county and its districts as it was told, a file a day: raw/_reported/figure/."""
        return self.raw / "_reported" / "figure"

    @property
    def salt(self) -> Path:
        """What makes person keys a council's own; to be kept, and to be shown to nobody."""
        return self.root / "person_key.salt"

    @property
    def work(self) -> Path:
        """One folder per run: the database being built, dbt's target and logs. Safe to delete."""
        return self.root / "work"

    @property
    def published(self) -> Path:
        """What people read: countywide.duckdb, parquet/, returns/, public/, internal/, restricted/, pages."""
        return self.root / "published"

    @property
    def database(self) -> Path:
        """The published warehouse; swapped in whole, never written in place."""
        return self.published / "countywide.duckdb"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME."""
        return self.root / "dagster"

    @property
    def alerts(self) -> Path:
        """What somebody should know of each run, a line each; see warehouse.alerts."""
        return self.root / "alerts.log"

    @property
    def settings_file(self) -> Path:
        return self.root / SETTINGS_FILE


@dataclass(frozen=True)
class HomeAsAt(Home):
    """A home as it was known on a day: read from the same inbox and raw, published in a folder of its own."""

    day: date

    @property
    def published(self) -> Path:
        """as-at/YYYY-MM-DD/, with what `Home.published` has."""
        return self.root / "as-at" / self.day.isoformat()


@dataclass(frozen=True)
class Settings:
    """What a council decides. Read with `Settings.read`; every field has a key in the settings file."""

    home: Home
    la_code: str = "999"
    council_name: str = "Demonstration county"
    demonstration: bool = True
    as_at: date = date(2027, 1, 21)
    known_on: date | None = None
    collection_years: tuple[int, ...] = (2026, 2027)
    serial_number: int = 1
    officers: dict[str, str] = field(default_factory=lambda: {"dmo": "Y", "dco": "Y", "dsco": "Y"})
    sources: dict[str, bool] = field(default_factory=dict)
    door_accept: tuple[str, ...] = ()
    residential_reading: str = "cbds_2023"
    reissue_days: int = 30
    thresholds: dict[str, float] = field(default_factory=dict)
    timeliness_drops_mediation: bool = False
    suppress_below: int = 5
    suppress_denominator_below: int = 10
    round_to: int = 5
    settle_seconds: int = 120
    webhook: str = ""
    threads: int = 2
    memory: str = "3GB"

    def source_is_on(self, source: str) -> bool:
        """Sources are on unless the settings file switches them off."""
        return self.sources.get(source, True)

    @classmethod
    def read(cls, home: str | os.PathLike[str] | None = None) -> Settings:
        """Read `<home>/countywide.toml`; a home without one is the demonstration county.

        `home` falls back to COUNTYWIDE_HOME, then to `build/` in the working folder.
        Raises SettingsError naming the key and how to mend it.
        """
        root = Path(home or os.environ.get("COUNTYWIDE_HOME") or DEFAULT_HOME).expanduser().resolve()
        folders = Home(root)
        if not folders.settings_file.is_file():
            return cls(home=folders)
        try:
            return cls.parse(folders.settings_file.read_text(encoding="utf-8-sig"), folders)
        except UnicodeDecodeError as error:
            raise SettingsError(f"{folders.settings_file}: not UTF-8; save it as UTF-8 in the editor") from error

    @classmethod
    def parse(cls, text: str, home: Home) -> Settings:
        """Settings from the text of a settings file. Raises SettingsError as `read` does."""
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{home.settings_file}: not valid TOML: {error}") from error
        except RecursionError:
            raise SettingsError(f"{home.settings_file}: brackets are nested without end; no key needs that") from None
        return cls(home=home, **_fields(document, home.settings_file))

    def dbt_vars(self) -> dict[str, Any]:
        """The dbt vars of one build (names as in dbt_project.yml)."""
        from warehouse import __version__

        return {
            "la_code": self.la_code,
            "council_name": self.council_name,
            "demonstration": self.demonstration,
            "as_at": self.as_at.isoformat(),
            "known_on": (self.known_on or self.as_at).isoformat(),
            "collection_years": list(self.collection_years),
            "sources_off": sorted(source for source, is_on in self.sources.items() if not is_on),
            # A return has to come out byte for byte the same tomorrow, so it is dated by the as-at date, not the clock.
            "return_made_at": datetime.combine(self.as_at, time()).isoformat(timespec="seconds"),
            "serial_number": f"{self.serial_number:03d}",
            "software_code": "countywide",
            "software_release": __version__,
            "officer_dmo": self.officers["dmo"],
            "officer_dco": self.officers["dco"],
            "officer_dsco": self.officers["dsco"],
            "timeliness_drops_mediation": self.timeliness_drops_mediation,
            "residential_reading": self.residential_reading,
            "reissue_days": self.reissue_days,
            "thresholds": self.thresholds,
        }


# settings-file key -> (field, type); a key not listed is a spelling mistake and refused.
_KEYS: dict[str, tuple[str, type]] = {
    "council.la_code": ("la_code", str),
    "council.name": ("council_name", str),
    "council.demonstration": ("demonstration", bool),
    "dates.as_at": ("as_at", date),
    "dates.known_on": ("known_on", date),
    "return.collection_years": ("collection_years", list),
    "return.serial_number": ("serial_number", int),
    "return.residential_reading": ("residential_reading", str),
    "return.reissue_days": ("reissue_days", int),
    "thresholds": ("thresholds", dict),
    "officers": ("officers", dict),
    "sources": ("sources", dict),
    "door.accept": ("door_accept", list),
    "measures.timeliness_drops_mediation": ("timeliness_drops_mediation", bool),
    "disclosure.suppress_below": ("suppress_below", int),
    "disclosure.suppress_denominator_below": ("suppress_denominator_below", int),
    "disclosure.round_to": ("round_to", int),
    "inbox.settle_seconds": ("settle_seconds", int),
    "alerts.webhook": ("webhook", str),
    "machine.threads": ("threads", int),
    "machine.memory": ("memory", str),
}
_ALLOWED = {
    "residential_reading": ("cbds_2023", "rfc_1299"),
    "officers": ("Y", "N", "R"),
}


def _fields(document: dict[str, Any], file: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for section, body in document.items():
        whole = section in _KEYS
        if not whole and not isinstance(body, dict):
            raise SettingsError(f"{file}: '{section}' stands outside a section; put it under one of {_sections()}")
        for key, value in {section: body}.items() if whole else {f"{section}.{k}": v for k, v in body.items()}.items():
            if key not in _KEYS:
                raise SettingsError(f"{file}: unknown key '{key}'; known keys are {', '.join(sorted(_KEYS))}")
            name, kind = _KEYS[key]
            if not _is(value, kind):
                raise SettingsError(f"{file}: '{key}' should be {_KIND_WORDS[kind]}, not {value!r}")
            found[name] = tuple(value) if kind is list else value
    if "officers" in found:
        found["officers"] = {"dmo": "N", "dco": "N", "dsco": "N"} | {k.lower(): v for k, v in found["officers"].items()}
        for officer, answer in found["officers"].items():
            if officer not in ("dmo", "dco", "dsco") or answer not in _ALLOWED["officers"]:
                raise SettingsError(f"{file}: officers.{officer} should be one of Y, N, R for dmo, dco or dsco")
    if "thresholds" in found:
        found["thresholds"] = _thresholds(found["thresholds"], file)
    if found.get("residential_reading", "cbds_2023") not in _ALLOWED["residential_reading"]:
        raise SettingsError(f"{file}: 'return.residential_reading' should be one of {_ALLOWED['residential_reading']}")
    if "la_code" in found and not (len(found["la_code"]) == 3 and found["la_code"].isdigit()):
        raise SettingsError(f"{file}: 'council.la_code' should be the three-digit DfE code in quotes, such as \"302\"")
    if not 0 < found.get("serial_number", 1) < 1000:
        raise SettingsError(f"{file}: 'return.serial_number' should be between 1 and 999")
    if found.get("reissue_days", 30) < 0:
        raise SettingsError(f"{file}: 'return.reissue_days' should be 0 or more")
    years = found.get("collection_years", (2026,))
    if len(set(years)) < len(years) or not all(_is(year, int) for year in years):
        raise SettingsError(
            f"{file}: 'return.collection_years' should be different years, such as [2026, 2027], "
            "or [] where only returns of earlier years are read"
        )
    for source, switch in found.get("sources", {}).items():
        if not isinstance(switch, bool):
            raise SettingsError(f"{file}: 'sources.{source}' should be true or false, not {switch!r}")
    for key in ("disclosure.suppress_below", "disclosure.suppress_denominator_below", "disclosure.round_to"):
        if found.get(_KEYS[key][0], 1) < 1:
            raise SettingsError(f"{file}: '{key}' should be 1 or more")
    if found.get("settle_seconds", 1) < 1:
        raise SettingsError(f"{file}: 'inbox.settle_seconds' should be 1 or more")
    if found.get("webhook"):
        address = urlsplit(found["webhook"])
        if address.scheme not in ("http", "https") or not address.hostname:
            # The address itself is not printed: it often holds a key.
            raise SettingsError(f"{file}: 'alerts.webhook' should be an address that begins with https:// or http://")
    if found.get("threads", 1) < 1:
        raise SettingsError(f"{file}: 'machine.threads' should be 1 or more")
    if not re.fullmatch(r"[1-9]\d*(\.\d+)? ?[MG]i?B", found.get("memory", "3GB")):
        raise SettingsError(f'{file}: \'machine.memory\' should be an amount such as "3GB" or "800MB"')
    found.setdefault("demonstration", False)
    return found


def _thresholds(section: dict[str, Any], file: Path) -> dict[str, float]:
    """{"N20": {"share": 0.1}}, as TOML reads N20.share = 0.1, as {"N20.share": 0.1}."""
    found = {}
    for rule, parameters in section.items():
        for parameter, value in parameters.items() if isinstance(parameters, dict) else [("", parameters)]:
            key = f"{rule}.{parameter}".rstrip(".")
            if not (_is(value, int) or _is(value, float)) or value < 0:
                raise SettingsError(
                    f"{file}: 'thresholds.{key}' should be a number of 0 or more, such as N20.share = 0.1"
                )
            found[key] = value
    return found


def _is(value: object, kind: type) -> bool:
    """Whether a TOML value is of a kind; true is not a number, and a time is not a day, though Python thinks so."""
    return isinstance(value, kind) and not isinstance(value, {int: bool, date: datetime}.get(kind, ()))


def _sections() -> str:
    return ", ".join(sorted({key.split(".")[0] for key in _KEYS}))


_KIND_WORDS = {
    str: "text in quotes",
    bool: "true or false",
    int: "a whole number",
    date: "a date such as 2027-01-21",
    list: "a list in square brackets",
    dict: "a section",
}
