"""Dagster's pages on this machine only: python -m orchestration.ui. Ctrl-C ends them."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from orchestration.run import prepare
from warehouse.settings import REPOSITORY, Settings


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped. Listens on the loopback address, so nobody else on the network can look in."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.ui", description=__doc__)
    parser.add_argument("--home", type=Path, help="the council's folder (default: $COUNTYWIDE_HOME, else build/)")
    parser.add_argument("--port", type=int, default=3000)
    options = parser.parse_args(arguments)
    home = Settings.read(options.home).home
    server = [sys.executable, "-m", "dagster_webserver", "--host", "127.0.0.1", "--port", str(options.port)]
    code = ["--module-name", "orchestration.definitions", "--working-directory", str(REPOSITORY)]
    environment = os.environ | {"COUNTYWIDE_HOME": str(home.root), "DAGSTER_HOME": str(prepare(home))}
    try:
        return subprocess.run([*server, *code], env=environment, check=False).returncode  # noqa: S603
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
