"""Late work: by the times that systems give, and nbgrader's own dates and policy.

Over 350 lines: cases, each read by itself.
"""

import datetime

import classes
import deliveries
import pytest
from deliveries import NOTEBOOK, make_zip
from grade_files import BLACKBOARD, BRIGHTSPACE, CANVAS, GRADESCOPE, MOODLE

from vae_grading.course.dates import dates
from vae_grading.deliveries.times import duration, instant
from vae_grading.grading.dates_of_hand_ins import note_dates
from vae_grading.marks.lateness import Lateness, record_penalties
from vae_grading.marks.marks import all_marks
from vae_grading.marks.percent_per_day import DAY, PercentPerDay
from vae_grading.marks.table import print_marks
from vae_grading.pages.feedback import feedback
from vae_grading.pages.report import report
from vae_grading.returns.export import export
from vae_helpers.errors import VaeLabError

# Ada hands in at 21:26 on the 24th, Bo twelve hours later, in Berlin.
DUE = """
c.VaeLab.timezone = "Europe/Berlin"
c.VaeLab.due = {"toy": "2026-09-25 00:00"}
"""
PER_DAY = """
c.AssignLatePenalties.plugin_class = "vae_grading.marks.percent_per_day.PercentPerDay"
c.PercentPerDay.percent = 25
"""
ZERO = 'c.LateSubmissionPlugin.penalty_method = "zero"\n'
STAMPS = ["2026-09-24 19:26:00.000000 UTC", "2026-09-25 07:26:00.000000 UTC"]


def configure(course, text: str) -> None:
    path = course.root / "nbgrader_config.py"
    path.write_text(path.read_text() + text)


def collect(course, console, given, tmp_path, roster: str = "", name: str = "all.zip", **options):
    """Collect what a system gives; the folders, Ada's first."""
    listed = None
    if roster or given.roster:
        listed = tmp_path / "class.csv"
        listed.write_text(roster or given.roster, encoding="utf-8-sig")
    files = dict.fromkeys(given.files, NOTEBOOK) | given.beside
    source = make_zip(tmp_path / name, files, **options)
    deliveries.deliver(course, console, source, roster=listed)
    found = sorted(deliveries.submitted(course))
    return found if given is not CANVAS else found[::-1]


def stamps(course, folders) -> list[str]:
    paths = (course.submitted / each / "toy" / "timestamp.txt" for each in folders)
    return [path.read_text().strip() if path.exists() else "" for path in paths]


def note(course) -> list[str]:
    students = sorted(deliveries.submitted(course))
    return note_dates(course, "toy", course.submitted, students)


@pytest.fixture
def late(course, console, tmp_path):
    """Graded hand-ins of Gradescope: Ada's 5 points in time, Bo's 4 more than nine hours late."""
    configure(course, DUE)
    ada, bo = collect(course, console, GRADESCOPE, tmp_path)
    wrong = {"double-value": classes.FACTOR}
    classes.store(course, classes.result(ada), classes.result(bo, wrong))
    assert note(course) == []
    return ada, bo


# Times
@pytest.mark.parametrize(
    ("given", "roster"),
    [
        (BLACKBOARD, ""),
        (BRIGHTSPACE, ""),
        (GRADESCOPE, ""),
        (MOODLE, MOODLE.file().decode()),
        (
            MOODLE,
            MOODLE.file()
            .decode()
            .replace(
                "Thursday, 24 September 2026, 9:26 PM", "Donnerstag, 24. September 2026, 21:26"
            )
            .replace("Last modified (submission)", "Zuletzt geändert (Abgabe)"),
        ),
    ],
    ids=["Blackboard", "Brightspace", "Gradescope", "Moodle", "Moodle, German"],
)
def test_the_time_of_each_system_is_written_as_nbgrader_writes_it(
    course, console, tmp_path, given, roster
):
    """By nbgrader's own reader: CourseDirectory.get_existing_timestamp."""
    from nbgrader.coursedir import CourseDirectory

    configure(course, DUE)
    folders = collect(course, console, given, tmp_path, roster)
    assert stamps(course, folders) == STAMPS
    place = str(course.submitted / folders[0] / "toy")
    when = CourseDirectory(root=str(course.root)).get_existing_timestamp(place)
    assert when == datetime.datetime(2026, 9, 24, 19, 26)  # in UTC


