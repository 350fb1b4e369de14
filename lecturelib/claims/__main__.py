"""Command line: ``python -m lecturelib.claims COMMAND``; ``--help`` lists the commands."""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from lecturelib import contents
from lecturelib.claims import registry, runner
from lecturelib.claims.card import Card
from lecturelib.claims.compare import compare, find, page
from lecturelib.claims.record import Claim
from lecturelib.claims.restamp import Outcome, restamp
from lecturelib.claims.results import Result, ResultError, larger, read, stored, write
from lecturelib.claims.statistics import effect_text, passes, summarize, verdict
from lecturelib.claims.turning import LIMIT, turning_of, turning_text

FRESH_SEED = 1000
FRESH_SEEDS = 20
"""Stored results use these seeds; nobody chose a threshold by looking at them."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lecturelib.claims", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    listing = commands.add_parser("list", help="list the claims with their verdicts")
    listing.add_argument("--chapter", help="slug of a chapter")
    listing.add_argument("--json", action="store_true", help="print JSON")

    running = commands.add_parser("run", help="run claims and compare with the recorded verdict")
    running.add_argument("ids", nargs="+", metavar="ID", help="id of a claim, or 'all'")
    running.add_argument("--seeds", type=int, metavar="N",
                         help="default: as many as decide on the verdict, mostly 10")  # fmt: skip
    running.add_argument("--first-seed", type=int, default=0, metavar="S", help="default 0")
    scale = running.add_mutually_exclusive_group()
    scale.add_argument("--full", action="store_true", help="full settings, for a GPU")
    scale.add_argument("--short", action="store_true",
                       help="full settings with less training: minutes on a GPU")  # fmt: skip
    running.add_argument("--device", default="cpu", metavar="D", help="torch device, default cpu")
    running.add_argument("--workers", type=int, default=1, metavar="W", help="local processes")
    running.add_argument("--scheduler", metavar="tcp://…", help="Dask scheduler to run on")
    running.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                         help="change a setting; may be given again")  # fmt: skip
    running.add_argument("--json", action="store_true", help="print JSON")
    running.add_argument("--out", type=Path, metavar="DIR",
                         help="write results here and resume from them; with --full or --short "
                              "the default is claims-results")  # fmt: skip
    running.add_argument("--store", action="store_true",
                         help=f"keep as the result that ships with the package, from seeds "
                              f"{FRESH_SEED} to {FRESH_SEED + FRESH_SEEDS - 1}; with --full or "
                              f"--short as many as --seeds says, from {FRESH_SEED}")  # fmt: skip

    showing = commands.add_parser("show", help="print the card of a claim")
    showing.add_argument("ids", nargs="+", metavar="ID")

    comparing = commands.add_parser(
        "compare", help="put a run of your own beside the stored result: medians, verdicts, a test"
    )
    comparing.add_argument("ids", nargs="+", metavar="ID")
    comparing.add_argument("--out", type=Path, default=Path("claims-results"), metavar="PLACE",
                           help="folder or file with your run, default claims-results")  # fmt: skip
    comparing.add_argument("--html", type=Path, metavar="FILE", help="write a page as well")

    checking = commands.add_parser("check", help="look for corrupt and stale result files")
    checking.add_argument("--out", type=Path, metavar="DIR", help="default: the stored results")

    stamping = commands.add_parser(
        "restamp", help="give stale results the present hash where the numbers did not change"
    )
    which = stamping.add_mutually_exclusive_group(required=True)
    which.add_argument("ids", nargs="*", default=[], metavar="ID", help="id of a claim")
    which.add_argument("--all", action="store_true", help="all claims")
    stamping.add_argument("--against", default="HEAD", metavar="COMMIT",
                          help="where the results were in order, default HEAD")  # fmt: skip
    stamping.add_argument("--workers", type=int, default=1, metavar="W",
                          help="claims at a time, default 1")  # fmt: skip

    ratio = commands.add_parser("ratio", help="CPU time of ten seeds at once over a loop")
    ratio.add_argument("ids", nargs="+", metavar="ID")
    ratio.add_argument("--seeds", type=int, default=10, metavar="N")
    ratio.add_argument("--rounds", type=int, default=3, metavar="R")
    ratio.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                       help="change a setting: fewer steps do for a ratio")  # fmt: skip
    ratio.add_argument("--store", action="store_true", help="note it in the stored result")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        0, or 1 if a run contradicts the record or a file is unusable, or 2 for a mistake in the
        command.
    """
    options = _parser().parse_args(arguments)
    command = {"list": _list, "run": _run, "show": _show, "compare": _compare, "check": _check,
               "restamp": _restamp, "ratio": _ratio}  # fmt: skip
    try:
        return command[options.command](options)
    except ResultError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (ValueError, TypeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except RuntimeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _describe(claim: Claim) -> dict[str, Any]:
    return {
        "id": claim.id,
        "slug": claim.slug,
        "chapter": claim.chapter,
        "verdict": claim.verdict,
        "sentence": claim.sentence,
        "sources": [asdict(source) for source in claim.sources],
        "conditions": list(claim.conditions),
        "quick": dict(claim.quick),
        "full": dict(claim.full),
    }


def _list(options: argparse.Namespace) -> int:
    found = registry.claims(options.chapter)
    if options.json:
        print(json.dumps([_describe(claim) for claim in found], indent=1, ensure_ascii=False))
        return 0
    for claim in found:
        print(f"{claim.id:5} {claim.verdict:22} {claim.chapter:12} {claim.sentence}")
    return 0


def _chosen(ids: Sequence[str]) -> list[Claim]:
    if list(ids) == ["all"]:
        return list(registry.claims())
    return [registry.get(claim_id) for claim_id in ids]


def _changes(pairs: Sequence[str]) -> dict[str, Any]:
    """``NAME=VALUE`` pairs; a value that is no Python literal is a string."""
    changes: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not (name and equals):
            raise ValueError(f"claims run: --set wants NAME=VALUE, got {pair!r}")
        try:
            changes[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            changes[name] = text
    return changes


def _run(options: argparse.Namespace) -> int:
    chosen, changes = _chosen(options.ids), _changes(options.set)
    large = options.full or options.short
    out = options.out or (Path("claims-results") if large else None)
    seeds, first_seed = options.seeds, options.first_seed
    if options.store:
        if changes:
            raise ValueError("claims run: --store keeps the settings of the record only")
        first_seed = FRESH_SEED
        if not large:
            out, seeds = None, FRESH_SEEDS
    reports, agree = [], True
    for claim in chosen:
        result = runner.run(
            claim,
            seeds=seeds,
            first_seed=first_seed,
            full=options.full,
            short=options.short,
            device=options.device,
            workers=options.workers,
            scheduler=options.scheduler,
            out=out,
            **changes,
        )
        if options.store:
            result = _keep(result)
        found = verdict(claim, result.values)
        agree = agree and (found == claim.verdict or result.scale == "custom")
        reports.append(_report(claim, result, found))
        if not options.json:
            print(_text(claim, result, found))
    if options.json:
        print(json.dumps(reports, indent=1, ensure_ascii=False))
    if out is not None:
        print(f"results are in {out}", file=sys.stderr)
    return 0 if agree else 1


def _home(claim: Claim) -> Path:
    """The folder of a claim's stored results."""
    return contents.results(claim.chapter)


def _keep(result: Result) -> Result:
    """Write the result that ships with the package; six significant digits say enough."""
    values = {
        name: tuple(float(f"{value:.6g}") for value in numbers)
        for name, numbers in result.values.items()
    }
    kept = replace(result, values=values)
    write(_home(registry.get(kept.claim)) / runner.file_name(kept), kept)
    return kept


def _report(claim: Claim, result: Result, found: str) -> dict[str, Any]:
    summaries = {
        m.name: {**asdict(summarize(m, result.values[m.name])),
                 "passed": passes(m, result.values[m.name])}
        for m in claim.measures
    }  # fmt: skip
    return {**asdict(result), "verdict": found, "recorded": claim.verdict, "summary": summaries}


def _text(claim: Claim, result: Result, found: str) -> str:
    lines = [f"{claim.id}: {found}"]
    if found != claim.verdict:
        lines[0] += f"  (the record says: {claim.verdict})"
    for measure in claim.measures:
        values = result.values[measure.name]
        asked = ""
        if measure.expect is not None:
            mark = "passed" if passes(measure, values) else "NOT passed"
            asked = f"; asked {measure.expect} {measure.threshold:g}: {mark}"
        lines.append(f"  {measure.label}: {effect_text(measure, values)}{asked}")
    lines.append(
        f"  {len(result.seeds)} seeds from {result.seeds[0]}, {result.scale} settings "
        f"{result.settings_hash}, {result.seconds:.1f} s ({result.cpu_seconds:.1f} s CPU), "
        f"{result.device}, torch {result.versions['torch']}"
    )
    lines += [f"  note: {note}" for note in result.reruns]
    return "\n".join(lines)


def _show(options: argparse.Namespace) -> int:
    for claim in _chosen(options.ids):
        result = stored(claim)
        if result is None:
            raise ResultError(f"claims show: {claim.id} has no stored result")
        print(Card(claim, result, larger(claim)))
    return 0


def _compare(options: argparse.Namespace) -> int:
    """Put runs beside the stored results; 1 if a verdict is another one."""
    found = [compare(claim, find(claim.id, options.out)) for claim in _chosen(options.ids)]
    for comparison in found:
        print(comparison)
    if options.html:
        options.html.write_text(page(found), encoding="utf-8")
        print(f"the page is {options.html}", file=sys.stderr)
    return 0 if all(comparison.agrees for comparison in found) else 1


def _check(options: argparse.Namespace) -> int:
    """Name the result files that can't be used, and the verdicts that chance could turn."""
    folders = [options.out] if options.out else [contents.results(c) for c in contents.CHAPTERS]
    if options.out and not options.out.is_dir():
        raise ValueError(f"claims check: there is no folder {options.out}")
    bad = 0
    for path in (path for folder in folders for path in sorted(folder.glob("*.json"))):
        try:
            claim = registry.get(path.stem.partition("-")[0])
            note, good = _turning(claim, read(path, claim))
            print(f"{'ok' if good else 'turns':8} {path}{note}")
            bad += not good
        except ValueError as error:
            bad += 1
            kind = type(error).__name__.removesuffix("Result").lower()
            print(f"{kind if isinstance(error, ResultError) else 'unknown':8} {error}")
    return 1 if bad else 0


def _turning(claim: Claim, result: Result) -> tuple[str, bool]:
    """How likely other seeds are to give another verdict, in words, and whether it is seldom."""
    probability = turning_of(claim, result)
    if probability is None:
        return "", True
    text = turning_text(probability)
    return f"  another verdict on {claim.seeds} other seeds: {text}", probability <= LIMIT


def _restamp(options: argparse.Namespace) -> int:
    """Give stale results the present hash; 1 if one is refused."""
    chosen = list(registry.claims()) if options.all else _chosen(options.ids)
    if options.workers < 1:
        raise ValueError(f"claims restamp: workers must be at least 1, got {options.workers}")

    def report(outcome: Outcome) -> None:
        print(f"{outcome.kind:9} {outcome.path.name}: {outcome.reason}", flush=True)

    found = restamp(chosen, against=options.against, workers=options.workers, report=report)
    kinds = ("restamped", "current", "refused")
    print(", ".join(f"{sum(o.kind == kind for o in found)} {kind}" for kind in kinds))
    return 1 if any(outcome.kind == "refused" for outcome in found) else 0


def _ratio(options: argparse.Namespace) -> int:
    for claim in _chosen(options.ids):
        ratio = runner.seed_axis_ratio(
            claim, seeds=options.seeds, rounds=options.rounds, changes=_changes(options.set)
        )
        if options.store:
            path = _home(claim) / f"{claim.id}.json"
            write(path, replace(read(path, claim), seed_axis_ratio=ratio))
        print(f"{claim.id}: {options.seeds} seeds at once take {ratio:.2f} of a loop's CPU time")
    return 0


if __name__ == "__main__":
    sys.exit(main())
