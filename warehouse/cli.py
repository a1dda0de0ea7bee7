"""The command line. Heavy packages are imported inside the commands, so that help answers at once."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warehouse.alerts import Alert
    from warehouse.pipeline import StageResult
    from warehouse.returns.check.judge import Kept
    from warehouse.settings import Settings

# The demonstration county: the size of Hertfordshire, in ten districts.
PLANS, PUPILS, SEED = 13_000, 190_000, 2027

# Shapes of the case system's extracts that the demonstration can write, each read by a profile of that name.
CASE_SYSTEMS = ("one", "synergy", "liquidlogic", "impulse", "mosaic", "ssd")

# What a shell gives for a command whose reader has gone: none of the codes that say something of a file.
READER_GONE = 141

# Lines shown beneath a stage; countywide status has them all.
DETAILS = 20
# A table narrower than this would cut its words short; a narrower terminal wraps instead.
LEAST_WIDTH = 100


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it did what was asked, 1 when it could not, 2 when the command was not understood."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a Windows console may not know an arrow
    options = parser().parse_args(arguments)
    try:
        code = options.command(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # whoever reads along, such as head, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except KeyboardInterrupt:
        return _fail("Stopped. Nothing was published; run the same command again to go on.")
    except Exception as error:
        if options.debug:
            raise
        return _fail(explain(error))


def explain(error: BaseException) -> str:
    """One sentence for a person. Only our own errors are quoted: anybody else's message may hold a child's value."""
    if type(error).__module__.split(".")[0] in ("warehouse", "expectations"):
        return str(error)
    if isinstance(error, OSError):
        what = ": ".join(str(part) for part in (error.strerror or type(error).__name__, error.filename) if part)
        return f"{what}. Check that the file is there and not open in another program."
    last = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"Something we did not expect ({type(error).__name__} in {Path(last.filename).name}, line {last.lineno}). "
        "Run the command again with --debug for the whole trace, which may quote data: do not send it on unread."
    )


def parser() -> argparse.ArgumentParser:
    """Every command and its options."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--home", metavar="DIR", type=Path, help="the council's folder (default: $COUNTYWIDE_HOME, else build/)"
    )
    shared.add_argument("--debug", action="store_true", help="show the whole trace of an error; it may quote data")

    top = argparse.ArgumentParser(
        prog="countywide",
        description="From raw extracts to a checked SEN2 return, equity tables and a published warehouse.",
        epilog="To start with your own files: countywide init DIR, fill DIR/inbox, then countywide run --home DIR.",
    )
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        found = commands.add_parser(name, parents=[shared], help=text, description=text)
        found.set_defaults(command=command)
        return found

    demo = add("demo", _demo, "Make an invented county's extracts: no real child is in them.")
    demo.add_argument("--plans", type=_count, default=PLANS, help=f"children with a plan (default {PLANS:,})")
    demo.add_argument("--pupils", type=_count, default=PUPILS, help=f"pupils on roll (default {PUPILS:,})")
    demo.add_argument(
        "--seed", type=int, default=SEED, help="another seed is another county; the same seed is the same county"
    )

    demo.add_argument(
        "--case-system",
        choices=CASE_SYSTEMS,
        default="",
        help="write the EHC case system's extracts in the shape of this system, to try its profile",
    )

    init = add(
        "init", _init, "Make a folder for your council: settings to fill in, and an inbox that says what to drop where."
    )
    init.add_argument("folder", metavar="DIR", type=Path, nargs="?", help="the same as --home")
    init.add_argument("--la-code", default="999", help="three-digit DfE code of the council")
    init.add_argument("--name", default="Our council", help="name of the council")

    add("land", _land, "Read new files of the inbox; refuse what is broken, and say why.")
    profile = add(
        "profile",
        _profile,
        "Draft the profile of files in a layout of your own: which column is which, and how sure that is.",
    )
    profile.add_argument("files", metavar="FILE", type=Path, nargs="*", help="CSV or Excel files of one delivery")
    profile.add_argument(
        "--check",
        action="store_true",
        help="of what has landed in the home: codes without a meaning, new columns, and what changed since the "
        "delivery before; values of code columns alone, and only those in 5 rows or more",
    )
    profile.add_argument("--source", default="", help="which source they are of (default: the one that knows most)")
    profile.add_argument(
        "--out", metavar="FILE", type=Path, help="write the draft there, such as DIR/profiles/ours.yml"
    )
    profile.add_argument(
        "--show-values",
        action="store_true",
        help="also print the first rows as they would land: they are children's. Without it no value is shown or "
        "written but of columns recognised as codes, and of those only values that stand in 5 rows or more",
    )
    add("door", _door, "Judge what was landed against what each supplier promised.")
    add("build", _build, "Build and test the warehouse from what was landed, without publishing it.")
    add("publish", _publish, "Write the returns, tables and summary of a finished build, and swap it in.")
    run = add("run", _run, "All of it: land, door, build, returns, publish.")
    run.add_argument("--force", action="store_true", help="build again even if nothing has changed")
    run.add_argument(
        "--as-at",
        type=_day,
        metavar="DAY",
        help="build and publish everything as it was known on this day (2027-01-21), in as-at/DAY; nothing lands",
    )

    returns = add("return", _return, "Write one statutory return from the published warehouse.")
    returns.add_argument("kind", choices=["sen2"], help="which return")
    returns.add_argument(
        "--year", type=int, required=True, help="collection year: the January in which it is collected"
    )
    returns.add_argument(
        "--as-at",
        type=_day,
        metavar="DAY",
        help="as it would have been on this day (2027-01-21), from what was known then, in a folder of its own",
    )

    sign = add("sign", _sign, "Keep a published return as the copy that was signed and sent, if nothing forbids it.")
    sign.add_argument("kind", choices=["sen2"], help="which return")
    sign.add_argument("--year", type=int, required=True, help="collection year")

    check = add("check", _check, "Judge any SEN2 return by our rules: no warehouse is needed, and no name is shown.")
    check.add_argument(
        "files", metavar="FILE", type=Path, nargs="+", help="SEN2 XML, a folder of COLLECT's CSV export, or a workbook"
    )
    check.add_argument("--year", type=int, help="judge by this year's rules (default: the year in the file's header)")
    check.add_argument(
        "--gias",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="register of schools (edubasealldata), for rules that ask it; again for its links",
    )
    check.add_argument(
        "--last-year", metavar="FILE", type=Path, help="the return of the year before, for rules between years"
    )
    check.add_argument("--format", choices=["text", "json"], default="text", help="json: one line per finding")
    check.add_argument("--report", metavar="DIR", type=Path, help="also write a page and a workbook per file there")
    check.add_argument(
        "--demonstration", action="store_true", help="the invented council 999 counts as a council, as in the demo"
    )
    check.epilog = "Exit code: 0 clean (warnings may stand), 1 queries only, 2 errors, 3 a file could not be read."

    add("status", _status, "What came in from each source, what was refused, and how to mend it.")
    add("docs", _docs, "Describe every table and column (DIR/docs), and what SEN2 asks in each year (DIR/docs/sen2).")
    doctor = add("doctor", _doctor, "What is missing or wrong on this machine, and how to mend it.")
    doctor.add_argument("--quick", action="store_true", help="leave out reading the models")
    return top


