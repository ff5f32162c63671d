"""Hostile submissions earn what they answered, change nothing, and stop nobody.

All attacks of the corpus (support/attacks) and honest neighbours are graded as one class of each
lab, once, in the sandbox. A test of each attack's marks says by its name which attack it is.
"""

import html.parser
import os
import re
import shutil
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from attacks import outside
from attacks.corpus import (
    BREACH,
    CANARY_PORT,
    HONEST,
    LABS,
    Attack,
    breaches,
    hand_in,
    read_attacks,
)
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from places import PROJECT

from vae_grading.course.course import Course
from vae_grading.course.lab import Lab
from vae_grading.course.notebooks import read_notebook
from vae_grading.course.regions import HIDDEN_TESTS, without
from vae_grading.judge.verdicts import LONGEST_MESSAGE
from vae_grading.marks.store import load
from vae_grading.sandbox.jail import fault

ATTACKS = read_attacks()
LONGEST = 1500  # seconds for the whole class; some 300 are usual on two calm cores
LONGEST_ONE = 150  # seconds for one; a notebook may take 60, twice as long on a crowded machine
MOST_MEMORY = 1_500_000_000  # bytes of any one process outside of the sandbox; 800 MB are usual


def in_the_sandbox(test):
    """Mark a test of the graded class."""
    reason = f"no sandbox here: {fault()}"
    return pytest.mark.slow(pytest.mark.skipif(fault() is not None, reason=reason)(test))


@dataclass(frozen=True)
class Graded:
    """The classes after grading, and what surrounded them before and after."""

    course: Course
    labs: dict[str, Lab]
    ended: outside.Ended
    before: dict[str, str]
    after: dict[str, str]
    heard: list[bytes]


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Graded:
    root = tmp_path_factory.mktemp("attacked")
    course, home = Course(root / "course"), root / "home"
    make_course(course)
    outside.make_canaries(course.root, home)
    hand_in(course, ATTACKS)
    environment = {
        **os.environ,
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join([str(PROJECT), str(PROJECT / "tests/support")]),
        "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"],
        "OMP_NUM_THREADS": "1",
        "VAE_LAB_CANARY": "SECRET",
    }
    command = [sys.executable, "-m", "attacks.grade_class", str(course.root)]
    before = _surroundings(course, home)
    with outside.listener(CANARY_PORT) as heard:
        ended = outside.watch(command, environment, root, LONGEST)
    labs = {name: course.lab(name) for name in LABS}
    return Graded(course, labs, ended, before, _surroundings(course, home), heard)


def make_course(course: Course) -> None:
    """A course with these labs, and a student from before in its gradebook."""
    from nbgrader.api import Gradebook

    course.root.mkdir()
    shutil.copy(PROJECT / "nbgrader_config.py", course.root)
    for part in ("source", "release"):
        for lab in LABS:
            shutil.copytree(PROJECT / part / lab, course.root / part / lab)
    with Gradebook(f"sqlite:///{course.gradebook}", "vae-lab") as gradebook:
        gradebook.add_student("canary", first_name="untouched")


def _surroundings(course: Course, home: Path) -> dict[str, str]:
    written = ("gradebook.db", "autograded", "feedback", "reports", ".vae-lab")
    packages = [PROJECT / name for name in ("vae_helpers", "vae_checks", "vae_grading")]
    found = outside.fingerprints(course.root, ignored=written)
    found |= outside.fingerprints(home, ignored=(".cache", ".config"))
    found |= outside.fingerprints(*packages)
    return found | {name: str(time) for name, time in outside.start_up_files().items()}


def _points(graded: Graded, lab: str, student: str) -> dict[str, float]:
    result = load(graded.course, lab, student)
    assert result is not None, "there is no result"
    manual = {cell.grade_id for cell in graded.labs[lab].graded if cell.manual}
    return {cell.grade_id: cell.points for cell in result.cells if cell.grade_id not in manual}


