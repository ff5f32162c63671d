"""Those who hand in together: one notebook in submitted/, the mark and the feedback to each."""

import json
import zipfile

import classes
import deliveries
import pytest
from deliveries import NOTEBOOK, make_zip, submitted

from vae_grading.deliveries import identities
from vae_grading.deliveries.teams import members, named_in
from vae_grading.marks.marks import all_marks
from vae_grading.marks.table import print_marks
from vae_grading.pages.feedback import feedback
from vae_grading.pages.report import report
from vae_grading.returns.export import export
from vae_grading.returns.feedback_zip import feedback_zip

ROSTER = """\
First name,Last name,ID number,Email address,{}
Ada,Quill,2001,ada@x.org,{}
Bo,Reed,2002,bo@x.org,{}
Cy,Vale,2003,cy@x.org,{}
Dee,Oak,2004,dee@x.org,
"""
TEAM = ROSTER.format("team", "A", "a", "B")
ALONE = ROSTER.format("remarks", "", "", "")
ADA, BO, CY = (
    f"{name}_{number}_assignsubmission_file_/toy.ipynb"
    for name, number in (("Ada Quill", 101), ("Bo Reed", 102), ("Cy Vale", 103))
)
WORKSHEET = (
    'Identifier,"Full name","ID number",Grade,"Maximum Grade","Feedback comments"\n'
    '"Participant 101","Ada Quill",2001,{},9.00,{}\n"Participant 102","Bo Reed",2002,{},9.00,{}\n'
    '"Participant 103","Cy Vale",2003,,9.00,\n'
)


def signed(*names: str, line: str = "Handed in by: {}") -> str:
    cell = {"cell_type": "markdown", "metadata": {}, "source": line.format(", ".join(names))}
    return json.dumps(json.loads(NOTEBOOK) | {"cells": [cell]})


@pytest.fixture
def collect(course, console, tmp_path):
    """Collect these files with a roster; {student: text}, {path: reason}."""

    def collect(files: dict, roster: str = TEAM):
        listed = tmp_path / "list.csv"
        listed.write_text(roster)
        source = make_zip(tmp_path / "all.zip", files)
        left = deliveries.deliver(course, console, source, roster=listed)
        return submitted(course), left

    return collect


def _members(course) -> dict[str, list[str]]:
    found, _ = members(identities.read(course), "toy")
    return {folder: [each.folder for each in mates] for folder, mates in found.items()}


def test_a_column_of_the_roster_makes_one_hand_in_of_a_team(course, collect, console):
    found, left = collect({ADA: "x", CY: "c"})
    assert (found, left) == ({"Ada-Quill": "x", "Cy-Vale": "c"}, {})
    assert _members(course) == {"Ada-Quill": ["Bo-Reed"]}
    shown = console.file.getvalue()
    assert "Moodle, with Bo Reed" in shown
    assert "1 of the 4 on the roster handed in nothing: Dee Oak (2004)" in shown


def test_copies_that_moodle_makes_for_each_are_one(course, collect):
    """mod/assign/locallib.php, download_submissions: a group's files stand under each member."""
    found, left = collect({ADA: "x", BO: "x"})
    assert found == {"Ada-Quill": "x"}
    assert left == {BO: "the same as another one"}
    assert _members(course) == {"Ada-Quill": ["Bo-Reed"]}


@pytest.mark.parametrize("first", [0, 1])
def test_the_teams_latest_counts_whoever_hands_in(course, collect, first):
    at = "Toy lab_{}_attempt_2026-09-2{}-10-00-00_toy.ipynb"
    roster = "Last Name,First Name,Username,Team\nQuill,Ada,aquill,A\nReed,Bo,breed,A\n"
    users = ["aquill", "breed"][:: -1 if first else 1]
    found, _ = collect({at.format(users[0], 4): "old"}, roster)
    assert found == {users[0]: "old"}
    found, left = collect({at.format(users[1], 5): "new"}, roster)
    assert (found, left) == ({users[0]: "new"}, {})
    found, left = collect({at.format(users[0], 3): "oldest"}, roster)
    assert found == {users[0]: "new"}
    assert "an earlier attempt" in "".join(left.values())


def test_two_of_a_team_who_hand_in_different_things_at_once_are_not_chosen_between(collect):
    found, left = collect({ADA: "x", BO: "y", CY: "c"})
    assert found == {"Cy-Vale": "c"}
    assert set(left.values()) == {"several notebooks, and which of them is toy.ipynb is not said"}


def test_a_team_is_one_in_the_lab_alone(course, collect, tmp_path, console):
    """What Bo hands in for another lab is Bo's, though Ada's folder had the team's here."""
    collect({ADA: "x"})
    store = identities.read(course)
    assert [key for key in store.folders("lab9") if "101" in key] == []


# Named in the notebook
def test_a_notebook_names_those_who_made_it(course, collect, console):
    files = {ADA: signed("Ada Quill", "Bo Reed and Nobody Known"), CY: signed("Cy Vale (2003)")}
    found, _ = collect(files, ALONE)
    assert set(found) == {"Ada-Quill", "Cy-Vale"}
    assert _members(course) == {"Ada-Quill": ["Bo-Reed"]}
    assert "Ada-Quill names 'Nobody Known', whom no one on the roster" in console.file.getvalue()