def _demo(options: argparse.Namespace) -> int:
    from warehouse import pipeline
    from warehouse.settings import Settings

    settings = Settings.read(options.home)
    with pipeline.exclusive(settings.home):
        return _show(
            [pipeline.demo(settings, options.plans, options.pupils, options.seed, progress, options.case_system)],
            settings,
        )


def _init(options: argparse.Namespace) -> int:
    from warehouse import home

    folder = options.folder or options.home
    if not folder or (options.folder and options.home):
        return _fail("Say one folder: countywide init DIR")
    written = home.create(folder, options.la_code, options.name)
    say(f"{written[0]}: look through it and set your council's code, name and dates")
    for page in written[1:]:
        say(f"{page}: what to drop there")
    say(f"Then: countywide run --home {folder}")
    return 0


def _land(options: argparse.Namespace) -> int:
    from warehouse import pipeline

    settings = _settings(options)
    with pipeline.exclusive(settings.home):
        return _show([pipeline.land(settings, progress)], settings)


def _profile(options: argparse.Namespace) -> int:
    from warehouse import pipeline
    from warehouse.settings import Settings

    if options.check:
        return _worklist(options)
    if not options.files:
        return _fail("Say which files: countywide profile FILE…")
    drafted = pipeline.draft(Settings.read(options.home), options.files, options.source, options.show_values)
    for line in drafted.lines:
        say(line)
    if not options.out:
        say("")
        say(drafted.text.rstrip())
        return 0
    if options.out.exists():
        return _fail(f"{options.out} exists already and is not overwritten. Choose another --out.")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(drafted.text, encoding="utf-8")
    say(f"{options.out}: look through it, put it into DIR/profiles and run: countywide land --home DIR")
    return 0


