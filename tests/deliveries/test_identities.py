"""Whose it is, from one delivery to the next: nobody is merged, the newer never loses.

Over 350 lines: cases, each read by itself.
"""

import contextlib
import dataclasses
import itertools
import json
import os
import shutil
import tempfile
from pathlib import Path

import deliveries
import pytest
import toy
from deliveries import make_zip, submitted
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from vae_grading import atomic
from vae_grading.cli import run
from vae_grading.deliveries import identities
from vae_grading.deliveries.collect import NEW, REPLACED, SAME, collect
from vae_grading.deliveries.sender import Sender
from vae_helpers.errors import VaeLabError

ADA, OTHER_ADA = (f"Ada Quill_{number}_assignsubmission_file_/toy.ipynb" for number in (1001, 2002))
EARLIER = "an earlier attempt"


@pytest.fixture
def deliver(course, console, tmp_path):
    """Collect a delivery of these files; {path: reason}."""
    count = itertools.count()

    def deliver(files: dict, **options):
        when = options.pop("when", deliveries.DAY)
        path = make_zip(tmp_path / f"delivery{next(count)}.zip", files, when)
        return deliveries.deliver(course, console, path, **options)

    return deliver


def test_two_of_one_name_are_two_in_two_deliveries_as_in_one(course, deliver):
    deliver({ADA: "1", "Cy_3_assignsubmission_file_/toy.ipynb": "c"})
    left = deliver({OTHER_ADA: "2", "Bo_4_assignsubmission_file_/toy.ipynb": "b"})
    assert left == {
        OTHER_ADA: "2 people would be Ada-Quill: Ada Quill (1001), Ada Quill (2002); use --pattern"
    }
    assert submitted(course) == {"Ada-Quill": "1", "Cy": "c", "Bo": "b"}
    narrow = r"(?P<student>Ada Quill_(?P<number>2002))_assignsubmission"
    deliver({OTHER_ADA: "2"}, pattern=narrow)  # as the guide says
    assert submitted(course)["Ada-Quill_2002"] == "2"


def test_a_delivery_of_which_nothing_can_be_collected_says_why(course, tmp_path, capsys):
    for number, path in ((1, ADA), (2, OTHER_ADA)):
        make_zip(tmp_path / f"{number}.zip", {path: str(number)})
    at = ["--course", str(course.root)]
    assert run(["collect", "toy", str(tmp_path / "1.zip"), *at]) == 0
    before = {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()}
    assert run(["collect", "toy", str(tmp_path / "2.zip"), *at]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "2.zip: nothing in it could be collected: 2 people would be Ada-Quill" in error
    assert {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "Lab_ada_attempt_2026-09-24-10-00-00_toy.ipynb",
            "Lab_ada_attempt_2026-10-01-10-00-00_toy.ipynb",
        ),
        (
            "1-9 - Ada - Sep 24, 2026 926 PM/toy.ipynb",
            "1-9 - Ada - Sep 24, 2026 1141 PM/toy.ipynb",
        ),
        ("ada_12_99_toy.ipynb", "ada_12_100_toy.ipynb"),
    ],
)
def test_an_older_attempt_that_is_collected_later_is_left(course, deliver, console, old, new):
    deliver({new: "new"})
    assert deliver({old: "old"}) == {old: EARLIER}
    assert list(submitted(course).values()) == ["new"]
    assert not (course.root / "replaced").exists()
    assert "0 submissions for toy (0 new, 0 replaced, 0 as before); files left: 1." in (
        console.file.getvalue()
    )
    assert deliver({new: "new"}) == {}
    assert list(submitted(course).values()) == ["new"]


def test_an_older_attempt_of_the_same_bytes_does_not_age_the_newer(course, deliver):
    at = "Lab_ada_attempt_2026-09-2{}-10-00-00_toy.ipynb"
    deliver({at.format(6): "same"})
    deliver({at.format(4): "same"})
    assert deliver({at.format(5): "between"}) == {at.format(5): EARLIER}
    assert submitted(course) == {"ada": "same"}


def test_an_older_upload_of_gradescope_is_left(course, deliver):
    words = "submission_{}:\n  :submitters:\n  - :name: Ada\n    :sid: '7'\n"
    for number, text in ((100, "new"), (99, "old")):
        files = {f"submission_{number}/toy.ipynb": text}
        left = deliver(files | {"submission_metadata.yml": words.format(number)})
    assert left["submission_99/toy.ipynb"] == EARLIER
    assert submitted(course) == {"Ada": "new"}


