"""Whose a file is, for each system by files made to its documented form.

Over 350 lines: cases, each read by itself.
"""

import io
import os
import struct
import time
import zipfile
import zlib

import deliveries
import pytest
from deliveries import NOTEBOOK, make_zip, submitted

from vae_grading.deliveries import delivery, file_names, receipts


@pytest.fixture
def deliver(course, console, tmp_path):
    """Zip these files, collect them; {student: text}, {path: reason}."""

    def deliver(files: dict, name: str = "all.zip", **options):
        left = deliveries.deliver(course, console, make_zip(tmp_path / name, files), **options)
        return submitted(course), left

    return deliver


def _zipped(files: dict) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return found.getvalue()


# Brightspace: "39786-640693 - Aiden Rodriguez - Oct 10, 2025 1022 AM/Main.java" and an index.html.
ADA, BO = "397063-2557369 - Ada Quill - {}", "397064-2557369 - Bo Reed-Marsh - {}"


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("Sep 24, 2026 926 PM", "Sep 24, 2026 1141 PM"),
        ("Sep 24, 2026 1226 AM", "Sep 24, 2026 115 AM"),  # the hour after midnight is the first
        ("Sep 30, 2026 926 PM", "Oct 1, 2026 800 AM"),
        ("24 September, 2026 2126", "24 September, 2026 2341"),
        ("Sep 24, 2026 9:26 PM", "Sep 24, 2026 9.41 PM"),
    ],
)
@pytest.mark.parametrize("place", ["{}/toy.ipynb", "Lab 3 Download/{}/toy.ipynb", "{} - toy.ipynb"])
def test_brightspace_attempts_go_by_their_times(deliver, place, first, last):
    files = {place.format(ADA.format(last)): "new", place.format(ADA.format(first)): "old"}
    files |= {place.format(BO.format(first)): "b", "index.html": "<html>"}
    found, left = deliver(files)
    assert found == {"Ada-Quill": "new", "Bo-Reed-Marsh": "b"}
    assert left[place.format(ADA.format(first))] == "an earlier attempt"


def test_a_time_of_brightspace_that_is_not_understood_is_no_name(deliver):
    found, left = deliver({ADA.format("gisteren") + "/toy.ipynb": "?", "bo.ipynb": "b"})
    assert found == {"bo": "b"}
    assert set(left.values()) == {"a name of Brightspace whose time is not understood"}


# Gradescope: Ruby's symbols for keys, scores and outputs that are of no interest here.
METADATA = """\
submission_9001:
  :submitters:
  - :name: Ada Quill
    :sid: '77'
    :email: ada@example.org
  :created_at: 2026-04-26 17:34:00.861687000 Z
  :score: 2.0
  :results:
    output: |-
      ===== submission_9002: Ada Quill
submission_9002:
  :submitters:
  - :name: Bo Reed
    :sid:
    :email: bo@example.org
"""


@pytest.mark.parametrize("top", ["assignment_4711_export/", "", "a/b/"])
@pytest.mark.parametrize("words", [METADATA, METADATA.replace(" :", " ").replace("- :", "- ")])
def test_gradescopes_metadata_names_the_folders(deliver, top, words):
    files = {f"{top}submission_metadata.yml": words}
    files |= {f"{top}submission_900{n}/toy.ipynb": str(n) for n in (1, 2, 3)}
    found, left = deliver(files, "renamed.zip")
    assert found == {"Ada-Quill": "1", "Bo-Reed": "2"}
    assert left[f"{top}submission_9003/toy.ipynb"] == (
        "submission_metadata.yml does not say whose submission_9003 is"
    )


def test_those_of_a_group_have_one_notebook(deliver, console):
    group = "submission_1:\n  :submitters:\n  - :name: Ada Quill\n  - :name: Bo Reed\n"
    files = {"submission_metadata.yml": group, "submission_1/toy.ipynb": "x"}
    found, _ = deliver(files)
    assert found == {"Ada-Quill": "x"}
    assert console.file.getvalue().count("Gradescope, with Bo Reed") == 1


@pytest.mark.parametrize(
    "words",
    [
        "submission_1: {",
        "[" * 500 + "]" * 500,
        "a: " + "[" * 300 + "]" * 300,
        "\0",
        "x: &a [&b [*a, *a], *b]\nsubmission_1: *a\n",
        "submission_1:\n  :submitters: !!python/object/apply:os.system ['touch hit']\n",
        "submission_1: nobody\n",
        "- submission_1\n",
        "",
    ],
)
def test_metadata_that_cannot_be_read_names_nobody(deliver, words):
    found, left = deliver({"submission_metadata.yml": words, "submission_1/toy.ipynb": "x"})
    assert found == {}
    assert "submission_metadata.yml" in left[""]


