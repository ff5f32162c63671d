"""pyproject.toml, the lock, environment.yml and what is installed say the same."""

import re
import subprocess
import tomllib
from importlib.metadata import distribution, version

import pytest
import yaml
from conftest import left_out
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from places import PROJECT

ABOUT = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
LOCK = [
    Requirement(line)
    for line in (PROJECT / "requirements.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
LOCKED_HERE = {r.name: r for r in LOCK if r.marker is None or r.marker.evaluate()}


def declared() -> list[Requirement]:
    """What pyproject.toml asks for, for students, instructors and tests."""
    groups = [ABOUT["dependencies"], *ABOUT["optional-dependencies"].values()]
    return [Requirement(line) for group in groups for line in group]


def test_every_line_of_the_lock_pins_one_version():
    for requirement in LOCK:
        assert re.fullmatch(r"==[\w.+!-]+", str(requirement.specifier)), requirement
        assert requirement.url is None


@pytest.mark.parametrize("requirement", declared(), ids=lambda r: r.name)
def test_the_lock_holds_what_the_project_declares(requirement):
    pinned = str(LOCKED_HERE[requirement.name].specifier).removeprefix("==")
    assert requirement.specifier.contains(pinned)


def test_the_environment_has_the_locked_versions():
    different = {
        name: (version(name), str(requirement.specifier))
        for name, requirement in LOCKED_HERE.items()
        if not requirement.specifier.contains(version(name))
    }
    assert not different


def test_torch_and_torchvision_match():
    """torchvision states the one torch that it was built against."""
    needs = next(Requirement(r) for r in distribution("torchvision").requires if "torch" in r)
    for name in ("torch", "torchvision"):
        assert name in LOCKED_HERE
    assert needs.specifier.contains(str(LOCKED_HERE["torch"].specifier).removeprefix("=="))


def test_conda_installs_the_lock_and_a_python_that_the_project_allows():
    environment = yaml.safe_load((PROJECT / "environment.yml").read_text())
    *packages, from_pip = environment["dependencies"]
    assert from_pip == {"pip": ["-r requirements.txt", "-e .[instructor,pyro]"]}
    python = next(line for line in packages if line.startswith("python=")).split("=")[1]
    assert SpecifierSet(ABOUT["requires-python"]).contains(python)


def test_no_file_names_a_package_index_or_tracks_working_files():
    hosts = r"py" + r"pi\.org|python" + r"hosted\.org|npm" + r"js\.org|deb" + r"ian\.org"
    found = subprocess.run(
        ["git", "grep", "-lEI", hosts],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.stdout == ""
    tracked = subprocess.run(
        ["git", "ls-files", "uv.lock", "gradebook.db", "*.pyc", "*.ipynb_checkpoints*"],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert tracked.stdout == ""


def test_what_a_machine_lacks_is_said_in_a_line_each():
    browser = "Skipped: there is no /usr/bin/chromium"
    walls = "Skipped: no such walls here: bubblewrap is not installed (apt install bubblewrap)"
    none = "Skipped: no sandbox here: bubblewrap is not installed; the kernel has no Landlock"
    assert left_out(["Skipped: only root can"]) == []
    assert [("Chromium" in line, "bubblewrap" in line) for line in left_out([walls, browser])] == [
        (True, False),
        (False, True),
    ]
    assert len(left_out([none, none])) == 1
