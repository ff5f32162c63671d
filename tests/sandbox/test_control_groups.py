"""Control groups are used where they may be, and missed nowhere."""

import contextlib
import os

import pytest
from sandboxed import processes_of
from waiting import wait_until

from vae_grading.judge.session import Session
from vae_grading.sandbox import control_groups, jail
from vae_grading.sandbox.limits import Limits

in_the_sandbox = pytest.mark.skipif(jail.fault() is not None, reason=f"no sandbox: {jail.fault()}")


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A folder that looks like a tree of control groups; this process is in /ours/shell."""
    for folder in (tmp_path, tmp_path / "ours", tmp_path / "ours" / "shell"):
        folder.mkdir(exist_ok=True)
        (folder / "cgroup.subtree_control").write_text("memory pids\n")
        (folder / "cgroup.procs").write_text("")
    (tmp_path / "ours" / "shell" / "cgroup.subtree_control").write_text("pids\n")
    monkeypatch.setattr(control_groups, "_mounted", lambda: tmp_path)
    monkeypatch.setattr(control_groups, "_own", lambda: "/ours/shell")
    control_groups._above.cache_clear()
    yield tmp_path
    control_groups._above.cache_clear()


def test_the_nearest_group_that_hands_on_memory_and_processes_is_taken(tree):
    assert control_groups._above() == tree / "ours"


def test_without_these_there_is_none(tree):
    for each in tree.rglob("cgroup.subtree_control"):
        each.write_text("hugetlb cpu\n")
    assert control_groups.new_group(Limits()) is None


def test_a_group_is_bounded_as_a_submission_is(tmp_path):
    folder = tmp_path / "group"
    open_files = os.listdir("/proc/self/fd")
    with contextlib.suppress(OSError):  # this folder is no control group: it has no entrance
        control_groups.Group(folder, Limits())
    found = {each.name: each.read_text() for each in folder.iterdir()}
    limits = Limits()
    assert int(found["memory.max"]) == limits.memory + 2 * limits.file_bytes
    assert int(found["pids.max"]) == limits.threads
    assert found["memory.oom.group"] == "1"
    assert len(os.listdir("/proc/self/fd")) == len(open_files)


@in_the_sandbox
@pytest.mark.slow
def test_all_that_a_submission_starts_ends_with_its_group(walled, monkeypatch):
    """In a real group, if only without bounds: not every machine counts memory in these."""
    monkeypatch.setattr(control_groups, "_NEEDED", set())
    control_groups._above.cache_clear()
    group = control_groups.new_group(Limits())
    control_groups._above.cache_clear()
    if group is None:
        pytest.skip("this machine lets us make no control groups (cgroup2, or not writable)")
    monkeypatch.setattr(jail, "new_group", lambda limits: group)
    student = walled.student()
    source = "import os, time\nfor _ in range(3):\n    if os.fork() == 0:\n        time.sleep(600)"
    assert Session(student.wire, {}).run(source, seconds=60, answer=True).error is None
    inside = {int(each) for each in (group._folder / "cgroup.procs").read_text().split()}
    assert len(inside) == 4  # the keeper is outside
    assert inside < processes_of(walled)
    student.close()
    wait_until(lambda: processes_of(walled) == walled.own_processes)
    assert not group._folder.exists()