def test_times_in_a_language_that_is_not_read_are_told(course, console, tmp_path):
    odd = MOODLE.file().decode().replace("Friday, 25 September 2026", "Vrydag, 25 Weinmonat 2026")
    folders = collect(course, console, MOODLE, tmp_path, odd, when=(1980, 1, 1, 0, 0, 0))
    assert stamps(course, folders)[1] == ""
    assert "1 times in the list are not understood, such as 'Vrydag" in console.file.getvalue()


def test_of_moodle_alone_the_time_in_the_zip_counts(course, console, tmp_path):
    configure(course, DUE)
    when = (2026, 9, 24, 21, 26, 0)
    folders = collect(course, console, MOODLE, tmp_path, when=when)
    assert stamps(course, folders) == [STAMPS[0]] * 2


def test_canvas_says_no_time(course, console, tmp_path):
    folders = collect(course, console, CANVAS, tmp_path)
    assert stamps(course, folders) == ["", ""]


def test_a_later_attempt_brings_its_time_and_the_same_again_keeps_the_first(
    course, console, tmp_path
):
    configure(course, DUE)
    name = "Toy lab_aquill_attempt_2026-09-{}-10-00-00_toy.ipynb"
    at = "2026-09-{} 08:00:00.000000 UTC"
    for day, text, wanted in ((24, "a", 24), (26, "a", 24), (25, "b", 24), (27, "b", 27)):
        source = make_zip(tmp_path / f"{day}.zip", {name.format(day): text})
        deliveries.deliver(course, console, source)
        assert stamps(course, ["aquill"]) == [at.format(wanted)], day


def test_a_time_that_a_person_wrote_stays(course, console, tmp_path):
    configure(course, DUE)
    folders = collect(course, console, GRADESCOPE, tmp_path)
    path = course.submitted / folders[1] / "toy" / "timestamp.txt"
    path.write_text("2026-09-24 12:00:00 Europe/Berlin\n")
    collect(course, console, GRADESCOPE, tmp_path, name="again.zip")
    assert stamps(course, folders)[1].startswith("2026-09-24 12:00:00")


@pytest.mark.parametrize(
    ("said", "utc"),
    [
        ("2026-09-24 21:26:00 Europe/Berlin", "2026-09-24T19:26:00+00:00"),
        ("2026-09-24T21:26:00Z", "2026-09-24T21:26:00+00:00"),
        ("Wednesday, September 23, 2020, 9:00 PM", "2020-09-23T19:00:00+00:00"),
        ("Mittwoch, 23. März 2022, 09:00", "2022-03-23T08:00:00+00:00"),
        ("mercredi 23 août 2023, 12:05", "2023-08-23T10:05:00+00:00"),
        ("miércoles, 3 de enero de 2024, 00:05", "2024-01-02T23:05:00+00:00"),
        ("2026-10-25 02:30:00", "2026-10-25T00:30:00+00:00"),  # twice that night: the first counts
        ("-", None),
        ("gisteren", None),
        ("2026-02-31 10:00", None),
        ("0001-01-01 00:00:00", None),
    ],
)
def test_times_are_read_in_the_courses_zone_or_not_at_all(said, utc):
    import zoneinfo

    found = instant(said, zoneinfo.ZoneInfo("Europe/Berlin"))
    assert (found.isoformat() if found else None) == utc


# Policy
def _penalty(course, student: str) -> float | None:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}", "toy-course") as book:
        found = book.find_submission("toy", student).late_submission_penalty
        book.engine.dispose()
    return found


def test_late_by_nbgraders_own_count(course, late):
    """Against SubmittedAssignment.total_seconds_late."""
    from nbgrader.api import Gradebook

    ada, bo = late
    assert [each.late.seconds for each in all_marks(course, course.lab("toy"))] == [0, 33_901]
    with Gradebook(f"sqlite:///{course.gradebook}", "toy-course") as book:
        seconds = [book.find_submission("toy", each).total_seconds_late for each in (ada, bo)]
        book.engine.dispose()
    assert seconds == [0, 33_901]


