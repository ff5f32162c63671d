"""What tools and people expect to find in a repository is there, and says what is true."""

import os
import re
import shlex
import subprocess
import sys
import tomllib

import pytest
import yaml
from places import PROJECT

ABOUT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = ("vae_helpers", "vae_zoo", "vae_checks", "vae_grading")
# The fields of the Citation File Format 1.2.0, those that it requires first.
CITATION_NEEDS = {"cff-version", "message", "title", "authors"}
CITATION_MAY = {
    "abstract", "commit", "contact", "date-released", "doi", "identifiers", "keywords", "license",
    "license-url", "preferred-citation", "references", "repository", "repository-artifact",
    "repository-code", "type", "url", "version",
}  # fmt: skip
# As on Windows: modules, functions and a signal that there are not; then all that a student's
# part needs, commands and tests included.
WITHOUT_POSIX = """
import os, signal, sys
import psutil, pytest, rich.console, subprocess, torch  # others', which have looked where they are
for name in ("fcntl", "grp", "pty", "pwd", "resource", "termios"):
    sys.modules[name] = None
del os.fork, os.register_at_fork, os.setsid, signal.SIGHUP
import vae_checks, vae_helpers
vae_checks.load_all()
for name in vae_helpers.__all__:
    getattr(vae_helpers, name)
import calibrate, lab_harness, toy
from vae_grading import cli, open_lab
from vae_grading.trial import try_notebook, worker
told = []
step = {"source": "entropy = None", "key": "", "given": False, "answer": True, "is_test": False}
test = step | {"source": "lab1.entropy.value(entropy)", "key": "entropy-value", "is_test": True}
worker.carry_out({"forbidden": [], "steps": enumerate([step, test])}, lambda *e: told.append(e))
assert [e[0] for e in told] == ["ready", "begins", "ran", "begins", "judged", "done"], told
assert told[-2][2] == "wrong", told
sys.platform = "win32"
import conftest
sys.platform = "linux"
sys.argv = ["vae-lab", "open", "--help"]
cli.main()
"""


def read_yaml(name):
    return yaml.safe_load((PROJECT / name).read_text(encoding="utf-8"))


def tracked(*patterns):
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns],
        cwd=PROJECT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return [name for name in listed.split("\0") if name]


@pytest.fixture(scope="module")
def hooks():
    config = read_yaml(".pre-commit-config.yaml")
    assert [each["repo"] for each in config["repos"]] == ["local"]  # nothing to download
    return {hook["id"]: hook for each in config["repos"] for hook in each["hooks"]}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_that_it_is_typed_where_it_is_installed_too(package):
    assert (PROJECT / package / "py.typed").is_file()
    assert "py.typed" in ABOUT["tool"]["setuptools"]["package-data"][package]


def test_types_are_checked_strictly_by_make_lint():
    settings = ABOUT["tool"]["mypy"]
    assert settings["strict"]
    assert set(settings["files"]) >= {"vae_helpers", "vae_checks"}
    lint = (PROJECT / "Makefile").read_text(encoding="utf-8").partition("\nlint:")[2]
    assert "\t$(BIN)/mypy" in lint.partition("\n\n")[0].splitlines()


def test_an_exception_from_types_has_its_reason_beside_it():
    for name in tracked(*(f"{package}/*.py" for package in PACKAGES)):
        for line in (PROJECT / name).read_text(encoding="utf-8").splitlines():
            ignored = re.search(r"# type: ignore(\[[\w, -]+\])?(.*)", line)
            assert ignored is None or (ignored[1] and len(ignored[2]) > 10), f"{name}: {line}"


def test_the_citation_has_the_fields_of_its_format_and_the_project_s_version():
    citation = read_yaml("CITATION.cff")
    assert set(citation) >= CITATION_NEEDS
    assert set(citation) <= CITATION_NEEDS | CITATION_MAY
    assert citation["cff-version"] == "1.2.0"
    assert citation["type"] == "software"
    assert citation["authors"] == [{"name": "VAE Lab developers"}]
    assert citation["version"] == ABOUT["project"]["version"]
    assert citation["license"] == ABOUT["project"]["license"]


def test_the_changelog_has_its_form_and_tells_of_this_version():
    text = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text.startswith("# Changelog\n")
    versions = re.findall(r"^## \[(.+?)\](?: - \d{4}-\d\d-\d\d)?$", text, re.M)
    assert len(versions) == text.count("\n## ")
    assert versions[0] == "Unreleased"
    kinds = set(re.findall(r"^### (.+)$", text, re.M))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert ABOUT["project"]["version"] in text


