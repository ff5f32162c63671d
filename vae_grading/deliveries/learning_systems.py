"""How each learning-management system says whose a file is.

Moodle       Ada Lovelace_123456_assignsubmission_file_/lab3-vae.ipynb   (mod/assign: the number
             is the participant's in this assignment)
Canvas       lovelaceada_LATE_12345_67890_lab3-vae-1.ipynb   (lib/content_zipper.rb: the user,
             then the upload; anon_AbC12_67890_... where names are hidden)
Blackboard   Lab 3_alovelace_attempt_2026-01-31-10-00-00_lab3-vae.ipynb
Brightspace  397063-2557369 - Ada Lovelace - Sep 24, 2026 926 PM/lab3-vae.ipynb   (the first
             number is the user's), or all in one name: ... 926 PM - lab3-vae.ipynb
Gradescope   submission_9001/lab3-vae.ipynb, and submission_metadata.yml
ILIAS        Lovelace_Ada_alovelace_1234/lab3-vae.ipynb   (getDirectoryNameFromUserData)
Classroom    Ada Lovelace - lab3-vae.ipynb   (a copy for each student, in a folder of Drive)
otherwise    alovelace.ipynb, or alovelace/lab3-vae.ipynb, or alovelace/anything/lab3-vae.ipynb

A system's own part comes first: what follows is the student's own choice, who may call a file as
the system calls somebody else's. Folders around the whole delivery come before that; a folder is
one of these only where every notebook of the delivery has a system's name at the same depth.
"""

import dataclasses
import os
import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeGuard

from vae_grading.deliveries import file_names, receipts
from vae_grading.deliveries.delivery import LONGEST_PATH, Damaged, Delivered, Delivery
from vae_grading.deliveries.sender import Sender, fits, notebook_name

