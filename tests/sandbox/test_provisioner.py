"""Kernels of nbclient and nbval run in the sandbox when they ask for it by name."""

import builtins
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import nbformat
import psutil
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from places import PROJECT
from waiting import wait_until

from vae_grading.sandbox.walls import KINDS, VARIABLE, fault
from vae_helpers.errors import VaeLabError

GROUP = "jupyter_client.kernel_provisioners"
NAME = "vae-lab-sandbox"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(fault() is not None, reason=f"no sandbox here: {fault()}"),
]


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder to import from, in which the project's entry points are those of pyproject.toml."""
    folder = tmp_path_factory.mktemp("installed")
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    (about := folder / "provisioner_under_test-0.dist-info").mkdir()
    (about / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: provisioner-under-test\nVersion: 0\n"
    )
    lines = (f"{name} = {value}" for name, value in project["entry-points"][GROUP].items())
    (about / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines, ""]))
    return folder


@pytest.fixture
def kernel(installed, tmp_path, monkeypatch):
    """Execute cells in a sandboxed kernel, in a folder of its own; the outputs of each."""
    from jupyter_client.provisioning import KernelProvisionerFactory

    monkeypatch.syspath_prepend(installed)
    monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", NAME)
    KernelProvisionerFactory.clear_instance()
    tmp_path.chmod(0o755)  # root's kernels are somebody else

    def execute(*sources: str, timeout: float = 60) -> list[list]:
        notebook = nbformat.v4.new_notebook()
        notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
        NotebookClient(
            notebook,
            kernel_name="python3",
            timeout=timeout,
            interrupt_on_timeout=True,
            startup_timeout=120,
            allow_errors=True,
            resources={"metadata": {"path": str(tmp_path)}},
        ).execute()
        return [cell.outputs for cell in notebook.cells]

    yield execute
    KernelProvisionerFactory.clear_instance()


def _errors(outputs: list[list]) -> list[str | None]:
    return [
        next((each["ename"] for each in cell if each["output_type"] == "error"), None)
        for cell in outputs
    ]


def _in_sandboxes() -> set[int]:
    found = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if "vae_grading.sandbox.jupyter_kernel" in process.cmdline():
                found.add(process.pid)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_notebook_runs_as_always_and_reaches_nothing(kernel, kind, tmp_path, monkeypatch):
    if fault(kind) is not None:
        pytest.skip(f"no such walls here: {fault(kind)}")
    monkeypatch.setenv(VARIABLE, kind)
    monkeypatch.setenv("SECRET", "x")
    (tmp_path / "data.txt").write_text("here")
    outputs = kernel(
        "import torch\ntorch.arange(3).sum()",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nopen('data.txt').read()",
        "import socket; socket.create_connection(('127.0.0.1', 1), 2)",
        "open('/etc/passwd')",
        "open('data.txt', 'w')",
        "open('/proc/1/environ')",
        "import os; os.environ['SECRET']",
        "import os; os.kill(os.getppid() or 999999, 9)",
    )
    assert _errors(outputs)[:2] == [None, None]
    assert outputs[0][0]["data"]["text/plain"] == "tensor(3)"
    assert {each["output_type"] for each in outputs[1]} == {"execute_result", "display_data"}
    assert [len(cell) for cell in outputs] == [1, 2, 1, 1, 1, 1, 1, 1]  # and nothing on stderr
    expected = [
        OSError,
        FileNotFoundError,
        OSError,
        FileNotFoundError,
        KeyError,
        ProcessLookupError,
    ]
    for name, error in zip(_errors(outputs)[2:], expected, strict=True):
        assert issubclass(getattr(builtins, name), error)
    assert (tmp_path / "data.txt").read_text() == "here"


def test_an_endless_cell_is_interrupted_and_the_next_one_runs(kernel):
    outputs = kernel("while True:\n    pass", "6 * 7", timeout=5)
    assert _errors(outputs) == ["KeyboardInterrupt", None]
    assert outputs[1][0]["data"]["text/plain"] == "42"


