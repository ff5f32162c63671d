"""Which cells of a submission run: each by the smallest notebook in which it matters."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import PROJECT

from vae_grading.course.notebooks import read_notebook
from vae_grading.judge.cells_to_run import ANSWER, NEEDED, SKIPPED, TEST, plan


def _cell(source: str, kind: str = "code", **marks) -> dict:
    return {"cell_type": kind, "source": source, "metadata": {"nbgrader": marks} if marks else {}}


def _locked(source: str, name: str = "given") -> dict:
    return _cell(source, grade_id=name, locked=True, solution=False, grade=False)


def _answer(source: str, name: str = "answer") -> dict:
    return _cell(source, grade_id=name, locked=False, solution=True, grade=False)


def _test(source: str, name: str = "answer-value") -> dict:
    return _cell(source, grade_id=name, locked=True, solution=False, grade=True)


LABS = sorted(PROJECT.glob("source/*/*.ipynb"))
UNTOUCHED = "def f(x):\n    raise NotImplementedError()"


def test_answers_and_tests_are_known_by_their_marks():
    cells = [_answer("f = 1"), _test("assert f"), _cell("f = 2")]
    assert plan(cells, cells[:2]) == [ANSWER, TEST, ANSWER]


@pytest.mark.parametrize(
    "cell",
    [
        _cell("# words", "markdown"),
        _cell("f = 1", "raw"),
        _cell("f = 1", "markdown", grade_id="why", solution=True, grade=True, locked=False),
        _answer(" \n\t"),
        _test(""),
        _locked("check(f)", "answer-check"),
    ],
    ids=["words", "raw", "a written answer", "an empty answer", "an empty test", "a check cell"],
)
def test_what_has_no_part_in_a_mark_is_skipped(cell):
    """Even where it speaks of what a test speaks of."""
    assert plan([cell, _test("f")], [cell]) == [SKIPPED, TEST]


def test_a_given_cell_runs_if_it_defines_what_an_answer_or_a_test_speaks_of():
    cells = [
        _locked("import torch"),
        _locked("a = 1"),
        _locked("b = 2"),
        _locked("c = 3"),
        _answer("def f(x):\n    return torch.exp(x) + b"),
        _test("assert f(a)"),
    ]
    assert plan(cells, cells) == [NEEDED, NEEDED, NEEDED, SKIPPED, ANSWER, TEST]


def test_needs_are_followed_backwards_through_given_cells():
    cells = [
        _locked("import torch"),
        _locked("import seaborn"),
        _locked("data = torch.ones(3)"),
        _locked("model = fit(data)"),
        _locked("seaborn.plot(model)"),
        _test("assert model"),
    ]
    assert plan(cells, cells) == [NEEDED, SKIPPED, NEEDED, NEEDED, SKIPPED, TEST]


def test_what_a_student_speaks_of_in_a_cell_of_their_own_is_needed():
    given_cells = [_cell("data = load()"), _cell("other = load()")]
    cells = [*given_cells, _cell("mine = len(data)"), _answer("f = mine")]
    assert plan(cells, given_cells) == [NEEDED, SKIPPED, ANSWER, ANSWER]


def test_a_given_cell_without_marks_that_was_changed_is_the_students():
    released = [_cell("rate = 0.1"), _cell("rate = 0.2")]
    changed = [_cell("rate = 0.3"), _cell("rate = 0.2 \n")]
    assert plan(changed, released) == [ANSWER, SKIPPED]
    assert plan(changed, []) == [ANSWER, ANSWER]
    assert plan([_cell("rate = 0.1", "markdown")], released) == [SKIPPED]


@pytest.mark.parametrize(
    "source",
    [
        "from math import *",
        "import math; from math import *",
        "if True:\n    from math import *",
        "%run helpers.py",
        "%pylab inline",
    ],
)
def test_a_given_cell_whose_names_nobody_sees_runs(source):
    cells = [_locked(source), _answer("f = sqrt(2)"), _test("f")]
    assert plan(cells, cells) == [NEEDED, ANSWER, TEST]


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_what_installs_the_package_and_what_tells_the_standing_have_no_part_in_a_mark(path):
    """A lab's first and last code cell: nobody's answer waits for a hundred checks."""
    cells = read_notebook(path)["cells"]
    kinds = [
        (cell["source"], kind)
        for cell, kind in zip(cells, plan(cells, cells), strict=True)
        if cell["cell_type"] == "code"
    ]
    assert "COURSE_ADDRESS" in kinds[0][0]
    assert kinds[-1][0].endswith(".standing(globals())")
    assert (kinds[0][1], kinds[-1][1]) == (SKIPPED, SKIPPED)


def test_a_star_in_a_text_imports_nothing():
    cells = [_locked("print('write from math import *')"), _test("f")]
    assert plan(cells, cells) == [SKIPPED, TEST]


@pytest.mark.parametrize(
    "source",
    [
        "global_value = 1",
        "import os.path as global_value",
        "def global_value(): pass",
        "class global_value: pass",
        "for global_value in (): pass",
        "with open('x') as global_value: pass",
        "(global_value := 1)",
        "def f():\n    global global_value\n    global_value = 1",
        "%%time\nglobal_value = 1",
        "!ls\nglobal_value = 1",
        "global_value = %pwd",
    ],
)
def test_every_way_to_define_a_name_counts(source):
    cells = [_locked(source), _test("assert global_value")]
    assert plan(cells, cells) == [NEEDED, TEST]


@pytest.mark.parametrize("source", ["def f(name): pass", "[name for name in ()]", "x.name = 1"])
def test_a_name_inside_of_something_else_is_another(source):
    assert plan([_locked(source), _test("name")], []) == [SKIPPED, TEST]


def test_an_untouched_answer_does_not_undo_one_written_into_a_cell_above():
    untouched, written = _answer(UNTOUCHED), _cell("def f(x):\n    return x")
    assert plan([written, untouched, _test("f")], [untouched]) == [ANSWER, SKIPPED, TEST]
    assert plan([untouched, written, _test("f")], [untouched]) == [ANSWER, ANSWER, TEST]
    # It defines something else as well, or the cell above does not define all of it.
    two = _answer(f"{UNTOUCHED}\ndef g(x):\n    raise NotImplementedError()")
    assert plan([written, two], [two]) == [ANSWER, ANSWER]
    # An answer's own cell above is another exercise.
    other = _answer("def f(x):\n    return x", "other")
    assert plan([other, untouched], [untouched]) == [ANSWER, ANSWER]


def test_an_untouched_answer_that_defines_nothing_is_not_done_elsewhere():
    untouched = _answer("raise NotImplementedError()")
    assert plan([_cell("x = 1"), untouched], [untouched]) == [ANSWER, ANSWER]


HOSTILE = {
    "no Python": "f = = 1",
    "a zero byte": "f = 1\0",
    "brackets without end": "(" * 100_000,
    "brackets in brackets": "f = " + "(" * 5_000 + ")" * 5_000,
    "signs": "f = " + "-" * 50_000 + "1",
    "attributes": "f" + ".a" * 50_000,
    "a sum": "f = " + "+".join("1" * 50_000),
    "half a character": "f = '\ud800'",
    "more than is read": "f = 1\n" * 100_000,
    "indentation": "\n".join(" " * i + "if f:" for i in range(150)),
    "magics": "%" * 10_000 + "\n" + "!\\\n" * 10_000,
    "a number without end": "f = " + "9" * 10_000,
}


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_cell_is_an_answer_and_ends_nothing(source):
    cells = [_locked("a = 1"), _cell(source), _answer(source), _test("a")]
    assert plan(cells, [cells[0], cells[-1]]) == [NEEDED, ANSWER, ANSWER, TEST]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.text(), st.sampled_from([_cell, _locked, _answer, _test]))))
def test_every_cell_has_a_kind_whatever_stands_in_it(parts):
    cells = [make(source) for source, make in parts]
    kinds = plan(cells, cells)
    assert len(kinds) == len(cells)
    for (source, make), kind in zip(parts, kinds, strict=True):
        allowed = {_test: {TEST}, _answer: {ANSWER, SKIPPED}}.get(make, {NEEDED, SKIPPED})
        assert kind in (allowed if source.strip() else {SKIPPED})
