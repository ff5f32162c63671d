"""Does chance decide a verdict, or the words that tell it? The whole bank, judged over and over.

    export PYTHONPATH=tests/support
    python tests/measure/rounds.py [LAB ...] [--exercise KEY] [--rounds 50] [--workers N]

Every check draws its arguments anew. Each answer of the bank, right and wrong, is judged by all
graded cells of its exercise in each round; what is counted is a verdict that is not the bank's
(cells lost that should be earned, or earned that should be lost), and a message that is not (the
slug, or the words that the bank quotes). The exit status is 1 after a verdict that changed.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import repeat

from lab_harness import LabUnderTest, judge, labs_with_answers, read
from tqdm import tqdm
from worker_pool import worker_pool

from vae_grading.course.bank import Answer

# What is not as the bank says: "verdict" or "words", the answer, and what came instead.
Difference = tuple[str, str, str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("labs", nargs="*", metavar="LAB", help="labs to judge; all when left out")
    parser.add_argument("--exercise", action="append", metavar="KEY", help="only this one")
    parser.add_argument("--rounds", type=int, default=50, help="times that the bank is judged")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes")
    arguments = parser.parse_args()
    if unknown := set(arguments.labs) - set(labs_with_answers()):
        parser.error(f"no lab {', '.join(sorted(unknown))}; there are {labs_with_answers()}")
    labs = [read(name) for name in arguments.labs or labs_with_answers()]
    known = {key for lab in labs for key in lab.tasks}
    keys = set(arguments.exercise or known)
    if unknown := keys - known:
        parser.error(f"no exercise {', '.join(sorted(unknown))}; there are {sorted(known)}")
    jobs = [(lab.name, number) for lab in labs for number, _ in _answers(lab, keys)]
    found: list[Difference] = []
    with worker_pool(arguments.workers) as pool:
        judged = (
            pool.map(_judged, *zip(*jobs, strict=True), repeat(keys), chunksize=8)
            for _ in range(arguments.rounds)
        )
        every = (one for a_round in judged for one in a_round)
        bar = tqdm(every, total=len(jobs) * arguments.rounds, disable=None)
        for number, each in enumerate(bar):
            for kind, where, instead in each:
                if (kind, where) not in {one[:2] for one in found}:  # a run that is stopped said it
                    text = f"round {number // len(jobs) + 1}: {kind}: {where}: {instead}"
                    bar.write(text, file=sys.stderr)
            found += each
    shown = {(kind, where): instead for kind, where, instead in reversed(found)}  # the first
    for (kind, where), times in sorted(Counter(each[:2] for each in found).items()):
        print(f"{kind}, {times} of {arguments.rounds}: {where}: {shown[kind, where]}")
    kinds = Counter(kind for kind, _, _ in found)
    print(
        f"{len(jobs)} answers judged {arguments.rounds} times: {kinds['verdict']} other verdicts, "
        f"{kinds['words']} other messages"
    )
    return 1 if kinds["verdict"] else 0


def _answers(lab: LabUnderTest, keys: set[str]) -> Iterator[tuple[int, Answer]]:
    listed = (answer for answer in (*lab.right, *lab.wrong) if answer.exercise in keys)
    return enumerate(listed)


def _judged(name: str, number: int, keys: set[str]) -> list[Difference]:
    """What is not as the bank says in one judgment of an answer: at most one line."""
    lab = read(name)
    answer = dict(_answers(lab, keys))[number]
    where = f"{name}, {answer.exercise}, {answer.name}"
    outcome = judge(lab, answer.exercise, answer.source, checked=not answer.loses)
    lost = [outcome.lost[c] for c in lab.tasks[answer.exercise].graded if c in outcome.lost]
    if set(outcome.lost) != set(answer.loses) or outcome.check or outcome.stderr:
        said = " ".join(f"{outcome.check or ''} {outcome.lost} {outcome.stderr}".split())
        return [("verdict", where, said)]
    for first in lost[:1]:
        if first.slug != answer.slug or answer.says.lower() not in first.message.lower():
            return [("words", where, " ".join(first.message.split()))]
    return []


if __name__ == "__main__":
    sys.exit(main())