def test_ci_runs_all_of_it_on_linux_and_the_student_s_part_elsewhere():
    jobs = read_yaml(".github/workflows/ci.yml")["jobs"]
    commands = {name: [step.get("run", "") for step in job["steps"]] for name, job in jobs.items()}
    assert ".ci/run" in commands["everything"]
    assert jobs["everything"]["runs-on"].startswith("ubuntu-")
    systems = jobs["student"]["strategy"]["matrix"]["os"]
    assert {each.partition("-")[0] for each in systems} == {"windows", "macos"}
    said = "\n".join(commands["student"])
    alone = "\n".join(commands["installed"])
    assert "pip install .\n" in alone
    assert "vae-lab try" in alone
    parts = ("vae_helpers", "vae_zoo", "vae_checks", "tests/helpers", "tests/zoo", "tests/checks")
    for part in ("requirements.txt", *parts):
        assert part in said
    (lab,) = re.findall(r"--nbval-lax .*(solutions/\S+)", said)
    for named in (lab, ".ci/run", "tests/helpers", "tests/checks"):
        assert (PROJECT / named).exists()
    uv = re.search(r"sed -n '(s/.*/p)' Makefile", said)[1]  # finds the version, as it does there
    found = subprocess.run(["sed", "-n", uv, PROJECT / "Makefile"], capture_output=True, text=True)
    assert re.fullmatch(r"[\d.]+\n", found.stdout)


def test_what_a_student_needs_works_without_what_only_unix_has():
    folders = (PROJECT / "tests" / name for name in ("", "support", "measure"))
    found = os.pathsep.join(map(str, folders))
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_POSIX],
        cwd=PROJECT, env=os.environ | {"PYTHONPATH": found}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "JupyterLab" in done.stdout


def test_hooks_are_those_that_are_wanted_and_leave_alone_what_is_built(hooks):
    assert set(hooks) == {
        "ruff-format", "ruff-check", "stripped-notebooks", "no-large-files",
        "trailing-whitespace", "end-of-file",
    }  # fmt: skip
    built = re.compile(read_yaml(".pre-commit-config.yaml")["exclude"])
    assert built.search("release/lab1-elbo/lab1-elbo.ipynb")
    assert built.search("solutions/lab1-elbo/lab1-elbo.ipynb")
    assert not built.search("source/lab1-elbo/lab1-elbo.ipynb")
    for name in ("ruff-format", "ruff-check"):
        program, *_ = shlex.split(hooks[name]["entry"])
        assert (PROJECT / program).exists() or not (PROJECT / ".venv").exists()


@pytest.mark.parametrize(
    ("hook", "bad", "good"),
    [
        ("stripped-notebooks", '   "execution_count": 3,', '   "execution_count": null,'),
        ("stripped-notebooks", '     "output_type": "stream"', '  "\\"output_type\\": 1\\n",'),
        ("trailing-whitespace", "x = 1 ", "x = 1"),
        ("trailing-whitespace", "x = 1\r", ""),
        ("end-of-file", "x = 1", "x = 1\n"),
        ("end-of-file", "x = 1\n\n", "x = 1\n\ny = 2\n"),
    ],
)
def test_a_pattern_finds_what_it_is_for(hooks, hook, bad, good):
    pattern = re.compile(hooks[hook]["entry"])
    assert pattern.search(bad)
    assert not pattern.search(good)


def test_every_file_passes_the_hooks_that_are_patterns(hooks):
    built = re.compile(read_yaml(".pre-commit-config.yaml")["exclude"])
    lines = re.compile(hooks["trailing-whitespace"]["entry"], re.M)
    end = re.compile(hooks["end-of-file"]["entry"])
    outputs = re.compile(hooks["stripped-notebooks"]["entry"], re.M)
    for name in tracked():
        content = (PROJECT / name).read_bytes()
        if built.search(name) or b"\0" in content:
            continue
        text = content.decode()
        assert not lines.search(text), name
        assert not end.search(text), name
        assert not (name.endswith(".ipynb") and outputs.search(text)), name


def test_a_large_file_is_refused_by_its_name(hooks, tmp_path):
    _, *arguments = shlex.split(hooks["no-large-files"]["entry"])
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(b"1" * 1000)
    large.write_bytes(b"1" * 600_000)
    for files, status in (([small], 0), ([small, large], 1)):
        done = subprocess.run(
            [sys.executable, *arguments, *files], capture_output=True, text=True, cwd=PROJECT
        )
        assert (done.returncode, done.stderr.strip()) == (status, str(large) if status else "")
