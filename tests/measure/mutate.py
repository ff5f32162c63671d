"""Which wrong answers, made by rule, do the graded cells pay? And how many do they name?

    export PYTHONPATH=tests/support
    python tests/measure/mutate.py [--lab LAB]

Every right answer is changed in one place by rules over its syntax tree (a sign, a constant, an
axis, a missing term, another name, detach, a type, a statement ...). Mutants that do the same as
the right answer, by an oracle that asks no check, are counted apart, and so are those that raise
whatever they are given; all others are judged by check and graded cells. Prints a table in
Markdown. The exit status is 1 when a mutant is paid that the lab's survivors.toml does not explain.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable

from lab_harness import labs_with_answers, read
from mutation.judging import Verdict, sources, verdicts
from mutation.mutants import Mutant, mutants
from tqdm import tqdm


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--lab", action="append", choices=labs_with_answers(), help="only this one")
    parser.add_argument("--exercise", action="append", help="only this one")
    parser.add_argument("--sample", type=int, help="so many mutants of each model answer")
    parser.add_argument("--bank", type=int, default=6, help="so many of each right answer's")
    parser.add_argument("--list", action="store_true", help="list what is paid, and what unnamed")
    parser.add_argument("--json", help="write every verdict to this file")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    found: list[Verdict] = []
    rows = []
    for name in arguments.lab or labs_with_answers():
        made = generated(name, arguments.exercise, arguments.sample, arguments.bank)
        shown = tqdm(total=len(made), desc=name, disable=not sys.stderr.isatty())
        for verdict in verdicts(name, made, arguments.workers):
            found.append(verdict)
            rows.append({"lab": name, "exercise": verdict.mutant.key, "answer": verdict.mutant.answer,
                "rule": verdict.mutant.rule, "before": verdict.mutant.old, "after": verdict.mutant.new,
                "kind": verdict.kind, "slug": verdict.slug, "message": verdict.message, "oracle": verdict.oracle, "source": verdict.mutant.source})
            shown.update()
        shown.close()
    if arguments.json:
        json.dump(rows, open(arguments.json, "w"), indent=1)
    print(table(found))
    return 0


def generated(name: str, keys: Iterable[str] | None, sample: int | None, bank: int) -> list[Mutant]:
    lab = read(name)
    made = []
    seen = set()
    for key, task in lab.tasks.items():
        if not task.check or (keys and key not in keys):
            continue
        for answer, source in sources(lab, key).items():
            number = sample if answer == "model answer" else bank
            if number == 0: continue
            for each in mutants(key, answer, source, number):
                if (key, each.source) not in seen:
                    seen.add((key, each.source))
                    made.append(each)
    return made


def table(found: list[Verdict]) -> str:
    kinds = ("equal", "broken", "paid", "named", "generic", "accident")
    lines = ["| exercise | generated | " + " | ".join(kinds) + " | named % |", "|---|"]
    by = defaultdict(Counter)
    for each in found:
        by[each.mutant.key][each.kind] += 1
        by["all"][each.kind] += 1
    for key, c in by.items():
        live = c["named"] + c["generic"] + c["accident"] + c["paid"]
        lines.append(f"| {key} | {sum(c.values())} | " + " | ".join(str(c[k]) for k in kinds) + f" | {c['named']/max(1,live):.0%} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
