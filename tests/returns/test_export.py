"""Marks go into each system's own file, to whom they belong, and nothing else of it changes.

Over 350 lines: cases, each read by itself.
"""

import classes
import deliveries
import grade_files
import pytest
from deliveries import NOTEBOOK, make_zip
from grade_files import BLACKBOARD, BRIGHTSPACE, CANVAS, GRADESCOPE, MOODLE

from vae_grading.marks.gradebook import PersonalMark
from vae_grading.returns import export as export_module
from vae_grading.returns.export import export
from vae_helpers.errors import VaeLabError

SAID = "Marks by exercise: 1: {}/3, 2: 2/2, Q1: 4/4."
ONE_WRONG = {"double-value": classes.FACTOR}


@pytest.fixture
def handed_in(course, console, tmp_path):
    """Collect what a system gives; both are graded: Ada 9 of 9, Bo 8 with an exercise wrong."""

    def handed_in(given: grade_files.Given, *, marked: bool = True):
        files = {path: NOTEBOOK for path in given.files} | given.beside
        roster = None
        if given.roster:
            roster = tmp_path / "class.csv"
            roster.write_text(given.roster, encoding="utf-8")
        left = deliveries.deliver(
            course, console, make_zip(tmp_path / "all.zip", files), roster=roster
        )
        assert set(left) <= {*given.beside}
        folders = sorted(deliveries.submitted(course))
        assert len(folders) == 2
        ada = next(each for each in folders if each.casefold().strip("qu").startswith(("a", "ill")))
        bo = next(each for each in folders if each != ada)
        classes.store(course, classes.result(ada), classes.result(bo, ONE_WRONG))
        if marked:
            classes.mark_by_hand(course, ada, bo)
        path = tmp_path / f"marks{given.suffix}"
        path.write_bytes(given.file())
        return path, ada, bo

    return handed_in


def _filled(given: grade_files.Given) -> bytes:
    said = {"said_ada": SAID.format(3), "said_bo": SAID.format(2)}
    if given is MOODLE:  # whose comment cells are not quoted unless they have to be
        said = {key: f'"{text}"' for key, text in said.items()}
    return given.file(mark_ada="9", mark_bo="8", **said)


@pytest.mark.parametrize("given", grade_files.ALL, ids=lambda given: given.system)
def test_a_file_comes_back_with_the_marks_and_otherwise_byte_for_byte(
    course, console, handed_in, given
):
    """The oracle is the file written a second time with marks where it has none."""
    path, ada, bo = handed_in(given)
    found = export(course, "toy", path, console=console)
    assert found.marks == {ada: "9", bo: "8"}
    assert path.read_bytes() == _filled(given)
    export(course, "toy", path, console=console)
    assert path.read_bytes() == _filled(given)


@pytest.mark.parametrize("given", grade_files.ALL, ids=lambda given: given.system)
def test_with_nothing_to_say_the_file_is_not_touched(course, console, handed_in, given):
    path, ada, bo = handed_in(given, marked=False)
    before = path.stat().st_mtime_ns
    found = export(course, "toy", path, console=console)
    assert found.marks == {}
    assert found.unfinished == dict.fromkeys((ada, bo), "4 points are still to be marked by hand")
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (given.file(), before)
    assert "left out (--unfinished takes them, too)" in console.file.getvalue()


def test_what_is_not_final_is_exported_when_asked(course, console, handed_in):
    path, _, _ = handed_in(GRADESCOPE, marked=False)
    export(course, "toy", path, unfinished=True, console=console)
    assert path.read_bytes() == GRADESCOPE.file(mark_ada="5", mark_bo="4")


def test_a_dry_run_writes_nothing(course, console, handed_in):
    path, _, _ = handed_in(CANVAS)
    export(course, "toy", path, dry_run=True, console=console)
    assert path.read_bytes() == CANVAS.file()
    assert "2 of 2 marks for toy into 'Toy lab (71)'" in console.file.getvalue()