@pytest.mark.parametrize(
    ("policy", "taken"), [("", 0), (ZERO, 4), (PER_DAY, 1), (ZERO + PER_DAY, 1)]
)
def test_points_are_taken_off_by_the_courses_policy(course, late, policy, taken):
    configure(course, policy)
    ada, bo = all_marks(course, course.lab("toy"))
    assert (ada.penalty, bo.penalty, bo.earned.points) == (0, taken, 4)
    assert bo.total.points == 4 - taken
    record_penalties(course, "toy", {each.student: each.penalty for each in (ada, bo)})
    assert (_penalty(course, late[1]) or 0) == taken


def test_points_of_a_person_count_when_they_come(course, late):
    """nbgrader's own number stays that of the day of grading: here `zero` stays zero."""
    configure(course, ZERO)
    classes.mark_by_hand(course, *late)
    assert [each.total.points for each in all_marks(course, course.lab("toy"))] == [9, 0]


def test_a_share_a_day_begun_after_a_while_of_grace():
    policy = PercentPerDay(percent=10, grace_minutes=15, most_percent=50)
    seconds = (900, 901, DAY, DAY + 1, 30 * DAY)
    assert [policy.late_submission_penalty("x", 40, each) for each in seconds] == [0, 4, 4, 8, 20]


def test_a_policy_takes_no_more_than_there_is_and_gives_nothing(course, late):
    (course.root / "odd_policy.py").write_text(
        "from nbgrader.plugins import LateSubmissionPlugin\n"
        "class Odd(LateSubmissionPlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
        "        return {value}\n"
    )
    import sys

    text = (course.root / "odd_policy.py").read_text()
    for value, taken in (("99", 4), ("-5", 0), ("None", 0)):
        name = f"odd_policy_{abs(hash(value))}"
        (course.root / f"{name}.py").write_text(text.format(value=value))
        sys.path.insert(0, str(course.root))
        configure(course, f'c.AssignLatePenalties.plugin_class = "{name}.Odd"\n')
        assert all_marks(course, course.lab("toy"))[1].penalty == taken
        sys.path.pop(0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('c.AssignLatePenalties.plugin_class = "no_such.Policy"\n', "the policy for late work:"),
        ('c.LateSubmissionPlugin.penalty_method = "half"\n', "the policy for late work:"),
    ],
)
def test_a_policy_that_is_none_gets_one_line(course, late, text, said):
    configure(course, text)
    with pytest.raises(VaeLabError, match=said) as error:
        all_marks(course, course.lab("toy"))
    assert "\n" not in str(error.value)


# Extensions
EXTENDED = "Name,SID,Email,{}\nAda Quill,2001,ada@x.org,\nBo Ödman,2002,bo@x.org,{}\n"


@pytest.mark.parametrize(
    ("column", "said", "seconds"),
    [
        ("extension", "9 h", 33_901 - 9 * 3600),
        ("Extension", "10 hours", 0),
        ("extension toy", "1", 0),
        ("extension lab9", "1", 33_901),
        ("Verlängerung", "1 Tag", 0),
    ],
)
def test_an_extension_of_the_roster_moves_ones_own_due_date(
    course, console, tmp_path, late, column, said, seconds
):
    collect(course, console, GRADESCOPE, tmp_path, EXTENDED.format(column, said), "again.zip")
    note(course)
    found = {each.student: each.late.seconds for each in all_marks(course, course.lab("toy"))}
    assert found == dict(zip(late, (0, seconds), strict=True))


def test_an_extension_that_is_none_is_told_with_its_line(course, console, tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text(EXTENDED.format("extension", "until Friday"))
    source = make_zip(tmp_path / "x.zip", {"ada.ipynb": NOTEBOOK})
    left = deliveries.deliver(course, console, source, roster=roster)
    assert "line 3: the extension until Friday is no time such as 3 days or 36 h" in left[""]


def test_extensions_that_nbgrader_was_told_stay_without_a_column(course, late):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}", "toy-course") as book:
        book.grant_extension("toy", late[1], days=1)
        book.engine.dispose()
    note(course)
    assert not any(each.late for each in all_marks(course, course.lab("toy")))


