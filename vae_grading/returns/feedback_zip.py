"""Feedback pages in the archive that a system takes back: `vae-lab feedback --zip`.

Moodle       "Upload multiple feedback files in a zip" (mod/assign/feedback/file/importziplib.php):
             what lies below NAME_NUMBER_assignsubmission_file_ goes to participant NUMBER
Canvas       "Re-Upload Submissions" (Assignment#infer_comment_context_from_filename): the names
             of the hand-ins as Canvas gave them. It shows what it gets under the hand-in's own
             name: a notebook goes back as a notebook, an archive as an archive.
Brightspace  "Add feedback files" to the assignment: the folders as it gave them
"""

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from vae_grading import atomic
from vae_grading.course.course import Course
from vae_grading.deliveries import identities
from vae_grading.deliveries.learning_systems import place_back
from vae_grading.marks.marks import all_marks
from vae_grading.pages.feedback import feedback
from vae_grading.returns.export import tell_left, tell_waiting
from vae_grading.returns.feedback_notebook import feedback_notebook
from vae_grading.returns.recipients import Recipient, recipients
from vae_helpers.errors import VaeLabError

SYSTEMS = {"moodle": "Moodle", "canvas": "Canvas", "brightspace": "Brightspace"}


def feedback_zip(
    course: Course,
    lab_name: str,
    system: str,
    *,
    submitted: Path | None = None,
    limit: int = 100,
    partial: bool = False,
    unfinished: bool = False,
    console: Console | None = None,
) -> Path:
    """Write every feedback page, and feedback/<lab>-<system>.zip with those that are final.

    Returns the archive's path. Raises VaeLabError, and writes no archive, for a system that takes
    none, for one of more than `limit` MB, and, unless `partial`, where the system does not know a
    student by a name of its own.
    """
    console = console or Console()
    if system.casefold() not in SYSTEMS:
        raise VaeLabError(f"--zip {system}: archives of feedback are taken by {', '.join(SYSTEMS)}")
    name = SYSTEMS[system.casefold()]
    lab = course.lab(lab_name)
    people = recipients(course, lab.name, all_marks(course, lab), identities.read(course))
    waiting = {each.folder: each.graded.unfinished for each in people if each.graded.unfinished}
    chosen = [each for each in people if unfinished or each.folder not in waiting]
    places, left = _places(chosen, lab.name, name)
    if not chosen:
        tell_waiting(waiting, console)
        raise VaeLabError(f"no marks for {lab.name} are final yet: no archive was written")
    tell_left(f"No name of {name}'s:", left, console)
    if not unfinished:
        tell_waiting(waiting, console)
    if left and not (partial and places):
        raise VaeLabError(
            f"{len(left)} of {len(chosen)} students with feedback were not handed over by {name} "
            "(they are listed above): no archive was written"
            + ("; --partial writes the others" if places else "")
        )
    feedback(course, lab.name, submitted=submitted, console=console)
    there = {each.folder for each in places.values()}
    mates = [each for each in chosen if each.graded.members and each.folder not in there]
    mates = [each for each in mates if each not in [one for one, _ in left]]
    if mates:
        names = ", ".join(sorted(str(each) for each in mates))
        console.print(
            f"{name} has no hand-in of their own for {names}: give them feedback/<student>/"
            f"{lab.name}/ yourself, or as a comment to the group",
            soft_wrap=True,
            markup=False,
            highlight=False,
        )
    target = course.root / "feedback" / f"{lab.name}-{system.casefold()}.zip"
    data = _packed(course, lab.name, places, name, limit)
    atomic.write_bytes(target, data)
    console.print(
        f"{len(places)} of them in feedback/{target.name} ({len(data) / 1e6:.1f} MB; at most "
        f"{limit} MB, or what --limit says), named as {name} asks",
        soft_wrap=True,
        highlight=False,
    )
    return target


def _places(
    people: Sequence[Recipient], lab: str, system: str
) -> tuple[dict[str, Recipient], list[tuple[Recipient, str]]]:
    """Each one's place in the archive; who has none, or one that is another's, too."""
    found: dict[str, list[tuple[str, Recipient]]] = {}
    left = []
    for each in people:
        place = _place(each, lab, system)
        if place:
            found.setdefault(place.casefold(), []).append((place, each))
        elif not (each.graded.members and each.record and each.record.sender.system == system):
            of = each.record.sender.system if each.record else ""
            left.append((each, f"it came from {of}" if of else "it was put there by hand"))
    places = {}
    for claims in found.values():
        if len(claims) == 1:
            places[claims[0][0]] = claims[0][1]
        else:
            left += [(each, f"{place} would be another's, too") for place, each in claims]
    return places, left


def _place(each: Recipient, lab: str, system: str) -> str:
    """The name under which a system gives a page to this person and nobody else, or ""."""
    record = each.record
    if record is None or record.sender.system != system:
        return ""
    place, number = place_back(record.path, system, f"{lab}.html")
    own = each.ids.get("participant" if system == "Moodle" else "system_id", "")
    if own and own == number:
        return place
    if system != "Moodle" or not own:
        return ""
    # One of a team, for whom another has handed in: Moodle goes by the number.
    name = each.mate.name if each.mate else record.sender.student
    name = re.sub(r"[_/\\]", " ", name)
    return f"{name}_{own}_assignsubmission_file_/{lab}.html"


def _packed(
    course: Course, lab: str, places: dict[str, Recipient], system: str, limit: int
) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, each in places.items():
            archive.writestr(place, _content(course, lab, place, each, system))
            if packed.tell() > limit * 1_000_000:
                raise VaeLabError(
                    f"the archive for {system} would have more than {limit} MB: --limit MB says "
                    "what your system takes"
                )
    return packed.getvalue()


def _content(course: Course, lab: str, place: str, each: Recipient, system: str) -> bytes:
    page = course.feedback(lab, each.folder).read_bytes()
    if system != "Canvas":
        return page
    if not place.casefold().endswith(".zip"):
        return feedback_notebook(each.graded)
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{lab}.html", page)
    return inside.getvalue()
