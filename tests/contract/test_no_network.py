"""Nothing is asked of the network, nothing is done at import, and no clock decides a figure."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from warehouse.settings import REPOSITORY

BLOCKED = """
import socket, sys
def refuse(*arguments, **options):
    raise SystemExit("asked the network at import")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
import importlib
"""
CLOCK_IN_SQL = re.compile(
    r"\b(current_date|current_timestamp|now\s*\(|today\s*\(|getdate|localtimestamp|run_started_at)", re.I
)
CLOCK_IN_PYTHON = re.compile(r"\.(today|now|utcnow)\(|time\.time\(|localtime|gmtime")
# When a file landed, when an alert was given and how long a file has been at rest decide no figure.
MAY_READ_THE_CLOCK = {"warehouse/landing/run.py", "warehouse/alerts.py", "orchestration/inbox.py"}


def python_files() -> list[Path]:
    return sorted(
        file for part in ("warehouse", "expectations", "orchestration") for file in (REPOSITORY / part).rglob("*.py")
    )


def module_name(file: Path) -> str:
    parts = file.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_imports_ask_nothing_of_the_network_and_write_nothing(tmp_path: Path) -> None:
    names = [module_name(file) for file in python_files() if file.name != "__main__.py"]
    script = (
        BLOCKED.split("import importlib")[0]
        + "import importlib\n"
        + "\n".join(f"importlib.import_module({name!r})" for name in names)
    )
    outcome = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=_environment(tmp_path),
    )
    assert outcome.returncode == 0, outcome.stderr[-2000:]
    assert outcome.stdout == ""
    assert list(tmp_path.iterdir()) == [], "an import wrote a file"


def test_no_sql_reads_the_clock() -> None:
    files = [*(REPOSITORY / "models").rglob("*.sql"), *(REPOSITORY / "warehouse" / "macros").rglob("*.sql")]
    assert files
    for file in files:
        code = re.sub(r"\{#.*?#\}|--[^\n]*", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not CLOCK_IN_SQL.search(code), f"{file.name} reads the clock; take the date from a var"


def test_no_python_reads_the_clock() -> None:
    for file in python_files():
        name = file.relative_to(REPOSITORY).as_posix()
        if name not in MAY_READ_THE_CLOCK:
            assert not CLOCK_IN_PYTHON.search(file.read_text(encoding="utf-8")), (
                f"{name} reads the clock; take the date from Settings"
            )


def test_the_clock_patterns_find_what_they_seek() -> None:
    assert CLOCK_IN_SQL.search("select current_date")
    assert CLOCK_IN_SQL.search("where d < now()")
    assert CLOCK_IN_PYTHON.search("date.today()")
    assert not CLOCK_IN_PYTHON.search("time.perf_counter()")


def test_help_answers_before_anything_heavy_is_imported() -> None:
    """The command line answers at once because nothing heavy is imported for it."""
    script = (
        "import sys\nfrom warehouse.cli import parser\nparser().format_help()\n"
        "heavy = {'dbt', 'duckdb', 'pandas', 'dagster', 'great_expectations', 'yaml', 'rich'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stderr


def _environment(folder: Path) -> dict[str, str]:
    import os

    return os.environ | {"PYTHONPATH": str(REPOSITORY), "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
