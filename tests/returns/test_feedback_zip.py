"""Feedback goes back under the names that the system gave, to nobody but whose it is."""

import io
import zipfile

import classes
import deliveries
import pytest
from deliveries import NOTEBOOK, make_zip
from grade_files import BRIGHTSPACE, CANVAS, MOODLE

from vae_grading.returns.feedback_notebook import feedback_notebook
from vae_grading.returns.feedback_zip import feedback_zip
from vae_helpers.errors import VaeLabError


@pytest.fixture
def handed_in(course, console, tmp_path):
    """Collect these files; everybody is graded, and named in their own feedback."""

    def handed_in(files, roster: str = ""):
        path = None
        if roster:
            path = tmp_path / "class.csv"
            path.write_text(roster, encoding="utf-8")
        source = make_zip(tmp_path / "all.zip", dict.fromkeys(files, NOTEBOOK))
        deliveries.deliver(course, console, source, roster=path)
        folders = sorted(deliveries.submitted(course))
        results = [
            classes.result(each, {"double-value": (f"Only for {each}.", "", "", "one")})
            for each in folders
        ]
        classes.store(course, *results)
        return folders

    return handed_in


def _names(path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (MOODLE, lambda path: path.replace("toy.ipynb", "toy.html")),
        (CANVAS, lambda path: path),
        (BRIGHTSPACE, lambda path: path.replace("toy.ipynb", "toy.html")),
    ],
    ids=lambda value: getattr(value, "system", ""),
)
def test_each_page_goes_back_under_the_name_of_its_hand_in(course, console, handed_in, given, name):
    """Moodle's importziplib.php takes the number between the first two "_"; Canvas's
    infer_comment_context_from_filename the first two numbers; Brightspace the folder."""
    ada, bo = handed_in(given.files, given.roster)
    target = feedback_zip(course, "toy", given.system.lower(), unfinished=True, console=console)
    found = _names(target)
    assert set(found) == {name(path) for path in given.files}
    for place, text in found.items():
        hers = "11_9001" in place or "Ada" in place
        plain = text.replace("\\", "")  # Markdown's, and JSON's
        named = [each for each in (ada, bo) if f"Only for {each}" in plain]
        assert len(named) == 1
        assert (named[0].casefold().startswith(("ada", "quill"))) is hers


@pytest.mark.parametrize(
    "path",
    [
        "Ada Quill_101_assignsubmission_file_toy.ipynb",
        "Lab/Ada Quill_101_assignsubmission_file_/a/toy.ipynb",
        "Ada Quill_101_assignsubmission_file/toy.ipynb",
    ],
)
def test_moodles_number_stands_where_moodle_looks_for_it(course, console, handed_in, path):
    """explode('_', part, 5): a name, the number, the plugin's type and name, the rest."""
    handed_in([path])
    (name,) = _names(feedback_zip(course, "toy", "moodle", unfinished=True, console=console))
    part = next(each for each in name.split("/") if each.count("_") >= 3)
    assert part.split("_", 4)[1:4] == ["101", "assignsubmission", "file"]
    assert name.endswith("toy.html")
    assert not name.endswith("filetoy.html")


def test_canvas_gets_back_an_archive_for_an_archive(course, console, tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("toy.ipynb", NOTEBOOK)
    source = make_zip(tmp_path / "all.zip", {"quillada_11_9001_work.zip": inner.getvalue()})
    deliveries.deliver(course, console, source)
    classes.store(course, classes.result("quillada"))
    target = feedback_zip(course, "toy", "canvas", unfinished=True, console=console)
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["quillada_11_9001_work.zip"]
        with zipfile.ZipFile(io.BytesIO(archive.read("quillada_11_9001_work.zip"))) as own:
            assert "<!doctype html>" in own.read("toy.html").decode()


def test_a_notebook_of_feedback_is_one_and_holds_words_only(course):
    """Read by nbformat; what a student or a grader wrote is escaped."""
    import nbformat

    from vae_grading.marks.marks import all_marks

    evil = "<script>alert(1)</script> [x](javascript:y) $z$"
    classes.store(course, classes.result("ada", {"double-value": (evil, evil, "", "x")}))
    data = feedback_notebook(all_marks(course, course.lab("toy"))[0])
    notebook = nbformat.reads(data.decode(), as_version=4)
    nbformat.validate(notebook)
    text = "".join(cell.source for cell in notebook.cells)
    assert "\\<script\\>" in text
    assert "<script" not in text.replace("\\<script", "")
    assert "\\[x\\]\\(" in text
    assert {cell.cell_type for cell in notebook.cells} == {"markdown"}


def test_what_is_not_final_is_left_out_and_said(course, console, handed_in):
    handed_in(MOODLE.files)
    with pytest.raises(VaeLabError, match="no marks for toy are final yet: no archive was"):
        feedback_zip(course, "toy", "moodle", console=console)
    assert "4 points are still to be marked by hand" in console.file.getvalue()


def test_one_whom_the_system_did_not_hand_over_stops_it_unless_partial(course, console, handed_in):
    handed_in(MOODLE.files)
    by_hand = course.submitted / "eve" / "toy" / "toy.ipynb"
    by_hand.parent.mkdir(parents=True)
    by_hand.write_text(NOTEBOOK)
    classes.store(course, classes.result("eve"))
    with pytest.raises(VaeLabError, match="1 of 3 students with feedback were not handed over"):
        feedback_zip(course, "toy", "moodle", unfinished=True, console=console)
    assert not list(course.root.glob("feedback/*.zip"))
    assert "  eve: it was put there by hand" in console.file.getvalue()
    target = feedback_zip(course, "toy", "moodle", unfinished=True, partial=True, console=console)
    assert len(_names(target)) == 2


def test_an_archive_for_another_system_is_refused(course, console, handed_in):
    handed_in(MOODLE.files)
    with pytest.raises(VaeLabError, match=r"2 of 2 .* not handed over by Canvas"):
        feedback_zip(course, "toy", "canvas", unfinished=True, partial=True, console=console)
    with pytest.raises(VaeLabError, match="--zip gradescope: archives of feedback are taken by"):
        feedback_zip(course, "toy", "gradescope", console=console)


def test_an_archive_over_the_limit_is_refused_and_the_old_one_kept(course, console, handed_in):
    handed_in(MOODLE.files)
    target = feedback_zip(course, "toy", "moodle", unfinished=True, console=console)
    old = target.read_bytes()
    with pytest.raises(VaeLabError, match="more than 0 MB: --limit MB says"):
        feedback_zip(course, "toy", "moodle", unfinished=True, limit=0, console=console)
    assert target.read_bytes() == old
