"""A whole notebook, judged cell by cell, by student's processes that a test writes itself.

`FakeStudent` and `FakeSession` stand for the jail's; what is held here is what becomes of the
other cells when one goes wrong.
"""

import time

import pytest

from vae_checks.misconceptions import MISCONCEPTIONS
from vae_checks.verdict import Mistake, failure
from vae_grading.judge import notebook as judged
from vae_grading.judge.cells_to_run import ANSWER, TEST
from vae_grading.judge.job import KERNEL_DIED, OUT_OF_TIME, Reason
from vae_grading.judge.notebook import Judging, _told
from vae_grading.judge.session import Run, Verdict
from vae_grading.judge.verdicts import _outcome
from vae_grading.protocol.wire import Gone, Late
from vae_grading.sandbox.limits import Limits
from vae_grading.submissions.cell_code import global_names


def _cell(source: str, **marks) -> dict:
    metadata = {"nbgrader": marks} if marks else {}
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": []}


def _notebook(*exercises: tuple[str, ...]) -> dict:
    """Exercises, each an answer and its tests, which are numbered through."""
    cells, count = [], 0
    for answer, *tests in exercises:
        name = f"a{len(cells)}"
        cells.append(_cell(answer, grade_id=name, solution=True, grade=False, locked=False))
        for test in tests:
            name = f"t{count}"
            cells.append(_cell(test, grade_id=name, solution=False, grade=True, locked=True))
            count += 1
    return {"cells": cells}


class FakeStudent:
    """A student's process that is none; the fake session below knows what a cell does there."""

    wire = None
    closed = False

    def why(self):
        return None

    def close(self):
        self.closed = True


class FakeSession:
    """Cells are words: "die" ends the process, "hang" runs out of time, "pause" takes 0.2 s."""

    def __init__(self, *_):
        pass

    def forbid(self, names, *, seconds):
        pass

    def run(self, source, *, seconds, given, answer):
        self._do(source)
        return Run("", None)

    def judge(self, tests, *, seconds):
        self._do(tests)
        return Verdict(None, "")

    def _do(self, source):
        if source == "die":
            raise Gone("the process ended")
        if source == "hang":
            raise Late("no answer in time")
        if source == "pause":
            time.sleep(0.2)


@pytest.fixture
def judge(monkeypatch):
    monkeypatch.setattr(judged, "Session", FakeSession)

    def run(*exercises, limits=Limits()):  # noqa: B008 (frozen)
        notebook = _notebook(*exercises)
        done, ends = Judging(notebook, notebook, FakeStudent, {}, limits=limits).judge()
        return done["cells"], _passed(ends)

    return run


def _passed(ends: dict) -> dict[str, bool]:
    return {name: failed is None for name, failed in ends.items()}


def _error(cell: dict) -> str | None:
    return next((o["ename"] for o in cell["outputs"] if o["output_type"] == "error"), None)


def test_a_dead_process_costs_its_own_exercise_alone(judge):
    cells, passed = judge(("ok", "ok"), ("die", "ok"), ("ok", "die"), ("ok", "ok"))
    assert passed == {"t0": True, "t1": False, "t2": False, "t3": True}
    assert "stands before this one" in cells[3]["outputs"][0]["evalue"]


def test_marks_earned_before_too_many_restarts_are_kept(judge):
    deaths = [("die", "ok")] * (judged.MOST_RESTARTS + 1)
    cells, passed = judge(("ok", "ok"), *deaths, ("ok", "ok"), ("ok", "ok"))
    assert passed.pop("t0")
    assert not any(passed.values())
    assert [_error(cell) for cell in cells[-4:]] == [KERNEL_DIED] * 4
    assert "too often" in cells[-1]["outputs"][0]["evalue"]


def test_marks_earned_before_the_notebooks_time_is_over_are_kept(judge):
    over = Limits(notebook_seconds=-1)
    cells, passed = judge(("ok", "ok"), ("ok", "hang"), ("ok", "ok"), limits=over)
    assert passed == {"t0": True, "t1": False, "t2": False}
    assert [_error(cell) for cell in cells[-2:]] == [OUT_OF_TIME] * 2


def test_experiments_leave_time_for_the_answers_below_them(monkeypatch):
    """Of ten cells of the student's own only those run that fit into 0.4 of two seconds."""
    monkeypatch.setattr(judged, "Session", FakeSession)
    released = _notebook(("ok", "ok"))
    mine = {"cells": [*(_cell("pause") for _ in range(10)), *released["cells"]]}
    done, ends = Judging(mine, released, FakeStudent, {}, limits=Limits(notebook_seconds=2)).judge()
    assert _passed(ends) == {"t0": True}
    stopped = [cell for cell in done["cells"] if cell["source"] == "pause" and _error(cell)]
    assert 5 <= len(stopped) < 10
    assert "took too long" in stopped[0]["outputs"][0]["evalue"]


