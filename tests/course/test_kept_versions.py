"""A student version is made once for the same source; whatever is not the same is made anew."""

import os

import pytest
import toy

from vae_grading.course import student_version
from vae_grading.course.student_version import generated
from vae_helpers.errors import VaeLabError


@pytest.fixture
def runs(monkeypatch):
    """How often nbgrader was asked to make a student version."""
    made = []
    generate = student_version._generate

    def noted(result, gradebook, config):
        made.append(result.lab)
        generate(result, gradebook, config)

    monkeypatch.setattr(student_version, "_generate", noted)
    return made


def version(course, **options):
    """Every file of the student version, by name, and the cells that its gradebook knows."""
    with generated(course, "toy", **options) as made:
        files = {path.name: path.read_bytes() for path in made.release.iterdir()}
        return files, made.gradebook.read_bytes()[:16]


def test_the_same_source_is_not_made_twice(course, runs):
    first = version(course, fresh=False)
    assert version(course, fresh=False) == first
    assert list(first[0]) == ["toy.ipynb"]
    assert first[1] == b"SQLite format 3\0"
    assert runs == ["toy"]


def test_a_build_serves_the_grading_after_it_and_asks_for_none_before(course, runs):
    version(course)
    version(course, fresh=False)
    assert runs == ["toy"]
    version(course)
    assert runs == ["toy", "toy"]


@pytest.mark.parametrize("change", ["source", "file", "configuration", "damage", "nonsense"])
def test_what_is_not_the_same_is_made_anew(course, runs, change):
    before = version(course, fresh=False)
    kept = course.results.with_name("versions") / "toy.zip"
    if change == "source":
        toy.write_source(course, toy.answered(course, double_value="assert double(9) == 18"))
    elif change == "file":
        (course.source("toy").parent / "data.csv").write_text("1,2\n")
    elif change == "configuration":
        path = course.root / "nbgrader_config.py"
        path.write_text(path.read_text() + "\nc.ClearSolutions.code_stub = {'python': 'pass'}\n")
    elif change == "damage":
        data = bytearray(kept.read_bytes())
        data[len(data) // 2] ^= 0xFF
        kept.write_bytes(data)
    else:
        kept.write_text("no archive")
    after = version(course, fresh=False)
    assert runs == ["toy", "toy"]
    assert (after == before) is (change in ("damage", "nonsense"))


def test_answers_are_no_part_of_it(course, runs):
    version(course, fresh=False)
    (course.answers("toy") / "double.py").write_text("# changed\n")
    version(course, fresh=False)
    assert runs == ["toy"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_course_that_cannot_be_written_keeps_nothing(course, runs):
    course.root.chmod(0o500)
    try:
        version(course, fresh=False)
        version(course, fresh=False)
    finally:
        course.root.chmod(0o700)
    assert runs == ["toy", "toy"]


def test_a_file_in_the_place_of_the_folder_keeps_nothing(course, runs):
    course.results.parent.mkdir(exist_ok=True)
    course.results.with_name("versions").write_text("")
    version(course, fresh=False)
    version(course, fresh=False)
    assert runs == ["toy", "toy"]


def test_a_source_that_cannot_be_built_leaves_nothing(course, runs):
    notebook = toy.answered(course)
    toy.cell(notebook, "mean-value")["metadata"]["nbgrader"]["points"] = "many"
    toy.write_source(course, notebook)
    with pytest.raises(VaeLabError, match="cannot build the student version"):
        version(course, fresh=False)
    assert not course.results.with_name("versions").exists()
