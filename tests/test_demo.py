"""The demonstration: a class list and an answer bank become graded submissions and a report."""

from pathlib import Path

import pytest
import toy

from vae_grading.build import build
from vae_grading.classroom import hand_in, read_class
from vae_grading.course import Course, find_course, read_notebook
from vae_grading.demo import demo
from vae_grading.marks import all_marks
from vae_helpers.errors import VaeLabError


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