def test_an_experiment_is_stopped_when_their_time_is_over(monkeypatch):
    """Behind five of 0.2 s it has the rest of 0.4 of four seconds."""
    asked: list[float] = []

    class Session(FakeSession):
        def run(self, source, *, seconds, **others):
            if source == "hang":
                asked.append(seconds)
                time.sleep(seconds)
            return super().run(source, seconds=seconds, **others)

    monkeypatch.setattr(judged, "Session", Session)
    released = _notebook(("ok", "ok"))
    own = [*(_cell("pause") for _ in range(5)), _cell("hang"), _cell("pause")]
    mine = {"cells": [*own, *released["cells"]]}
    judging = Judging(mine, released, FakeStudent, {}, limits=Limits(notebook_seconds=4))
    done, ends = judging.judge()
    assert _passed(ends) == {"t0": True}
    assert 0 < asked[0] <= 0.6
    assert "this one was stopped" in done["cells"][5]["outputs"][0]["evalue"]
    assert "this did not run" in done["cells"][6]["outputs"][0]["evalue"]


def test_a_name_under_a_cell_magic_is_seen():
    source = "%%time\ndef answer(x):\n    return helper(x)"
    assert global_names(source) == ({"helper"}, {"answer"})


def test_a_source_that_would_take_long_to_read_is_not_read():
    assert global_names("x = 1\n" * 90_000) == (frozenset(), frozenset())


@pytest.mark.parametrize(
    ("source", "used", "defined"),
    [
        ("%time m = fit(a)", {"fit", "a"}, {"m"}),
        ("!pip install x\nimport torch as t", set(), {"t"}),
        ("!pip install \\\n  x y\nimport torch as t", set(), {"t"}),
        ("x = !ls\ny = %pwd", set(), {"x", "y"}),
        ("print?\na = 1", set(), {"a"}),
        ("if True:\n    !ls\n    a = b", {"b"}, {"a"}),
        ("s = '%d' % b\n%matplotlib inline", {"b"}, {"s"}),
        ("%%capture out\n!ls\na = b", {"b"}, {"a"}),
    ],
)
def test_names_are_seen_beside_magics_and_shell_lines(source, used, defined):
    assert global_names(source) == (used, defined)


def test_cells_that_run_again_have_the_notebooks_deadline(monkeypatch):
    """Ten cells of 0.2 s, then one that ends the process: what is left of 2.5 s is not enough to
    run the ten again, and the marks earned before stay."""
    monkeypatch.setattr(judged, "Session", FakeSession)
    released = _notebook(("ok", "ok"), *[("pause",)] * 10, ("die", "ok"), ("ok", "ok"))
    began = time.monotonic()
    asked: list[float] = []
    run = FakeSession.run

    def noted(self, source, *, seconds, **others):
        asked.append(seconds)
        if source == "pause" and seconds < 0.2:
            raise Late("no answer in time")
        return run(self, source, seconds=seconds, **others)

    monkeypatch.setattr(FakeSession, "run", noted)
    limits = Limits(notebook_seconds=2.5)
    judging = Judging(released, released, FakeStudent, {}, limits=limits)
    monkeypatch.setattr(judging, "_kinds", _all_run(judging._kinds))
    _, ends = judging.judge()
    assert _passed(ends) == {"t0": True, "t1": False, "t2": False}
    assert time.monotonic() - began < 4
    assert min(asked) < 0.2


def _all_run(kinds: list[str]) -> list[str]:
    return [kind if kind == TEST else ANSWER for kind in kinds]


def test_an_exercise_in_which_time_ran_out_gets_less_of_it_afterwards(judge):
    cells, _ = judge(("ok", "hang", "hang"), ("ok", "hang"))
    said = [cells[place]["outputs"][0]["evalue"] for place in (1, 2, 4)]
    first, shorter = "ran for 30 s", "stopped after 5 s"
    assert [first in text for text in said] == [True, False, True]
    assert shorter in said[1]


def test_a_verdict_stays_in_parts_from_the_check_to_the_result():
    """Whatever stands in its words: nothing is read out of a text."""
    seen = "f: kl[1] is 2.\n  See section 9. [other-slug]"
    mistake = Mistake("wrong-value", seen, "Half of it\n  See section 8.")
    error = failure("f", "3.2", mistake)
    said = _outcome(_told(error))
    assert said.seen == "f: f: kl[1] is 2. See section 9. [other-slug]"
    assert said.meaning == "Half of it See section 8."
    assert (said.look, said.slug, said.reason) == ("See section 3.2.", "wrong-value", None)
    assert said.misconception == MISCONCEPTIONS["wrong-value"]
    assert str(error).splitlines()[2] == "  See section 3.2. [wrong-value]"


def test_a_courses_own_check_may_be_written_like_the_labs():
    text = "✗ f: 1 gives 2.\n  Twice\n  too much.\n  See 1. [too-much]"
    said = _outcome(Reason("CheckFailed", text))
    assert said[:5] == ("f: 1 gives 2.", "Twice too much.", "See 1.", "too-much", None)
    assert _outcome(Reason("AssertionError", text)).slug is None
    assert _outcome(Reason("CheckFailed", "✗ [too-much]")).seen == "The check failed."
