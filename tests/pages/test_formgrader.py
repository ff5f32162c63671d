"""Formgrader on what `vae-lab grade` leaves: a person marks an answer there, and it counts.

The server is a real one; the requests are those that formgrader's own page sends.
"""

import json

import classes
import pytest
import toy
from formgrader_server import formgrader

from vae_grading.pages.feedback import feedback

pytestmark = pytest.mark.slow


@pytest.fixture
def ask(course, tmp_path):
    """Ask formgrader of a graded toy course: ask(path) or ask(path, changes)."""
    answer = toy.answered(course, question_why="Because two halves make a whole.")
    classes.store(course, classes.result("ada"), notebooks={"ada": json.dumps(answer)})
    with formgrader(course, tmp_path) as (asking, _):
        yield asking


def test_a_mark_given_in_formgrader_reaches_the_feedback_page(course, ask, console):
    (listed,) = json.loads(ask("api/submitted_notebooks/toy/toy"))
    assert listed["student"] == "ada"
    assert listed["needs_manual_grade"] is True
    place = listed["id"]
    page = ask(f"submissions/{place}/?index=0")
    assert "Because two halves make a whole." in page
    grades = json.loads(ask(f"api/grades?submission_id={place}"))
    comments = json.loads(ask(f"api/comments?submission_id={place}"))
    (grade,) = (each for each in grades if each["name"] == "question-why")
    (comment,) = (each for each in comments if each["name"] == "question-why")
    ask(f"api/grade/{grade['id']}", {"manual_score": 2.5, "extra_credit": 0})
    ask(f"api/comment/{comment['id']}", {"manual_comment": "Nearly."})
    (listed,) = json.loads(ask("api/submitted_notebooks/toy/toy"))
    assert listed["needs_manual_grade"] is False
    assert listed["score"] == 7.5
    feedback(course, "toy", console=console)
    shown = course.feedback("toy", "ada").read_text(encoding="utf-8")
    assert "answer 2.5/4" in shown
    assert "Nearly." in shown