NO_NAME = "its name does not say whose it is"
_AROUND = 4  # folders around a delivery that are looked through
_WHEN = (
    r"(?:(?P<month>[A-Za-z]{3,9})\.? (?P<day>\d{1,2})|(?P<day_>\d{1,2}) (?P<month_>[A-Za-z]{3,9}))"
    r"\.?,? (?P<year>\d{4}),? (?P<hour>\d{1,2})[:.\u2236]?(?P<minute>\d\d)(?: ?(?P<half>[AP])M)?"
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MOODLE = re.compile(
    r"(?P<student>.+?)_(?P<number>\d+)_assignsubmission_file_?(?P<file>.*)", re.IGNORECASE
)
# What Moodle calls everybody whose name it hides.
_HIDDEN = ("participant", "teilnehmer/in", "teilnehmer-in", "participante", "deelnemer")
_BRIGHTSPACE = re.compile(
    rf"(?P<number>\d+)(?:-\d+)? - (?P<student>.+?) - {_WHEN}(?: - (?P<file>.+))?", re.IGNORECASE
)
_CANVAS = [
    re.compile(form)
    for form in (
        r"(?P<late>LATE_)?(?P<student>anon_(?P<number>[^_]+))_(?P<upload>\d+)_(?P<file>.+)",
        r"(?P<student>[^_]+)(?P<late>_LATE)?_(?P<number>\d+)_(?P<upload>\d+)_(?P<file>.+)",
        # With a "_" in the name: its numbers are long where there are many users.
        r"(?P<student>.+?)(?P<late>_LATE)?_(?P<number>\d{3,})_(?P<upload>\d{3,})_(?P<file>.+)",
    )
]
_BLACKBOARD = re.compile(
    r"(?P<number>.+?_.+?)_attempt_(?P<attempt>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)",
    re.IGNORECASE,
)
_CLASSROOM = re.compile(r"(?:copy of )*(?P<student>.+) - (?P<file>.+)", re.IGNORECASE)
_ILIAS = re.compile(r"(?P<last>[^_]+)_(?P<first>[^_]+)_(?P<login>.+)_(?P<number>\d+)")
# Names of systems all the same, and not to be taken for a student's.
_FOREIGN = re.compile(r".*(_assignsubmission_|_attempt_\d{4}-).*", re.IGNORECASE)
_FOREIGN_AT_THE_TOP = {
    r"submission_\d+": f"Gradescope's {receipts.METADATA} is not there to say whose it is",
    r"\d+-\d+ - .*": "a name of Brightspace whose time is not understood",
}
_PLAIN = ("file name", "folder name")
_Form = Callable[[str, bool], Sender | None]


def senders(
    delivery: Delivery,
    labs: Iterable[str],
    *,
    pattern: re.Pattern[str] | None = None,
    top: str = "",
    users: Iterable[str] = (),
    heads: Iterable[str] = (),
) -> dict[Delivered, list[Sender] | str]:
    """Who handed in each notebook (a group: its members), or why that is not known.

    `pattern` takes the place of the known systems; `top` is a folder that stands for the whole
    delivery and is nobody's name; `users` are known user names of Blackboard, `heads` what it
    wrote before "_attempt_" in earlier deliveries of the lab.
    """
    if pattern is not None:
        return {each: _by_pattern(each, pattern) for each in delivery.notebooks}
    labs = tuple(labs)
    places = {each.archive or each.path for each in delivery.notebooks}
    said = _gradescope(delivery, places) or _by_names(places, labs, top)
    _name_users(said, delivery, users, heads)
    return {each: _checked(said[each.archive or each.path], each) for each in delivery.notebooks}


def place_of(path: str, labs: Iterable[str], top: str = "") -> Sender | None:
    """Who is named by the path of a file that was left; None where that is not said."""
    said = _by_names({path}, tuple(labs), top)[path] if len(path) <= LONGEST_PATH else ""
    return said[0] if isinstance(said, list) else None


def place_back(path: str, system: str, file: str) -> tuple[str, str]:
    """Where a `file` of ours goes in the archive that a system takes back: under the name by which
    the system knows the hand-in at `path`; and whose that is by number. Both "" where the path does
    not say so. Canvas takes back the names that it gave, and no others.

    >>> place_back("Ada_101_assignsubmission_file_/toy.ipynb", "Moodle", "toy.html")
    ('Ada_101_assignsubmission_file_/toy.html', '101')
    >>> place_back("all/quillada_11_9001_toy.ipynb", "Canvas", "toy.html")
    ('quillada_11_9001_toy.ipynb', '11')
    """
    form = {"Moodle": [_MOODLE], "Canvas": _CANVAS, "Brightspace": [_BRIGHTSPACE]}[system]
    for part in path.split("/"):
        found = next(filter(None, (each.fullmatch(part) for each in form)), None)
        if found and file_names.is_told(part):
            own = found["file"]
            place = f"{part.removesuffix(own)}{file}" if own else f"{part}/{file}"
            return part if system == "Canvas" else place, found["number"]
    return "", ""


def _by_pattern(notebook: Delivered, pattern: re.Pattern[str]) -> list[Sender] | str:
    # A zip stands for the notebook in it: names inside are the student's own.
    place = re.sub(r"\.zip$", ".ipynb", notebook.archive, flags=re.IGNORECASE) or notebook.path
    found = pattern.search(place)
    if not found or not found["student"]:
        return NO_NAME
    if not file_names.is_told(found["student"]):
        return "its name is in an encoding that cannot be told"
    said = found.groupdict("")
    name = notebook_name(notebook.path.rsplit("/", 1)[-1])
    number, attempt = said.get("number", ""), said.get("attempt", "")
    return [Sender("--pattern", said["student"], name, number=number, attempt=attempt)]


def _checked(said: list[Sender] | str, notebook: Delivered) -> list[Sender] | str:
    """The senders with the notebook's own name, if their own can be read."""
    if isinstance(said, str):
        return said
    if not all(file_names.is_told(each.student + each.number) for each in said):
        return "its name is in an encoding that cannot be told: rename it"
    inside = notebook.path[len(notebook.archive) :].strip("/")
    if notebook.archive and said[0].system in _PLAIN:
        parts, form = inside.split("/"), _form(())
        if any(form(part, depth == len(parts)) for depth, part in enumerate(parts, 1)):
            return "an archive that holds a delivery itself: collect it on its own"
    file = notebook.path.rsplit("/", 1)[-1]
    return [
        dataclasses.replace(
            each,
            student=unicodedata.normalize("NFC", each.student).strip(),
            file=notebook_name(file if notebook.archive else each.file or file),
            time=each.time or (each.attempt if each.system == "Brightspace" else ""),
        )
        for each in said
    ]


def _by_names(places: set[str], labs: tuple[str, ...], top: str) -> dict[str, list[Sender] | str]:
    parts = {place: _below(place, top) for place in places}
    form = _form(labs)
    found = {place: form(each[0], len(each) == 1) for place, each in parts.items()}
    around = 0
    if not any(found.values()):
        for around in range(_AROUND):
            for each in (form, _ilias):
                deeper = {place: _at(each, part, around) for place, part in parts.items()}
                if deeper and all(deeper.values()):
                    return _trusted(deeper, around)
    tops = 1 + (len({each[0] for each in parts.values()}) == 1)
    return {
        place: [sender] if sender else _plain(parts[place], tops) for place, sender in found.items()
    }


def _below(place: str, top: str) -> list[str]:
    parts = place.split("/")
    return parts[1:] if top and len(parts) > 1 and parts[0] == top else parts


def _at(form: _Form, parts: list[str], around: int) -> Sender | None:
    return form(parts[around], len(parts) == around + 1) if len(parts) > around else None


def _trusted(found: dict[str, Sender], around: int) -> dict[str, list[Sender] | str]:
    """A name that a student could have given to a file in a folder of theirs says nothing."""
    people = {(each.student, each.number) for each in found.values()}
    by_file = {each.system for each in found.values()} & {"Canvas", "Classroom"}
    if around and by_file and len(people) == 1:
        reason = f"a name of {by_file.pop()} in a folder: unpack it, and collect that folder itself"
        return dict.fromkeys(found, reason)
    return {place: [sender] for place, sender in found.items()}


def _form(labs: tuple[str, ...]) -> _Form:
    """What a part of a path says by itself; the last one is a file."""

    def form(part: str, is_file: bool) -> Sender | None:
        if found := _MOODLE.fullmatch(part):
            student, number = found["student"], found["number"]
            hidden = student.casefold() in _HIDDEN
            name = f"{student} {number}" if hidden else student
            return Sender("Moodle", name, found["file"], number)
        if found := _BRIGHTSPACE.fullmatch(part):
            when = _brightspace_time(found)
            if when and is_file is bool(found["file"]):
                file = found["file"] or ""
                return Sender("Brightspace", found["student"], file, found["number"], attempt=when)
        if not is_file:
            return None
        if found := _BLACKBOARD.fullmatch(part):
            user, attempt = found["number"].rsplit("_", 1)[-1], found["attempt"]
            time = f"{attempt[:10]}T{attempt[11:].replace('-', ':')}"
            file = found["file"] or ""
            return Sender("Blackboard", user, file, found["number"], attempt=attempt, time=time)
        if found := next(filter(None, (each.fullmatch(part) for each in _CANVAS)), None):
            upload, late = int(found["upload"][:18]), bool(found["late"])
            return Sender(
                "Canvas", found["student"], found["file"], found["number"], upload=upload, late=late
            )
        found = _CLASSROOM.fullmatch(part)
        if found and any(fits(found["file"], lab) for lab in labs):
            return Sender("Classroom", found["student"], found["file"])
        return None

    return form


def _brightspace_time(found: re.Match[str]) -> str | None:
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + 12 * (found["half"].lower() == "p")
    try:
        month = 1 + _MONTHS.index((found["month"] or found["month_"])[:3].lower())
        day = int(found["day"] or found["day_"])
        when = datetime(int(found["year"]), month, day, hour, int(found["minute"]))
    except ValueError:
        return None
    return when.isoformat()


def _ilias(part: str, is_file: bool) -> Sender | None:
    found = None if is_file else _ILIAS.fullmatch(part)
    if not found:
        return None
    name = f"{found['first']} {found['last']}"
    return Sender("ILIAS", name, "", found["number"], login=found["login"])


def _plain(parts: list[str], tops: int) -> list[Sender] | str:
    if any(_FOREIGN.fullmatch(part) for part in parts):
        return NO_NAME
    for part in parts[:tops]:
        for foreign, reason in _FOREIGN_AT_THE_TOP.items():
            if re.fullmatch(foreign, part):
                return reason
    if len(parts) > 1:
        return [Sender("folder name", parts[0], "")]
    stem = re.sub(r"\.zip$", "", parts[0], flags=re.IGNORECASE)
    return [Sender("file name", notebook_name(stem).removesuffix(".ipynb"), parts[0])]


def _gradescope(delivery: Delivery, places: set[str]) -> dict[str, list[Sender] | str]:
    """What Gradescope's file says, if it lies above every notebook: below is the students' own."""
    said = [each for each in delivery.beside if each.path.split("/")[-1] == receipts.METADATA]
    for file in sorted(said, key=lambda each: each.path.count("/")):
        above = file.path.removesuffix(receipts.METADATA)
        if not all(place.startswith(above) for place in places):
            continue
        try:
            people = receipts.gradescope(file.read())
        except (Damaged, ValueError) as error:
            return dict.fromkeys(places, f"{receipts.METADATA} cannot be read ({error})")
        found: dict[str, list[Sender] | str] = {}
        for place in places:
            own = place[len(above) :].split("/")[0]
            nobody = f"{receipts.METADATA} does not say whose {own} is"
            found[place] = people.get(own) or nobody
        return found
    return {}


def _name_users(
    said: dict[str, list[Sender] | str],
    delivery: Delivery,
    users: Iterable[str],
    heads: Iterable[str],
) -> None:
    """Tell Blackboard's users from its assignments."""
    told = {}
    senders = {place: each[0] for place, each in said.items() if _of_blackboard(each)}
    heads = {*heads, *(sender.number for sender in senders.values())}
    folders = {os.path.dirname(place) for place in senders}
    for file in delivery.beside:
        folder, name = os.path.split(file.path)
        found = _BLACKBOARD.fullmatch(name)
        if not found or found["file"] or folder not in folders:
            continue
        head = found["number"]
        heads.add(head)
        try:
            user = receipts.blackboard(file.read(), head)
        except Damaged:
            continue
        if user:
            told[head] = user
    named = receipts.blackboard_users(heads, told, users)
    for place, sender in senders.items():
        if sender.number in named:
            user, certain = named[sender.number]
            login = user if certain else ""
            said[place] = [dataclasses.replace(sender, student=user, login=login)]
        else:
            said[place] = NO_NAME


def _of_blackboard(said: list[Sender] | str) -> TypeGuard[list[Sender]]:
    return not isinstance(said, str) and said[0].system == "Blackboard"
