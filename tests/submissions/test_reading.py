"""A file that was handed in is read, however it was saved, or named for what it is."""

import gzip
import io
import json
import zipfile

import pytest
import toy

from vae_grading.course.notebooks import read_notebook
from vae_grading.submissions.hand_in import Unreadable
from vae_grading.submissions.reading import (
    LARGEST_CODE,
    MOST_VALUES,
    parse_notebook,
    read_notebook_file,
)


@pytest.fixture
def notebook(course) -> dict:
    return read_notebook(course.source("toy"))


def _sources(notebook: dict) -> list[str]:
    return [cell["source"] for cell in notebook["cells"]]


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_unicode_is_read_in_each_of_its_forms(notebook, encoding):
    notebook["cells"][0]["source"] = "Zoë"
    text = json.dumps(notebook, ensure_ascii=False)
    for data in (text.encode(encoding), f"\n{text}\n\0\0".encode(encoding)):
        read = read_notebook_file(data)
        assert _sources(read.notebook) == _sources(notebook)
        assert read.notes == ()


def test_a_code_page_is_read_and_named(notebook):
    notebook["cells"][0]["source"] = "Zoë’s answer"
    data = json.dumps(notebook, ensure_ascii=False).encode("cp1252", "replace")
    read = read_notebook_file(data)
    assert _sources(read.notebook)[0] == "Zoë’s answer"
    assert "Windows code page" in read.notes[0]


def test_what_follows_the_end_is_left_out_and_told(notebook):
    text = json.dumps(notebook)
    read = read_notebook_file(f'{text}\n  "nbformat_minor": 5\n}}'.encode())
    assert _sources(read.notebook) == _sources(notebook)
    assert "goes on after the end of the notebook" in read.notes[0]


def _zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("lab.ipynb", "{}")
    return made.getvalue()


def _with_markers(notebook: dict) -> bytes:
    text = json.dumps(notebook, indent=1)
    head, tail = text[: len(text) // 2], text[len(text) // 2 :]
    return f"{head}\n<<<<<<< HEAD\n{tail}\n=======\n{tail}\n>>>>>>> branch\n".encode()


NOT_NOTEBOOKS = {
    "empty": (lambda _: b"", "is empty"),
    "zeros": (lambda _: b"\0" * 1000, "is empty"),
    "web page": (lambda _: b"\n<!DOCTYPE html>\n<html><body>{</body></html>", "web page"),
    "web page after a comment": (lambda _: b"<!-- saved -->\n<HTML lang='en'>", "web page"),
    "merge markers": (_with_markers, "merge markers"),
    "markers after the end": (
        lambda n: json.dumps(n).encode() + b"\n=======\n{}\n>>>>>>> theirs\n",
        "merge markers",
    ),
    "two notebooks": (lambda n: json.dumps(n).encode() * 2, "two notebooks"),
    "broken off": (lambda n: json.dumps(n).encode()[:-200], "ends in the middle"),
    "broken off in a text": (lambda n: json.dumps(n).encode()[:60], "ends in the middle"),
    "script": (lambda _: b"import torch\n\nclass VAE:\n    pass\n", "Python script"),
    "script with a docstring": (lambda _: b'"""My VAE."""\n\nimport torch\n', "Python script"),
    "text": (lambda _: b"Here is my lab.", "is text, not a notebook"),
    "zip": (lambda _: _zip(), "zip archive"),
    "gzip": (lambda n: gzip.compress(json.dumps(n).encode()), "gzip"),
    "pdf": (lambda _: b"%PDF-1.7 ...", "PDF"),
    "picture": (lambda _: b"\x89PNG\r\n\x1a\n...", "PNG picture"),
    "bytes": (lambda _: bytes(range(128, 256)) + b"\0\1\2", "is not text"),
    "half of utf-16": (lambda _: b"\xff\xfe\x00", "begins as UTF-16, but is not"),
    "deep": (lambda _: b"[" * 100_000, "deeply nested"),
    "comma": (lambda _: b'{"cells": [,]}', "is not JSON"),
}


@pytest.mark.parametrize("name", NOT_NOTEBOOKS)
def test_what_is_no_notebook_is_named_for_what_it_is(notebook, name):
    make, said = NOT_NOTEBOOKS[name]
    with pytest.raises(Unreadable) as caught:
        parse_notebook(make(notebook))
    assert caught.value.problem == "not-json"
    assert said in caught.value.reason
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ([], "a list"),
        ("text", "text"),
        ({"nbformat": 4}, "no list of cells"),
        ({"cells": [3]}, "cell 1 is a number"),
        ({"cells": [{"cell_type": "code", "source": [1]}]}, "source of cell 1 is not text"),
        ({"cells": [{"cell_type": "evil"}]}, "a cell of type 'evil'"),
        ({"nbformat": 2, "worksheets": 3}, "of its old format"),
    ],
)
def test_json_that_is_no_notebook_is_told_apart(made, said):
    with pytest.raises(Unreadable) as caught:
        parse_notebook(json.dumps(made).encode())
    assert caught.value.problem == "not-a-notebook"
    assert said in caught.value.reason


