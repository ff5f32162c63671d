"""What each system hands over of one small class, made to its documented form: the zip of all
hand-ins and the file of marks. The sources are named where the form is.

Ada hands in, Bo hands in, Cy hands in nothing. Bo's name holds what a CSV file has to quote.
"""

import csv
import io
from dataclasses import dataclass, field

ADA, BO, CY = "Ada Quill", "Bo “B, C” Ödman", "Cy Reed"


@dataclass(frozen=True)
class Given:
    """A system's zip (path -> notebook, `ada` and `bo` standing for theirs) and its file of marks.

    `blank` is that file with «MARK:ada», «SAID:ada» and the like where marks and comments go; its
    text before and after is `before` and `after`, with a mark each or none.
    """

    system: str
    files: dict[str, str]
    form: str
    encoding: str = "utf-8"
    empty: dict[str, str] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)
    roster: str = ""
    suffix: str = ".csv"

    def file(self, **filled: str) -> bytes:
        """The file of marks with these values in places of its form; the others are empty."""
        text = self.form
        for name in ("mark_ada", "mark_bo", "said_ada", "said_bo"):
            text = text.replace(f"«{name}»", filled.get(name, self.empty.get(name, "")))
        mark = b"\xff\xfe" if self.encoding == "utf-16-le" else b""
        return mark + text.encode(self.encoding)


