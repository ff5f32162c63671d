"""Collecting: names of learning-management systems, hostile archives, nothing lost or guessed.

Over 350 lines: cases, each read by itself.
"""

import io
import os
import stat
import struct
import zipfile

import pytest

from vae_grading.cli import run
from vae_grading.deliveries import delivery
from vae_grading.deliveries.collect import NEW, REPLACED, SAME, collect
from vae_helpers.errors import VaeLabError

MOODLE = "Ada Lovelace_1234_assignsubmission_file_/toy.ipynb"


@pytest.fixture
def deliver(course, console, tmp_path):
    """Zip these files (path -> text), collect them; {student: text}, {path: reason}."""

    def deliver(files: dict, **options):
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            for path, text in files.items():
                archive.writestr(path, text)
        _, left = collect(course, "toy", tmp_path / "all.zip", console=console, **options)
        return _submitted(course), {each.path: each.reason for each in left}

    return deliver


def _submitted(course) -> dict[str, str]:
    found = course.submitted.glob("*/toy/toy.ipynb")
    return {path.parent.parent.name: path.read_text() for path in found}


@pytest.mark.parametrize(
    ("path", "student"),
    [
        (MOODLE, "Ada-Lovelace"),
        ("Ada Lovelace_1234_assignsubmission_file/toy.ipynb", "Ada-Lovelace"),
        ("Ada Lovelace_1234_assignsubmission_file_toy.ipynb", "Ada-Lovelace"),
        ("Class 3/Zoë O'Neil_77_assignsubmission_file_/my toy.ipynb", "Zoë-O-Neil"),
        ("lovelaceada_12345_67890_toy.ipynb", "lovelaceada"),
        ("lovelaceada_LATE_12345_67890_toy-1.ipynb", "lovelaceada"),
        ("Lab 3_alovelace_attempt_2026-01-31-10-00-00_toy.ipynb", "alovelace"),
        ("alovelace.ipynb", "alovelace"),
        ("alovelace/toy.ipynb", "alovelace"),
        ("alovelace/toy/toy.ipynb", "alovelace"),
        ("all/alovelace/toy.ipynb", "alovelace"),  # the archive is all.zip
        ("李雷_1_assignsubmission_file_/toy.ipynb", "李雷"),
    ],
)
def test_the_names_of_each_system_are_understood(deliver, path, student):
    assert deliver({path: "x"}) == ({student: "x"}, {})


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("Lab_m_attempt_2026-01-31-10-00-00_x_ada_attempt_2026-01-31-10-00-00_toy.ipynb", "m"),
        ("M_11_assignsubmission_file_/Ada_777_assignsubmission_file_toy.ipynb", "M"),
        ("M_11_assignsubmission_file_/Ada_777_assignsubmission_file_/toy.ipynb", "M"),
        ("M_11_assignsubmission_file_Ada_777_assignsubmission_file_toy.ipynb", "M"),
        ("m_1_2_ada_3_4_toy.ipynb", "m"),
        ("m/ada_1_2_toy.ipynb", "m"),
        ("m/toy/ada_1_2_toy.ipynb", "m"),
        ("m/Lab 3_ada_attempt_2026-01-31-10-00-00_toy.ipynb", None),
    ],
)
def test_nobody_hands_in_as_somebody_else_by_the_name_of_a_file(deliver, path, student):
    """What the system wrote comes first; what follows is the student's choice."""
    collected, left = deliver({path: "x", "zz/toy.ipynb": "y"})
    assert collected == {"zz": "y"} | ({student: "x"} if student else {})
    assert bool(left) is (student is None)


def test_another_systems_names_are_read_by_a_pattern(deliver):
    files = {"toy/7-ada-v1.ipynb": "old", "toy/7-ada-v2.ipynb": "new", "toy/odd.ipynb": "?"}
    found, left = deliver(files, pattern=r"\d+-(?P<student>\w+)-v(?P<attempt>\d+)\.ipynb$")
    assert found == {"ada": "new"}
    assert left == {
        "toy/7-ada-v1.ipynb": "an earlier attempt",
        "toy/odd.ipynb": "its name does not say whose it is",
    }


