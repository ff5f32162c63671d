"""The formgrader's real page in a real browser: a hostile notebook is shown, and nothing runs.

Every way of getting script, or a request, into a page is tried as the written answer of a student
of its own. Two pages tell the tests what to expect: an honest student's, and one that was never
made harmless, on which script has to run, or this would see none.
"""

import base64
import io
import json
from pathlib import Path

import classes
import pytest
import toy
from formgrader_server import TOKEN, formgrader
from rich.console import Console

from vae_grading.grading import run as grade

CHROMIUM = Path("/usr/bin/chromium")
RUNS = "window.ran=1;document.title=1;alert(1)"
OUT = "http://192.0.2.1"  # for documentation: nobody's (RFC 5737)
HOSTILE = {
    "script": f"<script>{RUNS}</script>",
    "onerror": f"text <img src=x onerror='{RUNS}'>",
    "onload": f"<svg onload='{RUNS}'><style onload='{RUNS}'></style></svg>",
    "details": f"<details open ontoggle='{RUNS}'>x</details>",
    "autofocus": f"<input autofocus onfocus='{RUNS}'><select autofocus onfocus='{RUNS}'>",
    "animation": f"<svg><animate onbegin='{RUNS}' attributeName=x dur=1s></svg>",
    "link": f"[a](javascript:{RUNS}) <a href='jav&#x61;script:{RUNS}'>b</a> <javascript:{RUNS}>",
    "reference": f"[a]\n\n[a]: javascript:{RUNS}",
    "data-link": f"[a](data:text/html;base64,PHNjcmlwdD4=) <a href='{OUT}' ping='{OUT}'>x</a>",
    "srcdoc": f"<iframe srcdoc='<script>parent.ran=1;{RUNS}</script>'></iframe>",
    "frame": f"<iframe src='javascript:parent.ran=1'></iframe><iframe src='{OUT}'></iframe>",
    "object": f"<object data='data:text/html,<script>{RUNS}</script>'></object>",
    "embed": f"<embed src='{OUT}/x.swf'>",
    "refresh": f"<meta http-equiv=refresh content='0;url={OUT}'><base href='{OUT}/'>",
    "style": f"<style>body{{background:url({OUT}/a)}}</style>",
    "style-attribute": f"<p style='background:url({OUT}/b);width:expression({RUNS})'>x</p>",
    "stylesheet": f"<link rel=stylesheet href='{OUT}/c.css'><link rel=prefetch href='{OUT}/d'>",
    "picture": f"![a]({OUT}/e.png) <img src='{OUT}/f.png' srcset='{OUT}/g.png 2x'>",
    "media": f"<video src='{OUT}/h' poster='{OUT}/i'></video><audio src='{OUT}/j' autoplay>",
    "table": f"<table background='{OUT}/k'><tr><td>x</table>",
    "form": f"<form action='{OUT}'><input name=a value=b><button autofocus>Go</button></form>",
    "unclosed": f"<!--<img src='--><img src=x onerror={RUNS}//'>",
    "mutation": f"<svg></p><style><a id='</style><img src=1 onerror={RUNS}>'>",
    "noscript": f"<noscript><p title='</noscript><img src=x onerror={RUNS}>'></noscript>",
    "mermaid": f"```mermaid\n<img src=x onerror='{RUNS}'>\n```",
    "formula": f"$\\href{{javascript:{RUNS}}}{{x}}$ $\\style{{background:url({OUT}/l)}}{{y}}$",
    "mathml": f"<math><maction xlink:href='javascript:{RUNS}'>x</maction></math>",
    "no-picture": "![a](attachment:none.png)",
    "closes": f"</div></div></div></body><script>{RUNS}</script>",
    "textarea": f"</textarea></pre></title><script>{RUNS}</script>",
    "plaintext": "<plaintext>",
}  # fmt: skip
HONEST = """# Why twice

A *mean* of $x_1, \\dots, x_n$ with $a < b$ is **linear**: H<sub>2</sub>O<br>next

| a | b |
|---|:-:|
| 1 | $\\frac{1}{2}$ |

<details><summary>More</summary>hidden</details>

![dot](attachment:dot.png) and [a paper](https://arxiv.org/abs/1312.6114)

$$
\\begin{aligned} a &= b \\\\ c &< d \\end{aligned}
$$
"""
DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
]


def _everywhere(course) -> dict:
    """A notebook with script in raw cells, attachments, outputs, metadata and cell ids."""
    notebook = toy.answered(course)
    script = f"<script>{RUNS}</script>"
    svg = base64.b64encode(f"<svg xmlns='http://www.w3.org/2000/svg' onload='{RUNS}'/>".encode())
    output = {
        "output_type": "display_data",
        "metadata": {"image/png": {"width": f"1' onerror='{RUNS}"}},
        "data": {
            "text/html": script,
            "image/svg+xml": svg.decode(),
            "application/javascript": RUNS,
            "text/latex": script,
            "text/markdown": script,
            "image/png": f"'><img src=x onerror='{RUNS}'>",
            "application/vnd.jupyter.widget-view+json": {"model_id": script, "version_major": 2},
        },
    }
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [output]
    raw = {"cell_type": "raw", "source": script}
    notebook["cells"] += [
        {**raw, "id": "raw-a", "metadata": {}},
        {**raw, "id": "raw-b", "metadata": {"raw_mimetype": "text/html", "format": "text/html"}},
        {
            "cell_type": "markdown",
            "id": f'x"><img src=x onerror="{RUNS}">',
            "metadata": {"tags": [script], "slideshow": {"slide_type": script}},
            "source": "![a](attachment:a.svg) <object data='attachment:a.svg'></object>",
            "attachments": {"a.svg": {"image/svg+xml": svg.decode()}},
        },
        {
            "cell_type": "code",
            "id": "code",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": f"{script}\nprint('{script}')",
        },
    ]
    notebook["metadata"] |= {"title": script, "widgets": {"state": script}}
    return notebook


def _hand_in(course) -> None:
    for name, answer in HOSTILE.items():
        toy.submit(course, name, toy.answered(course, question_why=answer))
    toy.submit(course, "everywhere", _everywhere(course))
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
