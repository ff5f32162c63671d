"""Rosters as systems export them, what they tell collect, and who handed in nothing."""

import classes
import deliveries
import pytest
from deliveries import make_zip, submitted

from vae_grading import atomic
from vae_grading.cli import run
from vae_grading.deliveries.roster import Person, Roster, read_roster
from vae_grading.deliveries.sender import Sender
from vae_grading.marks.table import print_marks
from vae_grading.pages.report import report
from vae_helpers.errors import VaeLabError

# The first line of each is the one that the system writes.
MOODLE_WORKSHEET = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed
Participant 1001,Ada Quill,ada@example.org,Submitted,,42,Yes
Participant 1002,Bo Reed,bo@example.org,No submission,,42,Yes
"""
MOODLE_PARTICIPANTS = """\
"First name","Last name","ID number","Email address",Roles
Ada,Quill,77,ada@example.org,Student
Bo,Reed,78,bo@example.org,Student
Tom,Tutor,79,tom@example.org,"Non-editing teacher"
"""
MOODLE_GERMAN = """\
Vorname;Nachname;ID-Nummer;E-Mail-Adresse
Ada;Quill;77;ada@example.org
Bo;Reed;78;bo@example.org
"""
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Lab 3 (4711),Current Score
    Points Possible,,,,,42,(read only)
"Quill, Ada",12,77,aquill,Class 1,,
"Reed, Bo",13,78,breed,Class 1,,
"Student, Test",99,,4fe0a1,Class 1,,
"""
BLACKBOARD = """\
"Last Name","First Name","Username","Student ID","Last Access","Availability","Lab 3 |1"
"Quill","Ada","a_quill","77","2026-09-24 10:00:00","Yes",""
"Reed","Bo","b_reed","78","","Yes",""
"""
BRIGHTSPACE = """\
OrgDefinedId,Username,Last Name,First Name,Email,End-of-Line Indicator
#77,#aquill,Quill,Ada,ada@example.org,#
#78,#breed,Reed,Bo,bo@example.org,#
"""
GRADESCOPE = """\
First Name,Last Name,SID,Email,Role,Sections
Ada,Quill,77,ada@example.org,Student,
Bo,Reed,78,bo@example.org,Student,
Ida,Staff,79,ida@example.org,Instructor,
"""
GRADESCOPE_GRADES = """\
Name,SID,Email,Total Score,Max Points,Status,Submission ID,Submission Time,Lateness (H:M:S)
Ada Quill,77,ada@example.org,2.0,3.0,Graded,9001,2026-04-26 17:34:00 -0700,00:00:00
Bo Reed,78,bo@example.org,,3.0,Missing,,,
"""
NBGRADER = """\
id,first_name,last_name,email,lms_user_id
aquill,Ada,Quill,ada@example.org,12
breed,Bo,Reed,bo@example.org,13
"""
ROSTERS = {
    "Moodle, worksheet": MOODLE_WORKSHEET,
    "Moodle, participants": MOODLE_PARTICIPANTS,
    "Moodle, German": MOODLE_GERMAN,
    "Canvas": CANVAS,
    "Blackboard": BLACKBOARD,
    "Brightspace": BRIGHTSPACE,
    "Gradescope": GRADESCOPE,
    "Gradescope, grades": GRADESCOPE_GRADES,
    "nbgrader": NBGRADER,
}
ADA = {
    "Moodle": "Ada Quill_1001_assignsubmission_file_/toy.ipynb",
    "Canvas": "quillada_12_34_toy.ipynb",
    "Blackboard": "Lab 3_a_quill_attempt_2026-09-24-10-00-00_toy.ipynb",
    "Brightspace": "3-9 - Ada Quill - Sep 24, 2026 926 PM/toy.ipynb",
}