def test_the_latest_attempt_wins_whatever_the_order(deliver):
    at = "Lab_ada_attempt_2026-0{}-01-10-00-00_{}.ipynb"
    files = {at.format(3, "final"): "new", at.format(1, "toy"): "old"}
    files |= {"bo_1_20_toy-1.ipynb": "new", "bo_1_10_toy.ipynb": "old"}
    found, left = deliver(files)
    assert found == {"ada": "new", "bo": "new"}
    assert set(left.values()) == {"an earlier attempt", "an earlier upload"}


def test_among_several_notebooks_the_labs_own_counts_and_else_none(deliver):
    files = {"ada/toy.ipynb": "x", "ada/scratch.ipynb": "?", "ada/toy (1).ipynb": "?"}
    files |= {"bo/one.ipynb": "?", "bo/two.ipynb": "?", "cy/toy.ipynb": "c", "cy/plan.pdf": "?"}
    found, left = deliver(files)
    assert found == {"ada": "x", "cy": "c"}
    assert left["ada/scratch.ipynb"] == "beside one called toy.ipynb"
    assert left["ada/toy (1).ipynb"] == "an earlier upload"
    assert left["bo/one.ipynb"] == "several notebooks, and which of them is toy.ipynb is not said"
    assert left["cy/plan.pdf"] == "not a notebook"


def test_two_people_of_one_name_are_not_taken_for_one(deliver):
    files = {MOODLE: "1", MOODLE.replace("1234", "99"): "2", "bo.ipynb": "b"}
    files |= {"Cy.ipynb": "C", "cy.ipynb": "c"}  # and one folder on some file systems
    found, left = deliver(files)
    assert found == {"bo": "b"}
    assert "2 people would be Ada-Lovelace: Ada Lovelace (1234)" in left[MOODLE]
    assert "2 people would be Cy: Cy, cy" in left["cy.ipynb"]


def test_a_name_in_other_letters_than_a_folder_that_is_there_is_left(deliver, course):
    deliver({"Ada.ipynb": "x"})
    found, left = deliver({"ada.ipynb": "y", "bo.ipynb": "b"})
    assert found == {"Ada": "x", "bo": "b"}
    assert "submitted/Ada differs from ada" in left["ada.ipynb"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../../eve/toy.ipynb", "leads out of the archive"),
        ("/etc/eve/toy.ipynb", "leads out of the archive"),
        ("C:\\eve\\toy.ipynb", "leads out of the archive"),
        ("..\\eve\\toy.ipynb", "leads out of the archive"),
        ("more/eve.zip", "an archive inside"),
        ("toy.ipynb", "it is called as the lab"),
        ("Eve_1_assignsubmission_onlinetext_/toy.ipynb", "does not say whose it is"),
        ("e" * 1200 + "/toy.ipynb", "its path has"),
        ("-- --.ipynb", "nothing is left of its student's name"),
    ],
)
def test_a_path_that_cannot_be_trusted_is_left_with_its_reason(deliver, tmp_path, path, reason):
    before = {each for each in tmp_path.rglob("*") if "submitted" not in each.parts}
    found, left = deliver({path: "x", "ada.ipynb": "fine"})
    assert found == {"ada": "fine"}
    assert [reason in why for why in left.values()] == [True]
    after = {each for each in tmp_path.rglob("*") if "submitted" not in each.parts}
    assert after - before == {tmp_path / "all.zip"}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("..a/toy.ipynb", "its name begins with a dot: rename it"),
        (".x.ipynb", "its name begins with a dot: rename it"),
        ("ada/.old/toy.ipynb", "its name begins with a dot: rename it"),
        ("Copy of toy.ipynb", "it is called as the lab, and does not say whose it is"),
        ("toy (1).ipynb", "it is called as the lab, and does not say whose it is"),
        ("ada.ipynb", "beside one called toy.ipynb"),
        ("work.tar.gz", "an archive inside: unpack it, and collect its folder"),
        ("Ada.ipynb", "2 people would be Ada: Ada, ada; use --pattern"),
    ],
)
def test_nothing_is_passed_over_without_a_word(deliver, path, reason):
    found, left = deliver({path: "x", "ada/toy.ipynb": "a", "bo.ipynb": "b"})
    assert left[path] == reason
    assert found == ({"bo": "b"} if path == "Ada.ipynb" else {"ada": "a", "bo": "b"})


