"""What is written to autograded/ holds text, formulas and pictures, and what is honest as it was.

Oracle: the page that nbconvert, and so the formgrader, makes of it, read by an HTML parser.
test_formgrader_script.py looks at the same with a browser.
"""

import html.parser
import json
import re
import time

import classes
import markup
import pytest
import toy

from vae_grading.course.notebooks import read_notebook
from vae_grading.course.student_version import generated
from vae_grading.grading import nbgrader_exporter as nbgrader_judge
from vae_grading.grading import run as grade
from vae_grading.grading.one_submission import autograde
from vae_grading.submissions.hand_in import submission
from vae_grading.submissions.harmless import (
    LONGEST_RENDERED,
    LONGEST_SHOWN,
    as_markdown,
    harmless,
    markdown,
)

DOT = {"dot.png": {"image/png": markup.DOT}}
HONEST = [
    markup.HONEST,
    "line<br>two, H<sub>2</sub>O, x<sup>2</sup>, <kbd>Ctrl</kbd>, <br />",
    "<details><summary>Proof</summary>\n\n**inside** $\\frac{1}{2}$\n\n</details>",
    "| a | b |\n|:--|--:|\n| $x_1$ | 2 |\n",
    "```python\nx = '<script>'\nif a < b: pass\n```",
    "`<script>` is *code*; a < b and c > d & e; &lt;b&gt; &alpha;",
    "<https://arxiv.org/abs/1312.6114> [a][1] [b](mailto:ada@example.org)\n\n[1]: https://a.org",
    "<p align='center'>centred</p>\n\n<div style='text-align: center'>too</div>",
    "$$\\begin{aligned} q(z|x) &= \\mathcal{N}(\\mu, \\sigma^2) \\\\ a &< b \\end{aligned}$$",
    "- [x] done\n- [ ] to do\n\n1. one\n   - two\n\n> quoted\n\n---\n~~gone~~",
    f"![pasted](data:image/png;base64,{markup.DOT * 1000})",
    "E_q[log p](x) [x] (y)",
]


class _Alive(html.parser.HTMLParser):
    """Elements, handlers and addresses of a page that run, or that load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list = []

    def handle_starttag(self, tag, attrs):
        if tag not in SHOWN:
            self.found.append(tag)
        for name, value in attrs:
            address = (value or "").strip().lower()
            loads = name not in ("href", "alt", "title", "class") and re.search(r"//|url", address)
            if name.startswith("on") or loads or address.startswith(("javascript", "data:text")):
                self.found.append((tag, name, value))

    def handle_comment(self, data):
        self.found.append(data)

    handle_decl = unknown_decl = handle_pi = handle_comment


SHOWN = {
    *("a", "b", "blockquote", "br", "code", "del", "details", "div", "em", "h1", "h2", "h3", "hr"),
    *("i", "img", "input", "kbd", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "summary"),
    *("sup", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}


def _page(source: str, attachments=None) -> str:
    """As nbconvert's HTML exporter renders it."""
    import nbformat
    from nbconvert.exporters import HTMLExporter

    exporter = HTMLExporter()
    cell = nbformat.v4.new_markdown_cell(source, attachments=attachments or {})
    body, _ = exporter.from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    return body.split("<main>")[1].split("</main>")[0]


def _alive(page: str) -> list:
    found = _Alive()
    found.feed(page)
    return found.found


@pytest.mark.parametrize("source", HONEST, ids=lambda source: source[:30])
def test_what_is_honest_stays_as_it_is(source):
    assert markdown(source, DOT) == source


def test_the_parser_sees_what_is_alive():
    seen = [name for name, source in markup.HOSTILE.items() if _alive(_page_or_none(source))]
    assert len(seen) > len(markup.HOSTILE) * 0.6  # others only run when clicked, or in MathJax


def _page_or_none(source: str) -> str:
    try:
        return _page(source)
    except Exception:  # a picture that is not attached
        return ""


