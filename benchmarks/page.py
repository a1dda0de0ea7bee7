"""The page kept as benchmarks/results.md: each benchmark writes its own section and leaves the others as they are."""

from __future__ import annotations

import re
from pathlib import Path

RESULTS = Path(__file__).parent / "results.md"


def keep(section: str, page: Path = RESULTS) -> None:
    """Put a section in the place of the one with the same first line, or at the end where there is none.

    `section` begins with its heading: "# …" for what stands before all "## …".
    """
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    sections = {part.partition("\n")[0]: part.strip() for part in re.split(r"(?m)^(?=##? )", text) if part.strip()}
    sections[section.partition("\n")[0]] = section.strip()
    page.write_text("\n\n".join(sections.values()) + "\n", encoding="utf-8", newline="\n")
