"""The demonstration: a class list and an answer bank become graded submissions and a report."""

import builtins
import re
import shutil
from pathlib import Path

import pytest
import toy

from vae_grading.course.build import build
from vae_grading.course.course import Course, find_course
from vae_grading.course.notebooks import read_notebook
from vae_grading.course.student_version import generated
from vae_grading.demo.classroom import hand_in, read_class
from vae_grading.demo.demo import demo
from vae_grading.grading.one_submission import autograde
from vae_grading.marks.marks import all_marks
from vae_grading.sandbox.jail import fault
from vae_grading.submissions.hand_in import find_submissions, submission
from vae_helpers.errors import VaeLabError

needs_sandbox = pytest.mark.skipif(fault() is not None, reason=f"no sandbox here: {fault()}")


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Course:
    course = toy.copy_course(tmp_path_factory.mktemp("demo") / "course")
    build(course)
    return course


def test_the_class_is_graded_in_a_course_of_its_own(built, console, tmp_path):
    output = tmp_path / "demo"
    page = demo(built, output, lab_name="toy", console=console)
    assert page == output / "reports" / "toy" / "report.html"
    assert "The argument comes back unchanged" in page.read_text()
    ours = Course(output)
    marks = {each.student: each.total.points for each in all_marks(ours, ours.lab("toy"))}
    assert marks == {"ada": 5, "bo": 2, "cy": 0, "dee": 0}
    assert ours.feedback("toy", "dee").is_file()
    assert not built.gradebook.exists()
    assert not built.submitted.exists()
    said = console.file.getvalue()
    for shown in ("forgets the factor", "marks by question", "Open in a browser", str(page)):
        assert shown in said


HOSTILE = """
[[student]]
id = "mallory"
does = "attacks the grader"
start = "release"
hostile = true

[student.cells]
double = '''
try:
    open("../../../gradebook.db")
except OSError as error:
    print("tried to read the gradebook:", type(error).__name__)

class Agreeable:
    def __eq__(self, other):
        return True

def double(number):
    return Agreeable()
'''
"""


@pytest.fixture
def with_mallory(built, tmp_path) -> Course:
    shutil.copytree(built.root, tmp_path / "hostile")
    course = Course(tmp_path / "hostile")
    with (course.answers("toy") / "class.toml").open("a") as file:
        file.write(HOSTILE)
    return course


@needs_sandbox
def test_a_hostile_student_is_contained_and_the_demonstration_says_so(
    with_mallory, console, tmp_path
):
    demo(with_mallory, tmp_path / "demo", lab_name="toy", console=console)
    said = console.file.getvalue()
    assert "mallory got 0 of 9 points; tried to read the gradebook: FileNotFoundError." in said


def test_without_a_sandbox_the_hostile_student_is_left_out(
    with_mallory, console, tmp_path, monkeypatch
):
    monkeypatch.setattr("vae_grading.demo.demo.fault", lambda: "no bubblewrap")
    demo(with_mallory, tmp_path / "demo", lab_name="toy", console=console)
    said = console.file.getvalue()
    assert "mallory was left out: it is hostile, and there is no sandbox here." in said
    assert "A class of 4" in said
    assert not (tmp_path / "demo" / "submitted" / "mallory").exists()


@needs_sandbox
@pytest.mark.slow
def test_lab3s_hostile_student_earns_nothing(tmp_path):
    """Every attack meets an error, by its own account; the marks are the judge's."""
    course = find_course(Path(__file__).parent)
    lab = course.lab("lab3-vae")
    students = [
        each for each in read_class(course.answers(lab.name) / "class.toml") if each.hostile
    ]
    assert students
    hand_in(course, lab, students, tmp_path)
    with generated(course, lab.name) as prepared:
        for student in find_submissions(tmp_path, lab.name):
            handed_in = submission(tmp_path, lab.name, student)
            graded = autograde(course, lab, handed_in, generated=prepared)
            assert {cell.points for cell in graded.result.cells} == {0}
            assert graded.result.needs_person
            printed = graded.notebook.decode()
            for attack in ("read the gradebook", "open a connection", "end the grader"):
                error = re.search(rf"tried to {attack}: (\w+)", printed)[1]
                # Which of them it is depends on what the walls are made of.
                assert issubclass(getattr(builtins, error), OSError)
            assert "It started more processes than a submission may." in printed


def test_running_it_again_grades_nothing_anew(built, console, tmp_path):
    output = tmp_path / "demo"
    demo(built, output, lab_name="toy", console=console)
    notebooks = {path: path.stat().st_mtime_ns for path in output.rglob("*.ipynb")}
    demo(built, output, lab_name="toy", console=console)
    assert {path: path.stat().st_mtime_ns for path in output.rglob("*.ipynb")} == notebooks
    assert "4 of 4 submissions are graded already." in console.file.getvalue()


def test_a_folder_that_holds_something_else_is_left_alone(built, tmp_path):
    (tmp_path / "thesis.txt").write_text("my only copy")
    with pytest.raises(VaeLabError, match="holds something else"):
        demo(built, tmp_path, lab_name="toy")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_lab_that_was_not_built_says_so(course, tmp_path):
    with pytest.raises(VaeLabError, match="was not built yet"):
        demo(course, tmp_path / "demo", lab_name="toy")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x =", "class.toml"),
        ("[[student]]\nid = 'a'", "does"),
        ("[[student]]\nid = 'a'\ndoes = 'b'\nstart = 'middle'", "start is one of model, release"),
    ],
)
def test_a_class_list_that_is_not_understood_is_refused(tmp_path, text, message):
    path = tmp_path / "class.toml"
    path.write_text(text)
    with pytest.raises(VaeLabError, match=message):
        read_class(path)


def test_an_answer_that_the_bank_does_not_have_is_named(built, tmp_path):
    path = tmp_path / "class.toml"
    path.write_text("[[student]]\nid = 'a'\ndoes = 'b'\nanswers = { double = 'nonsense' }")
    with pytest.raises(VaeLabError, match=r"no answer 'nonsense' to 'double'.*factor missing"):
        hand_in(built, built.lab("toy"), read_class(path), tmp_path / "submitted")


def test_lab3s_class_can_be_put_together(tmp_path):
    """At least ten students; every name of the list is in the bank."""
    course = find_course(Path(__file__).parent)
    students = read_class(course.answers("lab3-vae") / "class.toml")
    assert len(students) >= 10
    hand_in(course, course.lab("lab3-vae"), students, tmp_path)
    notebook = read_notebook(tmp_path / "elif" / "lab3-vae" / "lab3-vae.ipynb")
    assert "YOUR ANSWER HERE" in "".join(cell["source"] for cell in notebook["cells"])
