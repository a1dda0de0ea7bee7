"""The pages are for this machine alone, and what is asked for on them is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration import ui


class Served:
    """Stands in for the process: Ctrl-C is heard once, then it ends by itself."""

    asked: list[str]
    environment: dict[str, str]

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        Served.asked, Served.environment = command, env
        self.waited = 0

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def wait(self) -> int:
        self.waited += 1
        if self.waited == 1:
            raise KeyboardInterrupt
        return 0


def test_only_this_machine_is_listened_to_and_the_daemon_comes_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subprocess.Popen", Served)
    assert ui.main(["--home", str(tmp_path), "--port", "3999"]) == 0, "Ctrl-C waits until Dagster has let go"
    assert Served.asked[Served.asked.index("--host") + 1] == "127.0.0.1"
    assert Served.asked[2:4] == ["dagster", "dev"], "pages without a daemon: a run asked for there waits for ever"
    settings = yaml.safe_load((Path(Served.environment["DAGSTER_HOME"]) / "dagster.yaml").read_text(encoding="utf-8"))
    assert settings["telemetry"] == settings["nux"] == {"enabled": False}, "something is sent, or asked to be"
    assert settings["concurrency"]["runs"]["max_concurrent_runs"] == 1, "two runs would want one home"