def test_a_long_metadata_file_is_read_within_bounds(monkeypatch):
    monkeypatch.setattr(receipts, "_MOST_EVENTS", 1000)
    with pytest.raises(ValueError, match="more than is read"):
        receipts.gradescope(b"a: [" + b"1," * 2000 + b"]")


def test_a_students_own_metadata_file_names_nobody(deliver):
    own = "submission_1:\n  :submitters:\n  - :name: Ada Quill\n"
    files = {"m/submission_metadata.yml": own, "m/submission_1/toy.ipynb": "x", "zz/toy.ipynb": "z"}
    assert deliver(files)[0] == {"m": "x", "zz": "z"}


def test_gradescopes_folders_without_their_metadata_are_nobodys(deliver):
    found, left = deliver({"export/submission_1/toy.ipynb": "x"})
    assert found == {}
    assert "submission_metadata.yml is not there" in left[""]


# ILIAS: ilExSubmission::getDirectoryNameFromUserData, lastname_firstname_login_id, in ASCII.
@pytest.mark.parametrize("top", ["", "Blatt 3/Abgaben/", "multi_feedback_Lab 3/"])
def test_folders_of_ilias_are_read(deliver, top):
    files = {f"{top}Quill_Ada_a_quill_101/toy.ipynb": "a", f"{top}von Reed_Bo_bo_102/x.ipynb": "b"}
    assert deliver(files)[0] == {"Ada-Quill": "a", "Bo-von-Reed": "b"}


def test_teams_of_ilias_are_read(deliver):
    place = "Lab 3/Abgaben/Team {}/{}/toy.ipynb"
    files = {place.format(1, "Quill_Ada_ada_1"): "a", place.format(2, "Reed_Bo_bo_2"): "b"}
    assert deliver(files)[0] == {"Ada-Quill": "a", "Bo-Reed": "b"}


# Google Classroom: a copy for each student, "NAME - FILE", downloaded from Drive as a folder.
@pytest.mark.parametrize("top", ["", "Lab 3/", "drive-download-20260925T090000Z-001/Lab 3/"])
def test_files_of_google_classroom_are_read(deliver, top):
    files = {f"{top}Ada Quill - toy.ipynb": "a", f"{top}Copy of Bo Reed - toy.ipynb": "b"}
    files |= {f"{top}Cy Vale - toy (1).ipynb": "c"}
    assert deliver(files)[0] == {"Ada-Quill": "a", "Bo-Reed": "b", "Cy-Vale": "c"}


def test_copies_in_folders_of_drive_are_the_labs(deliver):
    files = {"Ada Quill/Copy of toy.ipynb": "a", "Ada Quill/scratch.ipynb": "?"}
    found, _ = deliver(files | {"Bo/Copy of Copy of toy.ipynb": "b", "Copy of toy.ipynb": "?"})
    assert found == {"Ada-Quill": "a", "Bo": "b"}


# Canvas: lib/content_zipper.rb.
def test_names_that_canvas_hides_are_kept_apart(deliver):
    files = {"anon_AbC12_77_toy.ipynb": "a", "LATE_anon_Xy9zQ_78_toy.ipynb": "x"}
    assert deliver(files)[0] == {"anon_AbC12": "a", "anon_Xy9zQ": "x"}


def test_a_line_in_a_name_of_canvas_stays(deliver):
    files = {"j_doe_1234_5678_toy.ipynb": "j", "a_doe_LATE_1235_5679_toy.ipynb": "a"}
    assert deliver(files)[0] == {"j_doe": "j", "a_doe": "a"}


# Moodle with hidden names: mod/assign writes "Participant" and the number.
def test_names_that_moodle_hides_are_kept_apart(deliver):
    files = {f"Participant_{n}_assignsubmission_file_/toy.ipynb": str(n) for n in (11, 12)}
    assert deliver(files)[0] == {"Participant-11": "11", "Participant-12": "12"}


# Blackboard: ASSIGNMENT_USER_attempt_TIME_FILE, and beside it ASSIGNMENT_USER_attempt_TIME.txt.
AT = "{}_attempt_2026-09-24-10-00-00_toy.ipynb"