@pytest.mark.parametrize("name", markup.HOSTILE)
def test_nothing_in_the_page_is_alive(name):
    page = _page(markdown(markup.HOSTILE[name]))
    assert _alive(page) == []
    assert "javascript:" not in [value for _, value in re.findall(r"(href|src)=\"([^\"]*)", page)]


def test_what_was_taken_out_of_an_answer_leaves_the_rest_as_formatted_as_it_was():
    page = _page(
        markdown("**bold** <script>x</script> $a_1$\n\n- one\n- two <img src=x onerror=y>")
    )
    assert "<strong>bold</strong>" in page
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "$a_1$" in page
    assert page.count("<li>") == 2


@pytest.mark.parametrize(
    "source",
    ["\\href{javascript:1}{x}", "&#92;href{x}", "$\\mmlToken{mi}[href=x]{y}$", "\\Style{x}"],
)
def test_commands_of_formulas_that_make_links_are_shown_as_text(source):
    assert markdown(source) == as_markdown(source)
    assert "\\" not in as_markdown("\\href $x$")
    assert "$" not in as_markdown("\\href $x$")


def test_every_part_of_a_notebook_is_made_harmless(course):
    notebook = harmless(markup.everywhere(course))
    text = json.dumps(notebook)
    for gone in ("onload", "widget", "javascript", "image/svg", "slide_type", "tags", '"raw"'):
        assert gone not in text, gone
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
    assert [kind for output in outputs for kind in output["data"]] == []
    assert all(re.fullmatch(r"[\w-]+", cell["id"]) for cell in notebook["cells"])


def test_the_labs_own_cells_are_left_alone():
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "<script>1</script>"}
    own = harmless({"cells": [dict(cell)], "metadata": {}}, {"<script>1</script>"})
    assert own["cells"][0]["source"] == "<script>1</script>"


def test_long_cells_are_cut_and_none_keeps_the_renderer_busy():
    """Sources on which renderers take quadratic time, and 20 MB of text."""
    began = time.monotonic()
    for part in ("<" + "\\\\[" * 9000, "<b>" * 6000, "<" + "|a|b|\n|-|-|\n|a|b|\n" * 900):
        assert len(part) <= 2 * LONGEST_RENDERED
        markdown(part)
    shown = markdown("x<b>" * 5_000_000)
    assert len(shown) < 8 * LONGEST_SHOWN
    assert "more characters: see submitted/" in shown
    assert time.monotonic() - began < 60


def test_grading_writes_it_and_keeps_the_original(course, console):
    hostile = toy.answered(course, question_why=markup.HOSTILE["onerror"])
    path = toy.submit(course, "eve", hostile)
    before = path.read_bytes()
    grade.grade(course, "toy", workers=1, console=console)
    answer = toy.cell(read_notebook(course.autograded("toy", "eve")), "question-why")
    assert answer["source"] == markdown(markup.HOSTILE["onerror"]) != markup.HOSTILE["onerror"]
    assert path.read_bytes() == before


def test_nbgrader_is_given_it_too_notes_included(course):
    path = toy.submit(course, "eve", toy.answered(course, question_why=markup.HOSTILE["script"]))
    with generated(course, "toy") as new:
        graded = autograde(
            course, course.lab("toy"), submission(path.parents[2], "toy", "eve"), generated=new
        )
        graded.result.__dict__["notes"] = ("<script>1</script>",)
        found = nbgrader_judge.with_marks(graded, new.notebook)
    for cell in found.cells:
        if cell.cell_type == "markdown":
            assert _alive(_page(cell.source)) == [], cell.source


def test_a_page_of_feedback_by_nbgrader_is_made_of_it(course, console):
    """`nbgrader generate_feedback` renders what lies in autograded/."""
    notebook = harmless(toy.answered(course, question_why=markup.HOSTILE["srcdoc"]))
    classes.store(course, classes.result("eve"), notebooks={"eve": json.dumps(notebook)})
    answer = toy.cell(read_notebook(course.autograded("toy", "eve")), "question-why")["source"]
    assert _alive(_page(answer)) == []
