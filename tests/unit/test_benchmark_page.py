"""A benchmark writes its own section of the page of results; what others measured by hand stays."""

from __future__ import annotations

from pathlib import Path

from benchmarks import page

BEFORE = "# Benchmarks\n\nold head\n\n## Checking\n\nold check\n\n### Aims\n\nmet\n\n## By hand\n\nkept\n"


def test_a_section_takes_the_place_of_its_own_alone(tmp_path: Path) -> None:
    file = tmp_path / "results.md"
    file.write_text(BEFORE, encoding="utf-8")
    page.keep("# Benchmarks\n\nnew head\n", file)
    page.keep("## Checking\n\nnew check\n", file)
    page.keep("## Another\n\nfirst\n", file)
    assert file.read_text(encoding="utf-8") == (
        "# Benchmarks\n\nnew head\n\n## Checking\n\nnew check\n\n## By hand\n\nkept\n\n## Another\n\nfirst\n"
    )