@pytest.mark.parametrize(
    ("heads", "students"),
    [
        (["Lab 3_a_quill"], ["a_quill"]),
        (["Lab 3_a_quill", "Lab 3_b_quill"], ["a_quill", "b_quill"]),
        (["Lab_3_a_quill", "Lab_3_b_quill", "Lab_3_j_doe"], ["a_quill", "b_quill", "j_doe"]),
        (["Lab_3 (due_Friday)_j_doe", "Lab_3 (due_Friday)_ada"], ["j_doe", "ada"]),
        (["Lab_ada"], ["ada"]),
    ],
)
def test_user_names_of_blackboard_stay_whole(deliver, heads, students):
    found, _ = deliver({AT.format(head): head for head in heads})
    assert found == dict(zip(students, heads, strict=True))


RECEIPT = """\
Name: Ada Quill ({})
Assignment: Lab_3
Date Submitted: Thursday, 24 September 2026 10:00:00 o'clock BST
Current Mark: Needs Marking

Submission Field:
There is no student submission text data for this assignment.
"""


@pytest.mark.parametrize(("told", "student"), [("quill", "quill"), ("3_quill", "3_quill")])
def test_blackboards_text_beside_tells_the_user_from_the_assignment(deliver, told, student):
    receipt = AT.format("Lab_3_quill").replace("_toy.ipynb", ".txt")
    files = {AT.format("Lab_3_quill"): "x", receipt: RECEIPT.format(told)}
    assert deliver(files)[0] == {student: "x"}


def test_a_text_in_a_students_folder_tells_nothing_of_others(deliver):
    receipt = AT.format("Lab_3_quill").replace("_toy.ipynb", ".txt")
    files = {AT.format("Lab_3_quill"): "x", f"m/{receipt}": RECEIPT.format("quill")}
    assert set(deliver(files)[0]) == {"3_quill"}  # as without any text


def test_a_students_text_is_no_receipt(deliver):
    own = AT.format("Lab 3_m").replace("toy.ipynb", "y_attempt_2026-09-24-10-00-00.txt")
    files = {AT.format("Lab 3_m"): "x", own: RECEIPT.format("ada")}
    assert deliver(files)[0] == {"m": "x"}


@pytest.mark.parametrize(
    "path",
    [
        "m/Ada_777_assignsubmission_file_/toy.ipynb",
        "m/397063-2557369 - Ada - Sep 24, 2026 926 PM/toy.ipynb",
        "m/Quill_Ada_ada_1/toy.ipynb",
        "m/Ada - toy.ipynb",
        "m/anon_AbC12_77_toy.ipynb",
    ],
)
def test_a_folder_of_ones_own_makes_nobody_somebody_else(deliver, path):
    found, _ = deliver({path: "x", "zz/toy.ipynb": "z"})
    assert found in ({"m": "x", "zz": "z"}, {"zz": "z"})


@pytest.mark.parametrize("path", ["m/ada_1_2_toy.ipynb", "m/Ada - toy.ipynb"])
def test_one_file_in_a_folder_is_no_delivery_in_a_folder(deliver, path):
    """It may be the folder of student m, who called a file so, or a delivery of one."""
    found, left = deliver({path: "x"})
    assert found == {}
    assert "in a folder: unpack it, and collect that folder itself" in left[""]


def test_all_in_one_folder_is_said_to_be_so(deliver):
    _, left = deliver({"class/ada.ipynb": "a", "class/bo.ipynb": "b"})
    assert "several notebooks in the one folder class" in left[""]


# A student's own zip
@pytest.mark.parametrize(
    ("archive", "student"),
    [
        ("Ada Quill_1_assignsubmission_file_/work.zip", "Ada-Quill"),
        ("quillada_12_34_work.zip", "quillada"),
        ("Lab 3_a_quill_attempt_2026-09-24-10-00-00_work.ZIP", "a_quill"),
        (ADA.format("Sep 24, 2026 926 PM") + "/work.zip", "Ada-Quill"),
        ("ada/work.zip", "ada"),
        ("ada.zip", "ada"),
    ],
)
@pytest.mark.parametrize("inside", ["toy.ipynb", "a/b/toy.ipynb", "toy", "../../toy.ipynb"])
def test_a_students_own_zip_is_opened(deliver, archive, student, inside):
    data = _zipped({inside: NOTEBOOK, "plan.pdf": "%PDF", "__MACOSX/._toy.ipynb": "?"})
    found, left = deliver({archive: data, "zz.ipynb": "z"})
    if inside.startswith(".."):
        assert found == {"zz": "z"}
        assert left[archive] == "an archive inside without a notebook that can be read"
    else:
        assert found == {student: NOTEBOOK, "zz": "z"}


def test_what_lies_open_counts_before_what_is_in_an_archive(deliver):
    data = _zipped({"toy.ipynb": "older", "other.ipynb": "?"})
    found, left = deliver({"ada/toy.ipynb": "open", "ada/all.zip": data})
    assert found == {"ada": "open"}
    assert left["ada/all.zip/toy.ipynb"] == "in an archive, beside one that is in none"
    found, _ = deliver({"bo/scratch.ipynb": "?", "bo/all.zip": data})
    assert found["bo"] == "older"