def test_keys_that_are_absent_mean_nothing(notebook, recwarn):
    del notebook["metadata"], notebook["nbformat_minor"], notebook["nbformat"]
    for cell in notebook["cells"]:
        for key in ("id", "outputs", "execution_count"):
            cell.pop(key, None)
        if not cell["metadata"]:
            cell["metadata"] = None
    sources = _sources(notebook)
    notebook["cells"] += [{"cell_type": "code"}, {"source": None}, {"execution_count": 3}]
    found = parse_notebook(json.dumps(notebook).encode())
    assert _sources(found) == [*sources, "", "", ""]
    assert [cell["cell_type"] for cell in found["cells"][-3:]] == ["code", "markdown", "code"]
    assert len({cell["id"] for cell in found["cells"]}) == len(found["cells"])
    assert (found["nbformat"], found["nbformat_minor"], found["metadata"]) == (4, 5, {})
    assert recwarn.list == []


def test_old_formats_are_read(notebook):
    import nbformat

    old = nbformat.convert(nbformat.from_dict(notebook), 3)
    found = parse_notebook(json.dumps(old).encode())
    assert [text for text in _sources(found) if text] == _sources(notebook)


def test_outputs_are_dropped_before_the_size_is_judged(notebook):
    picture = {"output_type": "display_data", "data": {"image/png": "A" * 26_000_000}}
    toy.cell(notebook, "figure")["outputs"] = [picture, "no output"]
    data = json.dumps(notebook).encode()
    assert all(not cell.get("outputs") for cell in parse_notebook(data)["cells"])
    kept = read_notebook_file(data, outputs=True).notebook
    assert toy.cell(kept, "figure")["outputs"] == [picture]


@pytest.mark.parametrize(
    "data",
    [
        json.dumps({"cells": [{"cell_type": "code", "source": "x" * (LARGEST_CODE + 1)}]}),
        json.dumps({"cells": [{"cell_type": "raw", "source": "x" * 25_000_001}]}),
        '{"cells": [' + "{}," * 5001 + "{}]}",
        "[" + "0," * MOST_VALUES + "0]",
    ],
    ids=["code", "text", "cells", "values"],
)
def test_what_is_too_much_is_not_read(data):
    with pytest.raises(Unreadable) as caught:
        parse_notebook(data.encode())
    assert caught.value.problem == "too-large"


def test_what_no_file_can_hold_becomes_a_question_mark(notebook):
    notebook["cells"][0]["source"] = "a\ud800b\r\nc\rd"
    assert parse_notebook(json.dumps(notebook).encode())["cells"][0]["source"] == "a?b\nc\nd"
