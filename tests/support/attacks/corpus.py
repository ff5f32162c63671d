"""The corpus of attacks: hostile submissions of the labs, as data.

A TOML file holds one class of attacks. The fields of an entry:

    [[attack]]
    name = "allclose"            # the student is called `<class>-<name>`
    tries = "..."                # one line: what it is after, and how
    lab = "lab1-elbo"            # lab3-vae where it is not said
    student = "..."              # where the student's name itself is the attack
    start = "release"            # or "model": all is answered rightly; or "some": a part of it
    uses = ["raw_frames"]        # code of payloads.toml that stands before `first`
    first = '''...'''            # source of a new cell above all others
    last = '''...'''             # and of one below
    answers = { sample = '''...''' }   # the sources of solution cells
    change = "copies"            # a function of structure.py, applied to the finished notebook
    earns = ["sample-shape"]     # graded cells that the attack's own answers really answer
    loses = ["sample-shape"]     # graded cells that the attack costs
    problem = "not-json"         # the whole submission cannot be read, for this reason

What was answered rightly and is not in `loses` has to get full points, and all else none. Code that
reaches what it should not prints BREACH, or raises an exception with that text.
"""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attacks import structure
from vae_grading.course.course import Course
from vae_grading.course.lab import Lab
from vae_grading.course.notebooks import read_notebook
from vae_grading.course.regions import HIDDEN_TESTS, without

FOLDER = Path(__file__).parent
PAYLOADS = "payloads.toml"
BREACH = "BREACH"
CANARY_PORT = 47613  # of a listener outside of the sandbox
# What "some" answers: enough to see that marks are kept, and quickly judged.
SOME = {
    "lab1-elbo": ("log-joint", "gaussian-kl", "log-q", "entropy", "cross-entropy"),
    "lab2-reparameterization": ("exact-quadratic", "score", "standard-error", "reparameterize"),
    "lab3-vae": (
        *("bernoulli-nll", "gaussian-kl", "negative-elbo"),
        *("bug-1", "bug-2", "bug-3", "bug-4", "bug-5"),
    ),
}
LABS = tuple(SOME)  # they attack the walls, not a lab: these three are enough
HONEST = ("0-honest", "middle-honest", "zz-honest")
Notebook = dict[str, Any]


@dataclass(frozen=True)
class Attack:
    """One entry; see above for the fields. `kind` is its class, the file's name."""

    kind: str
    name: str
    tries: str
    lab: str = "lab3-vae"
    student: str = ""
    start: str = "release"
    uses: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    change: str = ""
    earns: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()
    problem: str = ""

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.name}"

    @property
    def submitter(self) -> str:
        return self.student or self.id

    def points(self, lab: Lab) -> dict[str, float]:
        """The points that each cell graded by a check has to get."""
        cells = {cell.grade_id: cell.points for cell in lab.graded if not cell.manual}
        unknown = {*self.earns, *self.loses} - set(cells)
        if unknown:
            raise ValueError(f"{self.id}: {self.lab} has no graded cell {sorted(unknown)[0]!r}")
        if self.problem:
            return dict.fromkeys(cells, 0.0)
        keys = {"release": (), "some": SOME[self.lab], "model": None}[self.start]
        right = {
            cell.grade_id
            for exercise in lab.exercises
            for cell in exercise.graded
            if keys is None or set(exercise.solutions_of(cell.grade_id)) <= set(keys)
        }
        right = (right | {*self.earns}) - {*self.loses}
        return {name: most if name in right else 0.0 for name, most in cells.items()}


def read_attacks() -> list[Attack]:
    """All attacks, class by class. Raises TypeError for an unknown field, ValueError for a name
    used twice and an unknown lab."""
    found = []
    for path in sorted({*FOLDER.glob("*.toml")} - {FOLDER / PAYLOADS}):
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["attack"]:
            for key in ("uses", "earns", "loses"):
                entry[key] = tuple(entry.get(key, ()))
            found.append(Attack(kind=path.stem, **entry))
            if found[-1].lab not in LABS:
                raise ValueError(f"{found[-1].id}: there is no lab {found[-1].lab!r}")
    names = [attack.submitter for attack in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"two attacks are called {min(twice)}")
    return found


class Handouts:
    """A lab as students got it, and its model answers: what submissions are made from."""

    def __init__(self, course: Course, lab: str) -> None:
        self._lab = lab
        self._payloads = tomllib.loads((FOLDER / PAYLOADS).read_text(encoding="utf-8"))
        self._release = read_notebook(course.release(lab))
        self.model = {
            marks["grade_id"]: without(cell["source"], [HIDDEN_TESTS])
            for cell in read_notebook(course.source(lab))["cells"]
            if (marks := cell["metadata"].get("nbgrader")) and marks["solution"]
        }

    def honest(self) -> Notebook:
        return self._answered(self.model)

    def hostile(self, attack: Attack) -> Any:
        """The attack's notebook, or any other text that it hands in instead."""
        if attack.start not in ("release", "some", "model"):
            raise ValueError(f"{attack.id}: start is release, some or model")
        unknown = set(attack.answers) - set(self.model)
        if unknown:
            raise ValueError(
                f"{attack.id}: {self._lab} has no solution cell {sorted(unknown)[0]!r}"
            )
        keys = {"release": (), "some": SOME[self._lab], "model": self.model}[attack.start]
        notebook = self._answered({key: self.model[key] for key in keys} | {**attack.answers})
        first = [self._payloads[name] for name in attack.uses]
        if attack.first or first:
            source = "\n".join([*first, attack.first]).strip("\n")
            notebook["cells"].insert(0, structure.code_cell(source, "attack-first"))
        if attack.last:
            notebook["cells"].append(structure.code_cell(attack.last.strip("\n"), "attack-last"))
        return structure.CHANGES[attack.change](notebook) if attack.change else notebook

    def _answered(self, answers: Mapping[str, str]) -> Notebook:
        notebook = copy.deepcopy(self._release)
        for cell in notebook["cells"]:
            marks = cell["metadata"].get("nbgrader")
            if marks and marks["grade_id"] in answers:
                cell["source"] = answers[marks["grade_id"]].strip("\n")
        return notebook


def hand_in(course: Course, attacks: list[Attack]) -> None:
    """Write the attacks' submissions and, for each of their labs, those of honest neighbours."""
    for lab in sorted({attack.lab for attack in attacks}):
        handouts = Handouts(course, lab)
        class_ = {a.submitter: handouts.hostile(a) for a in attacks if a.lab == lab}
        class_ |= {name: handouts.honest() for name in HONEST}
        for student, made in class_.items():
            path = course.submitted / student / lab / f"{lab}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(made if isinstance(made, str) else json.dumps(made), encoding="utf-8")


def breaches(notebook: Notebook) -> list[str]:
    """What the code of a graded notebook says that it reached."""
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
    printed = "\n".join("".join(output.get("text", "")) for output in outputs).splitlines()
    raised = "\n".join(output.get("evalue", "") for output in outputs).splitlines()
    # The source lines of a traceback, which is printed, hold the word, too: they are numbered.
    found = [line for line in printed if line.startswith(BREACH)]
    return found + [line for line in raised if BREACH in line]