@pytest.fixture
def roster(tmp_path):
    def write(text: str | bytes):
        path = tmp_path / "list.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def deliver(course, console, tmp_path):
    def deliver(files: dict, **options):
        path = make_zip(tmp_path / "all.zip", files)
        return deliveries.deliver(course, console, path, **options)

    return deliver


@pytest.mark.parametrize("text", ROSTERS.values(), ids=ROSTERS)
def test_the_export_of_each_system_names_the_students_alone(roster, text):
    assert [each.name for each in read_roster(roster(text))] == ["Ada Quill", "Bo Reed"]


def test_numbers_and_names_of_users_are_read(roster):
    def first(text):
        return read_roster(roster(text))[0]

    ada = Person("Ada Quill", number="77", email="ada@example.org")
    assert first(MOODLE_PARTICIPANTS) == first(GRADESCOPE) == ada
    assert first(CANVAS) == Person("Ada Quill", system_id="12", number="77", login="aquill")
    assert first(BLACKBOARD) == Person("Ada Quill", number="77", login="a_quill")
    assert first(MOODLE_WORKSHEET).participant == "1001"
    assert (first(BRIGHTSPACE).number, first(BRIGHTSPACE).login) == ("77", "aquill")
    assert (first(NBGRADER).folder, first(NBGRADER).system_id) == ("aquill", "12")


