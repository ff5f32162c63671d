"""The formgrader's real page in a real browser: a hostile notebook is shown, and nothing runs.

Every way of getting script, or a request, into a page is tried as the written answer of a student
of its own. Two pages tell the tests what to expect: an honest student's, and one that was never
made harmless, on which script has to run, or this would see none.
"""

import io
import json
from pathlib import Path

import classes
import pytest
import toy
from formgrader_server import TOKEN, formgrader
from markup import DOT, HONEST, HOSTILE, everywhere
from rich.console import Console

from vae_grading.grading import run as grade

CHROMIUM = Path("/usr/bin/chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
]


def _hand_in(course) -> None:
    for name, answer in HOSTILE.items():
        toy.submit(course, name, toy.answered(course, question_why=answer))
    toy.submit(course, "everywhere", everywhere(course))
    honest = toy.answered(course, question_why=HONEST)
    answer = toy.cell(honest, "question-why")
    answer["attachments"] = {"dot.png": {"image/png": DOT}}
    toy.submit(course, "honest", honest)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """By student: what the browser saw of the formgrader's page."""
    from playwright.sync_api import sync_playwright

    root = tmp_path_factory.mktemp("formgrader")
    course = toy.copy_course(root / "course")
    _hand_in(course)
    grade.grade(course, "toy", workers=2, console=Console(file=io.StringIO()))
    alive = toy.answered(course, question_why=HOSTILE["onerror"])
    classes.store(course, classes.result("alive"), notebooks={"alive": json.dumps(alive)})
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with formgrader(course, root) as (ask, address), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        listed = json.loads(ask("api/submitted_notebooks/toy/toy"))
        yield {each["student"]: _seen(browser, address, each["id"]) for each in listed}
        browser.close()


def _seen(browser, address: str, place: str) -> dict:
    page = browser.new_page()
    seen = {"dialogs": [], "asked": set()}
    server = address.split("/formgrader")[0]

    def request(route):
        url = route.request.url
        if url.startswith((server, "data:")):
            return route.continue_()
        seen["asked"].add(url)
        return route.abort()

    page.route("**/*", request)
    page.on("dialog", lambda dialog: (seen["dialogs"].append(dialog.message), dialog.dismiss()))
    page.goto(f"{address}/submissions/{place}/?index=0&token={TOKEN}")
    page.wait_for_selector("textarea.comment", state="attached")
    for link in page.locator(".rendered_html a").all():  # what only runs when it is clicked
        if "javascript" in (link.get_attribute("href") or "").lower():
            seen["dialogs"].append(link.get_attribute("href"))
    page.wait_for_timeout(300)
    seen |= {"ran": page.evaluate("window.ran"), "title": page.title()}
    seen["shown"] = page.locator("#notebook").first.inner_text()
    seen["pictures"] = page.locator(".rendered_html img[src^='data:image/png']").count()
    seen["table"] = page.locator(".rendered_html table td").all_inner_texts()
    page.close()
    return seen


def _alive(seen: dict, honest: dict) -> list:
    alive = [seen["ran"]] if seen["ran"] else []
    alive += seen["dialogs"] + sorted(seen["asked"] - honest["asked"])
    return alive + ([seen["title"]] if seen["title"] != honest["title"] else [])


def test_script_in_a_notebook_that_was_not_made_harmless_is_seen(pages):
    assert _alive(pages["alive"], pages["honest"])


@pytest.mark.parametrize("student", [*HOSTILE, "everywhere"])
def test_nothing_of_a_students_runs_or_calls_home(pages, student):
    assert _alive(pages[student], pages["honest"]) == []


@pytest.mark.parametrize("student", [*HOSTILE, "everywhere"])
def test_the_page_can_still_be_used(pages, student):
    """The heading above the answer and the cell after it are there."""
    assert "Student's answer" in pages[student]["shown"]


def test_an_honest_answer_is_shown_as_it_was_written(pages):
    seen = pages["honest"]
    for shown in ("Why twice", "H2O", "More", "a paper"):
        assert shown in seen["shown"]
    assert seen["pictures"] == 1
    assert "1" in seen["table"]
