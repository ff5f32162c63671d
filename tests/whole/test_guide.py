"""The instructor's guide is true: its commands run in order and print what it shows."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from places import PROJECT

from vae_grading.course.course import Course, find_course
from vae_grading.demo.classroom import Student, hand_in
from vae_grading.sandbox.jail import fault

GUIDE = PROJECT / "notebooks" / "20-for-instructors.md"
LAB = "lab2-reparameterization"
SECONDS = 900  # `make build` trains lab 3's models at full size
ROSTER = """\
First name,Last name,ID number,Email address
Ada,Lovelace,7001,ada@example.org
Bo,Chen,7002,bo@example.org
Cy,Okafor,7003,cy@example.org
Dee,Silva,7004,dee@example.org
Eve,Oak,7005,eve@example.org
"""
DIES = "import os\n\ndef standard_error(*arguments, **options):\n    os._exit(1)\n"
WORKSHEET = (
    'Identifier,"Full name","ID number","Email address",Status,Grade,"Maximum Grade",'
    '"Grade can be changed","Last modified (grade)","Feedback comments"\n'
    + "".join(
        f'"Participant {101 + n}","{name}",{7001 + n},{name[:3].strip().lower()}@example.org,'
        '"Submitted for grading - ",,40.00,Yes,-,\n'
        for n, name in enumerate(("Ada Lovelace", "Bo Chen", "Cy Okafor", "Dee Silva", "Eve Oak"))
    )
)
IN_TIME, LATE = (2026, 9, 24, 21, 0, 0), (2026, 9, 26, 10, 0, 0)
HANDED_IN = {
    "Ada Lovelace_101": Student("ada", "all right"),
    "Bo Chen_102": Student(
        "bo",
        "signs reversed, a question not answered",
        left=("question-broken-path",),
        answers={"score": "both signs reversed"},
    ),
    "Cy Okafor_103": Student("cy", "an answer that dies", cells={"standard-error": DIES}),
}


@dataclass
class Command:
    """A line after `$ ` with its continuations, and the lines that it is shown to print."""

    text: str
    shows: list[str] = field(default_factory=list)

    @property
    def in_background(self) -> bool:
        return self.text.endswith("&")


def read_commands(guide: str) -> list[Command]:
    """All commands of the guide's `console` blocks, in order."""
    commands: list[Command] = []
    for block in re.findall(r"^```console\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                commands.append(Command(line[2:]))
            elif line.startswith("> ") or line == ">":
                commands[-1].text += "\n" + line[2:]
            else:
                commands[-1].shows.append(line)
    return commands


def not_printed(shows: list[str], printed: str) -> list[str]:
    """The lines shown that were not printed in this order; … is anything, spaces do not count."""
    rest, missing = " ".join(printed.split()), []
    for line in shows:
        parts = [re.escape(" ".join(part.split())) for part in line.split("…")]
        found = re.search(r".*?".join(parts), rest)
        if found is None:
            missing.append(line)
        else:
            rest = rest[found.end() :]
    return missing


@pytest.fixture
def course(tmp_path):
    """A copy of the project as an instructor has it, with the class's zips beside it."""
    root = tmp_path / "vae-lab"
    root.mkdir()
    for name in (
        *("Makefile", "README.md", "LICENSE", "pyproject.toml", "requirements.txt"),
        *("setup.py", "environment.yml", "nbgrader_config.py"),
    ):
        shutil.copy(PROJECT / name, root)
    leave = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for name in (
        "notebooks",
        "release",
        "solutions",
        "source",
        "vae_helpers",
        "vae_checks",
        "vae_grading",
    ):
        shutil.copytree(PROJECT / name, root / name, ignore=leave)
    (root / ".venv").mkdir()
    for part in Path(sys.prefix).iterdir():
        if part.name != ".ready":
            (root / ".venv" / part.name).symlink_to(part)
    (root / ".venv" / ".ready").touch()  # it is installed already
    found = Course(root)
    _zip_for_moodle(found, root / "moodle.zip", HANDED_IN, "Dee Silva_104")
    (root / "participants.csv").write_text(ROSTER, encoding="utf-8")
    (root / "worksheet.csv").write_text(WORKSHEET, encoding="utf-8")
    late = {"Bo Chen_102": Student("bo", "all right")}
    _zip_for_moodle(found, root / "late.zip", late, when=LATE)
    return found


def _zip_for_moodle(
    course: Course, path: Path, handed_in: dict, with_pdf: str = "", when: tuple = IN_TIME
) -> None:
    place = "{}_assignsubmission_file_/{}"
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path, "w") as archive:
        hand_in(course, course.lab(LAB), list(handed_in.values()), Path(folder) / "given")
        for name, student in handed_in.items():
            notebook = Path(folder) / "given" / student.id / LAB / f"{LAB}.ipynb"
            info = zipfile.ZipInfo(place.format(name, notebook.name), when)
            archive.writestr(info, notebook.read_bytes())
        if with_pdf:
            archive.writestr(place.format(with_pdf, "answers.pdf"), "%PDF-1.7")


