"""Which wrong answers, made by rule, do the graded cells pay? And how many do they name?

    export PYTHONPATH=tests/support
    python tests/measure/mutate.py [--lab LAB] [--exercise KEY] [--sample 60] [--list-survivors]

Every right answer, the model's and the bank's, is changed in one place by rules over its syntax
tree: a sign, a constant, an axis, a missing term, another name, detach, a type, a statement ...
An oracle that asks no check (mutation/oracle.py) calls each mutant and its right answer with the
arguments of recorded calls; those that do the same are equal, those that raise in every call are
no answers. The others are wrong, unless the lab's answers/survivors.toml explains them, and
judged by the graded cells up to the first that they lose. Then rewrites that keep the value
(mutation/rewrites.py) are judged, as far as the oracle finds them equal.

Prints a table in Markdown. The exit status is 1 when a wrong answer is paid or a right one is not.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from lab_harness import LabUnderTest, labs_with_answers, read
from mutation.explained import explanations
from mutation.judging import Verdict, sources, verdicts
from mutation.mutants import Mutant, mutants
from mutation.rewrites import rewrites
from places import PROJECT
from tqdm import tqdm
from worker_pool import begin

COLUMNS = ("equal", "explained", "raises", "named", "generic", "accident", "paid")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--lab", action="append", choices=labs_with_answers(), help="only this one")
    parser.add_argument("--exercise", action="append", metavar="KEY", help="only this one")
    parser.add_argument(
        "--sample", type=int, metavar="N", default=60, help="mutants of a model answer; 0: all"
    )
    parser.add_argument("--bank", type=int, metavar="N", default=2, help="of another right answer")
    parser.add_argument(
        "--rewrites", type=int, metavar="N", default=20, help="rewrites of a model answer"
    )
    parser.add_argument(
        "--list-survivors", action="store_true", help="list what is paid, and what nothing names"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every verdict there")
    parser.add_argument("--workers", type=int, metavar="N", default=2, help="processes")
    arguments = parser.parse_args()
    begin()
    wrong: list[Verdict] = []
    right: list[Verdict] = []
    lines = [f"| exercise | mutants | {' | '.join(COLUMNS)} | named | rewrites | rejected |"]
    lines.append("|---" * (len(COLUMNS) + 5) + "|")
    for name in arguments.lab or labs_with_answers():
        lab = read(name)
        keys = [key for key in _keys(lab) if key in (arguments.exercise or [key])]
        made = wrong_answers(lab, keys, arguments.sample or None, arguments.bank)
        of_lab = list(judged(lab, made, arguments.workers, f"{name}, mutants"))
        made = right_answers(lab, keys, arguments.rewrites)
        kept = [
            verdict
            for verdict in judged(lab, made, arguments.workers, f"{name}, rewrites")
            if verdict.oracle == "same"
        ]
        lines += [row(key, of_key(of_lab, key), of_key(kept, key)) for key in keys]
        lines.append(row(f"**{name}**", of_lab, kept))
        wrong, right = wrong + of_lab, right + kept
    lines.append(row("**all**", wrong, right))
    print("\n".join(lines))
    paid = [verdict for verdict in wrong if verdict.kind == "paid"]
    rejected = [verdict for verdict in right if verdict.slug is not None]
    unnamed = [verdict for verdict in wrong if verdict.kind in ("generic", "accident")]
    unsure = [verdict for verdict in wrong if verdict.oracle == "same" and verdict.slug]
    print(listed("A wrong answer is paid", paid), end="")
    print(listed("A right answer is rejected", rejected), end="")
    if arguments.list_survivors:
        print(listed("Rejected in words that fit any mistake", unnamed), end="")
        print(listed("Rejected, and the oracle finds no difference", unsure), end="")
    if arguments.json:
        arguments.json.write_text(json.dumps([entry(each) for each in wrong + right], indent=1))
    return 1 if paid or rejected else 0


def wrong_answers(
    lab: LabUnderTest, keys: Iterable[str], sample: int | None, bank: int
) -> list[Mutant]:
    """`sample` mutants of each model answer and `bank` of each other right one, all different."""
    found: dict[tuple[str, str], Mutant] = {}
    for key in keys:
        for answer, source in sources(lab, key).items():
            number = sample if answer == "model answer" else bank
            for mutant in mutants(key, answer, source, number):
                found.setdefault((key, mutant.source), mutant)
    return list(found.values())


def right_answers(lab: LabUnderTest, keys: Iterable[str], number: int) -> list[Mutant]:
    """`number` rewrites of each model answer."""
    return [
        rewrite
        for key in keys
        for rewrite in rewrites(key, "model answer", lab.tasks[key].solution, number)
    ]


def judged(lab: LabUnderTest, made: list[Mutant], workers: int, title: str) -> Iterator[Verdict]:
    """The verdicts, with a bar on a terminal."""
    found = verdicts(lab.name, made, workers)
    shown = tqdm(found, total=len(made), desc=title, disable=not sys.stderr.isatty())
    known = explanations(PROJECT / "source" / lab.name / "answers")
    return (verdict.explained(known) for verdict in shown)


def of_key(found: Iterable[Verdict], key: str) -> list[Verdict]:
    return [verdict for verdict in found if verdict.mutant.key == key]


def row(name: str, wrong: list[Verdict], right: list[Verdict]) -> str:
    """A line of the table; `named` is the share of the wrong answers that return something."""
    kinds = Counter(verdict.kind for verdict in wrong)
    judged_wrong = sum(kinds[kind] for kind in ("named", "generic", "accident", "paid"))
    share = f"{kinds['named'] / judged_wrong:.0%}" if judged_wrong else ""
    counts = [f"{kinds[kind]:,}" for kind in COLUMNS]
    rejected = sum(verdict.slug is not None for verdict in right)
    cells = [name, f"{len(wrong):,}", *counts, share, f"{len(right):,}", f"{rejected}"]
    return f"| {' | '.join(cells)} |"


def listed(title: str, found: list[Verdict]) -> str:
    """Every verdict with what was changed and what was said, by exercise."""
    lines = []
    for verdict in sorted(found, key=lambda each: (each.mutant.key, each.slug or "")):
        mutant = verdict.mutant
        said = f": {verdict.message.splitlines()[0]} [{verdict.slug}]" if verdict.slug else ""
        change = f"{mutant.rule}: {_line(mutant.old)!r} -> {_line(mutant.new)!r}"
        lines.append(f"- {mutant.key}, {mutant.answer}, {change}{said}")
    return "\n".join([f"\n{title}: {len(found)}", *lines, ""]) if found else ""


def entry(verdict: Verdict) -> dict[str, str | None]:
    """A verdict as JSON has it."""
    told = {"kind": verdict.kind, "oracle": verdict.oracle, "why": verdict.why}
    return vars(verdict.mutant) | told | {"slug": verdict.slug, "message": verdict.message}


def _keys(lab: LabUnderTest) -> list[str]:
    return [key for key, task in lab.tasks.items() if task.check]


def _line(code: str) -> str:
    return " ; ".join(line.strip() for line in code.splitlines())


if __name__ == "__main__":
    sys.exit(main())