# "Grading worksheet", docs.moodle.org/en/Assignment_activity; mod/assign/gradingtable.php and
# mod/assign/feedback/offline/importgradeslib.php. lib/csvlib.class.php ends lines with \n.
MOODLE = Given(
    "Moodle",
    {
        f"{ADA}_101_assignsubmission_file_/toy.ipynb": "ada",
        f"{BO}_102_assignsubmission_file_/toy.ipynb": "bo",
    },
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    f'"Participant 101","{ADA}",ada@x.org,"Submitted for grading - ",«mark_ada»,9.00,Yes,'
    '"Thursday, 24 September 2026, 9:26 PM",-,«said_ada»\n'
    f'"Participant 102","{BO}",bo@x.org,"Submitted for grading - ",«mark_bo»,9.00,Yes,'
    '"Friday, 25 September 2026, 9:26 AM",-,«said_bo»\n'
    f'"Participant 103","{CY}",cy@x.org,"No submission - ",,9.00,Yes,-,-,\n',
)
# "How do I import grades in the Gradebook?", community.canvaslms.com; lib/gradebook_exporter.rb,
# lib/content_zipper.rb.
CANVAS = Given(
    "Canvas",
    {"quillada_11_9001_toy.ipynb": "ada", "odmanbo_LATE_12_9002_toy-1.ipynb": "bo"},
    "Student,ID,SIS User ID,SIS Login ID,Section,Quiz (70),Toy lab (71),Current Score\r\n"
    ",,,,,,Manual Posting,\r\n"
    "    Points Possible,,,,,5.00,9.00,(read only)\r\n"
    '"Quill, Ada",11,2001,a_quill,A-1,4.00,«mark_ada»,80.00\r\n'
    '"Ödman, Bo ""B, C""",12,2002,b_odman,A-1,,«mark_bo»,\r\n'
    '"Reed, Cy",13,2003,c_reed,A-1,1.00,,20.00\r\n'
    '"Student, Test",99,,a1b2c3,A-1,,,\r\n',
    "utf-8-sig",
)
# "Working Offline with the Grade Center", help.blackboard.com: tabs, UTF-16, the extension .xls.
BLACKBOARD = Given(
    "Blackboard",
    {
        "Toy lab_aquill_attempt_2026-09-24-21-26-00_toy.ipynb": "ada",
        "Toy lab_bodman_attempt_2026-09-25-09-26-00_toy.ipynb": "bo",
    },
    '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Last Access"\t"Availability"\t'
    '"Quiz [Total Pts: 5 Score] |70"\t"Toy lab [Total Pts: 9 Score] |71"\t'
    '"Grading Notes"\t"Notes Format"\t"Feedback to Learner"\t"Feedback Format"\r\n'
    '"Quill"\t"Ada"\t"aquill"\t"2001"\t"2026-09-24 10:00:00"\t"Yes"\t"4.0"\t"«mark_ada»"\t'
    '""\t""\t"«said_ada»"\t""\r\n'
    '"Ödman"\t"Bo ""B, C"""\t"bodman"\t"2002"\t"2026-09-24 10:00:00"\t"Yes"\t""\t"«mark_bo»"\t'
    '""\t""\t"«said_bo»"\t""\r\n'
    '"Reed"\t"Cy"\t"creed"\t"2003"\t""\t"Yes"\t"1.0"\t""\t""\t""\t""\t""\r\n',
    "utf-16-le",
    suffix=".xls",
)
# "Importing grades", community.d2l.com/brightspace/kb/articles/3538: a "#" before identifiers and
# at each line's end. A folder's first number is in no file that Brightspace gives out: the class
# list says whose name it is.
_CLASS_LIST = (
    "OrgDefinedId,Username,Last Name,First Name,Email,End-of-Line Indicator\r\n"
    "#2001,#aquill,Quill,Ada,ada@x.org,#\r\n"
    '#2002,#bodman,Ödman,"Bo “B, C”",bo@x.org,#\r\n'
    "#2003,#creed,Reed,Cy,cy@x.org,#\r\n"
)
BRIGHTSPACE = Given(
    "Brightspace",
    {
        f"397063-2557369 - {ADA} - Sep 24, 2026 926 PM/toy.ipynb": "ada",
        f"397064-2557369 - {BO} - Sep 25, 2026 926 AM/toy.ipynb": "bo",
    },
    "OrgDefinedId,Username,Quiz Points Grade <Numeric MaxPoints:5 Weight:10>,"
    "Toy lab Points Grade <Numeric MaxPoints:9 Weight:10 Category:Labs CategoryWeight:50>,"
    "End-of-Line Indicator\r\n"
    "#2001,#aquill,4,«mark_ada»,#\r\n#2002,#bodman,,«mark_bo»,#\r\n#2003,#creed,1,,#\r\n",
    "utf-8-sig",
    beside={"index.html": "<html>"},
    roster=_CLASS_LIST,
)
# "Reviewing and downloading grades", help.gradescope.com; the export of submissions has
# submission_metadata.yml.
GRADESCOPE = Given(
    "Gradescope",
    {"submission_9001/toy.ipynb": "ada", "submission_9002/toy.ipynb": "bo"},
    "First Name,Last Name,SID,Email,Sections,Total Score,Max Points,Status,Submission ID,"
    "Submission Time,Lateness (H:M:S),View Count,Submission Count\n"
    "Ada,Quill,2001,ada@x.org,,«mark_ada»,9.0,Ungraded,9001,2026-09-24 21:26:00 +0200,"
    "00:00:00,0,1\n"
    'Bo “B,Ödman,2002,bo@x.org,"A, B",«mark_bo»,9.0,Ungraded,9002,2026-09-25 09:26:00 +0200,'
    "09:26:59,0,2\n"
    "Cy,Reed,2003,cy@x.org,,,9.0,Missing,,,,,\n",
    beside={
        "submission_metadata.yml": (
            "submission_9001:\n  :submitters:\n"
            f"  - :name: {ADA}\n    :sid: '2001'\n    :email: ada@x.org\n"
            "  :created_at: 2026-09-24 19:26:00.861687000 Z\n"
            "submission_9002:\n  :submitters:\n"
            "  - :name: Bo Ödman\n    :sid: '2002'\n    :email: bo@x.org\n"
            "  :created_at: 2026-09-25 07:26:00.861687000 Z\n"
        )
    },
)
ALL = (MOODLE, CANVAS, BLACKBOARD, BRIGHTSPACE, GRADESCOPE)


def values(data: bytes, encoding: str, separator: str = ",") -> list[list[str]]:
    """The rows as Python's own reader has them: an oracle for ours."""
    text = data.decode("utf-16" if encoding.startswith("utf-16") else encoding)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