class Terminal:
    """Runs commands in the course's folder; what it started in the background ends with it."""

    def __init__(self, root: Path) -> None:
        self._root, self._background = root, []
        path = f"{root / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        self._env = os.environ | {"PATH": path, "COLUMNS": "120", "NO_COLOR": "1"}

    def run(self, command: Command) -> str:
        """What it printed. Fails where it fails, or does not print in time what is shown."""
        if not command.in_background:
            process = self._start(command.text, subprocess.PIPE)
            try:
                printed = process.communicate(timeout=SECONDS)[0]
            finally:
                _kill(process)
            assert process.returncode == 0, printed
            return printed
        log = self._root.parent / f"background-{len(self._background)}.log"
        with log.open("w") as file:
            process = self._start(command.text.rstrip("& "), file)
        self._background.append(process)
        deadline = time.monotonic() + 60
        while not_printed(command.shows, log.read_text()) and time.monotonic() < deadline:
            assert process.poll() is None, log.read_text()
            time.sleep(0.2)
        return log.read_text()

    def _start(self, text: str, output) -> subprocess.Popen:
        return subprocess.Popen(
            ["bash", "-c", text],
            cwd=self._root,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def close(self) -> None:
        for process in reversed(self._background):
            _kill(process)
            process.wait(20)


def _kill(process: subprocess.Popen) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM if process.poll() is None else signal.SIGKILL)


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.mark.slow
@pytest.mark.skipif(fault() is not None, reason=f"no sandbox here: {fault()}")
def test_every_command_runs_and_prints_what_the_guide_shows(course):
    text = GUIDE.read_text(encoding="utf-8").replace("8786", _free_port())
    terminal = Terminal(course.root)
    try:
        for command in read_commands(text):
            print(f"$ {command.text}", flush=True)
            printed = terminal.run(command)
            print(printed, flush=True)
            assert not_printed(command.shows, printed) == []
    finally:
        terminal.close()
    with zipfile.ZipFile(course.root / "hand-out.zip") as archive:
        names = archive.namelist()
        notebooks = [archive.read(name) for name in names if name.endswith(".ipynb")]
    assert not [name for name in names if name.startswith(("source/", "solutions/", "tests/"))]
    assert not [text for text in notebooks if b"BEGIN SOLUTION" in text or b"HIDDEN" in text]
    page = course.feedback(LAB, "Ada-Lovelace").read_text(encoding="utf-8")
    assert "Well argued." in page


def test_the_guide_has_every_step_from_setup_to_export():
    text = "\n".join(command.text for command in read_commands(GUIDE.read_text(encoding="utf-8")))
    steps = ("build", "check", "collect", "grade", "feedback", "report", "--scheduler", "export")
    for step in (*steps, "--zip", "VaeLab.due"):
        assert step in text
    assert "nbgrader export" in text


def test_every_message_in_the_guide_is_one_of_ours():
    """The words between the dots are found in the source, where texts run over several lines."""
    files = sorted((PROJECT / "vae_grading").rglob("*.py"))
    source = "\n".join(path.read_text(encoding="utf-8") for path in files)
    source = re.sub(r'"\s*\n\s*f?"', "", source)
    table = GUIDE.read_text(encoding="utf-8").split("| message |")[1]
    messages = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert len(messages) >= 10
    parts = [part.strip() for message in messages for part in message.split("…")]
    assert [part for part in parts if part not in source] == []


def test_what_was_not_printed_is_found_out():
    """The test of the test: order, spaces and dots."""
    printed = "one  two\nthree 4.2 s\nfive"
    assert not_printed(["one two", "three … s", "five"], printed) == []
    assert not_printed(["five", "one two"], printed) == ["one two"]
    assert not_printed(["six"], printed) == ["six"]


def test_the_readme_leads_to_the_guide():
    assert f"notebooks/{GUIDE.name}" in (PROJECT / "README.md").read_text(encoding="utf-8")
    assert find_course(GUIDE.parent).root == PROJECT