def _worklist(options: argparse.Namespace) -> int:
    from warehouse import pipeline

    tasks = pipeline.worklist(_settings(options))
    if not tasks:
        say("Nothing to do: every code has a meaning, no column is new, and no extract changed its shape.")
        return 0
    table = _table("what", "extract", "column", "rows", "what it is and how to mend it")
    for place in (0, 2, 4):
        table.columns[place].justify = "left"
    for task in tasks:
        table.add_row(*task)
    _console().print(table)
    return 0


def _door(options: argparse.Namespace) -> int:
    from warehouse import pipeline

    settings = _settings(options)
    with pipeline.exclusive(settings.home):
        stage, results = pipeline.judge(settings, progress)
    _show([stage], settings)
    pipeline.refuse(results)
    refused = sorted(pipeline.refused(results))
    if refused:
        # A run goes on with what came before; whoever asks for the judgement alone asks whether all of it is fit.
        print(f"countywide: the door refused {', '.join(refused)}; what came before counts", file=sys.stderr)
    return 1 if refused else 0


def _build(options: argparse.Namespace) -> int:
    from warehouse import pipeline

    settings = _settings(options)
    with pipeline.exclusive(settings.home) as workshop:
        return _show([pipeline.build(pipeline.as_landed(settings), workshop, progress)], settings)


def _publish(options: argparse.Namespace) -> int:
    from warehouse import pipeline

    settings = _settings(options)
    with pipeline.exclusive(settings.home) as workshop:
        return _show(pipeline.deliver(pipeline.as_landed(settings), workshop, progress), settings)


def _run(options: argparse.Namespace) -> int:
    from warehouse import pipeline

    settings = _settings(options)
    if options.as_at:
        settings = pipeline.as_known(settings, options.as_at)
        code = _show(pipeline.run_as_known(settings, progress), settings)
    else:
        code = _show(_alerting(settings, pipeline.run(settings, progress, force=options.force)), settings)
    _headline(settings)
    return code


def _alerting(settings: Settings, results: Iterable[StageResult]) -> Iterator[StageResult]:
    """The results of a run as they come; at its end, good or bad, its alerts."""
    from warehouse import pipeline

    done: list[StageResult] = []
    failures = []
    try:
        for result in results:
            done.append(result)
            yield result
    except Exception as error:
        failures.append(stopped(done[-1].name if done else "", explain(error)))
        raise
    finally:
        pipeline.alert(settings, done, failures)


def stopped(after: str, why: str) -> Alert:
    """The alert of a run that stopped after a stage; `why`, in which a file may be named, stays at home."""
    from warehouse.alerts import Alert

    said = f"it stopped after {after or 'nothing'}; yesterday's warehouse stays. alerts.log in the home says why."
    return Alert("failed", "run", said, why)


def _return(options: argparse.Namespace) -> int:
    from warehouse import pipeline

    settings = _settings(options)
    with pipeline.exclusive(settings.home):
        if options.as_at:
            return _show([pipeline.look_back(settings, options.year, options.as_at, progress)], settings)
        code = _show([pipeline.again(settings, options.year, progress)], settings)
    _headline(settings, options.year)
    return code