def test_a_name_in_a_notebook_takes_nobodys_own_away(course, collect, console):
    collect({ADA: signed("Bo Reed"), BO: "own"}, ALONE)
    assert _members(course) == {}
    assert "Bo-Reed is named by Ada-Quill, and has a notebook alone." in console.file.getvalue()


def test_whom_two_notebooks_name_has_a_mark_of_neither(course, collect, console):
    collect({ADA: signed("Bo Reed"), CY: signed("Bo Reed")}, ALONE)
    assert _members(course) == {}
    assert "Bo-Reed is named by Ada-Quill and Cy-Vale, and has a mark of" in console.file.getvalue()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Handed in by: Ada Quill, Bo Reed", ["Ada Quill", "Bo Reed"]),
        ("**Handed in by:** *Ada Quill* & Bo Reed", ["Ada Quill", "Bo Reed"]),
        ("# Lab\n\nhanded in by: Ada Quill and Bo Reed\n\nmore", ["Ada Quill", "Bo Reed"]),
        ("Handed in by:\n\n- Ada Quill\n- Bo Reed (2002)\n\nText", ["Ada Quill", "Bo Reed (2002)"]),
        ("Abgegeben von: Ada Quill und Bo Reed", ["Ada Quill", "Bo Reed"]),
        ("Handed in by:", []),
        ("It was handed in by me: Ada", []),
    ],
)
def test_names_are_read_in_a_line_of_their_own(text, names):
    assert named_in(signed(line=text).encode()) == names


@pytest.mark.parametrize(
    "data",
    [
        b"handed in by",
        b'{"handed in by": 1}',
        b'{"cells": "handed in by"}',
        b'{"cells": [1, {"cell_type": "markdown", "source": [2, "Handed in by: "]}]}',
        b"[" * 100_000 + b"handed in by",
        signed(*["Ada"] * 5).encode().replace(b"markdown", b"code"),
    ],
)
def test_what_is_no_notebook_names_nobody(data):
    assert named_in(data) == []


# The mark and the feedback to each
def test_the_mark_goes_to_each_in_table_report_export_and_feedback(
    course, collect, console, tmp_path
):
    collect({ADA: "x", BO: "x"})
    classes.store(course, classes.result("Ada-Quill", {"double-value": classes.FACTOR}))
    classes.mark_by_hand(course, "Ada-Quill")
    (one,) = all_marks(course, course.lab("toy"))
    assert one.everybody == "Ada-Quill + Bo-Reed"
    print_marks(course, course.lab("toy"), console)
    assert "Ada-Quill + Bo-Reed" in console.file.getvalue()
    report(course, "toy", console=console)
    rows = (course.root / "reports" / "toy" / "marks.csv").read_text().splitlines()
    assert [row.split(",")[0:5:4] for row in rows[1:]] == [["Ada-Quill", "8"], ["Bo-Reed", "8"]]
    feedback(course, "toy", console=console)
    pages = [course.feedback("toy", each).read_text() for each in ("Ada-Quill", "Bo-Reed")]
    assert pages[0] == pages[1]
    path = tmp_path / "worksheet.csv"
    path.write_text(WORKSHEET.format("", "", "", ""))
    said = '"Marks by exercise: 1: 2/3, 2: 2/2, Q1: 4/4."'
    export(course, "toy", path, console=console)
    assert path.read_text() == WORKSHEET.format("8", said, "8", said)
    with zipfile.ZipFile(feedback_zip(course, "toy", "moodle", console=console)) as archive:
        assert sorted(archive.namelist()) == [
            "Ada Quill_101_assignsubmission_file_/toy.html",
            "Bo Reed_102_assignsubmission_file_/toy.html",
        ]


def test_a_mate_without_a_hand_in_is_told_to_have_no_place(course, collect, console):
    """Moodle's number of Bo in this assignment is not known: nothing of hers went through it."""
    collect({ADA: "x"})
    classes.store(course, classes.result("Ada-Quill"))
    target = feedback_zip(course, "toy", "moodle", unfinished=True, console=console)
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["Ada Quill_101_assignsubmission_file_/toy.html"]
    assert "Moodle has no hand-in of their own for Bo-Reed" in console.file.getvalue()


def test_a_page_is_the_owners_though_a_mate_handed_it_in(course, collect, console, tmp_path):
    """The name in the archive is of the one whose hand-in it was, by number."""
    at = "39706{}-2557369 - {} - Sep 2{}, 2026 926 PM/toy.ipynb"
    collect({at.format(3, "Ada Quill", 4): "old"})
    collect({at.format(4, "Bo Reed", 5): "new"})
    classes.store(course, classes.result("Ada-Quill"))
    target = feedback_zip(course, "toy", "brightspace", unfinished=True, console=console)
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["397064-2557369 - Bo Reed - Sep 25, 2026 926 PM/toy.html"]
    assert "no hand-in of their own for Ada-Quill" in console.file.getvalue()


def test_what_is_remembered_of_a_team_is_read_again(course, collect):
    collect({ADA: "x", BO: "x"})
    (record,) = identities.read(course).records["toy"].values()
    (mate,) = record.members
    assert (mate.name, mate.participant, mate.number) == ("Bo Reed", "102", "2002")