@pytest.mark.parametrize(
    "data",
    [
        MOODLE_PARTICIPANTS.replace("Ada", "José").encode("utf-8-sig"),
        MOODLE_PARTICIPANTS.replace("Ada", "José").encode("cp1252"),
        MOODLE_PARTICIPANTS.replace("Ada", "José").encode("utf-16"),
        MOODLE_PARTICIPANTS.replace("Ada", "Jose\u0301").replace(",", ";").encode(),
        MOODLE_PARTICIPANTS.replace("Ada", "José").replace(",", "\t").encode(),
        MOODLE_PARTICIPANTS.replace("Ada", " José ").replace("\n", "\r\n").encode(),
        b"\n\n" + MOODLE_PARTICIPANTS.replace("Ada", "José").encode() + b"\n,,,,\n",
    ],
)
def test_encodings_and_separators_are_found_out(roster, data):
    assert [each.name for each in read_roster(roster(data))] == ["José Quill", "Bo Reed"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("id,email\n1,a@b\n", "no column for the name among id, email"),
        ("First name,ID number\nAda,1\n", "no column for the name"),
        ("some text\nof no use\n", "no column for the name"),
        (MOODLE_PARTICIPANTS.splitlines()[0], "names nobody"),
        (MOODLE_PARTICIPANTS.replace("78", "77"), "line 3: 77 stands there twice, first in line 2"),
        (BRIGHTSPACE.replace("breed", "AQUILL"), "line 3: AQUILL stands there twice"),
        (NBGRADER.replace("breed", "aquill"), "line 3: aquill stands there twice"),
        (b"PK\3\4 an Excel file", "is not a CSV file"),
        (b"%PDF-1.7", "is not a CSV file"),
        (b"Full name\n\0\n", "is not a CSV file"),
        (b'Full name,x\n"Ada,1\n', "is not a CSV file"),
        (b"Full name\n" + b"x" * 200_000 + b"\n", "is not a CSV file"),
        (b"\xff\xfea", "is not a CSV file"),
    ],
)
def test_what_is_no_roster_gets_one_line_and_nothing_is_collected(
    course, tmp_path, capsys, roster, data, said
):
    make_zip(tmp_path / "x.zip", {"ada.ipynb": "x"})
    path = str(roster(data))
    arguments = ["collect", "toy", str(tmp_path / "x.zip"), "--course", str(course.root)]
    assert run([*arguments, "--roster", path]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not course.submitted.exists()


@pytest.mark.parametrize("name", ["nowhere.csv", "."])
def test_a_roster_that_is_not_there_is_said_to_be_so(tmp_path, name):
    with pytest.raises(VaeLabError, match="cannot be read"):
        read_roster(tmp_path / name)


@pytest.mark.parametrize(("system", "path"), ADA.items(), ids=ADA)
@pytest.mark.parametrize("text", ROSTERS.values(), ids=ROSTERS)
def test_who_handed_in_nothing_is_listed(console, deliver, roster, system, path, text):
    """Also where a system's files name nobody that its list would: by what both have."""
    if system == "Blackboard" and text is not BLACKBOARD:
        path = "Ada Quill/toy.ipynb"
    deliver({path: "x"}, roster=roster(text))
    said = console.file.getvalue()
    assert "1 of the 2 on the roster handed in nothing: Bo Reed" in said
    assert "Ada Quill (" not in said.split("handed in nothing")[1]


def test_the_courses_own_roster_is_taken_and_remembered(course, console, deliver):
    (course.root / "roster.csv").write_text(MOODLE_PARTICIPANTS)
    deliver({ADA["Moodle"]: "x"})
    (course.root / "roster.csv").unlink()
    deliver({"Bo Reed_1002_assignsubmission_file_/toy.ipynb": "b"})
    said = console.file.getvalue()
    assert "1 of the 2 on the roster handed in nothing: Bo Reed (78)" in said
    assert "0 of the 2 on the roster handed in nothing\n" in said


def test_who_handed_in_something_else_is_listed_apart(console, deliver, roster):
    deliver(
        {ADA["Moodle"]: "x", "Bo Reed_1002_assignsubmission_file_/answers.pdf": "%PDF"},
        roster=roster(MOODLE_WORKSHEET),
    )
    said = console.file.getvalue()
    assert "Of 1 on the roster all was left: Bo Reed" in said
    assert "0 of the 2 on the roster handed in nothing\n" in said


def test_what_was_put_there_by_hand_is_handed_in(course, console, deliver, roster):
    atomic.write_text(course.submitted / "Bo-Reed" / "toy" / "toy.ipynb", "b")
    deliver({ADA["Moodle"]: "x"}, roster=roster(MOODLE_WORKSHEET))
    assert "0 of the 2 on the roster handed in nothing\n" in console.file.getvalue()


def test_a_dry_run_counts_what_would_be_there(course, console, deliver, roster):
    deliver({ADA["Moodle"]: "x"}, roster=roster(MOODLE_WORKSHEET), dry_run=True)
    assert "1 of the 2 on the roster handed in nothing: Bo Reed" in console.file.getvalue()
    assert not course.submitted.exists()


TWO = MOODLE_WORKSHEET.replace("Email address", "ID number").replace("Bo Reed", "Ada Quill")


def test_two_of_one_name_are_kept_apart_by_a_roster_that_knows_both(course, deliver, roster):
    other = ADA["Moodle"].replace("1001", "1002")
    deliver({ADA["Moodle"]: "1", other: "2"}, roster=roster(TWO))
    kept = {"Ada-Quill-ada@example.org": "1", "Ada-Quill-bo@example.org": "2"}
    assert submitted(course) == kept
    left = deliver({"Ada Quill.ipynb": "?", "Cy.ipynb": "c"})
    assert left == {"Ada Quill.ipynb": "the roster has 2 called Ada Quill, and which is not said"}
    assert submitted(course) == kept | {"Cy": "c"}


def test_the_known_one_of_two_keeps_the_folder_when_a_roster_comes(course, deliver, roster):
    other = ADA["Moodle"].replace("1001", "1002")
    deliver({ADA["Moodle"]: "1"})
    deliver({ADA["Moodle"]: "1b", other: "2"}, roster=roster(TWO))
    assert submitted(course) == {"Ada-Quill": "1b", "Ada-Quill-bo@example.org": "2"}


def test_a_roster_tells_that_two_systems_mean_one_person(course, deliver, roster):
    deliver({ADA["Moodle"]: "1"})
    by_mail = {"Ada Quill.ipynb": "2"}
    assert "nothing says that Ada Quill is the same person" in deliver(by_mail)[""]
    deliver(by_mail, roster=roster(MOODLE_PARTICIPANTS))
    assert submitted(course) == {"Ada-Quill": "2"}
    deliver({ADA["Brightspace"]: "3"})
    assert submitted(course) == {"Ada-Quill": "3"}
    for other in (ADA["Moodle"].replace("1001", "2002"), ADA["Brightspace"].replace("3-9", "4-9")):
        assert "people would be Ada-Quill" in deliver({other: "another's"})[""]
    assert submitted(course) == {"Ada-Quill": "3"}


def test_nbgraders_ids_are_the_folders(course, deliver, roster):
    files = {ADA["Canvas"]: "a", "Bo Reed/toy.ipynb": "b", "Cy/toy.ipynb": "c"}
    deliver(files, roster=roster(NBGRADER))
    assert submitted(course) == {"aquill": "a", "breed": "b", "Cy": "c"}


def test_a_roster_tells_blackboards_users_from_the_assignment(course, deliver, roster):
    path = ADA["Blackboard"].replace("Lab 3", "Lab_3")
    deliver({path: "a"}, roster=roster(BLACKBOARD))
    assert submitted(course) == {"a_quill": "a"}


def test_a_persons_names_are_found_in_any_order():
    ada, bo = Person("Ada Maria Quill", number="7"), Person("Bo Reed")
    roster = Roster([ada, bo])
    for name in ("Ada Maria Quill", "Quill Ada Maria", "Quill, Ada Maria", "ada-maria-quill"):
        assert roster.find(Sender("Moodle", name, "", "1")) == [ada]
    assert roster.find(Sender("Canvas", "quilladamaria", "", "1")) == [ada]
    assert roster.find(Sender("folder name", "7", "")) == [ada]
    assert roster.find(Sender("Moodle", "Ada Quill", "", "7")) == []  # 7 is another number here


def test_names_on_a_roster_cannot_drive_the_terminal(console, deliver, roster):
    deliver({"ada.ipynb": "x"}, roster=roster("Full name\nB\x1b[2Jo [red]\u202e\nAda\n"))
    said = console.file.getvalue()
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert "[red]" in said


def test_a_large_class_of_absent_people_does_not_fill_the_terminal(console, deliver, roster):
    text = "Full name\n" + "".join(f"Student {n}\n" for n in range(200))
    deliver({"ada.ipynb": "x"}, roster=roster(text))
    assert "200 of the 200 on the roster handed in nothing" in console.file.getvalue()
    assert " and 150 more" in console.file.getvalue()


def test_marks_and_report_say_who_has_no_submission(course, console, deliver, roster):
    classes.store(course, classes.result("Ada-Quill"))
    deliver({ADA["Moodle"]: "x"}, roster=roster(MOODLE_WORKSHEET.replace("Bo", "<b>Bo</b>")))
    line = "No submission from 1 of the 2 on the roster: <b>Bo</b> Reed (bo@example.org)"
    for say in (lambda out: print_marks(course, course.lab("toy"), out), _report(course)):
        console.file.truncate(0)
        say(console)
        assert line in console.file.getvalue()
    page = (course.root / "reports" / "toy" / "report.html").read_text()
    assert "No submission from 1 of the 2 on the roster: &lt;b&gt;Bo&lt;/b&gt; Reed" in page
    (course.submitted / ".collected.json").write_text("{")
    print_marks(course, course.lab("toy"), console)  # what was graded is told all the same
    assert "Who handed in nothing is not known" in console.file.getvalue()


def _report(course):
    return lambda console: report(course, "toy", console=console)


def test_without_a_roster_nobody_is_said_to_be_absent(course, console, deliver):
    deliver({"ada.ipynb": "x"})
    assert "roster" not in console.file.getvalue()
    classes.store(course, classes.result("ada"))
    print_marks(course, course.lab("toy"), console)
    assert "roster" not in console.file.getvalue()
