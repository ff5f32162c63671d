"""Feedback pages say what helps, show nothing hidden, and run nothing."""

import base64
import io
import json
import struct
import zlib

import classes
import pytest
import toy
from PIL import Image, PngImagePlugin

from vae_grading.course.assignment import content_hash
from vae_grading.pages.feedback import feedback
from vae_grading.pages.figures import LARGEST_BYTES, MOST_FIGURES, encoded_anew, figures
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
        book.find_comment(
            "question-why", "toy", "toy", "ada"
        ).manual_comment = f"Good. {EVIL}\nMore."
        book.db.commit()
        book.engine.dispose()
    feedback(course, "toy", console=console)
    page = _page(course, "ada")
    assert "answer 2.5/4" in page
    assert "Good. &lt;script&gt;" in page
    assert EVIL not in page


def test_nothing_that_a_student_wrote_runs_in_the_page(course, console):
    message = (EVIL, "<img src=x onerror=alert(1)>", "See 1.", "wrong")
    student = "<b>eve</b>"
    classes.store(course, classes.result(student, {"mean-value": message}, notes=(EVIL,)))
    feedback(course, "toy", console=console)
    page = _page(course, student)
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "<b>eve" not in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "")


def _hand_in(course, *outputs):
    """Ada's notebook with these outputs of the cell `figure`."""
    notebook = toy.answered(course)
    toy.cell(notebook, "figure")["outputs"] = list(outputs)
    return toy.submit(course, "ada", notebook)


def _display(data):
    return {"output_type": "display_data", "metadata": {}, "data": data}


def _png(size=(4, 3), **options) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(file, "PNG", **options)
    return file.getvalue()


def _encoded(data):
    return base64.b64encode(data).decode()


def test_the_students_figures_are_shown_encoded_anew(course, console):
    """The same pixels; the comment, which could hold anything, is gone."""
    comment = PngImagePlugin.PngInfo()
    comment.add_text("Comment", EVIL)
    theirs = _png(pnginfo=comment, icc_profile=b"profile" + EVIL.encode())
    assert EVIL.encode() in theirs
    assert b"iCCP" in theirs
    path = _hand_in(course, _display({"image/png": _encoded(theirs)}))
    classes.store(course, classes.result("ada", submission=content_hash(path.read_bytes())))
    feedback(course, "toy", console=console)
    assert "Without your figures" not in _page(course, "ada")
    shown = _page(course, "ada").split("data:image/png;base64,")[1].split('"')[0]
    ours = base64.b64decode(shown)
    assert EVIL.encode() not in ours
    assert b"iCCP" not in ours
    with Image.open(io.BytesIO(ours)) as picture:
        assert picture.size == (4, 3)
        assert picture.convert("RGB").getpixel((2, 1)) == (200, 30, 30)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _bomb(side: int) -> bytes:
    """A small file that says it has side x side pixels."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    pixels = _chunk(b"IDAT", zlib.compress(bytes((side // 8 + 1) * side), 9))
    return b"\x89PNG\r\n\x1a\n" + head + pixels + _chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "output",
    [
        _display({"image/svg+xml": "<svg onload='alert(1)'/>", "text/html": EVIL}),
        _display({"image/jpeg": _encoded(_png())}),
        _display({"image/png": '"><script>alert(1)</script>'}),
        _display({"image/png": _encoded(b"GIF89a")}),
        _display({"image/png": _encoded(b"\x89PNG\r\n\x1a\n" + b"no picture")}),
        _display({"image/png": _encoded(_png()[:-30])}),
        _display({"image/png": _encoded(_png() + bytes(LARGEST_BYTES))}),
        _display({"image/png": _encoded(_bomb(20_000))}),
        _display({"image/png": 7}),
        _display({"image/png": [7]}),
        {"output_type": "stream", "name": "stdout", "text": EVIL},
    ],
    ids=lambda output: str(output)[:70],
)
def test_nothing_but_a_png_within_bounds_is_shown(course, output):
    path = _hand_in(course, output, _display({"image/png": _encoded(_png())}))
    (shown,) = figures(path.read_bytes()).values()
    assert shown == [encoded_anew(_encoded(_png()))]


def test_a_page_has_only_so_many_figures(course):
    path = _hand_in(course, *[_display({"image/png": _encoded(_png())})] * (MOST_FIGURES + 3))
    assert sum(map(len, figures(path.read_bytes()).values())) == MOST_FIGURES


def test_every_kind_of_png_is_decoded():
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        file = io.BytesIO()
        Image.new(mode, (3, 2)).save(file, "PNG")
        assert encoded_anew(_encoded(file.getvalue())), mode


@pytest.mark.parametrize("text", ["%PDF-1.7", "{}", ""])
def test_a_submission_that_is_no_notebook_has_no_figures(text):
    assert figures(text.encode()) == {}


@pytest.mark.parametrize("later", [None, "changed"])
def test_figures_of_another_version_than_the_graded_one_are_left_out(course, console, later):
    path = _hand_in(course, _display({"image/png": _encoded(_png())}))
    classes.store(course, classes.result("ada", submission=content_hash(path.read_bytes())))
    if later is None:
        path.unlink()
    else:
        path.write_text(path.read_text() + "\n")
    feedback(course, "toy", console=console)
    assert "data:image/png" not in _page(course, "ada")
    assert "Without your figures" in _page(course, "ada")


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


def test_who_could_not_be_graded_for_no_fault_of_theirs_is_not_told_to_hand_in_again(
    course, console
):
    problem = {"problem": "not-graded", "reason": "The sandbox was lost.", "next_step": "Again."}
    classes.store(course, classes.result("ada", **problem))
    (path,) = feedback(course, "toy", console=console)
    page = path.read_text()
    assert "This is no fault of yours" in page
    assert "Please hand in" not in page


def test_without_results_the_message_says_what_to_run(course):
    with pytest.raises(VaeLabError, match=r"run `vae-lab grade toy` first"):
        feedback(course, "toy")


def test_the_pictures_of_a_page_are_bounded_together(course, monkeypatch):
    from vae_grading.pages import figures as module

    path = _hand_in(course, *[_display({"image/png": _encoded(_png())})] * 5)
    one = len(encoded_anew(_encoded(_png())))
    monkeypatch.setattr(module, "MOST_BYTES", 3 * one)
    assert sum(map(len, figures(path.read_bytes()).values())) == 3


def test_a_page_tells_only_so_many_notes(course, console):
    notes = tuple(f"cell-{n} was there more than once; the last one counts." for n in range(5000))
    classes.store(course, classes.result("ada", notes=notes))
    feedback(course, "toy", console=console)
    page = _page(course, "ada")
    assert page.count("more than once") == 20
    assert "... and 4980 more of this kind." in page
