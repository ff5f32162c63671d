"""The lab's cells are found again in what was handed in, or put back."""

import copy
import json

import pytest
import toy

from vae_grading.course.notebooks import read_notebook
from vae_grading.course.student_version import generated
from vae_grading.submissions.hand_in import Unreadable
from vae_grading.submissions.reading import parse_notebook
from vae_grading.submissions.repair import ANSWERED_BESIDE, PUT_BACK, Repaired, grade_id, repair

DOUBLE = "def double(number):\n    return 2 * number"
MEAN = "def mean(numbers):\n    return sum(numbers) / len(numbers)"
WHY = "Because it is twice something."


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> dict:
    with generated(toy.copy_course(tmp_path_factory.mktemp("repair") / "course"), "toy") as new:
        return read_notebook(new.notebook)


@pytest.fixture
def submitted(release) -> dict:
    notebook = copy.deepcopy(release)
    for name, source in (("double", DOUBLE), ("mean", MEAN), ("question-why", WHY)):
        toy.cell(notebook, name)["source"] = source
    return notebook


def _repaired(notebook: dict, release: dict) -> Repaired:
    return repair(parse_notebook(json.dumps(notebook).encode()), release, "toy")


def _by_name(repaired: Repaired) -> dict[str, str]:
    cells = repaired.notebook["cells"]
    return {grade_id(cell): cell["source"] for cell in cells if grade_id(cell)}


def _own(source: str, cell_type: str = "code") -> dict:
    cell = {"cell_type": cell_type, "id": "", "metadata": {}, "source": source}
    return cell | ({"outputs": [], "execution_count": None} if cell_type == "code" else {})


def _lose_metadata(notebook: dict, *, ids: bool = False, only: str | None = None) -> None:
    for cell in notebook["cells"]:
        if only in (None, cell["cell_type"]):
            cell["metadata"] = {}
            if ids:
                cell["id"] = ""


def test_nothing_is_done_to_a_notebook_that_is_as_it_should_be(submitted, release):
    repaired = _repaired(submitted, release)
    assert repaired.notes == ()
    assert repaired.notebook["cells"] == submitted["cells"]


@pytest.mark.parametrize("only", [None, "code", "markdown"])
@pytest.mark.parametrize("ids", [False, True])
def test_cells_without_their_marks_are_found_again(submitted, release, only, ids):
    _lose_metadata(submitted, ids=ids, only=only)
    repaired = _repaired(submitted, release)
    assert _by_name(repaired) == {
        grade_id(cell): cell["source"] for cell in release["cells"] if grade_id(cell)
    } | {"double": DOUBLE, "mean": MEAN, "question-why": WHY}
    assert len(repaired.notebook["cells"]) == len(release["cells"])
    assert "were found again" in repaired.notes[0]


def test_answers_are_found_among_cells_of_ones_own(submitted, release):
    cells = submitted["cells"]
    place = next(i for i, cell in enumerate(cells) if cell["id"] == "double")
    cells[place:place] = [_own("x = 3"), _own("note", "markdown")]
    cells.insert(place + 3, _own("print(double(3))"))
    _lose_metadata(submitted, ids=True)
    repaired = _repaired(submitted, release)
    assert _by_name(repaired)["double"] == DOUBLE
    assert len(repaired.notebook["cells"]) == len(release["cells"]) + 3


def test_of_two_stubs_alike_each_is_found_in_its_place(release):
    """The first written answer is given, the second is not: its stub is not the first's."""
    stub = toy.cell(release, "question-why")
    task = toy.cell(release, "question-why-task")
    two = copy.deepcopy(release)
    other_task, other = copy.deepcopy(task), copy.deepcopy(stub)
    other_task["source"], other_task["id"] = "### Question 2: why not?", "task-2"
    other["id"] = "answer-2"
    other_task["metadata"]["nbgrader"]["grade_id"] = "task-2"
    other["metadata"]["nbgrader"]["grade_id"] = "answer-2"
    two["cells"] += [other_task, other]
    handed_in = copy.deepcopy(two)
    toy.cell(handed_in, "question-why")["source"] = WHY
    _lose_metadata(handed_in, ids=True)
    found = _by_name(_repaired(handed_in, two))
    assert (found["question-why"], found["answer-2"]) == (WHY, stub["source"])


def test_another_notebook_is_told_apart(release):
    cells = [_own("import math"), _own("x = 1"), _own("# Toy lab", "markdown")]
    other = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    with pytest.raises(Unreadable) as caught:
        _repaired(other, release)
    assert caught.value.problem == "wrong-lab"


@pytest.mark.parametrize("change", ["deleted", "changed", "markdown"])
def test_a_given_cell_stands_whatever_became_of_it(submitted, release, change):
    setup = toy.cell(submitted, "setup")
    if change == "deleted":
        submitted["cells"].remove(setup)
    elif change == "changed":
        setup["source"] = f"import nothing_like_it\n{setup['source']}"
    else:
        setup["cell_type"] = "markdown"
        del setup["outputs"], setup["execution_count"]
    cells = _repaired(submitted, release).notebook["cells"]
    (place,) = (i for i, cell in enumerate(cells) if PUT_BACK in cell["metadata"])
    assert cells[place]["source"] == toy.cell(release, "setup")["source"]
    names = [grade_id(cell) for cell in cells]
    assert place < names.index("double")
    if change != "deleted":
        assert cells[place + 1]["source"] == setup["source"]


def test_an_answer_in_another_place_is_found_by_what_it_defines(submitted, release):
    answer = toy.cell(submitted, "double")
    submitted["cells"].remove(answer)
    submitted["cells"].insert(1, _own(DOUBLE))
    assert _by_name(_repaired(submitted, release))["double"] == DOUBLE


@pytest.mark.parametrize("beside", ["markdown", "raw", "code"])
@pytest.mark.parametrize("step", [0, 1])
def test_a_written_answer_beside_its_cell_is_for_a_person(release, beside, step):
    place = next(i for i, c in enumerate(release["cells"]) if c["id"] == "question-why")
    notebook = copy.deepcopy(release)
    notebook["cells"].insert(place + step, _own(WHY, beside))
    repaired = _repaired(notebook, release)
    answer = toy.cell(repaired.notebook, "question-why")
    assert answer["metadata"][ANSWERED_BESIDE]
    assert repaired.notes == ("question-why: the answer stands in a cell beside the one for it.",)


def test_a_written_answer_in_the_questions_own_cell_is_for_a_person_who_can_read_it(release):
    notebook = copy.deepcopy(release)
    toy.cell(notebook, "question-why-task")["source"] += f"\n\n{WHY}"
    repaired = _repaired(notebook, release)
    assert toy.cell(repaired.notebook, "question-why")["metadata"][ANSWERED_BESIDE]
    own = [cell for cell in repaired.notebook["cells"] if not grade_id(cell)]
    assert any(WHY in cell["source"] for cell in own)


def test_an_untouched_question_without_neighbours_is_no_answer(release):
    repaired = _repaired(copy.deepcopy(release), release)
    assert ANSWERED_BESIDE not in toy.cell(repaired.notebook, "question-why")["metadata"]


def test_ids_are_unique_afterwards(submitted, release):
    submitted["cells"] += [copy.deepcopy(cell) for cell in submitted["cells"]]
    del submitted["cells"][1]
    cells = _repaired(submitted, release).notebook["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)
    names = [grade_id(cell) for cell in cells if grade_id(cell)]
    assert len(set(names)) == len(names)
