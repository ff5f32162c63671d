"""Attacks on the notebook itself: what it is turned into before it is handed in.

Over 350 lines: cases, each read by itself.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

Notebook = dict[str, Any]
CHANGES: dict[str, Callable[[Notebook], Any]] = {}


def change(function: Callable[[Notebook], Any]) -> Callable[[Notebook], Any]:
    """Register a change under its function's name. It gives a notebook, or the file's text."""
    CHANGES[function.__name__] = function
    return function


def code_cell(source: str, name: str) -> Notebook:
    """A cell of a student's own."""
    cell = {"cell_type": "code", "execution_count": None, "id": name, "metadata": {}}
    return {**cell, "outputs": [], "source": source}


@change
def copies_tests(notebook: Notebook) -> Notebook:
    for cell in _tests(notebook):
        notebook["cells"].append(copy.deepcopy(cell) | {"id": f"again-{cell['id']}"[:60]})
    return notebook


@change
def copies_with_same_ids(notebook: Notebook) -> Notebook:
    notebook["cells"] += copy.deepcopy(_tests(notebook))
    return notebook


@change
def empties_tests(notebook: Notebook) -> Notebook:
    for cell in _tests(notebook):
        cell["source"] = "pass"
    return notebook


@change
def deletes_tests(notebook: Notebook) -> Notebook:
    notebook["cells"] = [cell for cell in notebook["cells"] if cell not in _tests(notebook)]
    return notebook


@change
def tests_first(notebook: Notebook) -> Notebook:
    tests = _tests(notebook)
    notebook["cells"] = tests + [cell for cell in notebook["cells"] if cell not in tests]
    return notebook


@change
def tests_reversed(notebook: Notebook) -> Notebook:
    notebook["cells"].reverse()
    return notebook


@change
def tests_as_markdown(notebook: Notebook) -> Notebook:
    for cell in _tests(notebook):
        cell["cell_type"] = "markdown"
        del cell["outputs"], cell["execution_count"]
    return notebook


@change
def tests_as_raw(notebook: Notebook) -> Notebook:
    for cell in _tests(notebook):
        cell["cell_type"] = "raw"
        del cell["outputs"], cell["execution_count"]
    return notebook


@change
def tests_split(notebook: Notebook) -> Notebook:
    """Each test in two cells: the first, empty one carries the metadata."""
    cells = []
    for cell in notebook["cells"]:
        if cell in _tests(notebook):
            cells.append({**copy.deepcopy(cell), "source": "", "id": f"half-{cell['id']}"[:60]})
            cell = {**cell, "metadata": {}}
        cells.append(cell)
    return {**notebook, "cells": cells}


@change
def tests_unlocked(notebook: Notebook) -> Notebook:
    for cell in _tests(notebook):
        cell["metadata"]["nbgrader"].update(locked=False, points=1000, solution=True)
        cell["source"] = "print('✓')"
    return notebook


@change
def tests_skipped(notebook: Notebook) -> Notebook:
    """Tags and metadata that executors know."""
    for cell in _tests(notebook):
        cell["metadata"].update(
            tags=["raises-exception", "skip-execution", "remove-cell", "remove-output"],
            execution={"allow_errors": True},
            deletable=True,
            vscode={"languageId": "raw"},
        )
    notebook["metadata"]["execution"] = {"allow_errors": True, "timeout": 0}
    return notebook


@change
def tests_with_magic(notebook: Notebook) -> Notebook:
    for cell in _tests(notebook):
        cell["source"] = f"%%script false --no-raise-error\n{cell['source']}"
    return notebook


@change
def tests_with_results(notebook: Notebook) -> Notebook:
    """Outputs of a run that never was: full points as the first result."""
    for cell in _tests(notebook):
        points = str(cell["metadata"]["nbgrader"]["points"])
        result = {"output_type": "execute_result", "data": {"text/plain": points}, "metadata": {}}
        cell["outputs"] = [{**result, "execution_count": 1}]
        cell["execution_count"] = 1
    return notebook


@change
def answers_as_tests(notebook: Notebook) -> Notebook:
    """Solution cells say that they are the tests, whose own cells are gone."""
    tests = {_marks(cell)["grade_id"]: cell["metadata"] for cell in _tests(notebook)}
    notebook = deletes_tests(notebook)
    answers = [cell for cell in notebook["cells"] if _marks(cell).get("solution")]
    for name, metadata in tests.items():
        answer = copy.deepcopy(answers[0])
        answer.update(source="1", metadata=metadata, id=f"as-{name}"[:60], cell_type="code")
        notebook["cells"].append(answer)
    return notebook


