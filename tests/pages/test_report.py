"""The report on a class: numbers against small classes worked out by hand."""

import csv
import dataclasses
import io
import json

import classes
import pytest
import toy

from vae_grading.marks.marks import all_marks
from vae_grading.pages.analysis import correlation, histogram, misconceptions, questions
from vae_grading.pages.report import report

BOTH = {"double-value": classes.FACTOR, "double-negative": classes.FACTOR}
UNDONE = dict.fromkeys(classes.NAMES, classes.NOT_DONE)


@pytest.fixture
def graded(course):
    """Four students: all right, one mistake, two mistakes, nothing done; and one not graded."""
    classes.store(
        course,
        classes.result("ada"),
        classes.result("bo", BOTH),
        classes.result("cy", {**BOTH, "mean-value": classes.SUM}),
        classes.result("dee", UNDONE),
        classes.result(
            "eve", UNDONE, problem="missing", reason="There is no <notebook>.", next_step="Ask."
        ),
    )
    return all_marks(course, course.lab("toy"))


def test_difficulty_is_the_share_of_points_earned(course, graded):
    """double: 3, 0, 0, 0 of 3 points each; mean: 2, 2, 0, 0 of 2."""
    double, mean, why = questions(graded, course.lab("toy"))
    assert (double.share, double.full, double.part, double.none) == (0.25, 1, 0, 3)
    assert (mean.share, mean.full, mean.none) == (0.5, 2, 2)
    assert why.open == 3


def test_discrimination_is_the_correlation_with_the_rest(course, graded):
    """double (3, 0, 0, 0) against mean (2, 2, 0, 0): 1 / sqrt(3)."""
    double, *_ = questions(graded, course.lab("toy"))
    assert double.discrimination == pytest.approx(3**-0.5)


def test_correlation_of_what_does_not_vary_is_none():
    assert correlation([1, 1, 1], [1, 2, 3]) is None
    assert correlation([1, 2], [1, 2]) is None


def test_misconceptions_count_students_and_not_cells(course, graded):
    found = misconceptions(graded, course.lab("toy"))
    assert [(each.slug, each.means, each.students) for each in found] == [
        ("factor-missing", "The factor 2 is missing.", ("bo", "cy")),
        ("sum-not-mean", "That is the sum.", ("cy",)),
    ]


def test_histogram_puts_full_marks_into_the_last_bin(course, graded):
    bins = histogram([each for each in graded if not each.result.problem], course.lab("toy"))
    assert [[each.student for each in bin_] for bin_ in bins] == [
        ["cy", "dee"], [], [], [], ["bo"], [], [], [], [], ["ada"]
    ]  # fmt: skip


def test_report_is_one_page_that_loads_nothing(course, graded, console):
    path = report(course, "toy", console=console)
    page = path.read_text(encoding="utf-8")
    assert path == course.root / "reports" / "toy" / "report.html"
    for shown in ("The factor 2 is missing.", "There is no &lt;notebook&gt;. Ask.", "Toy lab"):
        assert shown in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "src=" not in page


CONTAINED = {
    "double-value": "The kernel died while this cell ran. It used more memory than it may.",
    "mean-value": "The cell ran for 30 s without coming to an end and was stopped.",
}


def test_contained_submissions_are_said_to_need_a_person_whatever_their_names(course, console):
    evil = '"><img src=x onerror=alert(1)>'
    said = {name: f"{text} {evil}" for name, text in CONTAINED.items()}
    classes.store(course, classes.result("ada"), _undecided(evil, said))
    page = report(course, "toy", console=console).read_text()
    assert "Exercise 1, Exercise 2: The kernel died while this cell ran. It used more" in page
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 3  # table, brick, all marks


def _undecided(student: str, said: dict[str, str]):
    """A result some of whose cells something other than an answer decided on, and what is said."""
    made = classes.result(student, {name: (text, None) for name, text in said.items()})
    cells = tuple(
        dataclasses.replace(cell, reason="kernel-died" if cell.grade_id in said else None)
        for cell in made.cells
    )
    return dataclasses.replace(made, cells=cells)


