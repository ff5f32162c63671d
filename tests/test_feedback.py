"""Feedback pages say what helps, show nothing hidden, and run nothing."""

import base64
import json

import classes
import pytest
import toy

from vae_grading.feedback import LARGEST_PICTURE, PNG_SIGNATURE, feedback
from vae_helpers.errors import VaeLabError

EVIL = "<script>alert(1)</script>"


def _page(course, student):
    return course.feedback("toy", student).read_text(encoding="utf-8")


def test_a_page_shows_marks_what_was_seen_what_it_means_and_where_to_look(course, console):
    wrong = {"double-value": classes.FACTOR, "double-negative": classes.FACTOR}
    classes.store(course, classes.result("ada", wrong))
    (path,) = feedback(course, "toy", console=console)
    assert path == course.feedback("toy", "ada")
    page = _page(course, "ada")
    for shown in (
        "Exercise 1: double",
        "double: 4 gives 4.",
        "The factor 2 is missing.",
        "See section 1.",
    ):
        assert page.count(shown) == 1  # once, though two cells say it
    assert "✗ value 0/1" in page
    assert "✓ value 2/2" in page
    assert "to be marked" in page
    assert "[factor-missing]" not in page


def test_manual_marks_and_comments_are_shown(course, console):
    from nbgrader.api import Gradebook

    classes.store(course, classes.result("ada"))
    with Gradebook(f"sqlite:///{course.gradebook}") as book:
        book.find_grade("question-why", "toy", "toy", "ada").manual_score = 2.5
        book.find_comment("question-why", "toy", "toy", "ada").manual_comment = f"Good. {EVIL}"
        book.db.commit()
        book.engine.dispose()
    feedback(course, "toy", console=console)
    page = _page(course, "ada")
    assert "answer 2.5/4" in page
    assert "Good. &lt;script&gt;" in page
    assert EVIL not in page


def test_nothing_that_a_student_wrote_runs_in_the_page(course, console):
    message = (f"✗ {EVIL}\n  <img src=x onerror=alert(1)>\n  See 1. [wrong]", "wrong")
    student = "<b>eve</b>"
    classes.store(course, classes.result(student, {"mean-value": message}, notes=(EVIL,)))
    feedback(course, "toy", console=console)
    page = _page(course, student)
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "<b>eve" not in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "")


def _notebook_with(course, *outputs):
    notebook = toy.answered(course)
    toy.cell(notebook, "figure")["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": data} for data in outputs
    ]
    return json.dumps(notebook)


def _encoded(data):
    return base64.b64encode(data).decode()


def test_only_png_pictures_of_bounded_size_are_shown(course, console):
    good = _encoded(PNG_SIGNATURE + b"good")
    text = _notebook_with(
        course,
        {"image/png": good},
        {"image/svg+xml": "<svg onload='alert(1)'/>", "text/html": EVIL},
        {"image/png": '"><script>alert(1)</script>'},
        {"image/png": _encoded(b"GIF89a")},
        {"image/png": _encoded(PNG_SIGNATURE + bytes(LARGEST_PICTURE))},
        {"image/png": 7},
    )
    classes.store(course, classes.result("ada"), notebooks={"ada": text})
    feedback(course, "toy", console=console)
    page = _page(course, "ada")
    assert page.count("<img") == 1
    assert good in page
    assert "<svg" not in page


def test_hidden_tests_and_mark_schemes_stay_hidden(course, console):
    text = json.dumps(toy.answered(course))  # as autograded: with everything in it
    assert "1234567" in text
    assert "Two points for" in text
    classes.store(course, classes.result("ada"), notebooks={"ada": text})
    feedback(course, "toy", console=console)
    page = _page(course, "ada")
    for hidden in ("1234567", "Two points for", "check_double"):
        assert hidden not in page


def test_a_submission_that_could_not_be_graded_gets_a_page_too(course, console):
    problem = {"problem": "not-json", "reason": "The file is not JSON.", "next_step": "Ask."}
    classes.store(course, classes.result("ada", **problem))
    feedback(course, "toy", console=console)
    assert "The file is not JSON." in _page(course, "ada")


def test_without_results_the_message_says_what_to_run(course):
    with pytest.raises(VaeLabError, match=r"run `vae-lab grade toy` first"):
        feedback(course, "toy")
