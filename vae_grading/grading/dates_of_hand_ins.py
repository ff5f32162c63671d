"""When submissions were handed in, from the files beside them into the gradebook."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from vae_grading.course.course import Course
from vae_grading.course.dates import dates
from vae_grading.deliveries.times import FILE, instant
from vae_grading.marks.lateness import record_dates
from vae_grading.submissions.hand_in import Unreadable, read_bytes, submission

LONGEST = 200  # bytes of a time


def note_dates(course: Course, lab: str, folder: Path, students: Iterable[str]) -> list[str]:
    """Tell the gradebook when students handed in, and what the course says of dates.

    Returns a line for each file that holds no time. Raises VaeLabError for dates in
    nbgrader_config.py that are none.
    """
    zone, lines = dates(course, lab).zone, []
    found: dict[str, datetime | None] = {}
    for student in students:
        said = _said(folder, lab, student)
        found[student] = instant(said, zone) if said else None
        if said and found[student] is None:
            lines.append(f"{student}: {FILE} holds no time such as 2026-09-24 21:26:00 UTC.")
    record_dates(course, lab, found)
    return lines


def _said(folder: Path, lab: str, student: str) -> str:
    """What stands in the file beside a notebook, following no link; "" where there is none."""
    beside = submission(folder, lab, student).notebook.parent
    if beside.name != lab:
        return ""
    try:
        data = read_bytes(beside / FILE, lab, folder)
    except (Unreadable, ValueError):
        return ""
    return data[:LONGEST].decode("utf-8", "replace").strip()