def test_points_that_no_answer_lost_are_counted(course, console):
    """2 and 1 + 2 of five automatic points; what a wrong answer lost (bo) is not among them."""
    classes.store(
        course,
        classes.result("ada"),
        classes.result("bo", BOTH),
        _undecided("cy", {"mean-value": "It ended."}),
        _undecided("dee", dict.fromkeys(("double-value", "double-negative"), "It ended.")),
    )
    page = report(course, "toy", console=console).read_text()
    assert "<b>2</b> of them had <b>5</b> points in cells that something other than" in page


def test_a_doubt_that_cost_nothing_is_said_to_have_cost_nothing(course, console):
    doubt = dataclasses.replace(classes.result("ada"), doubts=("Text after the end.",))
    classes.store(course, doubt, classes.result("bo", BOTH))
    page = report(course, "toy", console=console).read_text()
    assert "No point was lost to anything but an answer." in page


def test_near_identical_submissions_are_shown_with_both_names(course, console):
    odd = "\n".join(f"strange_{n} = {n} + other_{n}" for n in range(20))
    copied = toy.answered(course, double=odd)
    own = toy.answered(course, double="return 2", mean="return 0", question_why="Why not?")
    books = {"ada": copied, "<i>bo<_i>": copied, "cy": own}  # a folder's name has no slash
    texts = {student: json.dumps(notebook) for student, notebook in books.items()}
    classes.store(course, *map(classes.result, texts), notebooks=texts)
    page = report(course, "toy", console=console).read_text()
    near = page.split("Nearly the same")[1].split("</section>")[0]
    assert "ada" in near
    assert "&lt;i&gt;bo&lt;_i&gt;" in near
    assert "cy" not in near
    assert "Exercise 1" in near


def test_without_near_identical_submissions_nothing_is_said_about_them(course, console):
    classes.store(course, classes.result("ada"))
    assert "Nearly the same" not in report(course, "toy", console=console).read_text()


def test_a_class_too_large_to_compare_is_told_so(course, console, monkeypatch):
    monkeypatch.setattr("vae_grading.pages.report.MOST_COMPARED", 1)
    classes.store(course, classes.result("ada"), classes.result("bo"))
    assert "there are more than 1." in report(course, "toy", console=console).read_text()


def test_csv_has_a_row_a_student(course, graded, console, tmp_path):
    report(course, "toy", output=tmp_path / "out", console=console)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "marks.csv").read_text())))
    assert [row["student"] for row in rows] == ["ada", "bo", "cy", "dee", "eve"]
    assert rows[1] == {
        "student": "bo",
        "double": "0",
        "mean": "2",
        "question-why": "",
        "total": "2",
        "max": "9",
        "to_mark": "4",
        "problem": "",
        "seconds": "2",
        "hours_late": "",
        "taken_off": "",
    }
    assert rows[4]["problem"] == "missing"


def test_a_name_is_no_formula_in_a_spreadsheet(course, console, tmp_path):
    classes.store(course, classes.result("=cmd()"))
    report(course, "toy", output=tmp_path, console=console)
    assert "'=cmd()" in (tmp_path / "marks.csv").read_text()


def test_a_class_in_which_nothing_could_be_graded_has_a_report_too(course, console):
    problem = {"problem": "missing", "reason": "No notebook.", "next_step": "Ask."}
    classes.store(course, classes.result("eve", UNDONE, **problem))
    assert "No notebook. Ask." in report(course, "toy", console=console).read_text()


def test_what_a_misconception_means_is_said_as_to_everyone(course):
    """A message that a page shows may hold more than the class should see."""
    said = "The value is wrong."
    told = ("double: 4 gives 4.", "As one page has it.", "See 1.", "wrong-value", None, said)
    classes.store(course, classes.result("ada", {"double-value": told}))
    lab = course.lab("toy")
    (found,) = misconceptions(all_marks(course, lab), lab)
    assert found.means == said