def test_durations_are_counted_in_hours():
    assert duration("36 h") == datetime.timedelta(hours=36)
    assert duration("1,5 days") == duration("36h")
    assert duration("") == datetime.timedelta()
    assert duration("1 fortnight") is None


# What is shown
def test_being_late_is_shown_to_the_grader_and_to_the_student(course, console, late, tmp_path):
    configure(course, PER_DAY)
    lab = course.lab("toy")
    print_marks(course, lab, console)
    shown = console.file.getvalue()
    assert "9 h 25 min -1" in shown
    feedback(course, "toy", console=console)
    ada, bo = (course.feedback("toy", each).read_text() for each in late)
    assert "Handed in late by 9 h 25 min: 1 of 4 points are taken off." in bo
    assert "late" not in ada
    page = report(course, "toy", console=console).read_text()
    assert "9 h 25 min -1" in page
    csv = (course.root / "reports" / "toy" / "marks.csv").read_text().splitlines()
    assert csv[2].endswith(",9.42,1")
    path = tmp_path / "scores.csv"
    path.write_bytes(GRADESCOPE.file())
    found = export(course, "toy", path, unfinished=True, console=console)
    assert found.marks == dict(zip(late, ("5", "3"), strict=True))


def test_in_time_nothing_is_said_of_time(course, console):
    classes.store(course, classes.result("ada"))
    print_marks(course, course.lab("toy"), console)
    assert "late" not in console.file.getvalue()


def test_what_canvas_calls_late_is_said_and_costs_nothing(course, console, tmp_path):
    configure(course, DUE + ZERO)
    folders = collect(course, console, CANVAS, tmp_path)
    classes.store(course, *map(classes.result, folders))
    note(course)
    found = {each.student: each for each in all_marks(course, course.lab("toy"))}
    assert found["odmanbo"].late == Lateness(said=True)
    assert found["odmanbo"].total.points == 5
    print_marks(course, course.lab("toy"), console)
    assert "1 are late by their system, which does not say by how much" in console.file.getvalue()
    stamp = course.submitted / "odmanbo" / "toy" / "timestamp.txt"
    stamp.write_text("2026-09-25 02:00:00 +0200\n")
    note(course)
    found = {each.student: each for each in all_marks(course, course.lab("toy"))}
    assert found["odmanbo"].late.seconds == 7200 - 59
    assert found["odmanbo"].total.points == 0


def test_a_file_without_a_time_is_told(course, console, late):
    (course.submitted / late[0] / "toy" / "timestamp.txt").write_text("yesterday")
    assert note(course) == [
        f"{late[0]}: timestamp.txt holds no time such as 2026-09-24 21:26:00 UTC."
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('c.VaeLab.due = {"toi": "2026-09-25 00:00"}', "names 'toi', which is no lab; known labs"),
        ('c.VaeLab.due = {"toy": "soon"}', "is 'soon', no time such as 2026-10-05 23:59"),
        ('c.VaeLab.due = {"toy": "2026-09-25"}', "has no hour: write 2026-09-25 23:59"),
        ('c.VaeLab.due = "2026-09-25 00:00"', "is not of the form"),
        ('c.VaeLab.timezone = "Berlin"', "'Berlin' is no zone such as Europe/Berlin"),
        ('c.VaeLab.zone = "Berlin"', "c.VaeLab.zone is not known"),
        ("c.VaeLab.due = (", "nbgrader_config.py: SyntaxError"),
    ],
)
def test_dates_that_are_none_get_one_line(course, text, said):
    configure(course, text)
    with pytest.raises(VaeLabError) as error:
        dates(course, "toy")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_due_date_that_formgrader_was_told_counts(course, console, tmp_path):
    from nbgrader.api import Gradebook

    folders = collect(course, console, GRADESCOPE, tmp_path)
    classes.store(course, *map(classes.result, folders))
    with Gradebook(f"sqlite:///{course.gradebook}", "toy-course") as book:
        book.update_or_create_assignment("toy", duedate="2026-09-24 22:00 UTC")
        book.engine.dispose()
    note(course)
    assert [each.late.seconds for each in all_marks(course, course.lab("toy"))] == [0, 33_960]