def test_what_a_submission_says_and_what_a_page_would_run_are_seen():
    """The two ways in which the tests below look, on samples that they must not overlook."""
    printed = {"output_type": "stream", "name": "stdout", "text": f"x\n{BREACH}: read it\n"}
    raised = {"output_type": "error", "ename": "E", "evalue": f"f() raised E: {BREACH}: had it"}
    innocent = {"output_type": "stream", "name": "stdout", "text": f"---> 1 print('{BREACH}')"}
    cells = [{"outputs": [printed, innocent]}, {"outputs": [raised]}, {}]
    assert len(breaches({"cells": cells})) == 2
    for alive in (
        "<p>a<script>b</script>",
        "<img src='x' onerror='b'>",
        "<a href=' JavaScript:b'>",
        "<iframe srcdoc='b'>",
    ):
        page = _Alive()
        page.feed(alive)
        assert page.found, alive
    page = _Alive()
    page.feed(
        "<p title='onerror'>&lt;script&gt;</p><a href='#1'><img src='data:image/png;base64,'>"
    )
    assert page.found == []


def test_the_corpus_has_every_class_of_the_threat_model():
    kinds = {attack.kind for attack in ATTACKS}
    assert kinds == {
        *("outputs", "hooks", "libraries", "tensors", "introspection", "processes", "resources"),
        *("files", "network", "structure", "pages", "protocol", "learning", "reference", "shell"),
    }
    assert len(ATTACKS) >= 50


@in_the_sandbox
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_an_attack_earns_what_it_answered_and_no_more(graded, attack: Attack):
    got = _points(graded, attack.lab, attack.submitter)
    wanted = attack.points(graded.labs[attack.lab])
    gained = {name: points for name, points in got.items() if points > wanted[name]}
    lost = {name: points for name, points in got.items() if points < wanted[name]}
    result = load(graded.course, attack.lab, attack.submitter)
    assert (gained, lost) == ({}, {}), result.reason
    assert (result.problem or "") == attack.problem


@in_the_sandbox
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_an_attack_reaches_nothing(graded, attack: Attack):
    """Code that reaches what it should not prints so, and the notebook keeps what is printed."""
    path = graded.course.autograded(attack.lab, attack.submitter)
    if path.is_file():
        assert breaches(read_notebook(path)) == []


@in_the_sandbox
@pytest.mark.parametrize("lab", LABS)
def test_the_honest_get_full_marks(graded, lab):
    full = {cell.grade_id: cell.points for cell in graded.labs[lab].graded if not cell.manual}
    for student in HONEST:
        assert _points(graded, lab, student) == full
        assert load(graded.course, lab, student).notes == ()


@in_the_sandbox
def test_the_run_ends_by_itself_and_in_time(graded):
    assert graded.ended.code == 0, graded.ended.output[-2000:]
    assert graded.ended.seconds < LONGEST
    assert "Traceback" not in graded.ended.output


@in_the_sandbox
def test_no_submission_takes_much_longer_than_its_limit(graded):
    """The judge's own work on what it is sent counts, too."""
    taken = {a.id: load(graded.course, a.lab, a.submitter).seconds for a in ATTACKS}
    assert {name: seconds for name, seconds in taken.items() if seconds > LONGEST_ONE} == {}


@in_the_sandbox
def test_no_process_is_left_behind(graded):
    assert graded.ended.left == []


@in_the_sandbox
def test_no_process_outside_of_the_sandbox_grows(graded):
    assert graded.ended.most_memory_outside < MOST_MEMORY


@in_the_sandbox
def test_nothing_outside_has_changed(graded):
    assert graded.after == graded.before
    assert graded.heard == []


@in_the_sandbox
def test_the_gradebook_says_what_the_results_say(graded):
    query = (
        "select assignment.name, student.id, base_cell.name, grade.auto_score, grade.manual_score "
        "from grade "
        "join base_cell on base_cell.id = grade.cell_id "
        "join submitted_notebook on submitted_notebook.id = grade.notebook_id "
        "join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id "
        "join assignment on assignment.id = submitted_assignment.assignment_id "
        "join student on student.id = submitted_assignment.student_id"
    )
    with sqlite3.connect(graded.course.gradebook) as gradebook:
        rows = gradebook.execute(query).fetchall()
        (canary,) = gradebook.execute("select first_name from student where id = 'canary'")
    assert canary == ("untouched",)
    recorded: dict[tuple[str, str], dict[str, float]] = {}
    for lab, student, cell, points, by_hand in rows:
        assert by_hand is None
        recorded.setdefault((lab, student), {})[cell] = points
    handed_in = [(a.lab, a.submitter) for a in ATTACKS]
    for lab, student in [*handed_in, *((lab, name) for lab in LABS for name in HONEST)]:
        manual = {cell.grade_id for cell in graded.labs[lab].graded if cell.manual}
        kept = {k: v for k, v in recorded[lab, student].items() if k not in manual}
        assert kept == _points(graded, lab, student), student