def _refused(course, console, path, **options) -> str:
    """The one line, and nothing changed."""
    before = path.read_bytes()
    with pytest.raises(VaeLabError) as error:
        export(course, "toy", path, console=console, **options)
    assert path.read_bytes() == before
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("given", "before", "after"),
    [
        (MOODLE, '"Participant 102"', '"Participant 777"'),
        (CANVAS, ",12,2002,b_odman", ",77,7777,z_zzz"),
        (BLACKBOARD, '"bodman"', '"zzz"'),
        (BRIGHTSPACE, "#2002,#bodman", "#7777,#zzz"),
        (GRADESCOPE, "2002,bo@x.org", "7777,z@x.org"),
    ],
    ids=lambda value: getattr(value, "system", ""),
)
def test_where_one_has_no_place_nothing_is_written_unless_partial(
    course, console, handed_in, given, before, after
):
    path, ada, bo = handed_in(given)
    path.write_bytes(path.read_bytes().replace(*_encoded(given, before, after)))
    said = _refused(course, console, path)
    assert "1 of 2 students with marks have no place in it" in said
    assert f"  {bo}: " in console.file.getvalue()
    found = export(course, "toy", path, partial=True, console=console)
    assert found.marks == {ada: "9"}
    comment = _filled(given).replace(*_encoded(given, before, after))
    assert (
        grade_files.values(path.read_bytes(), given.encoding)[1]
        == (grade_files.values(comment, given.encoding)[1])
    )


def _encoded(given, *texts: str) -> list[bytes]:
    code = "utf-8" if given.encoding == "utf-8-sig" else given.encoding
    return [text.encode(code) for text in texts]


@pytest.mark.parametrize("given", grade_files.ALL, ids=lambda given: given.system)
def test_a_file_whose_numbers_fit_nobody_is_said_to_be_anothers(course, console, handed_in, given):
    """Also with the names of the very same people, and with --partial."""
    path, _, _ = handed_in(given)
    data = path.read_bytes()
    for old, new in (("10", "70"), ("quill", "zuill"), ("odman", "zdman"), ("200", "700")):
        data = data.replace(*_encoded(given, old, new))
    for old, new in (("@x.org", "@y.org"), (",11,", ",71,"), (",12,", ",72,")):
        data = data.replace(*_encoded(given, old, new))
    path.write_bytes(data)
    for partial in (False, True):
        said = _refused(course, console, path, partial=partial)
        assert "none of the 2 students with marks for toy is found in it" in said


def test_moodles_numbers_of_another_assignment_are_nobodys_though_addresses_fit(
    course, console, handed_in, tmp_path
):
    """Moodle numbers participants anew in each assignment (assign::get_uniqueid_for_user)."""
    path, _, _ = handed_in(MOODLE)
    roster = tmp_path / "course" / "roster.csv"
    roster.write_text("Full name,Email address\nAda Quill,ada@x.org\n")
    files = {path: NOTEBOOK for path in MOODLE.files}
    deliveries.deliver(course, console, make_zip(tmp_path / "again.zip", files))
    path.write_bytes(path.read_bytes().replace(b"Participant 10", b"Participant 20"))
    assert "is it another lab or course's" in _refused(course, console, path, partial=True)


def test_gradescopes_numbers_of_submissions_tell_another_lab(course, console, handed_in):
    path, _, _ = handed_in(GRADESCOPE)
    path.write_bytes(path.read_bytes().replace(b",900", b",800"))
    assert "none of its submission numbers was collected for toy" in _refused(course, console, path)
    path.write_bytes(path.read_bytes().replace(b",8001", b",9001"))  # Bo handed in once more
    assert len(export(course, "toy", path, console=console).marks) == 2


@pytest.mark.parametrize(
    ("given", "old", "new", "said"),
    [
        (CANVAS, "Toy lab (71)", "Lab 1 (71)", "no column for marks is called as toy; name one"),
        (CANVAS, "Quiz (70)", "toy (70)", "several columns are called as toy"),
        (BLACKBOARD, "Toy lab [", "Lab 1 [", "columns for marks: 'Quiz [Total Pts: 5 Score] |70'"),
        (BLACKBOARD, "9 Score", "9 Text", "no column for marks is called as toy"),
        (BRIGHTSPACE, "Toy lab Points", "Toy lab Text", "no column for marks is called as toy"),
        (CANVAS, "5.00,9.00", "5.00,20.00", "a maximum of 20, and toy has 9 points; is it another"),
        (BRIGHTSPACE, "MaxPoints:9", "MaxPoints:20", "--scale multiplies every mark by 20/9"),
        (MOODLE, ",9.00,", ",100.00,", "a maximum of 100"),
        (BLACKBOARD, "Pts: 9 S", "Pts: 0 S", "a maximum of 0: set its points in Blackboard"),
        (CANVAS, "5.00,9.00", "5.00,(read only)", "does not let 'Toy lab (71)' be changed"),
        (MOODLE, "Grade,", "Mark,", "its first line is no heading"),
        (MOODLE, '"Participant 102"', '"Participant 102', "quotation mark"),
    ],
)
def test_the_file_of_another_lab_or_of_nothing_known_gets_one_line(
    course, console, handed_in, given, old, new, said
):
    path, _, _ = handed_in(given)
    path.write_bytes(path.read_bytes().replace(*_encoded(given, old, new)))
    assert said in _refused(course, console, path)