def test_where_a_system_tells_no_time_the_files_own_times_count(course, deliver):
    """Moodle says nothing of attempts; its zip has the times of the files."""
    deliver({ADA: "new"}, when=(2026, 9, 25, 10, 0, 0))
    left = deliver({ADA: "old"}, when=(2026, 9, 24, 10, 0, 0))
    assert left[ADA].startswith("an earlier attempt, by its file's time")
    assert submitted(course) == {"Ada-Quill": "new"}
    assert deliver({ADA: "newer"}, when=(2026, 9, 25, 10, 0, 0)) == {}  # of one time: the later one
    assert deliver({ADA: "newest"}, when=(1980, 1, 1, 0, 0, 0)) == {}  # no time at all
    assert submitted(course) == {"Ada-Quill": "newest"}


def test_a_person_keeps_the_folder_whatever_the_name_becomes(course, deliver):
    deliver({"quillada_12_34_toy.ipynb": "1"})
    deliver({"reedada_12_35_toy.ipynb": "2"})
    assert submitted(course) == {"quillada": "2"}
    left = deliver({"quillada_13_36_toy.ipynb": "another"})
    assert "2 people would be quillada" in left[""]


@pytest.mark.parametrize("together", [True, False])
def test_user_names_with_an_underscore_are_never_merged(course, deliver, together):
    at = "Lab 3_{}_quill_attempt_2026-09-2{}-10-00-00_toy.ipynb"
    files = [{at.format("a", 4): "a"}, {at.format("b", 5): "b"}]
    for each in [files[0] | files[1]] if together else files:
        deliver(each)
    assert submitted(course) == {"a_quill": "a", "b_quill": "b"}


def test_a_late_user_of_blackboard_is_told_from_the_assignment_by_earlier_ones(course, deliver):
    at = "Lab_3_{}_attempt_2026-09-24-10-00-00_toy.ipynb"
    deliver({at.format("a_quill"): "a", at.format("b_quill"): "b"})
    deliver({at.format("j_doe"): "j"})
    assert set(submitted(course)) == {"a_quill", "b_quill", "j_doe"}


def test_in_the_next_lab_moodle_has_other_numbers_and_canvas_the_same(course, deliver):
    shutil.copytree(course.root / "source" / "toy", course.root / "source" / "next")
    (course.root / "source" / "next" / "toy.ipynb").rename(course.source("next"))
    deliver({ADA: "1", "quillbo_12_34_toy.ipynb": "b"})
    place = Path(course.root) / "next.zip"
    files = {ADA.replace("1001", "5005").replace("toy", "next"): "n"}
    files |= {"quillbo_13_35_next.ipynb": "another Bo"}
    _, left = collect(course, "next", make_zip(place, files), console=Console(quiet=True))
    assert submitted(course, "next") == {"Ada-Quill": "n"}
    assert [each.reason for each in left if "2 people would be quillbo" in each.reason]


def test_another_system_says_nothing_of_who_it_is(course, deliver):
    deliver({ADA: "1"})
    left = deliver({"Ada Quill.ipynb": "2", "Bo.ipynb": "b"})
    assert "nothing says that Ada Quill is the same person" in left["Ada Quill.ipynb"]
    assert submitted(course) == {"Ada-Quill": "1", "Bo": "b"}


def test_what_was_put_there_by_hand_is_not_replaced(course, deliver):
    by_hand = course.submitted / "Ada-Quill" / "toy" / "toy.ipynb"
    atomic.write_text(by_hand, "1")
    left = deliver({ADA: "2", "Bo.ipynb": "b"})
    assert "was put there by hand" in left[ADA]
    assert submitted(course) == {"Ada-Quill": "1", "Bo": "b"}
    assert deliver({ADA: "1"}) == {}  # the delivery that it came from: now it is known
    assert deliver({ADA: "2"}) == {}
    assert submitted(course) == {"Ada-Quill": "2", "Bo": "b"}
    assert [path.read_text() for path in (course.root / "replaced").rglob("*.ipynb")] == ["1"]


def test_what_was_mended_by_hand_stays_until_something_new_is_handed_in(course, deliver):
    deliver({ADA: "1"})
    mended = course.submitted / "Ada-Quill" / "toy" / "toy.ipynb"
    mended.write_text("mended")
    assert "was changed by hand since" in deliver({ADA: "1"})[""]
    assert mended.read_text() == "mended"
    deliver({ADA: "2"})
    assert mended.read_text() == "2"
    mended.unlink()
    deliver({ADA: "2"})
    assert mended.read_text() == "2"


