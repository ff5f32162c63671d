"""Near-identical submissions: copies are found, independent right answers are not taken for any."""

import pytest
import toy
from lab_harness import labs_with_answers

from vae_grading.course.course import find_course
from vae_grading.course.notebooks import read_notebook
from vae_grading.demo.classroom import Student, hand_in
from vae_grading.pages import similarity
from vae_grading.pages.similarity import answers, resemblances

COURSE = find_course(toy.FOLDER.parent.parent)
HONEST = [Student("model", "")] + [Student(f"route-{n}", "", alternatives=n) for n in (1, 2, 3, 4)]


def _class(lab_name, students, folder):
    """Answers by student and exercise; and the cells as released."""
    lab = COURSE.lab(lab_name)
    hand_in(COURSE, lab, students, folder)
    found = {
        each.id: answers(read_notebook(folder / each.id / lab.name / f"{lab.name}.ipynb"), lab)
        for each in students
    }
    released = [cell["source"] for cell in read_notebook(COURSE.release(lab.name))["cells"]]
    return found, released


@pytest.mark.parametrize("lab", labs_with_answers())
def test_independent_right_answers_are_not_near_identical(lab, tmp_path, monkeypatch):
    """Oracle: the bank's routes were written apart. They stay below a third of the threshold."""
    found, released = _class(lab, HONEST, tmp_path)
    assert resemblances(found, released) == []
    monkeypatch.setattr(similarity, "LEAST_SHARE", 0.0)
    pairs = resemblances(found, released)
    assert max((pair.share for pair in pairs), default=0) < 0.2


@pytest.mark.parametrize("lab", labs_with_answers())
def test_a_copy_with_other_spaces_and_some_answers_of_its_own_is_found(lab, tmp_path):
    found, released = _class(lab, HONEST, tmp_path)
    copy = {
        exercise: [text.replace("    ", "  ").upper() for text in cells]
        for exercise, cells in found["route-2"].items()
    }
    own = list(copy)[:2]
    for exercise in own:
        copy[exercise] = ["def something(else_entirely):\n    return else_entirely"]
    (pair,) = resemblances(found | {"copier": copy}, released)
    assert pair.students == ("copier", "route-2")
    assert pair.share > 0.9
    assert not set(own) & set(pair.exercises)


def test_what_many_have_in_common_says_nothing(tmp_path):
    """Six with the very same answers: from a lecture, or the model answer handed round."""
    found, released = _class("lab2-reparameterization", HONEST[:1], tmp_path)
    assert resemblances(dict.fromkeys("abcdef", found["model"]), released) == []


def test_what_students_were_given_says_nothing(tmp_path):
    untouched = [Student("a", "", start="release"), Student("b", "", start="release")]
    found, released = _class("lab3-vae", untouched, tmp_path)
    assert resemblances(found, released) == []


def test_what_is_compared_of_one_answer_is_bounded(course):
    """19 MB of one written answer took gigabytes: words times runs."""
    import tracemalloc

    import toy

    lab = course.lab("toy")
    long = " ".join(f"word{n}" for n in range(1_500_000))
    books = {name: toy.answered(course, question_why=long) for name in ("ada", "bo")}
    tracemalloc.start()
    found = resemblances({name: answers(book, lab) for name, book in books.items()})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50 * 2**20
    assert [each.students for each in found] == [("ada", "bo")]
