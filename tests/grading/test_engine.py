"""Whatever is killed, locked or gone: no result is lost or doubled, and the next run goes on.

Over 350 lines: cases, each read by itself.
"""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys

import pytest
import toy
from dask_cluster import Cluster, kill_tree
from places import PROJECT

from vae_grading import cli
from vae_grading.course.course import Course
from vae_grading.grading import one_submission as autograder
from vae_grading.grading import run as grade
from vae_grading.judge import server as judges
from vae_grading.marks import gradebook
from vae_grading.marks.marks import all_marks
from vae_grading.marks.store import Store, load_all, only_run
from vae_grading.sandbox.jail import fault
from vae_helpers.errors import VaeLabError

WRONG = "def double(number):\n    return number"
needs_walls = pytest.mark.skipif(fault() is not None, reason=f"no sandbox here: {fault()}")


@pytest.fixture
def small(tmp_path) -> Course:
    """Three students: two right, one wrong."""
    course = toy.copy_course(tmp_path / "course")
    for student in ("ada", "bo"):
        toy.submit(course, student, toy.answered(course))
    toy.submit(course, "cy", toy.answered(course, double=WRONG))
    return course


def _totals(course: Course) -> dict[str, float]:
    return {each.student: each.total.points for each in all_marks(course, course.lab("toy"))}


