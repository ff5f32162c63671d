"""As a new student would: the student version in JupyterLab, in a real browser.

Screenshots go to the folder that VAE_LAB_SCREENSHOTS names, or else to a temporary one.
"""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from vae_grading.course.course import Course, find_course
from vae_grading.open_lab import jupyter_command, work_copy

CHROMIUM = Path("/usr/bin/chromium")
COURSE = find_course(Path(__file__).parent)
LAB = "lab3-vae"
EXPLORER = "10-elbo-explorer.ipynb"

WRONG = """def gaussian_kl(mu, logvar):
    return (mu**2 + logvar.exp() - logvar - 1).sum(dim=1)
"""
RIGHT = WRONG.replace("return ", "return 0.5 * ")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
    pytest.mark.skipif(not COURSE.release(LAB).exists(), reason=f"release/{LAB} is not built"),
]


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory) -> Path:
    folder = os.environ.get("VAE_LAB_SCREENSHOTS")
    path = Path(folder) if folder else tmp_path_factory.mktemp("screenshots")
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture(scope="module")
def jupyterlab(tmp_path_factory):
    """A JupyterLab server on a work copy of the lab; the address of a notebook at {}."""
    root = tmp_path_factory.mktemp("student") / "course"
    for part in (f"release/{LAB}", f"source/{LAB}"):
        shutil.copytree(COURSE.root / part, root / part)
    shutil.copy(COURSE.root / "nbgrader_config.py", root)
    shutil.copy(COURSE.root / "notebooks" / EXPLORER, root)
    course = Course(root)
    notebook, _ = work_copy(course, LAB)
    settings = tmp_path_factory.mktemp("settings")
    _write_setting(settings, "notebook-extension/tracker", {"windowingMode": "none"})
    _write_setting(
        settings,
        "apputils-extension/notification",
        {"fetchNews": "false", "checkForUpdates": False},
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    log = (root / "jupyter.log").open("w")
    server = subprocess.Popen(
        [
            *jupyter_command(course, notebook, browser=False, port=port),
            f"--IdentityProvider.token={token}",
            "--ServerApp.ip=127.0.0.1",
        ],
        cwd=root,
        env=os.environ
        | {
            "JUPYTERLAB_SETTINGS_DIR": str(settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(settings / "workspaces"),
        },
        stdout=log,
        stderr=log,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api/status?token={token}", server)
        # A workspace of its own: JupyterLab reopens what was open in one it knows.
        yield f"{address}/lab/workspaces/{token[:8]}/tree/{{}}?token={token}&reset"
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def _write_setting(folder: Path, plugin: str, setting: dict) -> None:
    path = folder / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(setting))


def _wait_for(address: str, server: subprocess.Popen) -> None:
    for _ in range(240):
        assert server.poll() is None, "JupyterLab did not start"
        try:
            with urllib.request.urlopen(address):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.25)
    raise AssertionError("JupyterLab did not answer within a minute")


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


def _open(browser, address: str):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(60_000)
    page.goto(address)
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    _wait_until_idle(page)  # "Run All Cells" does nothing while the kernel is starting
    return page


def _wait_until_idle(page) -> None:
    page.locator(".jp-StatusBar-Widget").filter(has_text="| Idle").first.wait_for()


def _code_cell(page, text: str):
    return page.locator(".jp-CodeCell").filter(has=page.locator(".cm-content", has_text=text)).first


def _run(page, cell):
    """Press Shift+Enter in a cell and wait until it has run."""
    cell.scroll_into_view_if_needed()
    before = cell.locator(".jp-InputArea-prompt").inner_text()
    cell.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(
        "([prompt, before]) => /\\[\\d+\\]/.test(prompt.innerText) && prompt.innerText !== before",
        arg=[cell.locator(".jp-InputArea-prompt").element_handle(), before],
    )


def _answer(page, code: str) -> str:
    """Write code into the answer cell, run it and its check; the check's output."""
    cell = _code_cell(page, "def gaussian_kl")
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(code)
    _run(page, cell)
    check = _code_cell(page, "lab3.gaussian_kl(gaussian_kl)")
    _run(page, check)
    return check.locator(".jp-OutputArea").inner_text()


def test_a_wrong_answer_is_named_and_a_right_one_gets_ticks(jupyterlab, browser, screenshots):
    """The check's message is seen both times, without a traceback; then Validate is pressed."""
    page = _open(browser, jupyterlab.format(f"work/{LAB}/{LAB}.ipynb"))
    _run(page, _code_cell(page, "import torch"))
    said = _answer(page, WRONG)
    page.screenshot(path=screenshots / "wrong.png")
    assert "✗" in said
    assert "factor 1/2" in said
    assert "[kl-no-half]" in said
    assert "Traceback" not in said

    said = _answer(page, RIGHT)
    page.screenshot(path=screenshots / "right.png")
    assert "✓" in said
    assert "✗" not in said

    page.locator(".validate-button").click()
    dialog = page.locator(".jp-Dialog-content")
    dialog.filter(has_text=re.compile("valid", re.IGNORECASE)).wait_for(timeout=180_000)
    said = dialog.inner_text()
    page.screenshot(path=screenshots / "validate.png")
    assert "The following cell failed" in said  # the other exercises are not done yet
    assert "lab3.encoder" in said
    assert "lab3.gaussian_kl" not in said
    page.close()


def test_the_explorer_follows_its_slider(jupyterlab, browser, screenshots):
    """A key pressed on a slider changes mu in the figure and the numbers, live."""
    explorer = _open(browser, jupyterlab.format(EXPLORER))
    explorer.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
    explorer.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
    handle = explorer.locator(".widget-slider .noUi-handle").first
    handle.wait_for(timeout=120_000)
    handle.scroll_into_view_if_needed()
    numbers = explorer.locator(".widget-html pre").first
    before = numbers.inner_text()
    assert "ELBO = -3.579" in before  # mu = 0, logvar = 0
    handle.focus()
    for _ in range(10):
        explorer.keyboard.press("ArrowRight")
    changed = "text => document.querySelector('.widget-html pre').innerText !== text"
    explorer.wait_for_function(changed, arg=before)
    explorer.locator(".widget-output img").first.wait_for()
    _wait_until_idle(explorer)
    explorer.screenshot(path=screenshots / "explorer.png")
    shown = dict(re.findall(r"(\w+) = (-?[\d.]+)", numbers.inner_text()))
    assert shown["sum"] == "-1.826"
    assert float(shown["ELBO"]) > -3.579
