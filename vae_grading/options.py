"""Options that several commands share, and the course that a command is about."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vae_helpers.errors import VaeLabError

if TYPE_CHECKING:
    from vae_grading.course.course import Course

CourseOption = Annotated[
    Path | None,
    typer.Option("--course", metavar="DIR", help="The course's folder; else found from here."),
]
LabArgument = Annotated[str, typer.Argument(metavar="LAB", help="A folder of source/.")]
PartialOption = Annotated[
    bool, typer.Option("--partial", help="Write the others where some have no place.")
]
UnfinishedOption = Annotated[
    bool, typer.Option("--unfinished", help="Also what a person has yet to mark or to look at.")
]

# What the extra `instructor` brings, of which some command of a course's has need.
INSTRUCTORS_PACKAGES = ("nbgrader", "jupyterlab", "distributed", "yaml")


def the_course(folder: Path | None) -> "Course":
    """The course that a command is about. Raises VaeLabError, also in a student's installation."""
    from vae_grading.course.course import find_course

    if not all(map(find_spec, INSTRUCTORS_PACKAGES)):
        raise VaeLabError(
            "this command needs what is installed for instructors only: install the project anew "
            'with its extra, as in pip install ".[instructor]" (a student needs `vae-lab try`)'
        )
    return find_course(folder)