def _in_gradebook(course: Course) -> dict[str, float]:
    """Oracle: nbgrader's own reading of its database."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}") as book:
        scores = [(each.student.id, each.score) for each in book.assignment_submissions("toy")]
        book.engine.dispose()
    assert len(scores) == len(dict(scores)), "a submission stands in the gradebook twice"
    return dict(scores)


MARKS = {"ada": 5, "bo": 5, "cy": 2}


def test_a_second_run_of_the_same_course_is_refused_in_one_line(small, console):
    with only_run(small), pytest.raises(VaeLabError, match=rf"process {os.getpid()}\)"):
        grade.grade(small, "toy", console=console)
    grade.grade(small, "toy", console=console)
    assert _totals(small) == MARKS


def test_results_that_cannot_be_read_are_told_in_one_line(small, console):
    small.results.parent.mkdir()
    small.results.write_bytes(b"no database at all" * 1000)
    with pytest.raises(VaeLabError, match=r"results\.db is damaged.*move it aside"):
        grade.grade(small, "toy", console=console)
    assert not small.gradebook.exists()


def test_results_of_another_version_are_told_in_one_line(small, console):
    with Store(small):
        pass
    with contextlib.closing(sqlite3.connect(small.results)) as database:
        database.execute("pragma user_version = 99")
    with pytest.raises(VaeLabError, match="another version of VAE Lab"):
        grade.grade(small, "toy", console=console)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        ("update alembic_version set version_num = 'older'", "another version of nbgrader"),
        ("drop table alembic_version", "another version of nbgrader"),
    ],
)
def test_a_gradebook_of_another_version_is_refused_before_anything_changes(
    small, console, spoil, message
):
    grade.grade(small, "toy", console=console)
    with contextlib.closing(sqlite3.connect(small.gradebook)) as database:
        database.execute(spoil)
        database.commit()
    before = small.gradebook.read_bytes()
    toy.submit(small, "cy", toy.answered(small))
    with pytest.raises(VaeLabError, match=message):
        grade.grade(small, "toy", console=console)
    assert small.gradebook.read_bytes() == before
    assert _totals(small) == MARKS


def test_a_gradebook_that_is_none_is_refused(small, console):
    small.gradebook.write_text("my marks\n" * 500)
    with pytest.raises(VaeLabError, match=r"gradebook\.db is no gradebook"):
        grade.grade(small, "toy", console=console)


def test_the_gradebook_is_copied_before_it_is_changed(small, console):
    grade.grade(small, "toy", console=console)
    before = _in_gradebook(small)
    toy.submit(small, "cy", toy.answered(small))
    grade.grade(small, "toy", console=console)
    assert _in_gradebook(small) != before
    newest = max(small.backups.iterdir())
    newest.replace(small.gradebook)
    assert _in_gradebook(small) == before


def test_the_last_few_copies_of_the_gradebook_are_kept(small, monkeypatch):
    with contextlib.closing(sqlite3.connect(small.gradebook)) as database:
        database.execute("create table some (thing)")
    stamps = [f"2026-01-0{day}-000000" for day in range(1, 9)]
    for stamp in stamps:
        monkeypatch.setattr(gradebook, "_now", lambda stamp=stamp: stamp)
        gradebook._back_up(small)
    kept = sorted(path.name for path in small.backups.iterdir())
    assert kept == [f"gradebook-{stamp}.db" for stamp in stamps[-gradebook.BACKUPS_KEPT :]]


def test_nbgraders_tables_get_the_indices_that_it_lacks(small, console):
    grade.grade(small, "toy", console=console)
    with contextlib.closing(sqlite3.connect(small.gradebook)) as database:
        query = "select tbl_name, sql from sqlite_master where type = 'index' and sql not null"
        found = {
            (table, sql.rsplit("(", 1)[1].rstrip(")")) for table, sql in database.execute(query)
        }
    assert set(gradebook.INDICES) <= found


def test_a_gradebook_that_is_locked_for_a_while_is_waited_for(small, console, monkeypatch):
    """Results are stored meanwhile; the gradebook gets them when it is free again."""
    grade.grade(small, "toy", console=console)
    toy.submit(small, "cy", toy.answered(small))
    other = sqlite3.connect(small.gradebook, check_same_thread=False)
    record, tries = gradebook.record, []

    def locked_at_first(*arguments):
        tries.append(1)
        if len(tries) == 1:
            other.execute("begin exclusive")
        if len(tries) == 3:
            other.rollback()
        return record(*arguments)

    monkeypatch.setattr(gradebook, "record", locked_at_first)
    monkeypatch.setattr(gradebook, "BUSY_SECONDS", 0.1)
    grade.grade(small, "toy", console=console)
    other.close()
    assert "waiting for it" in console.file.getvalue()
    assert _in_gradebook(small) == _totals(small) == MARKS | {"cy": 5}


def test_a_gradebook_that_stays_locked_costs_no_result(small, console, monkeypatch):
    grade.grade(small, "toy", console=console)
    toy.submit(small, "cy", toy.answered(small))
    monkeypatch.setattr(gradebook, "BUSY_SECONDS", 0.1)
    monkeypatch.setattr(grade, "PATIENCE_SECONDS", 0.5)
    prepare = gradebook.prepare
    other = sqlite3.connect(small.gradebook)

    def then_locked(*arguments):
        prepare(*arguments)
        other.execute("begin exclusive")

    monkeypatch.setattr(gradebook, "prepare", then_locked)
    with pytest.raises(VaeLabError, match="locked by another program; what was graded is kept"):
        grade.grade(small, "toy", console=console)
    other.close()
    assert {result.student for result in load_all(small, "toy")} == set(MARKS)
    monkeypatch.undo()
    grade.grade(small, "toy", console=console)
    assert "3 of 3 submissions are graded already" in console.file.getvalue()
    assert _in_gradebook(small) == MARKS | {"cy": 5}


def test_a_full_disk_while_grading_is_one_line_and_the_next_run_finishes(
    small, console, monkeypatch
):
    from vae_grading import atomic

    write, written = atomic.write_bytes, []

    def full(path, data):
        written.append(path)
        notebooks = [each for each in written if each.suffix == ".ipynb"]
        if len(notebooks) == 2:
            raise VaeLabError(f"{path}: the disk is full")
        write(path, data)

    monkeypatch.setattr(atomic, "write_bytes", full)
    with pytest.raises(VaeLabError, match="the disk is full"):
        grade.grade(small, "toy", workers=1, console=console)
    monkeypatch.undo()
    assert len(load_all(small, "toy")) == 1
    grade.grade(small, "toy", console=console)
    assert _in_gradebook(small) == _totals(small) == MARKS


def test_a_submission_that_changes_while_it_is_graded_is_graded_again(small, console, monkeypatch):
    """The result belongs to the bytes that were read; the next run sees that there are others."""
    judge = autograder._judge
    old = toy.submit(small, "cy", None).read_bytes()

    def then_changed(assignment, data, *others):
        if data == old:
            toy.submit(small, "cy", toy.answered(small))
        return judge(assignment, data, *others)

    monkeypatch.setattr(autograder, "_judge", then_changed)
    grade.grade(small, "toy", workers=1, console=console)
    monkeypatch.undo()
    assert _totals(small) == MARKS
    grade.grade(small, "toy", console=console)
    assert _totals(small) == _in_gradebook(small) == MARKS | {"cy": 5}


def test_a_judge_that_is_killed_is_our_fault_and_the_submission_is_graded_again(
    small, console, monkeypatch
):
    killed = []
    send = judges.Judge.send

    def send_and_kill(judge, job):
        send(judge, job)
        if len(killed) < 2:
            killed.append(judge._pid)
            os.kill(judge._pid, signal.SIGKILL)

    monkeypatch.setattr(judges.Judge, "send", send_and_kill)
    grade.grade(small, "toy", workers=1, console=console)
    assert len(killed) == 2
    assert _totals(small) == _in_gradebook(small) == MARKS


def test_a_judge_that_is_killed_every_time_gives_no_marks_and_the_next_run_tries_again(
    small, console, monkeypatch
):
    from vae_grading.judge.job import Outcome

    with monkeypatch.context() as patch:
        patch.setattr(autograder, "_judge", lambda *_: Outcome(fault="It was killed."))
        grade.grade(small, "toy", console=console)
    assert {result.problem for result in load_all(small, "toy")} == {"not-graded"}
    grade.grade(small, "toy", console=console)
    assert _totals(small) == _in_gradebook(small) == MARKS


def test_what_was_graded_is_kept_when_it_cannot_be_graded_anew(small, console, monkeypatch):
    from vae_grading.judge.job import Outcome

    grade.grade(small, "toy", console=console)
    monkeypatch.setattr(autograder, "_judge", lambda *_: Outcome(fault="It was killed."))
    grade.grade(small, "toy", force=True, console=console)
    assert _totals(small) == _in_gradebook(small) == MARKS


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--workers", "0"], "--workers 0: at least one is needed"),
        (["--scheduler", "tcp://127.0.0.1:1"], "no scheduler answers at tcp://127.0.0.1:1"),
        (["--scheduler", "nonsense://x"], "no scheduler answers at nonsense://x"),
        (["--scheduler", "tcp://127.0.0.1:1", "--workers", "2"], "--scheduler goes with neither"),
    ],
)
def test_a_wrong_option_is_one_line_and_changes_nothing(small, capsys, monkeypatch, options, said):
    from vae_grading.grading import cluster

    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    assert cli.run(["grade", "toy", "--course", str(small.root), *options]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert not small.gradebook.exists()
    assert not (small.root / "autograded").exists()


@pytest.fixture
def cluster(tmp_path):
    folder = tmp_path / "cluster"
    folder.mkdir()
    made = Cluster(folder, workers=2)
    yield made
    made.close()


@needs_walls
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # distributed's own, on closing
def test_a_cluster_gives_the_same_marks_though_a_worker_is_killed(
    small, console, cluster, monkeypatch
):
    """One worker and its nanny are killed when the first result is there."""
    for number in range(6):
        toy.submit(small, f"student-{number}", toy.answered(small))
    cluster.wait_for_workers(2)
    note, killed = grade._Gradebook.note_one, []

    def then_kill(self):
        if not killed:
            killed.append(cluster.workers[0].pid)
            kill_tree(cluster.workers[0].pid)
        return note(self)

    monkeypatch.setattr(grade._Gradebook, "note_one", then_kill)
    grade.grade(small, "toy", scheduler=cluster.address, console=console)
    assert killed
    expected = MARKS | {f"student-{number}": 5 for number in range(6)}
    assert _totals(small) == _in_gradebook(small) == expected


@needs_walls
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_goes_away_is_one_line_and_the_next_run_finishes(
    small, console, cluster, monkeypatch
):
    cluster.wait_for_workers(1)
    note = grade._Gradebook.note_one

    def then_kill(self):
        kill_tree(cluster.scheduler.pid)
        return note(self)

    monkeypatch.setattr(grade._Gradebook, "note_one", then_kill)
    with pytest.raises(VaeLabError, match="went away; what was graded is kept"):
        grade.grade(small, "toy", scheduler=cluster.address, console=console)
    assert 1 <= len(load_all(small, "toy")) < 3
    monkeypatch.undo()
    grade.grade(small, "toy", console=console)
    assert _totals(small) == _in_gradebook(small) == MARKS


@pytest.mark.slow
def test_a_judge_imports_nothing_that_its_server_has_not(small):
    """What each judge imported anew would cost every submission its time."""
    code = """
import sys
from pathlib import Path
from vae_grading.judge import process as judging
from vae_grading.course.assignment import Assignment
from vae_grading.course.course import Course
from vae_grading.course.student_version import generated
from vae_grading.sandbox.jail import fault, jail
from vae_grading.sandbox.limits import Limits
course = Course(Path(sys.argv[1]))
with generated(course, sys.argv[2]) as prepared:
    assignment = Assignment.of(course, course.lab(sys.argv[2]), prepared)
control = jail(walls=fault() is None).control
judging.get_ready()
before = set(sys.modules)
judging.judge(assignment, course.source(sys.argv[2]).read_bytes(), Limits(), control)
print(*sorted(set(sys.modules) - before))
"""
    for course, lab in ((small.root, "toy"), (PROJECT, "lab3-vae")):
        command = [sys.executable, "-c", code, str(course), lab]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.split() == [], lab
