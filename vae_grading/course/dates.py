"""When labs are due: the section VaeLab of a course's nbgrader_config.py.

c.VaeLab.due = {"lab1-elbo": "2026-10-05 23:59"}
c.VaeLab.timezone = "Europe/Berlin"  # of these and of the systems' times; else this machine's

What comes within the minute that is named is in time.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from vae_grading.course.course import Course
from vae_helpers.errors import VaeLabError


@dataclass(frozen=True)
class Dates:
    """The zone of times that name none (None is this machine's), and when a lab is due, in UTC."""

    zone: tzinfo | None
    due: datetime | None


def dates(course: Course, lab: str) -> Dates:
    """What the configuration says. Raises VaeLabError for what is no date, zone or lab."""
    section = course_config(course).get("VaeLab", {})
    unknown = {*section} - {"due", "timezone"}
    if unknown:
        raise _wrong(f"c.VaeLab.{min(unknown)} is not known: there are due and timezone")
    name, due = section.get("timezone"), section.get("due", {})
    zone: tzinfo | None = None
    if name is not None:
        try:
            zone = ZoneInfo(name)
        except (ValueError, KeyError, OSError, TypeError):
            raise _wrong(f"c.VaeLab.timezone {name!r} is no zone such as Europe/Berlin") from None
    if not isinstance(due, dict):
        raise _wrong("c.VaeLab.due is not of the form {'lab1': '2026-10-05 23:59'}")
    for each in due:
        if each not in course.labs():
            known = ", ".join(course.labs())
            raise _wrong(f"c.VaeLab.due names {each!r}, which is no lab; known labs: {known}")
    return Dates(zone, _instant(lab, due[lab], zone) if lab in due else None)


def _instant(lab: str, said: object, zone: tzinfo | None) -> datetime:
    try:
        when = datetime.fromisoformat(f"{said}")
    except ValueError:
        raise _wrong(
            f"c.VaeLab.due[{lab!r}] is {said!r}, no time such as 2026-10-05 23:59"
        ) from None
    if len(f"{said}") <= 10:
        raise _wrong(f"c.VaeLab.due[{lab!r}] has no hour: write {said} 23:59 for the day's end")
    if when.tzinfo is None and zone is not None:
        when = when.replace(tzinfo=zone)
    if not re.search(r"\d:\d\d:\d\d", f"{said}"):
        when += timedelta(seconds=59)  # until the end of the minute that is named
    return when.astimezone(UTC)


def _wrong(what: str) -> VaeLabError:
    return VaeLabError(f"nbgrader_config.py: {what}")


def course_config(course: Course) -> Any:
    """The course's nbgrader_config.py, read without nbgrader. Raises VaeLabError."""
    from traitlets.config.loader import PyFileConfigLoader

    try:
        return PyFileConfigLoader("nbgrader_config.py", str(course.root)).load_config()
    except Exception as error:  # it is a program, and whatever ends it is its author's to mend
        raise _wrong(f"{type(error).__name__}: {' '.join(str(error).split())}") from None
