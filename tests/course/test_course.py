"""How a course folder and a lab's notebook are read, and what is refused in one line."""

import pytest
import toy

from vae_grading.course.course import find_course
from vae_grading.course.lab import read_lab
from vae_grading.course.regions import hidden_lines, split_regions
from vae_helpers.errors import VaeLabError


def test_course_is_found_from_a_folder_inside_it(course):
    assert find_course(course.root / "source" / "toy") == course


def test_outside_a_course_the_message_names_the_option(tmp_path):
    with pytest.raises(VaeLabError, match="--course DIR"):
        find_course(tmp_path)


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(VaeLabError, match="nowhere: there is no such folder"):
        find_course(tmp_path / "nowhere")


def test_labs_are_folders_with_a_notebook_of_their_name(course):
    (course.root / "source" / "empty").mkdir()
    assert course.labs() == ("toy",)


def test_unknown_lab_names_the_known_ones(course):
    with pytest.raises(VaeLabError, match=r"'toi'; did you mean toy\? known labs: toy"):
        course.lab("toi")


def test_toy_lab_divides_into_its_exercises(course):
    lab = course.lab("toy")
    assert [(each.key, each.label, each.kind, each.points) for each in lab.exercises] == [
        ("double", "1", "auto", 3),
        ("mean", "2", "auto", 2),
        ("question-why", "Q1", "manual", 4),
    ]
    assert lab.points == 9
    assert lab.exercises[0].check == "double-check"
    assert lab.exercises[1].plain_title == "mean of a list"
    assert lab.exercise_of("double-negative") == lab.exercises[0]


def test_an_exercise_with_several_answers_tells_their_graded_cells_apart(course):
    notebook = toy.answered(course)
    # Without its heading, the second exercise becomes part of the first.
    toy.cell(notebook, "mean-task")["source"] = "Now the mean."
    toy.write_source(course, notebook)
    both = course.lab("toy").exercises[0]
    assert both.solutions == ("double", "mean")
    assert both.solutions_of("mean-value") == ("mean",)
    assert both.solutions_of("double-negative") == ("double",)


def _duplicate(notebook):
    toy.cell(notebook, "mean")["metadata"]["nbgrader"]["grade_id"] = "double"


def _no_points(notebook):
    toy.cell(notebook, "mean-value")["metadata"]["nbgrader"]["points"] = "two"


def _zero_points(notebook):
    toy.cell(notebook, "mean-value")["metadata"]["nbgrader"]["points"] = 0


def _no_id(notebook):
    del toy.cell(notebook, "mean-value")["metadata"]["nbgrader"]["grade_id"]


def _no_schema(notebook):
    del toy.cell(notebook, "mean-value")["metadata"]["nbgrader"]["schema_version"]


def _no_title(notebook):
    del notebook["metadata"]["vae_lab"]["title"]


def _no_heading(notebook):
    toy.cell(notebook, "double-task")["source"] = "Write double."


def _no_graded_cell(notebook):
    notebook["cells"].remove(toy.cell(notebook, "mean-value"))


def _told(**others):
    def spoil(notebook):
        notebook["metadata"]["vae_lab"] |= others

    return spoil


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_duplicate, r"cell 9 \(double\): the grade id is used twice, first in cell 4"),
        (_no_points, r"cell 11 \(mean-value\): points must be a number above 0, not 'two'"),
        (_zero_points, r"cell 11 \(mean-value\): points must be a number above 0, not 0"),
        (_no_id, r"cell 11: its nbgrader metadata has no grade_id"),
        (_no_schema, r"cell 11 \(mean-value\): its nbgrader metadata lacks 'schema_version'"),
        (_no_title, r"the notebook's metadata lack vae_lab\.title"),
        (_no_heading, r"cell 4: 'double' stands before the first heading"),
        (_no_graded_cell, r"Exercise 2 \(`mean` of a list\) has no graded cell"),
        (_told(minutes_to_read="five"), "vae_lab.minutes_to_read must be a number above 0, not 'f"),
        (_told(minutes_to_work=0), "vae_lab.minutes_to_work must be a number above 0, not 0"),
        (_told(forbidden="vae_helpers.VAE"), "must be a list of names such as 'vae_helpers.gauss"),
        (_told(forbidden=["torch.mean"]), r"what another package has .*, not \['torch.mean'\]"),
        (_told(forbidden=["vae_helpers"]), r"must be a list of names .*, not \['vae_helpers'\]"),
        (_told(forbidden=[3]), r"must be a list of names .*, not \[3\]"),
        (_told(libraries="pyro"), "vae_lab.libraries must be a list of names that can be imported"),
        (_told(libraries=["pyro-ppl"]), r"such as 'pyro', not \['pyro-ppl'\]"),
    ],
)
def test_a_spoiled_source_gets_one_line_with_file_and_cell(course, spoil, message):
    notebook = toy.answered(course)
    spoil(notebook)
    toy.write_source(course, notebook)
    with pytest.raises(VaeLabError, match=message) as caught:
        course.lab("toy")
    assert "source/toy/toy.ipynb" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["not json", "[1]", '{"cells": 3}', "[" * 100_000])
def test_what_is_no_notebook_is_said_to_be_none(tmp_path, text):
    path = tmp_path / "toy.ipynb"
    path.write_text(text)
    with pytest.raises(VaeLabError, match="is not a notebook"):
        read_lab(path)


def test_a_line_that_is_visible_elsewhere_is_not_hidden():
    cells = [
        {"source": "x = 1\n### BEGIN SOLUTION\ny = 2\nx = 1\n### END SOLUTION", "metadata": {}},
        {"source": "secret", "metadata": {"nbgrader": {"solution": True}}},
    ]
    assert hidden_lines(cells) == {"y = 2", "secret"}


def test_regions_are_told_by_line():
    source = "a\n# BEGIN HIDDEN TESTS\nb\n# END HIDDEN TESTS\nc"
    assert split_regions(source) == [(None, "a"), ("HIDDEN TESTS", "b"), (None, "c")]