def test_a_column_that_is_called_otherwise_can_be_named(course, console, handed_in):
    path, _, _ = handed_in(CANVAS)
    other = CANVAS.file().replace(b"Toy lab (71)", b"Week 2 (71)")
    for name in ("71", "Week 2", "Week 2 (71)"):
        path.write_bytes(other)
        export(course, "toy", path, column=name, console=console)
        assert path.read_bytes() == _filled(CANVAS).replace(b"Toy lab (71)", b"Week 2 (71)")
    assert "--column Current Score: no column for marks is called so" in _refused(
        course, console, path, column="Current Score"
    )


def test_marks_are_scaled_only_when_asked(course, console, handed_in):
    path, ada, bo = handed_in(CANVAS)
    path.write_bytes(path.read_bytes().replace(b"5.00,9.00", b"5.00,20.00"))
    found = export(course, "toy", path, scale=True, console=console)
    assert found.marks == {ada: "20", bo: "17.78"}  # 8 of 9 are 17.777... of 20


# What spreadsheets do
@pytest.mark.parametrize(
    ("given", "change", "said"),
    [
        (MOODLE, lambda data: data.replace(b",", b";"), "separated by semicolons; it was saved"),
        (BRIGHTSPACE, lambda data: data.replace(b",", b"\t"), "separated by tabs; it was saved"),
        (MOODLE, lambda data: data.decode().encode("cp1252"), "not in UTF-8, as Moodle writes it"),
        (GRADESCOPE, lambda data: data.decode().encode("cp1252"), "it was saved by a spreadsheet"),
        (CANVAS, lambda data: data.replace(b",12,2002", b",1.2E+05,2002"), "1.2E+05 was a longer"),
        (CANVAS, lambda data: data.replace(b",12,2002", b',12,"2,0E+05"'), "line 5: 2,0E+05 was"),
        (MOODLE, lambda data: b"PK\3\4" + data, "is a spreadsheet's own file"),
        (MOODLE, lambda data: b"\xd0\xcf\x11\xe0" + data, "is a spreadsheet's own file"),
        (MOODLE, lambda data: b"", "is empty"),
        (MOODLE, lambda data: data[: data.index(b"\n") + 1], "names nobody"),
    ],
)
def test_what_a_spreadsheet_did_is_told_before_anything_is_written(
    course, console, handed_in, given, change, said
):
    path, _, _ = handed_in(given)
    path.write_bytes(change(path.read_bytes()))
    assert said in _refused(course, console, path)


def test_lost_leading_zeros_are_told(course, console, handed_in, tmp_path):
    made = grade_files.Given(
        "Gradescope",
        GRADESCOPE.files,
        GRADESCOPE.form.replace("bo@x.org", ""),
        beside={
            key: text.replace("'2002'", "'02002'").replace("bo@x.org", "~")
            for key, text in GRADESCOPE.beside.items()
        },
    )
    path, _, _ = handed_in(made)
    _refused(course, console, path)
    assert "02002 stands there without its leading zeros" in console.file.getvalue()


def test_canvas_in_a_language_with_a_comma_gets_a_comma(course, console, handed_in):
    """lib/gradebook_importer.rb takes semicolons, and 8,5 as 8.5."""
    path, ada, _ = handed_in(CANVAS)
    text = CANVAS.file().decode("utf-8-sig")
    text = text.replace('"Quill, Ada"', "Quill Ada").replace('"Ödman, Bo ""B, C"""', "Bo")
    text = text.replace('"Reed, Cy"', "Cy").replace('"Student, Test"', "Test")
    text = text.replace(",", ";").replace(".00", ",00")
    path.write_text(text.replace("5,00;9,00", "5,00;4,50"), newline="")
    found = export(course, "toy", path, scale=True, console=console)
    assert found.marks[ada] == "4,5"
    assert path.read_bytes().count(b"4,5;80,00") == 1


