"""A student's own machine: the package alone, with what it declares for students, and a notebook.

The environment is made of links to the packages that are installed here: those that `pip install`
of the project brings, whatever those need, and no other. Nothing is downloaded.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from dataclasses import dataclass
from importlib.metadata import PathDistribution, distribution
from pathlib import Path
from typing import Any

import nbformat
import pytest
import toy
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from packaging.requirements import Requirement
from places import PROJECT
from traitlets.config import Config

from vae_grading.course.build import solution_notebook
from vae_grading.course.course import find_course
from vae_grading.course.notebooks import read_notebook
from vae_grading.course.student_version import generated

pytestmark = pytest.mark.slow

ABOUT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LABS = find_course(PROJECT).labs()
MOST_BYTES = 15_000_000  # of which MNIST takes eleven
INSTRUCTORS = ("nbgrader", "jupyterlab", "notebook", "nbconvert", "nbclient", "distributed", "yaml")
CELL_SECONDS = 300


@dataclass(frozen=True)
class Machine:
    """A student's environment, and a folder for their notebooks."""

    environment: Path
    folder: Path

    @property
    def python(self) -> Path:
        return self.environment / "bin" / "python"

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command of this environment, in the folder, as `vae-lab` or `python -m ...`."""
        name, *arguments = command
        return subprocess.run(
            [self.environment / "bin" / name, *arguments],
            cwd=self.folder, env=clean_environment(), capture_output=True, text=True,
        )  # fmt: skip

    def execute(self, notebook: dict[str, Any], **variables: str) -> list[dict[str, Any]]:
        """The outputs of each of a notebook's code cells, run in a kernel of this environment."""
        spec = KernelSpec(
            argv=[str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="a student's", language="python",
        )  # fmt: skip
        sockets = {"transport": "ipc", "ip": str(self.folder / "kernel")}  # files, no network
        executed = nbformat.from_dict(notebook)
        client = NotebookClient(
            executed, timeout=CELL_SECONDS, allow_errors=True, record_timing=False,
            coalesce_streams=True, resources={"metadata": {"path": str(self.folder)}},
            kernel_manager_class=type("Manager", (AsyncKernelManager,), {"kernel_spec": spec}),
            config=Config({"KernelManager": sockets}),
        )  # fmt: skip
        client.execute(env=clean_environment() | variables, stderr=subprocess.DEVNULL)
        return [cell["outputs"] for cell in executed["cells"] if cell["cell_type"] == "code"]


def clean_environment() -> dict[str, str]:
    """Of the variables here, none that leads Python to other packages or pip to a network."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VAE_LAB", "PIP"))}
    return kept | {"VAE_LAB_SMOKE": "1", "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def needed(requirements: list[str], extras: frozenset[str] = frozenset()) -> set[str]:
    """The names of the packages that these requirements bring, theirs included."""
    found: set[str] = set()
    waiting = [(Requirement(line), extras) for line in requirements]
    seen = set()
    while waiting:
        requirement, asked = waiting.pop()
        applies = [{"extra": each} for each in asked | {""}]
        if requirement.marker and not any(map(requirement.marker.evaluate, applies)):
            continue
        key = (requirement.name, frozenset(requirement.extras))
        if key not in seen:
            seen.add(key)
            found.add(requirement.name)
            lines = distribution(requirement.name).requires or []
            waiting += [(Requirement(line), key[1]) for line in lines]
    return found


def link(packages: set[str], target: Path) -> None:
    """Put what is installed here of these packages into another environment's folder."""
    for name in packages:
        installed = distribution(name)
        for file in installed.files or ():
            if len(file.parts) > 1 and file.parts[0] in ("..", "__pycache__"):
                continue
            place, there = target / file.parts[0], Path(installed.locate_file(file.parts[0]))
            if not place.exists():
                place.symlink_to(there)


@pytest.fixture(scope="module")
def packed(tmp_path_factory) -> Path:
    """A folder with the project's wheel and its source distribution, of the files that git knows
    and of those that are new."""
    tree, target = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("packed")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (PROJECT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PROJECT / name, tree / name)
    build = (
        "import sys; from setuptools import build_meta as b; getattr(b, sys.argv[1])(sys.argv[2])"
    )
    for kind in ("build_wheel", "build_sdist"):
        command = [sys.executable, "-c", build, kind, target]
        subprocess.run(command, cwd=tree, capture_output=True, check=True)
    return target


@pytest.fixture(scope="module")
def wheel(packed) -> Path:
    (made,) = packed.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> Machine:
    """A machine with what the project needs for students, without the project."""
    environment = tmp_path_factory.mktemp("student") / "environment"
    venv.create(environment, symlinks=True, with_pip=True)
    site = sysconfig.get_path("purelib", vars={"base": str(environment)})
    link(needed(ABOUT["dependencies"]), Path(site))
    return Machine(environment, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def student(bare, wheel) -> Machine:
    """The same machine after a lab's first cell has run, as it does in Colab."""
    (outputs,) = bare.execute(first_cell(str(wheel)), COLAB_RELEASE_TAG="release-colab")
    assert [each for each in outputs if each["output_type"] == "error"] == []
    return bare


def first_cell(address: str) -> dict[str, Any]:
    """A notebook of a lab's first code cell alone, as students are given it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VAE_LAB_ADDRESS", address)
        notebook = released("lab2-reparameterization")
    first = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    return notebook | {"cells": [first]}


def released(lab: str) -> dict[str, Any]:
    with generated(find_course(PROJECT), lab) as new:
        return read_notebook(new.notebook)


def errors(outputs: list[list[dict[str, Any]]]) -> list[str]:
    return [
        f"{each['ename']}: {each['evalue']}"
        for cell in outputs
        for each in cell
        if each["output_type"] == "error"
    ]


def text(outputs: list[dict[str, Any]]) -> str:
    return "".join(each["text"] for each in outputs if each["output_type"] == "stream")


def test_a_wheel_has_what_students_need_and_nothing_that_they_must_not_see(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        notebooks = {Path(name).stem: archive.read(name) for name in names if ".ipynb" in name}
    assert {name.partition("/")[0] for name in names} == {
        *("vae_helpers", "vae_zoo", "vae_checks", "vae_grading"),
        f"vae_lab-{ABOUT['version']}.dist-info",
    }
    assert set(notebooks) == set(LABS)
    for lab, data in notebooks.items():
        assert data == find_course(PROJECT).release(lab).read_bytes()
    assert sum(name.startswith("vae_helpers/data/mnist/") for name in names) == 5
    assert sum(name.startswith("vae_zoo/data/features/") for name in names) == 2
    assert wheel.stat().st_size < MOST_BYTES
    requires = PathDistribution(zipfile.Path(wheel, f"vae_lab-{ABOUT['version']}.dist-info/"))
    asked = [Requirement(line) for line in requires.requires or ()]
    assert {r.name for r in asked if not r.marker} == {
        Requirement(line).name for line in ABOUT["dependencies"]
    }


def test_a_source_distribution_has_the_labs_too(packed):
    (made,) = packed.glob("*.tar.gz")
    with tarfile.open(made) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= {f"release/{lab}/{lab}.ipynb" for lab in LABS}
    assert not any(name.startswith("source") for name in names)


def test_what_a_student_needs_brings_nothing_of_an_instructor_s(bare):
    """So that in Colab, for one, no Jupyter takes the place of the one that runs the notebook."""
    brought = needed(ABOUT["dependencies"])
    assert (
        brought & {"jupyterlab", "nbgrader", "notebook", "jupyter-server", "distributed"} == set()
    )
    code = f"import importlib.util as i; print([n for n in {INSTRUCTORS} if i.find_spec(n)])"
    assert bare.run("python", "-c", code).stdout == "[]\n"


def test_without_the_package_the_first_cell_says_what_to_run(bare):
    """In the folder of a student's own machine: nothing is installed without being asked for."""
    assert bare.run("python", "-c", "import vae_checks").returncode == 1, "installed too soon"
    (said,) = errors(bare.execute(first_cell("https://example.org/course.zip")))
    assert said.startswith("ModuleNotFoundError: The course's package is not installed here.")
    assert said.endswith("%pip install https://example.org/course.zip")
    for variables in ({}, {"COLAB_RELEASE_TAG": "release-colab"}):
        (said,) = errors(bare.execute(first_cell(""), **variables))
        assert said.endswith(
            "%pip install ADDRESS (ask your instructor; or the folder of the course)"
        )


def test_in_colab_the_first_cell_installs_it_and_replaces_nothing(student):
    listed = json.loads(student.run("python", "-m", "pip", "list", "--format=json").stdout)
    versions = {each["name"]: each["version"] for each in listed}
    assert versions["vae-lab"] == ABOUT["version"]
    names = needed(ABOUT["dependencies"])
    code = f"import importlib.metadata as m; print(*map(m.version, {sorted(names)}))"
    here = [distribution(name).version for name in sorted(names)]
    assert student.run("python", "-c", code).stdout.split() == here


@pytest.mark.parametrize("lab", LABS)
def test_a_solved_notebook_runs_from_its_first_cell_to_its_last(student, lab):
    """Each figure, each check, at the small size; its last cell has every point."""
    course = find_course(PROJECT)
    if course.lab(lab).libraries:  # an extra, which the lab asks for in a line
        outputs = student.execute(released(lab))
        said = [each for each in errors(outputs) if "VaeLabError" in each]
        assert said == [
            "VaeLabError: this needs pyro, which is not installed: pip install pyro-ppl"
        ]
        site = sysconfig.get_path("purelib", vars={"base": str(student.environment)})
        link(needed(ABOUT["optional-dependencies"]["pyro"]), Path(site))
    outputs = student.execute(solution_notebook(read_notebook(course.source(lab))))
    assert errors(outputs) == []
    most = sum(each.points for each in course.lab(lab).exercises if each.kind == "auto")
    assert f"So far {most:g} of {most:g} points" in text(outputs[-1])


def test_the_released_notebook_alone_runs_as_far_as_nothing_is_written(student):
    outputs = student.execute(released("lab2-reparameterization"))
    assert outputs[0] == []
    assert "So far 0 of " in text(outputs[-1])
    assert "✗" not in text(outputs[-1])
    kinds = {said.partition(":")[0] for said in errors(outputs)}
    assert kinds >= {"NotImplementedError"}
    assert not kinds & {"ImportError", "ModuleNotFoundError"}


def test_vae_lab_try_works_and_what_is_for_instructors_is_told_so(student):
    path = student.folder / "my lab.ipynb"
    notebook = released("lab2-reparameterization")
    toy.cell(notebook, "score")["source"] = (
        "def score(z, mu, sigma):\n"
        "    return (z - mu) / sigma**2, ((z - mu) ** 2 - sigma**2) / sigma**3"
    )
    path.write_text(json.dumps(notebook), encoding="utf-8")
    done = student.run("vae-lab", "try", path.name)
    assert done.stderr == ""
    assert "So far 3 of " in done.stdout
    assert "   The score of a Gaussian " in done.stdout
    assert done.stdout.count("✓") == 1
    assert done.returncode == 1
    for command in (["grade", "lab1-elbo"], ["build"], ["open"], ["demo"], ["check"]):
        done = student.run("vae-lab", *command, "--course", str(PROJECT))
        assert 'pip install ".[instructor]"' in done.stderr
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert student.run("vae-lab", "--help").returncode == 0
