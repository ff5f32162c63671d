"""The table in 00-start-here is the course: every lab, in order, with the times that it states."""

import re

from places import PROJECT

from vae_grading.course.course import find_course
from vae_grading.course.notebooks import read_notebook

NOTEBOOK = PROJECT / "notebooks" / "00-start-here.ipynb"


def rows() -> dict[str, tuple[str, ...]]:
    """Name of a notebook -> topic, minutes to read, minutes to work, as the table has them."""
    text = read_notebook(NOTEBOOK)["cells"][-1]["source"]
    cells = re.findall(r"^\| (\S+) \| (.+?) \| (\d+) \| (\d*) ?\|$", text, re.MULTILINE)
    return {name: tuple(rest) for name, *rest in cells}


def test_every_lab_stands_there_with_its_title_and_times():
    course = find_course(PROJECT)
    labs = {
        name: read_notebook(course.source(name))["metadata"]["vae_lab"] for name in course.labs()
    }
    told = {name: row for name, row in rows().items() if name.startswith("lab")}
    assert told == {
        name: (about["title"], str(about["minutes_to_read"]), str(about["minutes_to_work"]))
        for name, about in labs.items()
    }


def test_the_labs_stand_in_order():
    labs = [name for name in rows() if name.startswith("lab")]
    assert labs == sorted(labs)


def test_every_notebook_beside_it_stands_there():
    beside = {path.stem for path in NOTEBOOK.parent.glob("*.ipynb")}
    assert beside == {name for name in rows() if not name.startswith("lab")}