# What is not to be overwritten
def test_excused_and_locked_marks_stay(course, console, handed_in):
    path, _, bo = handed_in(CANVAS)
    path.write_bytes(CANVAS.file(mark_bo="EX"))
    _refused(course, console, path)
    assert f"  {bo}: excused in Canvas" in console.file.getvalue()
    export(course, "toy", path, partial=True, console=console)
    assert path.read_bytes() == CANVAS.file(mark_ada="9", mark_bo="EX")


def test_a_grade_that_moodle_keeps_is_not_changed(course, console, handed_in):
    path, _, _ = handed_in(MOODLE)
    path.write_bytes(path.read_bytes().replace(b"9.00,Yes", b"9.00,No", 1))
    _refused(course, console, path)
    assert "Moodle does not let this grade be changed" in console.file.getvalue()


def test_a_comment_that_somebody_wrote_stays_and_ours_is_renewed(course, console, handed_in):
    path, _, _ = handed_in(MOODLE)
    own = {"said_ada": '"Come and see me."', "said_bo": '"Marks by exercise: 1: 0/3."'}
    path.write_bytes(MOODLE.file(**own))
    export(course, "toy", path, console=console)
    own["said_bo"] = f'"{SAID.format(2)}"'
    assert path.read_bytes() == MOODLE.file(mark_ada="9", mark_bo="8", **own)
    assert "1 comments that somebody wrote stay as they are." in console.file.getvalue()


def test_a_later_mark_takes_the_place_of_an_earlier_one(course, console, handed_in):
    path, _, _ = handed_in(CANVAS)
    path.write_bytes(CANVAS.file(mark_ada="7.50", mark_bo="8.00"))
    export(course, "toy", path, console=console)
    assert path.read_bytes() == CANVAS.file(mark_ada="9", mark_bo="8.00")
    assert "1 replace another mark" in console.file.getvalue()


def test_one_who_needs_a_person_is_not_exported_until_a_person_has_marked(
    course, console, handed_in, monkeypatch
):
    path, ada, bo = handed_in(GRADESCOPE)
    died = {"double-value": (*classes.FACTOR, "kernel-died")}
    classes.store(course, classes.result(ada), classes.result(bo, died))
    found = export(course, "toy", path, console=console)
    assert found.marks == {ada: "9"}
    assert found.unfinished[bo].startswith("it needs a person")
    looked = export_module.all_marks(course, course.lab("toy"))
    for each in looked:
        each.personal["double-value"] = PersonalMark(1.0, None)
    monkeypatch.setattr(export_module, "all_marks", lambda *_: looked)
    assert export(course, "toy", path, console=console).marks[bo] == "9"


def test_no_cell_of_ours_is_a_formula(course, console, handed_in):
    """Marks and comments begin with a digit or a word, whoever is called what."""
    path, _, _ = handed_in(BLACKBOARD)
    export(course, "toy", path, console=console)
    before = grade_files.values(BLACKBOARD.file(), "utf-16", "\t")
    after = grade_files.values(path.read_bytes(), "utf-16", "\t")
    new = [
        b
        for old, row in zip(before, after, strict=True)
        for a, b in zip(old, row, strict=True)
        if a != b
    ]
    assert len(new) == 4
    assert not [cell for cell in new if cell[:1] in "=+-@\t\r"]


def test_two_lines_of_one_person_and_two_people_of_one_line_get_nothing(course, console, handed_in):
    path, ada, _ = handed_in(CANVAS)
    text = CANVAS.file().decode("utf-8-sig")
    path.write_bytes(text.replace(",12,2002", ",11,2001").encode())
    _refused(course, console, path)
    assert f"  {ada}: 2 lines would be this person's" in console.file.getvalue()


def test_a_name_alone_finds_nobody(course, console, handed_in):
    """Without the class list nothing in Brightspace's file is known of whom its zip names."""
    made = grade_files.Given(
        "Brightspace", BRIGHTSPACE.files, BRIGHTSPACE.form, "utf-8-sig", beside=BRIGHTSPACE.beside
    )
    path, _, _ = handed_in(made)
    assert "collect again with --roster" in _refused(course, console, path, partial=True)


def test_who_may_read_the_file_stays(course, console, handed_in):
    path, _, _ = handed_in(MOODLE)
    path.chmod(0o600)
    export(course, "toy", path, console=console)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["nothing.csv", "."])
def test_what_is_no_file_is_told(course, console, handed_in, tmp_path, name):
    handed_in(MOODLE)
    with pytest.raises(VaeLabError, match=r"cannot be read|is no file"):
        export(course, "toy", tmp_path / name, console=console)