def _headline(settings: Settings, year: int | None = None) -> None:
    """The headline figures of a published return (default: the last one) beside those of others; never a child."""
    from warehouse import pipeline

    title, headers, rows, notes = pipeline.headline(settings, year)
    if rows:
        filled = [number for number in range(len(headers)) if any(row[number] for row in rows)]
        table = _table(*(headers[number] for number in filled))
        table.columns[0].justify = "left"
        table.title = title
        for row in rows:
            table.add_row(*(row[number] for number in filled))
        # The name of a figure gets all the room that the numbers leave.
        for number, column in zip(filled[1:], table.columns[1:], strict=True):
            column.width = max(len(word) for word in (*headers[number].split(), *(row[number] for row in rows)))
        _console().print(table)
        for note in notes:
            say(note)


def _sign(options: argparse.Namespace) -> int:
    from warehouse import pipeline

    settings = _settings(options)
    with pipeline.exclusive(settings.home):
        return _show([pipeline.sign(settings, options.year)], settings)


def _check(options: argparse.Namespace) -> int:
    from warehouse.returns.check import judge, report

    worst = report.CLEAN
    with tempfile.TemporaryDirectory(prefix="countywide-check-") as folder:
        kept = judge.Kept(Path(folder)) if len(options.files) > 1 else None
        for number, file in enumerate(options.files):
            try:
                worst = max(worst, _check_file(options, number, kept))
            except BrokenPipeError:
                raise
            except Exception as error:  # one file that cannot be read does not keep the others from being checked
                if options.debug:
                    raise
                worst = report.UNREADABLE
                if options.format == "json":
                    print(report.unreadable_line(file.name, explain(error)))
                else:
                    _fail(f"{file.name} was not checked: {explain(error)}")
    return worst


def _check_file(options: argparse.Namespace, number: int, kept: Kept | None) -> int:
    from warehouse.returns.check import judge, report

    file = options.files[number]
    progress(f"reading {file.name}")
    asked = (file, options.year, options.gias, options.demonstration, options.last_year, progress, kept)
    with judge.judge(*asked) as judged:
        progress("")
        lines = map(report.line, judged.findings()) if options.format == "json" else report.text(judged)
        for line in lines:
            print(line)
        if options.format == "text":
            print(flush=True)
        if options.report:
            from warehouse.returns.check import files

            # Files of one name, from several folders, each get a folder of their own.
            alike = sum(file.stem == other.stem for other in options.files) > 1
            for written in files.write(judged, options.report / str(number + 1) if alike else options.report):
                print(f"{written}", file=sys.stderr)
        return report.exit_code(judged)


def _status(options: argparse.Namespace) -> int:
    from warehouse import pipeline

    settings = _settings(options)
    receipts = pipeline.receipts(settings.home)
    if not receipts:
        return _fail(
            f"Nothing has landed in {settings.home.root} yet. "
            f"Put files into {settings.home.inbox} and run: countywide land"
        )
    table = _table("source", "extract", "files", "received =", "loaded +", "rejected", "quarantined")
    groups: dict[tuple[str, str], list[dict]] = {}
    for receipt in receipts:
        unnamed = "not used" if receipt["status"] == "not_used" else "not recognised"
        groups.setdefault((str(receipt["source"]), str(receipt["entity"] or unnamed)), []).append(receipt)
    for (source, entity), group in groups.items():
        sums = (sum(receipt[count] for receipt in group) for count in ("rows_received", "rows_loaded", "rows_rejected"))
        quarantined = sum(receipt["status"] == "quarantined" for receipt in group)
        table.add_row(source, entity, str(len(group)), *(f"{count:,}" for count in sums), str(quarantined or ""))
    _console().print(table)
    for line in dict.fromkeys(_remark(receipt) for receipt in receipts):
        if line:
            say(line)
    for extract, why in pipeline.set_aside(settings.home):
        say(f"set aside at the door in {extract}: {why}")
    for name, note in pipeline.assumed(settings.home, [str(receipt["profile"] or "") for receipt in receipts]):
        say(f"read by the profile {name}, an assumption: {note}")
    unbalanced = [r for r in receipts if r["rows_received"] != r["rows_loaded"] + r["rows_rejected"]]
    if unbalanced:
        return _fail(
            f"{len(unbalanced)} receipts do not add up; please report this with the output of countywide doctor."
        )
    return 0