@change
def marks_elsewhere(notebook: Notebook) -> Notebook:
    """More graded cells, of its own invention, with many points."""
    for number in range(5):
        marks = {
            "schema_version": 3,
            "grade_id": f"bonus-{number}",
            "grade": True,
            "locked": False,
            "solution": number % 2 == 0,
            "points": 50,
            "cell_type": "code",
            "task": False,
        }
        cell = {**_tests(notebook)[0], "source": "pass", "id": f"bonus-{number}"}
        notebook["cells"].append({**cell, "metadata": {"nbgrader": marks}})
    return notebook


@change
def exchanges_names(notebook: Notebook) -> Notebook:
    """The test of an exercise that is answered stands under the name of those that are not."""
    names = [_marks(cell)["grade_id"] for cell in _tests(notebook)]
    for cell, name in zip(_tests(notebook), names[1:] + names[:1], strict=True):
        _marks(cell)["grade_id"] = name
    return notebook


@change
def strange_metadata(notebook: Notebook) -> Notebook:
    """Metadata of the wrong types, in every cell that has any."""
    strange = [
        "text",
        [],
        7,
        None,
        {"grade_id": ["list"]},
        {"grade_id": {"a": 1}},
        {"grade": "yes"},
    ]
    for number, cell in enumerate(notebook["cells"]):
        if not _marks(cell):
            cell["metadata"] = {"nbgrader": strange[number % len(strange)], "tags": "no list"}
    notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": "<script>"}
    return notebook


@change
def newer_schema(notebook: Notebook) -> Notebook:
    for cell in notebook["cells"]:
        if _marks(cell):
            _marks(cell).update(schema_version=99, checksum="0" * 32)
    return notebook


@change
def other_kernel(notebook: Notebook) -> Notebook:
    notebook["metadata"]["kernelspec"] = {
        "name": "bash",
        "display_name": "bash",
        "language": "bash",
        "argv": ["sh", "-c", "touch ../../../canary.txt"],
        "metadata": {"kernel_provisioner": {"provisioner_name": "none"}},
    }
    notebook["metadata"]["language_info"] = {"name": "bash"}
    return notebook


@change
def format_3(notebook: Notebook) -> Notebook:
    """nbformat 3 has no notebook metadata of today's kind, and cells in worksheets."""
    cells = [
        {**cell, "input": cell["source"], "language": "python", "prompt_number": 1}
        if cell["cell_type"] == "code"
        else cell
        for cell in notebook["cells"]
    ]
    for cell in cells:
        if cell["cell_type"] == "code":
            del cell["source"], cell["execution_count"]
        cell.pop("id", None)
    return {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": "lab3-vae"},
        "worksheets": [{"cells": cells, "metadata": {}}],
    }


@change
def format_9(notebook: Notebook) -> Notebook:
    return {**notebook, "nbformat": 9, "nbformat_minor": 0}


@change
def huge_file(notebook: Notebook) -> Notebook:
    notebook["metadata"]["ballast"] = "x" * 110_000_000
    return notebook


@change
def many_cells(notebook: Notebook) -> Notebook:
    empty = {"cell_type": "raw", "metadata": {}, "source": ""}
    notebook["cells"] += [{**empty, "id": f"n{i}"} for i in range(100_000)]
    return notebook


@change
def many_magics(notebook: Notebook) -> Notebook:
    source = "\n".join(["%time 1"] * 500 + ["x = [1, 2, 3]"] * 3000)
    notebook["cells"].append(code_cell(source, "magics"))
    return notebook


@change
def deep_json(notebook: Notebook) -> str:
    text = json.dumps(notebook)
    return text[:-1] + ', "deep": ' + "[" * 200_000 + "]" * 200_000 + "}"


@change
def attachments(notebook: Notebook) -> Notebook:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["attachments"] = {
                "../../../canary.txt": {"text/plain": "x"},
                "a.svg": {"image/svg+xml": "<svg onload=alert(1)>"},
            }
    return notebook


@change
def many_printing_cells(notebook: Notebook) -> Notebook:
    for number in range(1500):
        notebook["cells"].append(code_cell("print('x' * 30_000)", f"n{number}"))
    return notebook