@pytest.mark.parametrize(
    "path", [".DS_Store", "ada/._toy.ipynb", "__MACOSX/x.ipynb", ".ipynb_checkpoints/toy.ipynb"]
)
def test_what_systems_put_beside_files_is_not_listed(deliver, path):
    assert deliver({path: "x", "./ada//toy.ipynb": "a"}) == ({"ada": "a"}, {})


def test_a_name_that_goes_on_after_its_end_is_left(course, console, tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("eve.ipynb#.exe", "x")
        archive.writestr("ada.ipynb", "fine")
    path.write_bytes(path.read_bytes().replace(b"#", b"\0"))
    _, left = collect(course, "toy", path, console=console)
    assert _submitted(course) == {"ada": "fine"}
    assert [each.reason for each in left] == ["its name goes on after its end"]


def test_a_table_of_contents_that_would_fill_the_memory_is_refused(
    course, console, tmp_path, monkeypatch
):
    """By its size, and by the number of its entries, before any of them is read."""
    monkeypatch.setattr(delivery, "MOST_FILES", 50)
    for count, comment in ((51, b""), (10, b"x" * 60_000)):
        path = tmp_path / f"{count}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for number in range(count):
                info = zipfile.ZipInfo(f"s{number}.ipynb")
                info.comment = comment
                archive.writestr(info, "x")
        monkeypatch.setattr(zipfile, "ZipFile", None)
        with pytest.raises(VaeLabError, match="holds more than 50 files: collect it in parts"):
            collect(course, "toy", path, console=console)
        monkeypatch.undo()
        monkeypatch.setattr(delivery, "MOST_FILES", 50)


def test_a_zip_that_was_cut_off_is_said_to_be_so(course, console, tmp_path):
    path = tmp_path / "x.zip"
    _zip(path, ["ada.ipynb", "bo.ipynb"])
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(VaeLabError, match="is a zip that is damaged or was cut off"):
        collect(course, "toy", path, console=console)


def test_a_pipe_is_no_delivery(course, console, tmp_path):
    os.mkfifo(tmp_path / "pipe.zip")
    with pytest.raises(VaeLabError, match="neither a folder nor a zip"):
        collect(course, "toy", tmp_path / "pipe.zip", console=console)


def test_what_may_not_be_read_is_said(course, console, tmp_path, monkeypatch):
    folder = tmp_path / "given"
    (folder / "shut").mkdir(parents=True)
    (folder / "ada.ipynb").write_text("a")
    scandir = os.scandir

    def shut(path):
        if str(path).endswith("/shut"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", shut)
    _, left = collect(course, "toy", folder, console=console)
    assert _submitted(course) == {"ada": "a"}
    assert {each.path: each.reason for each in left} == {
        "shut": "the folder cannot be read (Permission denied)"
    }


@pytest.mark.parametrize(
    ("name", "folder"),
    [("con", "con_"), ("LPT1", "LPT1_"), ("a\u202eb", "a-b"), ("=cmd|x", "cmd-x"), (".x", None)],
)
def test_names_are_made_safe_for_folders(deliver, name, folder):
    found, _ = deliver({f"{name}.ipynb": "x", "ada.ipynb": "fine"})
    assert set(found) == {"ada", *([folder] if folder else [])}


def test_a_long_name_is_cut(deliver):
    found, _ = deliver({"é" * 300 + ".ipynb": "x"})
    assert list(found) == ["é" * 50]


def test_links_and_encrypted_files_are_left(course, console, tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("eve.ipynb")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("secret.ipynb", "x")
        archive.writestr("ada.ipynb", "fine")
    data = path.read_bytes()
    for signature, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):  # the flag of encryption, both places
        start = data.index(b"secret.ipynb") if signature == b"PK\3\4" else data.rindex(b"secret")
        head = data.rindex(signature, 0, start)
        data = data[: head + at] + struct.pack("<H", 1) + data[head + at + 2 :]
    path.write_bytes(data)
    _, left = collect(course, "toy", path, console=console)
    assert _submitted(course) == {"ada": "fine"}
    reasons = {each.path: each.reason for each in left}
    assert reasons["eve.ipynb"] == "a link, not a file"
    assert reasons["secret.ipynb"].startswith("encrypted")


def test_a_damaged_file_costs_only_itself(course, console, tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("eve.ipynb", "SPOILED-CONTENT")
        archive.writestr("ada.ipynb", "fine")
    path.write_bytes(path.read_bytes().replace(b"SPOILED", b"spoiled"))
    _, left = collect(course, "toy", path, console=console)
    assert _submitted(course) == {"ada": "fine"}
    assert left[0].reason.startswith("damaged (Bad CRC-32")


def test_a_file_that_is_there_twice_is_left(course, console, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("ada.ipynb", "fine")
        archive.writestr("eve.ipynb", "1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("eve.ipynb", "2")
    _, left = collect(course, "toy", tmp_path / "x.zip", console=console)
    assert _submitted(course) == {"ada": "fine"}
    assert {each.reason for each in left} == {"in the archive more than once under this name"}


def test_a_notebook_that_unpacks_to_too_much_is_left_unread(course, console, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eve.ipynb", bytes(delivery.LARGEST_BYTES + 1))
        archive.writestr("ada.ipynb", "fine")
    _, left = collect(course, "toy", tmp_path / "x.zip", console=console)
    assert _submitted(course) == {"ada": "fine"}
    assert left[0].reason == "100 MB; at most 100 MB are read"


def test_a_bomb_that_lies_about_its_size_unpacks_to_no_more_than_it_says(course, console, tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ada.ipynb", "fine")
        archive.writestr("eve.ipynb", bytes(50_000_000))
    said = struct.pack("<I", 50_000_000)
    path.write_bytes(path.read_bytes().replace(said, struct.pack("<I", 10)))
    _, left = collect(course, "toy", path, console=console)
    assert _submitted(course) == {"ada": "fine"}
    assert left[0].reason.startswith("damaged")


@pytest.mark.parametrize(("bound", "value"), [("MOST_FILES", 2), ("MOST_BYTES", 10)])
def test_a_delivery_beyond_all_bounds_is_refused_unread(course, deliver, monkeypatch, bound, value):
    monkeypatch.setattr(delivery, bound, value)
    with pytest.raises(VaeLabError, match="collect it in parts"):
        deliver({f"s{n}.ipynb": "12345" for n in range(3)})
    assert not course.submitted.exists()


def test_a_folder_is_collected_without_following_links(course, console, tmp_path):
    folder = tmp_path / "given"
    (folder / "ada").mkdir(parents=True)
    (folder / "ada" / "toy.ipynb").write_text("fine")
    (folder / "bo.ipynb").write_text("b")
    (folder / "eve.ipynb").symlink_to("/etc/passwd")
    (folder / "out").symlink_to("/etc")
    os.mkfifo(folder / "pipe.ipynb")
    _, left = collect(course, "toy", folder, console=console)
    assert _submitted(course) == {"ada": "fine", "bo": "b"}
    assert {each.path: each.reason for each in left} == {
        "eve.ipynb": "a link, not a file",
        "out": "a link, not a file",
        "pipe.ipynb": "not a plain file",
    }


def test_what_differs_is_replaced_and_the_old_one_kept(course, console, deliver, tmp_path):
    deliver({"ada.ipynb": "1", "bo.ipynb": "b"})
    deliver({"ada.ipynb": "2", "bo.ipynb": "b", "cy.ipynb": "c"})
    assert _submitted(course) == {"ada": "2", "bo": "b", "cy": "c"}
    (kept,) = (course.root / "replaced").rglob("*.ipynb")
    assert kept.parent == course.root / "replaced" / "ada" / "toy"
    assert kept.read_text() == "1"
    said = console.file.getvalue()
    assert "3 submissions for toy (1 new, 1 replaced, 1 as before); files left: 0." in said
    assert "What was replaced is kept in replaced/<student>/toy/." in said


def test_a_dry_run_says_the_same_and_writes_nothing(course, console, tmp_path):
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "ada.ipynb").write_text("1")
    collected, _ = collect(course, "toy", folder, dry_run=True, console=console)
    assert [each.outcome for each in collected] == [NEW]
    assert not course.submitted.exists()
    collect(course, "toy", folder, console=console)
    collected, _ = collect(course, "toy", folder, dry_run=True, console=console)
    assert [each.outcome for each in collected] == [SAME]
    (folder / "ada.ipynb").write_text("2")
    collected, _ = collect(course, "toy", folder, dry_run=True, console=console)
    assert [each.outcome for each in collected] == [REPLACED]
    assert _submitted(course) == {"ada": "1"}


def test_a_full_disk_changes_nothing(course, deliver, monkeypatch):
    deliver({"ada.ipynb": "1"})
    written = []

    def write_bytes(path, data):
        written.append(path)
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        with path.open("wb") as file:
            file.write(data)

    monkeypatch.setattr("pathlib.Path.write_bytes", write_bytes)
    with pytest.raises(VaeLabError, match="the disk is full; nothing was changed"):
        deliver({"ada.ipynb": "2", "bo.ipynb": "b"})
    assert _submitted(course) == {"ada": "1"}
    assert not list(course.root.glob(".collect-*"))


def test_names_cannot_drive_the_terminal(deliver, console):
    deliver({"a\x1b[2Jda.ipynb": "x", "bo\x1b]0;title\x07.pdf": "?"})
    assert "\x1b" not in console.file.getvalue()


def test_a_large_class_does_not_fill_the_terminal(deliver, console):
    deliver({f"s{n}.ipynb": "x" for n in range(201)} | {f"t{n}.pdf": "x" for n in range(201)})
    said = console.file.getvalue()
    assert "201 submissions for toy (201 new" in said
    assert "... and 1 more" in said
    assert "s1.ipynb" not in said
    assert len(said.splitlines()) < 220


def _zip(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name in files:
            archive.writestr(name, "x")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["toy", "nowhere.zip"], "nowhere.zip: there is no such file or folder"),
        (["toy", "text.zip"], "is neither a folder nor a zip"),
        (["toy", "empty.zip"], "no notebook of toy in it whose student is known"),
        (["toy", "pdf.zip"], "no notebook of toy in it whose student is known"),
        (["toy", "ada.zip", "--pattern", "("], "--pattern (: not a regular expression"),
        (["toy", "ada.zip", "--pattern", ".*"], "it has no group for the name"),
        (["lab9", "ada.zip"], "there is no lab called 'lab9'"),
        (["toy", "submitted"], "is where submissions are collected into"),
    ],
)
def test_where_nothing_can_be_done_one_line_says_why(course, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(course.root)
    (course.root / "text.zip").write_text("PK, but no zip")
    _zip(course.root / "empty.zip", [])
    _zip(course.root / "pdf.zip", ["ada/toy.pdf"])
    _zip(course.root / "ada.zip", ["ada.ipynb"])
    course.submitted.mkdir()
    before = sorted(course.root.rglob("*"))
    assert run(["collect", *arguments]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert sorted(course.root.rglob("*")) == before


def test_an_archive_of_random_bytes_is_refused(course, console, tmp_path):
    """A valid end record over rubbish: the reader's own errors do not reach the user."""
    rubbish = io.BytesIO(os.urandom(500) + b"PK\5\6" + b"\xff" * 18)
    (tmp_path / "x.zip").write_bytes(rubbish.getvalue())
    with pytest.raises(VaeLabError, match="neither a folder nor a zip"):
        collect(course, "toy", tmp_path / "x.zip", console=console)