def _remark(receipt: dict[str, object]) -> str:
    """What a person should know of one receipt beyond its counts, if anything. The message names the file."""
    if receipt["status"] == "not_used":
        return f"not used, as is known, in {receipt['source']}: {receipt['file_name']}: {receipt['message']}"
    if receipt["status"] == "quarantined":
        return f"quarantined in {receipt['source']}: {receipt['message']}"
    if receipt["message"]:
        return f"tolerated in {receipt['source']}: {receipt['file_name']} ({receipt['entity']}): {receipt['message']}"
    if not receipt["columns_missing"]:
        return ""
    missing, ignored = (str(receipt[names] or "").split(", ") for names in ("columns_missing", "columns_ignored"))
    alike = [(name, *get_close_matches(name, ignored, n=1)) for name in missing]
    meant = "".join(f" Is {pair[1]} meant for {pair[0]}?" for pair in alike if len(pair) > 1)
    return (
        f"incomplete in {receipt['source']}: {receipt['file_name']} ({receipt['entity']}) lacks {', '.join(missing)}: "
        f"blank in every row.{meant} Rename a header, or add the column to the export."
    )


def _docs(options: argparse.Namespace) -> int:
    from warehouse import pipeline

    settings = _settings(options)
    with pipeline.exclusive(settings.home) as workshop:
        tables, catalogue, dictionary = pipeline.docs(settings, workshop)
        say(f"{'Tables':<14} {tables}")
        say(f"{'Sources':<14} {catalogue}")
        say(f"{'SEN2 by year':<14} {dictionary}")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from warehouse import doctor

    wrong = 0
    for finding in doctor.examine(options.home, parse=not options.quick):
        wrong += finding.state == "wrong"
        say(
            f"{finding.state:<8} {finding.subject:<22} {finding.said}"
            + (f"\n{'':<31} → {finding.mend}" if finding.mend else "")
        )
    return 1 if wrong else 0


def say(line: str) -> None:
    """One line to the person at the terminal, which stays."""
    progress("")
    print(line, flush=True)


def progress(line: str) -> None:
    """What is being done just now, on a line that the next one takes over. Not written where nobody looks on."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 1
        print(f"\r{line[:width]:<{width}}\r", end="", flush=True)


def _fail(message: str) -> int:
    print(f"countywide: {message}", file=sys.stderr)
    return 1


def _settings(options: argparse.Namespace) -> Settings:
    from warehouse import home

    return home.opened(options.home)


def _show(results: Iterable[StageResult], settings: Settings) -> int:
    """A line per stage as it finishes, then the table of all, also when a later stage fails."""
    done = []
    try:
        for result in results:
            done.append(result)
            say_stage(result)
    finally:
        if done:
            show(done)
    from warehouse.pipeline import where

    for what, place in where(settings.home):
        say(f"{what:<14} {place}")
    return 0


def say_stage(result: StageResult) -> None:
    """The line of one finished stage."""
    say(f"{result.name:<12} {result.seconds:7.1f} s  {result.note}".rstrip())
    for line in result.details[:DETAILS]:
        say(f"{'':<12} {line}")
    if len(result.details) > DETAILS:
        say(f"{'':<12} … and {len(result.details) - DETAILS} more")


def show(results: Iterable[StageResult]) -> None:
    """The table of stages."""
    table = _table("stage", "rows in", "rows out", "rejects", "findings", "seconds")
    for result in results:
        counts = (result.rows_in, result.rows_out, result.rejects, result.findings)
        table.add_row(
            result.name, *("" if count is None else f"{count:,}" for count in counts), f"{result.seconds:.1f}"
        )
    _console().print(table)


def _console():
    from rich.console import Console

    return Console(highlight=False, width=max(LEAST_WIDTH, shutil.get_terminal_size().columns))


def _table(*headers: str):
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for header in headers:
        table.add_column(header, justify="left" if header in ("stage", "source", "extract") else "right")
    return table


def _count(text: str) -> int:
    try:
        number = int(text.replace(",", "").replace("_", ""))
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"a whole number above 0 is needed, not {text!r}")
    return number


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a day such as 2027-01-21 is needed, not {text!r}") from None


if __name__ == "__main__":
    sys.exit(main())