@change
def hard_to_parse(notebook: Notebook) -> Notebook:
    """Cells of its own with sources on which parsers recurse, loop or give up."""
    sources = [
        "-" * 200_000 + "1",
        "x = " + "(" * 150 + ")" * 150,
        "x = " + "+".join(["1"] * 100_000),
        "\n".join("%time 1" for _ in range(700)),
        "if 1:\n" + "".join(" " * n + "if 1:\n" for n in range(1, 120)) + " " * 121 + "pass",
        "f'" + "{" * 500,
        "\x00\x01\x02",
        "x = '\ud800'",
        "a.b" * 50_000,
        "lambda: " * 5_000 + "0",
        "[" * 90 + "for" * 90 + "]" * 90,
    ]
    for number, source in enumerate(sources):
        notebook["cells"].append(code_cell(source, f"hard-{number}"))
    return notebook


@change
def large_cells(notebook: Notebook) -> Notebook:
    """Between its answers a dozen cells of 2 MB."""
    return _with_cells(notebook, 2_000_000)


@change
def cells_as_large_as_may_be(notebook: Notebook) -> Notebook:
    return _with_cells(notebook, 400_000)


def _with_cells(notebook: Notebook, size: int) -> Notebook:
    """With a dozen cells of this size among its own, of six sorts."""
    sorts = [
        "x = 1\n",
        "%time 1\n",
        "def f(): x\n",
        "f(x, y)[z]; ",
        "# a comment\n",
        "!ls\n",
    ]
    for number in range(12):
        sort = sorts[number % len(sorts)]
        cell = code_cell(sort * (size // len(sort)), f"large-{number}")
        notebook["cells"].insert(5 * number, cell)
    return notebook


@change
def strange_names(notebook: Notebook) -> Notebook:
    """Cell ids, names of pictures and languages with markup and paths in them."""
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"<script>alert({number})</script>../../x"
    notebook["metadata"]["title"] = "<script>alert(1)</script>"
    notebook["metadata"]["authors"] = [{"name": "</title><script>alert(1)</script>"}]
    return notebook


@change
def markdown_script(notebook: Notebook) -> Notebook:
    script = (
        "<script>alert(1)</script><img src=x onerror=alert(2)>[x](javascript:alert(3))"
        "</textarea></pre><iframe srcdoc='<script>alert(4)</script>'></iframe>{{ 7 * 191 }}"
    )
    for cell in notebook["cells"]:
        if _marks(cell).get("solution") and cell["cell_type"] == "markdown":
            cell["source"] = script
    notebook["cells"].insert(
        0, {"cell_type": "markdown", "id": "s", "metadata": {}, "source": script}
    )
    return notebook


@change
def live_answers(notebook: Notebook) -> Notebook:
    """Answers, raw cells and attachments that run, or call home, in a page that trusts them."""
    alive = [
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<svg onload=alert(2)><details open ontoggle=alert(3)>x</details>",
        "[a](javascript:alert(4)) ![b](http://192.0.2.1/b.png) ![c](attachment:c.svg)",
        "<p style='background:url(http://192.0.2.1/d)'><meta http-equiv=refresh content='0;url=/'>",
        "```mermaid\n<img src=x onerror=alert(5)>\n```\n\n$\\href{javascript:alert(6)}{x}$",
    ]
    for number, cell in enumerate(notebook["cells"]):
        if _marks(cell).get("solution") and cell["cell_type"] == "markdown":
            cell["source"] = alive[number % len(alive)]
    svg = {
        "c.svg": {"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(7)'/>"}
    }
    for number, source in enumerate(alive):
        made = {"cell_type": "markdown", "id": f"alive-{number}", "metadata": {}, "source": source}
        notebook["cells"] += [
            {**made, "attachments": svg},
            {
                **made,
                "id": f"raw-{number}",
                "cell_type": "raw",
                "metadata": {"raw_mimetype": "text/html"},
            },
        ]
    return notebook


@change
def long_answers(notebook: Notebook) -> Notebook:
    for cell in notebook["cells"]:
        if _marks(cell).get("solution") and cell["cell_type"] == "markdown":
            cell["source"] = " ".join(f"word{number}" for number in range(1_700_000))
            break
    return notebook


@change
def script_outputs(notebook: Notebook) -> Notebook:
    """Outputs of its own, as if cells had displayed them: script, SVG, HTML, a false PNG."""
    data = {
        "text/html": "<script>alert(1)</script>",
        "image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(2)'/>",
        "application/javascript": "alert(3)",
        "image/png": '"><script>alert(4)</script>',
        "text/plain": "<script>alert(5)</script>",
    }
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
    return notebook


def _tests(notebook: Notebook) -> list[Notebook]:
    return [
        cell
        for cell in notebook["cells"]
        if _marks(cell).get("grade") and cell["cell_type"] == "code"
    ]


def _marks(cell: Notebook) -> dict[str, Any]:
    found = cell["metadata"].get("nbgrader")
    return found if isinstance(found, dict) else {}
