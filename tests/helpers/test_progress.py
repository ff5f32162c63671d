"""Progress bars: shown to a person, in a terminal and in a notebook; nothing in a pipe or a log."""

import os
import subprocess
import sys
import time

import pytest
from jupyter_client import KernelManager

from vae_helpers import downloads, progress
from vae_helpers.work import SMALL_WORK_VARIABLES

TRAIN = """
import torch
from vae_helpers import VAE, fit
history = fit(VAE(2, 5, 7), torch.rand(23, 7), epochs=2, batch_size=5, device="cpu")
print(len(history))
"""


def environment(**more):
    kept = {key: value for key, value in os.environ.items() if key not in SMALL_WORK_VARIABLES}
    return kept | {"OMP_NUM_THREADS": "1", "TERM": "xterm"} | more


def test_nothing_is_written_into_a_pipe():
    done = subprocess.run(
        [sys.executable, "-c", TRAIN], capture_output=True, text=True, env=environment()
    )
    assert (done.stdout, done.stderr) == ("2\n", "")


@pytest.mark.parametrize("small", [False, True])
def test_a_terminal_shows_both_terms_unless_work_is_small(small):
    pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals")
    termios = pytest.importorskip("termios")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 200))
    extra = {"VAE_LAB_SMOKE": "1"} if small else {}
    subprocess.run(
        [sys.executable, "-c", TRAIN],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env=environment(**extra),
        check=True,
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 1000):
            shown += part
    except OSError:  # Linux says so at the end
        pass
    os.close(ours)
    assert (b"epoch 2/2" in shown) == (b"nats per image" in shown) == (not small)
    assert small == (shown == b"")


@pytest.mark.parametrize("person", [True, False])
def test_a_notebook_shows_it_to_a_person_and_not_to_a_program(person):
    """A person's notebook takes input, as `allow_stdin` of its requests says; nbclient's none."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env=environment())
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        message = client.execute(TRAIN, allow_stdin=person)
        written = _written(client, message)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert written[-1] == ("stdout", "2\n")
    assert person == (len(written) > 1)


def _written(client, message):
    """What the cell wrote, (stream or kind of display, text), until the kernel is idle again."""
    written, end = [], time.monotonic() + 60
    while time.monotonic() < end:
        found = client.get_iopub_msg(timeout=60)
        content = found["content"]
        if found["parent_header"].get("msg_id") != message:
            continue
        if found["msg_type"] == "stream":
            written.append((content["name"], content["text"]))
        elif found["msg_type"] in ("display_data", "error"):
            written.append((found["msg_type"], str(content)))
        elif found["msg_type"] == "status" and content["execution_state"] == "idle":
            return written
    raise TimeoutError("the kernel is busy still")


def test_a_download_says_nothing_where_nobody_watches(monkeypatch, tmp_path, capsys):
    def fetch(name, root, split, *, download):
        print("Downloading")
        print("100%|#####|", file=sys.stderr)

    monkeypatch.setattr(downloads, "_torchvision_dataset", fetch)
    downloads._fetch("KMNIST", tmp_path / "KMNIST")
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(progress, "somebody_watches", lambda: True)
    downloads._fetch("QMNIST", tmp_path / "QMNIST")
    assert "100%" in capsys.readouterr().err


def test_without_a_stderr_nobody_watches(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert not progress.somebody_watches()
