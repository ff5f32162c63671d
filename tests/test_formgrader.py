"""Formgrader on what `vae-lab grade` leaves: a person marks an answer there, and it counts.

The server is a real one; the requests are those that formgrader's own page sends.
"""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import classes
import pytest
import toy

from vae_grading.feedback import feedback

pytestmark = pytest.mark.slow
TOKEN = "for-this-test"


@pytest.fixture
def formgrader(course, tmp_path):
    """Ask formgrader of a graded toy course: formgrader(path) or formgrader(path, changes)."""
    answer = toy.answered(course, question_why="Because two halves make a whole.")
    classes.store(course, classes.result("ada"), notebooks={"ada": json.dumps(answer)})
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--no-browser", f"--port={port}", f"--IdentityProvider.token={TOKEN}"]
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "server", "--allow-root", *options],
            cwd=course.root,
            stdout=log,
            stderr=log,
        )

    def ask(path: str, changes: dict | None = None) -> str:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/formgrader/{path}",
            data=None if changes is None else json.dumps(changes).encode(),
            headers={"Authorization": f"token {TOKEN}", "Content-Type": "application/json"},
            method="GET" if changes is None else "PUT",
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.read().decode()

    try:
        deadline = time.monotonic() + 90
        while True:
            try:
                ask("api/assignments")
                break
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < deadline, (tmp_path / "server.log").read_text()
                assert server.poll() is None, (tmp_path / "server.log").read_text()
                time.sleep(0.3)
        yield ask
    finally:
        server.terminate()
        server.wait(30)


def test_a_mark_given_in_formgrader_reaches_the_feedback_page(course, formgrader, console):
    (listed,) = json.loads(formgrader("api/submitted_notebooks/toy/toy"))
    assert listed["student"] == "ada"
    assert listed["needs_manual_grade"] is True
    place = listed["id"]
    page = formgrader(f"submissions/{place}/?index=0")
    assert "Because two halves make a whole." in page
    grades = json.loads(formgrader(f"api/grades?submission_id={place}"))
    comments = json.loads(formgrader(f"api/comments?submission_id={place}"))
    (grade,) = (each for each in grades if each["name"] == "question-why")
    (comment,) = (each for each in comments if each["name"] == "question-why")
    formgrader(f"api/grade/{grade['id']}", {"manual_score": 2.5, "extra_credit": 0})
    formgrader(f"api/comment/{comment['id']}", {"manual_comment": "Nearly."})
    (listed,) = json.loads(formgrader("api/submitted_notebooks/toy/toy"))
    assert listed["needs_manual_grade"] is False
    assert listed["score"] == 7.5
    feedback(course, "toy", console=console)
    shown = course.feedback("toy", "ada").read_text(encoding="utf-8")
    assert "answer 2.5/4" in shown
    assert "Nearly." in shown