def test_two_of_one_name_in_an_archive_are_not_chosen_between(deliver):
    files = {"a/toy.ipynb": "1", "b/toy.ipynb": "2"}
    found, left = deliver({"ada.zip": _zipped(files), "zz.ipynb": "z"})
    assert found == {"zz": "z"}
    assert "which of them is toy.ipynb is not said" in left["ada.zip/a/toy.ipynb"]
    found, _ = deliver({"ada.zip": _zipped(dict.fromkeys(files, "same")), "zz.ipynb": "z"})
    assert found == {"ada": "same", "zz": "z"}


def test_a_delivery_in_a_delivery_is_nobodys_own_zip(deliver):
    data = _zipped({"Ada_1_assignsubmission_file_/toy.ipynb": "a"})
    found, left = deliver({"moodle1.zip": data, "zz.ipynb": "z"})
    assert found == {"zz": "z"}
    assert "holds a delivery itself" in left["moodle1.zip/Ada_1_assignsubmission_file_/toy.ipynb"]


def test_nobody_hands_in_as_somebody_else_by_a_name_in_a_zip(deliver):
    data = _zipped({"Ada_777_assignsubmission_file_/toy.ipynb": "x"})
    assert deliver({"M_1_assignsubmission_file_/w.zip": data})[0] == {"M": "x"}
    by_name = r"(?P<student>\w+)\.ipynb$"
    found, _ = deliver({"m.zip": _zipped({"eve.ipynb": "y"})}, pattern=by_name)
    assert found == {"M": "x", "m": "y"} or set(found) == {"M"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\3\4 rubbish", "an archive inside, damaged"),
        (_zipped({"w.zip": _zipped({"toy.ipynb": "x"})}), "without a notebook"),
        (_zipped({f"{n}": "" for n in range(2100)}), "more than 2000 files"),
        (_zipped({"toy.ipynb": b"{" * (delivery.LARGEST_BYTES + 1)}), "more than is read"),
        (_zipped({f"{n}.json": b"{" * 9_000_000 for n in range(12)}), "more than is read"),
    ],
    ids=["rubbish", "nested", "many", "large", "bomb"],
)
def test_a_hostile_archive_inside_costs_only_itself(deliver, monkeypatch, data, reason):
    monkeypatch.setattr(delivery, "MOST_INSIDE", 2000)
    found, left = deliver({"m.zip": data, "zz.ipynb": "z"})
    assert found == {"zz": "z"}
    assert reason in left["m.zip"]


def test_names_of_absurd_length_take_no_time(deliver, tmp_path):
    """Patterns meet no name beyond the bound, in the delivery or in an archive in it."""
    long = "a_" * 30_000
    roster = tmp_path / "roster.csv"
    roster.write_text("Full name\nAda\n")
    started = time.monotonic()
    found, _ = deliver({long: "x", "m.zip": _zipped({long: NOTEBOOK}), "zz.ipynb": "z"})
    assert found == {"zz": "z"}
    deliver({long: "x", "zz.ipynb": "z"}, roster=roster)
    assert time.monotonic() - started < 20


def test_a_large_archive_inside_is_left_unread(deliver, monkeypatch):
    monkeypatch.setattr(delivery, "LARGEST_ARCHIVE", 100)
    found, left = deliver({"m.zip": _zipped({"toy.ipynb": "x" * 500}), "zz.ipynb": "z"})
    assert found == {"zz": "z"}
    assert left["m.zip"].startswith("an archive inside of 0 MB")


# Suffixes
@pytest.mark.parametrize(
    "file",
    [
        *("toy.ipynb.txt", "toy.ipynb.json", "toy.IPYNB", "toy.ipynb.ipynb", "toy", "toy.json"),
        *("toy.txt", "toy.ipynb (1).txt", "toy (1).ipynb.txt"),
    ],
)
def test_a_notebook_is_known_under_any_suffix(deliver, file):
    files = {f"Ada_1_assignsubmission_file_/{file}": NOTEBOOK}
    files |= {"Ada_1_assignsubmission_file_/scratch.ipynb": "?"}
    assert deliver(files)[0] == {"Ada": NOTEBOOK}


@pytest.mark.parametrize(
    "text", ["{}", '{"cells": []}', "{" * 100_000, '{"nbformat": 4, "cells": 1}', "", "[]", "{\0"]
)
def test_what_only_looks_like_a_notebook_is_left(deliver, text):
    found, left = deliver({"ada/toy.json": text, "bo.ipynb": "b"})
    assert found == {"bo": "b"}
    assert left["ada/toy.json"] == "not a notebook"


