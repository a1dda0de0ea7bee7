"""Dagster's pages and its schedules, on this machine only: python -m orchestration.ui. Ctrl-C ends both."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from orchestration.run import prepare
from warehouse.settings import REPOSITORY, Settings

# Dagster would have us use a tool that it does not bring along.
QUIET = {"PYTHONWARNINGS": "ignore:Function `dev_command` is superseded"}


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped. Listens on the loopback address, so nobody else on the network can look in."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.ui", description=__doc__)
    parser.add_argument("--home", type=Path, help="the council's folder (default: $COUNTYWIDE_HOME, else build/)")
    parser.add_argument("--port", type=int, default=3000)
    options = parser.parse_args(arguments)
    home = Settings.read(options.home).home
    # `dagster dev` is the pages and the daemon together: without the daemon no schedule ticks and a run asked for on a
    # page waits for ever.
    server = [sys.executable, "-m", "dagster", "dev", "--host", "127.0.0.1", "--port", str(options.port)]
    server += ["--log-level", "warning"]
    code = ["--module-name", "orchestration.definitions", "--working-directory", str(REPOSITORY)]
    environment = os.environ | {"COUNTYWIDE_HOME": str(home.root), "DAGSTER_HOME": str(prepare(home)), **QUIET}
    with subprocess.Popen([*server, *code], env=environment) as served:  # noqa: S603
        while True:
            try:
                return served.wait()
            except KeyboardInterrupt:  # Dagster hears it too, and lets go of its parts in order; we wait for that
                continue


if __name__ == "__main__":
    sys.exit(main())