@pytest.mark.parametrize("kind", ["folder link", "lab link", "file link", "folder", "flat"])
def test_what_is_in_the_way_is_said_and_left(course, deliver, tmp_path, kind):
    elsewhere = tmp_path / "elsewhere"
    atomic.write_text(elsewhere / "toy" / "toy.ipynb", "theirs")
    target = course.submitted / "Ada-Quill" / "toy" / "toy.ipynb"
    place = {"folder link": target.parents[1], "lab link": target.parent, "file link": target}
    if kind == "folder":
        target.mkdir(parents=True)
    elif kind == "flat":
        atomic.write_text(course.submitted / "Ada-Quill.ipynb", "by hand")
    else:
        place[kind].parent.mkdir(parents=True)
        real = {"folder link": elsewhere, "lab link": elsewhere / "toy"}
        place[kind].symlink_to(real.get(kind, elsewhere / "toy" / "toy.ipynb"))
    left = deliver({ADA: "x", "Bo.ipynb": "b"})
    assert "submitted/Ada-Quill" in left[ADA]
    assert submitted(course)["Bo"] == "b"
    assert (elsewhere / "toy" / "toy.ipynb").read_text() == "theirs"


def test_an_empty_file_that_a_failed_machine_left_is_collected_again(course, deliver):
    deliver({ADA: "1"})
    (course.submitted / "Ada-Quill" / "toy" / "toy.ipynb").write_text("")
    deliver({ADA: "1"})
    assert submitted(course) == {"Ada-Quill": "1"}


class Killed(BaseException):
    pass


@pytest.mark.parametrize("at", range(1, 6))
def test_a_run_that_is_killed_is_made_good_by_the_next(course, deliver, monkeypatch, at):
    """Killed at each step that puts anything on the disk; then the same again."""
    names = ["Lab_{}_attempt_2026-09-2{}-10-00-00_toy.ipynb".format("{}", n) for n in (4, 5)]
    old, new = (
        {name.format(who): f"{who} {name[-25:]}" for who in ("ada", "bo")} for name in names
    )
    deliver(old)
    steps = itertools.count(1)
    replace = os.replace

    def killed(*arguments):
        if next(steps) == at:
            raise Killed
        replace(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        try:
            deliver(new)
        except Killed:
            pass
        else:
            assert at > 4  # the store, two notebooks, the store again
    assert set(deliver(old).values()) <= {EARLIER}  # nothing older comes in between
    deliver(new)
    assert submitted(course) == {who: new[names[1].format(who)] for who in ("ada", "bo")}
    kept = [path.read_text() for path in (course.root / "replaced").rglob("*.ipynb")]
    assert set(kept) == set(old.values())
    assert not [each for each in identities.read(course).records["toy"].values() if each.before]


def test_what_is_remembered_is_what_the_system_said(course, deliver):
    name = "1-9 - Ada Quill - Sep 24, 2026 926 PM/my toy.ipynb"
    deliver({name: "x"})
    record = identities.read(course).get("toy", "Ada-Quill")
    assert record.sender == Sender(
        "Brightspace",
        "Ada Quill",
        "my toy.ipynb",
        number="1",
        attempt="2026-09-24T21:26:00",
        time="2026-09-24T21:26:00",
    )
    assert (record.path, record.source) == (name, "delivery0.zip")
    assert record.modified == "2026-09-24T10:00:00"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is damaged: move it aside"),
        ("{", "is damaged: move it aside"),
        ("[]", "is damaged: move it aside"),
        ('{"version": 1, "labs": {"toy": {"ada": {}}}, "roster": []}', "is damaged"),
        ('{"version": 1, "labs": [], "roster": []}', "is damaged"),
        ('{"version": 1, "labs": {}, "roster": [1]}', "is damaged"),
        ('{"version": 2}', "was written by another version"),
        ("[" * 100_000, "is damaged: move it aside"),
    ],
)
def test_a_store_that_cannot_be_read_stops_collecting_in_one_line(course, deliver, text, said):
    atomic.write_text(course.submitted / ".collected.json", text)
    assert said in deliver({ADA: "x"})[""]
    assert submitted(course) == {}