def test_nothing_is_left_of_a_kernel_that_was_shut_down(kernel):
    before = _in_sandboxes()
    source = """
import os, signal, time
for child in range(3):
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
"""
    assert _errors(kernel(source)) == [None]
    wait_until(lambda: _in_sandboxes() <= before, seconds=10)


def test_memory_is_limited_for_the_kernel_and_all_that_it_starts(kernel, monkeypatch):
    from vae_grading.sandbox.provisioner import SandboxProvisioner

    # A kernel's threads set aside some hundred MB of addresses that they never use.
    monkeypatch.setattr(SandboxProvisioner, "memory", 1200)
    assert _errors(kernel("x = bytearray(2 << 30)")) == ["MemoryError"]
    greedy = """
import os, time
for _ in range(6):
    if os.fork() == 0:
        x = bytearray(os.urandom(1 << 20) * 300)
        time.sleep(60)
time.sleep(30)
"""
    with pytest.raises(DeadKernelError):
        kernel(greedy)


@pytest.mark.parametrize("kind", KINDS)
def test_the_folder_of_its_sockets_holds_nothing_else(kernel, kind, monkeypatch):
    """Its one way to the disk: no files there, no links to elsewhere, no end of sockets."""
    if fault(kind) is not None:
        pytest.skip(f"no such walls here: {fault(kind)}")
    monkeypatch.setenv(VARIABLE, kind)
    find = """
import os, socket
from pathlib import Path
from ipykernel.kernelapp import IPKernelApp
folder = Path(IPKernelApp.instance().ip).parent
assert len(list(folder.iterdir())) == 5
"""
    outputs = kernel(
        find,
        "(folder / 'file').write_bytes(b'0')",
        "(folder / 'folder').mkdir()",
        "(folder / 'link').symlink_to('/etc')",
        "os.mkfifo(folder / 'pipe')",
        "os.link('/scratch', folder / 'other')",
        "os.truncate(folder / os.listdir(folder)[0], 1 << 20)",
    )
    assert _errors(outputs)[0] is None
    for name in _errors(outputs)[1:]:
        assert issubclass(getattr(builtins, name), OSError)
    endless = """
for number in range(100_000):
    socket.socket(socket.AF_UNIX).bind(str(folder / f"one-more-{number}"))
"""
    with pytest.raises(DeadKernelError):
        kernel(find, endless)


def test_a_folder_that_the_kernel_could_not_read_is_told(kernel, tmp_path, monkeypatch):
    if os.getuid() != 0:
        pytest.skip("only root's kernels are somebody else")
    tmp_path.chmod(0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(VaeLabError, match="is root's alone"):
        kernel("1")
    assert list(tmp_path.iterdir()) == []  # nothing is left behind


def test_without_walls_no_kernel_starts(kernel, monkeypatch):
    monkeypatch.setenv(VARIABLE, "none")
    with pytest.raises(VaeLabError, match="there is no sandbox here"):
        kernel("1")


def test_nbval_runs_notebooks_in_it_by_name(installed, tmp_path):
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    for source in ("print(6 * 7)", "import os\nos.path.exists('/etc/passwd')"):
        notebook.cells.append(nbformat.v4.new_code_cell(source, execution_count=1))
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="42\n")]
    notebook.cells[1].outputs = [
        nbformat.v4.new_output("execute_result", {"text/plain": "False"}, execution_count=1)
    ]
    (tmp_path / "lab.ipynb").write_text(json.dumps(notebook))
    tmp_path.chmod(0o755)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "lab.ipynb"],
        cwd=tmp_path,
        env=os.environ
        | {
            "PYTHONPATH": f"{PROJECT}{os.pathsep}{installed}",
            "JUPYTER_DEFAULT_PROVISIONER_NAME": NAME,
        },
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert ran.returncode == 0, ran.stdout
    assert "2 passed" in ran.stdout
