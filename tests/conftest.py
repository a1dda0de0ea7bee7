"""One demonstration county for the whole session: made, landed, judged, built, returned and published once."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from warehouse import build, pipeline
from warehouse.settings import REPOSITORY, Home, Settings

PLANS, PUPILS, SEED = 1_000, 15_000, 2027

# A change is judged by the same examples each time; new ones are looked for where a person sees them.
hypothesis.settings.register_profile("same", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("same")


# What is dear to make and kept for the session: tests that look at the same one stay together, so that it is made once.
DEAR = ("county", "mart", "lives")
# The longest groups first, or one half would wait for the other at the end.
LONGEST = (
    "tests:county",
    "tests/orchestration/test_run.py",
    "tests/integration/test_published_2025.py",
    "tests/unit/returns:mart",
    "tests/integration/test_look_back.py",
    "tests/unit/synthetic:county",
    "tests/unit/models/test_health_and_care.py",
    "tests/unit/models/test_real_files.py",
    "tests/unit/models/test_nothing_is_lost.py",
    "tests/unit/models/test_published_layouts.py",
    "tests/unit/returns/test_sen2_mutation.py",
)


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side, the tests of one file stay together, and so do all that look at something dear."""
    if not hasattr(config, "workerinput"):
        return
    groups = {item.nodeid: _group(item) for item in items}
    for item in items:
        item.add_marker(pytest.mark.xdist_group(groups[item.nodeid]))
    places = {group: place for place, group in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(groups[item.nodeid], len(places)))


def _group(item: pytest.Item) -> str:
    """The folder whose conftest makes what is dear, and its name; else the file of the test."""
    fixtures = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
    dear = next((name for name in DEAR if name in fixtures), None)
    return f"{fixtures[dear][-1].baseid}:{dear}" if dear else item.nodeid.partition("::")[0]


@dataclass(frozen=True)
class County:
    """A finished demonstration county. `results` is what dbt said of each node; `stages` what each stage did;
    `unit_tests` what dbt said of the models' unit tests, which a build leaves out."""

    settings: Settings
    stages: tuple[pipeline.StageResult, ...]
    results: tuple[dict[str, Any], ...]
    unit_tests: tuple[dict[str, Any], ...]

    @property
    def home(self) -> Home:
        return self.settings.home

    @property
    def database(self) -> Path:
        return self.home.database


@pytest.fixture(scope="session", autouse=True)
def _offline() -> None:
    """Every test runs without a network: only this machine may be spoken to."""
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError("a test asked the network for something")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", only_here)
        patch.delenv("COUNTYWIDE_HOME", raising=False)
        yield


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> County:
    """1,000 plans and 15,000 pupils, from the generator to the published files, once per session."""
    return make_county(tmp_path_factory.mktemp("county"), PLANS, PUPILS)


def make_county(root: Path, plans: int, pupils: int, seed: int = SEED) -> County:
    """A county from nothing to published, in this process."""
    empty = Settings.read(root)
    stages = [pipeline.demo(empty, plans, pupils, seed, _silent)]
    settings = Settings.read(root)
    with pipeline.exclusive(settings.home) as workshop:
        stages.append(pipeline.land(settings, _silent))
        stages.extend(pipeline.door(settings, _silent))
        stages.append(pipeline.build(settings, workshop, _silent))
        results = pipeline.built(workshop)
        # Here, where each model that they speak of has its table.
        unit_tests = build.run(settings, workshop.database, ("test", "--select", "test_type:unit")).results
        stages.extend(pipeline.deliver(settings, workshop, _silent))
    return County(settings, tuple(stages), results, unit_tests)


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """dbt's manifest of the project as it stands."""
    settings = Settings.read(tmp_path_factory.mktemp("parse"))
    return json.loads(pipeline.manifest(settings).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real open data beside the project; the test is skipped where it is absent."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real open data (../shared/data) is not beside this clone; see docs/testing.md")
    return folder


@pytest.fixture
def clean_environment() -> dict[str, str]:
    """The environment for a command run as a user would, without this session's own home."""
    return {
        name: value
        for name, value in os.environ.items()
        if name == "COUNTYWIDE_PARSED" or not name.startswith(("COUNTYWIDE_", "DAGSTER_", "DBT_"))
    }


def _silent(_line: str) -> None:
    pass


def pytest_configure(config: pytest.Config) -> None:
    """Both halves, and the commands they start, share what dbt has read of the models."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory(prefix="countywide-parsed-")
        config.add_cleanup(folder.cleanup)
        os.environ["COUNTYWIDE_PARSED"] = folder.name


def pytest_collection_finish(session: pytest.Session) -> None:
    """Groups that xdist does not see are no error to it: each half would make the county for itself, and nobody would
    know."""
    if hasattr(session.config, "workerinput") and session.items and not any("@" in i.nodeid for i in session.items):
        raise pytest.UsageError(
            "pytest-xdist does not see the groups of tests; see the bound on pytest in pyproject.toml"
        )
