"""Commands that grade nothing start at once: they wait neither for torch nor for nbgrader."""

import json
import subprocess
import sys
import zipfile

import classes
import pytest
import toy
from rich.console import Console

from vae_grading.deliveries.collect import collect

SECONDS = 0.6  # of processor time: what an import of torch takes several times over
SCRIPT = """
import json, sys, time
from vae_grading.cli import run
code = run(sys.argv[1:])
heavy = [name for name in ("torch", "nbgrader", "IPython") if name in sys.modules]
print(json.dumps([code, heavy, time.process_time()]))
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A toy course with results, and a delivery to collect."""
    made = toy.copy_course(tmp_path_factory.mktemp("start") / "course")
    wrong = {"double-value": classes.FACTOR}
    classes.store(made, classes.result("ada"), classes.result("bo", wrong))
    classes.store(made, classes.result("Eve-Example"))
    (made.root / "scores.csv").write_text("SID,Email,Total Score,Max Points\nada,ada@x.org,,9\n")
    with zipfile.ZipFile(made.root / "delivery.zip", "w") as delivery:
        name = "Eve Example_1234567_assignsubmission_file_/toy.ipynb"
        delivery.writestr(name, made.source("toy").read_bytes())
    collect(made, "toy", made.root / "delivery.zip", console=Console(quiet=True))
    return made


def ran(course, *arguments):
    """Exit code, what of the heavy packages was imported, and processor time, the best of three."""
    command = [sys.executable, "-c", SCRIPT, *arguments]
    runs = []
    for _ in range(3):
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=course.root, timeout=120
        )
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    code, heavy, _ = runs[0]
    return code, heavy, min(seconds for _, _, seconds in runs)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("collect", "toy", "delivery.zip"),
        ("report", "toy"),
        ("feedback", "toy"),
        ("feedback", "toy", "--zip", "moodle", "--unfinished", "--partial"),
        ("export", "toy", "--into", "scores.csv", "--unfinished", "--partial"),
        ("grade", "toy", "--submitted", "nowhere"),
    ],
    ids=" ".join,
)
def test_what_grades_nothing_waits_for_nothing(course, arguments):
    code, heavy, seconds = ran(course, *arguments)
    assert code == (2 if "nowhere" in arguments else 0)
    assert heavy == []
    assert seconds < SECONDS