class _Alive(html.parser.HTMLParser):
    """Collects what of a page could run a student's script: elements, handlers, addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "svg", "form", "base", "link"):
            self.found.append(f"<{tag} {attrs}>")
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name.startswith("on") or address.startswith(("javascript:", "data:text")):
                self.found.append(f"<{tag} {name}={value}>")


def _pages(graded: Graded) -> list[Path]:
    pages = [graded.course.feedback(attack.lab, attack.submitter) for attack in ATTACKS]
    return [*pages, *(graded.course.root / "reports" / lab / "report.html" for lab in LABS)]


@in_the_sandbox
def test_no_page_runs_anything_of_a_students(graded):
    for path in _pages(graded):
        page = _Alive()
        page.feed(path.read_text(encoding="utf-8"))
        # The report's own drawings are SVG without handlers.
        alive = [each for each in page.found if not each.startswith("<svg")]
        assert alive == [], path
        assert str(7 * 191) not in path.read_text(encoding="utf-8"), path


@in_the_sandbox
def test_no_student_speaks_in_the_graders_voice(graded):
    """Words that hostile code says are in no reason, no misconception, nor in the terminal."""
    for lab in LABS:
        assert "FULL MARKS" not in (graded.course.root / f"reports/{lab}/report.html").read_text()
    assert "FULL MARKS" not in graded.ended.output
    for attack in ATTACKS:
        result = load(graded.course, attack.lab, attack.submitter)
        said = [result.reason, result.next_step, *result.notes]
        said += [cell.message for cell in result.cells if cell.reason]
        said += [re.sub("'[^']*'", "", cell.message) for cell in result.cells if cell.slug]
        assert not [text for text in said if "FULL MARKS" in text], attack.id
        assert max(len(cell.message) for cell in result.cells) <= LONGEST_MESSAGE


@in_the_sandbox
def test_nothing_that_was_written_for_the_formgrader_is_alive(graded):
    """Markdown and raw cells as its page holds them; see also test_formgrader_script.py."""
    for attack in ATTACKS:
        path = graded.course.autograded(attack.lab, attack.submitter)
        cells = read_notebook(path)["cells"] if path.is_file() else []
        page = _Alive()
        for cell in cells:
            assert cell["cell_type"] != "raw"
            assert "image/svg" not in str(cell.get("attachments", ""))
            if cell["cell_type"] == "markdown":
                page.feed(markdown2html_mistune(cell["source"]))
        assert page.found == [], attack.id


@in_the_sandbox
def test_no_page_shows_hidden_tests_or_the_answers(graded):
    sources = [read_notebook(graded.course.source(lab)) for lab in LABS]
    hidden = set()
    for cell in (cell for source in sources for cell in source["cells"]):
        if cell["metadata"].get("nbgrader", {}).get("grade") and cell["cell_type"] == "code":
            all_lines = without(cell["source"], []).splitlines()
            hidden |= set(all_lines) - set(without(cell["source"], [HIDDEN_TESTS]).splitlines())
    assert len(hidden) > 30
    for path in _pages(graded):
        text = html.unescape(path.read_text(encoding="utf-8"))
        assert not [line for line in hidden if line in text], path


@in_the_sandbox
def test_a_spreadsheet_takes_no_name_for_a_formula(graded):
    for lab in LABS:
        table = (graded.course.root / "reports" / lab / "marks.csv").read_text(encoding="utf-8")
        lines = (line.lstrip('"') for line in table.splitlines())
        assert not [line for line in lines if line.startswith(("=", "+", "@"))]


@in_the_sandbox
def test_judged_notebooks_stay_small(graded):
    """Outputs are bounded for a whole notebook, not only for each cell."""
    grown = {}
    for attack in ATTACKS:
        path = graded.course.autograded(attack.lab, attack.submitter)
        if path.is_file():
            handed_in = graded.course.submitted / attack.submitter / attack.lab / path.name
            grown[attack.id] = path.stat().st_size - handed_in.stat().st_size
    assert {name: size for name, size in grown.items() if size > 10_000_000} == {}