def test_every_part_of_a_record_comes_back(course, deliver):
    deliver({ADA: "x"})
    store = identities.read(course)
    record = store.records["toy"]["Ada-Quill"]
    group = dataclasses.replace(record.sender, group=("Ada", "Bo"), upload=7, late=True)
    store.records["toy"]["Ada-Quill"] = dataclasses.replace(record, sender=group, path="\udce9")
    store.save()
    assert identities.read(course) == store


def test_a_part_of_the_wrong_kind_is_damage(course, deliver):
    deliver({ADA: "x"})
    path = course.submitted / ".collected.json"
    said = json.loads(path.read_text())
    said["labs"]["toy"]["Ada-Quill"]["digest"] = 7
    path.write_text(json.dumps(said))
    assert "is damaged" in deliver({ADA: "y"})[""]


def test_two_runs_at_a_time_do_not_mix(course, deliver):
    with identities.only_collection(course):
        assert "another run is collecting" in deliver({ADA: "x"})[""]
    assert deliver({ADA: "x"}) == {}


def test_a_dry_run_tells_the_same_and_remembers_nothing(course, console, tmp_path, deliver):
    deliver({ADA: "1"}, dry_run=True)
    assert not course.submitted.exists()
    outcomes = []
    for text, dry_run in (("1", False), ("1", True), ("2", True), ("2", False)):
        path = make_zip(tmp_path / "x.zip", {ADA: text})
        done, _ = collect(course, "toy", path, console=console, dry_run=dry_run)
        outcomes.append(done[0].outcome)
    assert outcomes == [NEW, SAME, REPLACED, REPLACED]


# Any order of any deliveries

NAMES = st.sampled_from(["Ada", "ada", "A_da", "Bo"])
TIMES = st.integers(0, 3)
PEOPLE = st.tuples(
    st.sampled_from(["Blackboard", "Brightspace", "Canvas"]), NAMES, st.integers(1, 3)
)
ATTEMPTS = st.tuples(PEOPLE, TIMES)


def _path(attempt) -> str:
    (system, name, number), time = attempt
    return {
        "Blackboard": f"Lab 3_{name}{number}_attempt_2026-09-2{time}-10-00-00_toy.ipynb",
        "Brightspace": f"{number}-9 - {name} - Sep 2{time}, 2026 926 PM/toy.ipynb",
        "Canvas": f"{name.replace('_', '')}_{number}_{10 + time}_toy.ipynb",
    }[system]


def _person(attempt) -> tuple[str, str]:
    """What the system takes for one person: the number, or the user name in any letters."""
    (system, name, number), _ = attempt
    return (system, f"{name}{number}".casefold() if system == "Blackboard" else str(number))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sets(ATTEMPTS, min_size=1, max_size=4), min_size=1, max_size=4))
def test_no_two_people_share_a_folder_and_nothing_newer_goes(course_of_deliveries):
    """Whatever is delivered in whatever order: a folder is one person's all along, nobody has
    two, and what lies there is never replaced by an older attempt."""
    with tempfile.TemporaryDirectory() as folder:
        course = toy.copy_course(Path(folder) / "course")
        owner: dict[str, tuple[str, str]] = {}
        latest: dict[str, int] = {}
        for delivery in course_of_deliveries:
            files = {_path(each): json.dumps(each) for each in delivery}
            source = make_zip(Path(folder) / "x.zip", files)
            with contextlib.suppress(VaeLabError):  # nobody in it could be told from others
                collect(course, "toy", source, console=Console(quiet=True))
            for student, text in submitted(course).items():
                attempt = json.loads(text)
                assert owner.setdefault(student, _person(attempt)) == _person(attempt)
                assert latest.get(student, 0) <= attempt[1]
                latest[student] = attempt[1]
            assert len(set(owner.values())) == len(owner)


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(4)), st.sampled_from(["Blackboard", "Brightspace", "Canvas"]))
def test_the_newest_wins_in_every_order(order, system):
    """The other half: what is refused is not refused too often."""
    with tempfile.TemporaryDirectory() as folder:
        course = toy.copy_course(Path(folder) / "course")
        for time in order:
            people = ((system, "Ada", 1), (system, "Bo", 2))
            files = {_path((each, time)): f"{each[1]} {time}" for each in people}
            source = make_zip(Path(folder) / "x.zip", files)
            collect(course, "toy", source, console=Console(quiet=True))
        assert sorted(submitted(course).values()) == ["Ada 3", "Bo 3"]
