"""Make a council's own home: a commented settings file and an inbox with a README per source."""

from __future__ import annotations

import json
from pathlib import Path

from warehouse import source_pages
from warehouse.settings import SETTINGS_FILE, Home, Settings, SettingsError
from warehouse.specification import extracts, rows, sources

SETTINGS_TEMPLATE = """\
# countywide reads this file at every command. What follows a # is a comment. A key that is not known is refused, so a
# spelling mistake is met at once. Dates are written 2027-01-21, without quotes.

[council]
la_code = "{la_code}"          # three-digit DfE code of the authority, in quotes
name = {name}
demonstration = false    # true only for the invented county: it admits the invented code 999

[dates]
as_at = 2027-01-21       # every stock figure (children with a plan, waits still running) is counted on this day
# known_on = 2027-01-21  # read no extract younger than this: rebuilds what was known then; default is as_at

[return]
collection_years = [2026, 2027]    # SEN2 years to make, named by the January in which they are collected; or []
serial_number = 1                  # goes up by one when a return is sent again
residential_reading = "cbds_2023"  # or "rfc_1299": two readings of the residential item, see the SEN2 guide
reissue_days = 30                  # a plan that begins again within so many days is the same plan, issued again

[thresholds]             # of rules, where yours is another than rule_parameter.csv has; the findings say so
# N20.share = 0.1        # SEN2-N20 asks when more than 10% of plans ended for another reason

[officers]               # Y, N or R (recruiting): designated medical, clinical and social care officer
dmo = "N"
dco = "N"
dsco = "N"

[sources]                # true: expected, read and counted; false: none of it counts, also of what landed earlier
{sources}

[door]
accept = []              # extracts whose refused checks you looked at and accept for now, such as "ehc.plan"

[measures]
timeliness_drops_mediation = false  # true leaves cases that went to mediation out of the 20-week figure

[disclosure]             # of published/public; lower values let more out: ask your information governance lead first
suppress_below = 5
suppress_denominator_below = 10
round_to = 5

[inbox]
settle_seconds = 120     # Dagster's sensor waits until new files have not changed for so long: a copy takes its time

[alerts]                 # after each run alerts.log in this folder has a line for what somebody should know
webhook = ""             # an address that gets the same as JSON, without any name of a file or child, such as
                         # "https://alerts.example/hook"; "" sends nothing anywhere

[machine]
threads = 2              # processor cores to use
memory = "3GB"           # most that the database may use before it spills to disk
"""


class HomeExists(FileExistsError):
    """There is a settings file already; it is not overwritten."""


def create(root: Path, la_code: str = "999", name: str = "Our council") -> list[Path]:
    """Write `<root>/countywide.toml` and `<root>/inbox/<source>/README.md`; return the files written.

    Raises HomeExists rather than overwrite a settings file, and SettingsError before anything is written if the code
    or the name cannot be. READMEs are ours and are written again.
    """
    settings_file = root / SETTINGS_FILE
    if settings_file.exists():
        raise HomeExists(f"{settings_file} exists already. Edit it, or choose another folder.")
    switches = "\n".join(
        f"{source.name} = true".ljust(25) + f"# {source.title}: {source.description}" for source in sources().values()
    )
    # A JSON string is a TOML string.
    text = SETTINGS_TEMPLATE.format(la_code=la_code, name=json.dumps(name, ensure_ascii=False), sources=switches)
    Settings.parse(text, Home(root))
    ignore = root / ".gitignore"
    if not ignore.exists():  # a home made inside a clone must not be committed with the children in it
        _write(ignore, "*\n")
    written = [_write(settings_file, text)]
    written += [
        _write(root / "inbox" / source.name / "README.md", source_pages.readme(source)) for source in sources().values()
    ]
    return written


def opened(root: Path | None) -> Settings:
    """The settings of a home that is there. Raises SettingsError.

    A mistyped folder must not become a home, and a council whose settings file is gone must not become the
    demonstration county.
    """
    settings = Settings.read(root)
    if not settings.home.settings_file.is_file():
        raise SettingsError(
            f"{settings.home.root} is no home: it has no {SETTINGS_FILE}. Check the folder, or make a home: "
            "countywide init DIR for a council, countywide demo for the demonstration county."
        )
    return agreed(settings)


def agreed(settings: Settings) -> Settings:
    """These settings, if every source, extract and year they name is declared; it would be passed over in silence.

    Raises SettingsError naming the key.
    """
    for key, named, declared in (
        ("sources", settings.sources, list(sources())),
        ("door.accept", settings.door_accept, [f"{extract.source}.{extract.entity}" for extract in extracts()]),
        ("return.collection_years", settings.collection_years, [int(r["collection_year"]) for r in rows("collection")]),
        ("thresholds", settings.thresholds, [f"{r['rule_id']}.{r['parameter']}" for r in rows("rule_parameter")]),
    ):
        for name in named:
            if name not in declared:
                raise SettingsError(
                    f"{settings.home.settings_file}: '{key}' has {name}, which is not declared; "
                    f"it may have {', '.join(map(str, declared))}"
                )
    return settings


def _write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")
    return file