def test_a_notebook_in_utf_16_is_one_under_any_suffix(deliver, course):
    make = NOTEBOOK.encode("utf-16")
    with pytest.raises(UnicodeDecodeError):  # it was collected, byte for byte
        deliver({"ada/toy.txt": make})
    assert (course.submitted / "ada" / "toy" / "toy.ipynb").read_bytes() == make


# Names in other encodings
def _raw(path, names: list[bytes], flag: bool = False):
    """A zip whose names are these bytes, of which nothing says what they mean."""
    make_zip(path, {"x" * len(name): f"{n}" for n, name in enumerate(names)})
    data = path.read_bytes()
    for name in sorted(names, key=len, reverse=True):
        data = data.replace(b"x" * len(name), name)
    if flag:
        for head, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
            at = -1
            while (at := data.find(head, at + 1)) >= 0:
                data = data[: at + place] + b"\0\x08" + data[at + place + 2 :]
    path.write_bytes(data)
    return path


MOODLE = "{}_1_assignsubmission_file_/toy.ipynb"


@pytest.mark.parametrize(
    ("name", "encoding", "student"),
    [
        ("Jose\u0301 Quill", "utf-8", "José-Quill"),  # the Finder decomposes, and does not say
        ("Zoë Ühlein", "utf-8", "Zoë-Ühlein"),
        ("李雷", "utf-8", "李雷"),
        ("José", "cp437", "José"),
        ("José", "cp850", "José"),
        ("José", "latin-1", None),  # or JosÚ: both are words
        ("山田", "cp932", None),  # or ÄRôc
    ],
)
def test_names_are_read_where_their_bytes_leave_no_doubt(
    course, console, tmp_path, name, encoding, student
):
    path = _raw(tmp_path / "x.zip", [MOODLE.format(name).encode(encoding), b"zz/toy.ipynb"])
    left = deliveries.deliver(course, console, path)
    assert set(submitted(course)) == {"zz", *([student] if student else [])}
    if not student:
        assert set(left.values()) == {
            "its name is in an encoding that cannot be told: rename it",
        }


def test_a_name_that_lies_about_its_encoding_keeps_nobody_else_out(course, console, tmp_path):
    path = _raw(tmp_path / "x.zip", [b"Jos\xe9.ipynb", "Zoë Ü.ipynb".encode()], flag=True)
    left = deliveries.deliver(course, console, path)
    assert set(submitted(course)) == {"Zoë-Ü"}
    assert [reason for reason in left.values() if "cannot be told" in reason]


def test_a_folder_whose_name_is_no_utf_8_is_said_and_the_others_collected(
    course, console, tmp_path
):
    folder = tmp_path / "given"
    for name in (b"Jos\xe9", b"ada", b"Zo\x89"):
        place = folder / os.fsdecode(name)
        place.mkdir(parents=True)
        (place / "toy.ipynb").write_text("x")
    left = deliveries.deliver(course, console, folder)
    assert set(submitted(course)) == {"ada", "Zoë"}
    assert set(left.values()) == {"its name is in an encoding that cannot be told: rename it"}
    assert "Jos\ufffd" in console.file.getvalue()


def test_a_file_whose_own_name_cannot_be_read_is_still_its_students(course, console, tmp_path):
    place = b"Ada_1_assignsubmission_file_/L\xf6sung \x81\xfc.ipynb"
    deliveries.deliver(course, console, _raw(tmp_path / "x.zip", [place]))
    assert set(submitted(course)) == {"Ada"}


def test_utf_8_that_was_read_as_code_page_437_is_read_again():
    assert file_names.read_name("Jose╠ü Quill".encode()) == "Jose\u0301 Quill"
    assert file_names.read_name("Zoë ┬ Ühlein".encode()) == "Zoë ┬ Ühlein"


def test_the_name_in_an_extra_field_counts():
    """APPNOTE.TXT 4.6.9: Info-ZIP's Unicode path, with the checksum of the other name."""
    info = zipfile.ZipInfo("Jos_.ipynb")
    for checked, name in ((b"Jos_.ipynb", "José.ipynb"), (b"other", "Jos_.ipynb")):
        field = struct.pack("<BI", 1, zlib.crc32(checked)) + "José.ipynb".encode()
        info.extra = (
            struct.pack("<HH", 1, 1) + b"?" + struct.pack("<HH", 0x7075, len(field)) + field
        )
        assert file_names.name_in_zip(info) == name
