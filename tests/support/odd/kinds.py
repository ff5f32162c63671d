"""Kinds of oddness: what a student, an editor or a platform does to a notebook that is right.

Each kind is a function that changes a notebook (a dictionary) or gives bytes to hand in instead.
`PLAIN_LOSES` names the kinds with which plain nbgrader, which runs a notebook as it is, cannot give
the marks, and why.

Over 350 lines: cases, each read by itself.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

Notebook = dict[str, Any]
KINDS: dict[str, Callable[[Notebook], Any]] = {}
PLAIN_LOSES: dict[str, str] = {}


def kind(function: Callable[[Notebook], Any]) -> Callable[[Notebook], Any]:
    KINDS[function.__name__.strip("_").replace("_", "-")] = function
    return function


def plain_loses(why: str) -> Callable:
    def mark(function: Callable[[Notebook], Any]) -> Callable[[Notebook], Any]:
        PLAIN_LOSES[function.__name__.strip("_").replace("_", "-")] = why
        return kind(function)

    return mark


# --- lines above the imports, in the same cell ----------------------------------------------------

_ENDS_THE_CELL = "a kernel ends the cell of the imports at a line that fails"
ABOVE_IMPORTS = {
    "matplotlib-inline": "%matplotlib inline",
    "matplotlib-notebook": "%matplotlib notebook",
    "config-retina": "%matplotlib inline\n%config InlineBackend.figure_format = 'retina'",
    "autoreload": "%load_ext autoreload\n%autoreload 2",
    "env": "%env OMP_NUM_THREADS=1",
    "cd": "%cd /tmp",
    "time-line": "%time total = sum(range(10))",
    "pip-shell": "!pip install -q numpy",
    "pip-magic": "%pip install -q numpy",
    "nvidia-smi": "!nvidia-smi",
    "ls": "!ls",
    "shell-assignment": "here = !pwd\nprint(here)",
    "shell-call": "get_ipython().system('echo hello')",
    "who-is-it": "import getpass, faulthandler\nfaulthandler.enable()",
    "autosave": "%autosave 60",
    "warnings-off": "import warnings\nwarnings.filterwarnings('ignore')",
    "warnings-strict": "import warnings\nwarnings.simplefilter('error')",
    "reproducible": "import os, random\nrandom.seed(0)\nos.environ['PYTHONHASHSEED'] = '0'",
    "precision": "%precision 4\n%xmode Minimal",
    "future": "from __future__ import annotations",
}
ABOVE_IMPORTS_THAT_FAIL = {
    "matplotlib-widget": "%matplotlib widget",
    "matplotlib-qt": "%matplotlib qt",
    "conda": "%conda install -y einops",
    "colab-drive": "from google.colab import drive\ndrive.mount('/content/drive')",
    "missing-package": "from torchinfo import summary",
    "own-path": "import os\nos.chdir('/content/drive/MyDrive/vae')",
    "own-module": "import sys\nsys.path.append('/home/ada/vae')\nfrom my_plots import draw",
    "gui-backend": "import matplotlib\nmatplotlib.use('TkAgg')",
    "unknown-magic": "%tensorboard --logdir runs",
    "background": "!sleep 1 &",
    "needs-cuda": "import torch\ntorch.cuda.set_device(0)",
    "input": "name = input('Your name: ')",
}


def _above_imports(lines: str) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        cell = _imports(notebook)
        cell["source"] = f"{lines}\n{cell['source']}"

    return change


for _name, _lines in (ABOVE_IMPORTS | ABOVE_IMPORTS_THAT_FAIL).items():
    KINDS[_name] = _above_imports(_lines)
    if _name in ABOVE_IMPORTS_THAT_FAIL:
        PLAIN_LOSES[_name] = _ENDS_THE_CELL


# --- cells of a student's own ---------------------------------------------------------------------


@kind
def pylab(notebook: Notebook) -> None:
    _insert(notebook, _imports(notebook), "%pylab inline", before=True)


@kind
def bash_cell(notebook: Notebook) -> None:
    _insert(notebook, _imports(notebook), "%%bash\nls | head -3")


@kind
def captured_imports(notebook: Notebook) -> None:
    cell = _imports(notebook)
    cell["source"] = f"%%capture\n{cell['source']}"


@kind
def timed_answers(notebook: Notebook) -> None:
    for cell in _answers(notebook):
        cell["source"] = f"%%time\n{cell['source']}"


@kind
def experiments_that_fail(notebook: Notebook) -> None:
    for cell in _answers(notebook)[::3]:
        _insert(notebook, cell, "print(1 / 0)")


@plain_loses("the kernel ends, and with it everything below")
def exits(notebook: Notebook) -> None:
    _insert(notebook, _answers(notebook)[0], "exit()")


@kind
def draws(notebook: Notebook) -> None:
    source = "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.show()"
    _insert(notebook, _imports(notebook), source)


@kind
def helper_above(notebook: Notebook) -> None:
    """A helper in a cell of its own, which the answer below calls."""
    cell = _function(notebook)
    name = cell["source"].split("def ", 1)[1].split("(", 1)[0]
    own = cell["source"].replace(f"def {name}(", f"def my_{name}(", 1)
    _insert(notebook, cell, own, before=True)
    cell["source"] = f"def {name}(*arguments, **keywords):\n" + (
        f"    return my_{name}(*arguments, **keywords)"
    )


@kind
def written_to_a_file(notebook: Notebook) -> None:
    _insert(notebook, _imports(notebook), "%%writefile own.py\nNUMBER = 3")
    _insert(notebook, _imports(notebook), "import sys\nsys.path.insert(0, '.')")


@kind
def raw_cells(notebook: Notebook) -> None:
    for cell in _answers(notebook)[::2]:
        _insert(notebook, cell, "notes to myself", cell_type="raw")


@kind
def progress_bars(notebook: Notebook) -> None:
    source = "from tqdm.auto import tqdm\nfor _ in tqdm(range(3)):\n    pass"
    _insert(notebook, _imports(notebook), source)


@kind
def prints_much(notebook: Notebook) -> None:
    _insert(notebook, _imports(notebook), "for i in range(5000):\n    print(i, 'x' * 50)")


@kind
def logs_to_stderr(notebook: Notebook) -> None:
    source = "import logging, sys\nlogging.warning('hello')\nprint('there', file=sys.stderr)"
    _insert(notebook, _imports(notebook), source)


@kind
def top_level_await(notebook: Notebook) -> None:
    _insert(notebook, _imports(notebook), "import asyncio\nawait asyncio.sleep(0)")


# --- where the answers stand ----------------------------------------------------------------------


@kind
def answered_below(notebook: Notebook) -> None:
    """The stub is left as it was, and the answer stands in a cell of its own below it."""
    cell = _function(notebook)
    _insert(notebook, cell, cell["source"])
    cell["source"] = notebook["released"][_id(cell)]


@plain_loses("the released stub below the answer defines it anew")
def answered_above(notebook: Notebook) -> None:
    cell = _function(notebook)
    _insert(notebook, cell, cell["source"], before=True)
    cell["source"] = notebook["released"][_id(cell)]


@plain_loses("a written answer in another cell than its own is no answer to nbgrader")
def written_below(notebook: Notebook) -> None:
    for cell in _written(notebook):
        _insert(notebook, cell, cell["source"], cell_type="markdown")
        cell["source"] = notebook["released"][_id(cell)]


@kind
def copied_answer(notebook: Notebook) -> None:
    """The cell twice, marks and all: the last one counts."""
    cell = _function(notebook)
    twin = copy.deepcopy(cell)
    twin["id"] = "a-twin"
    notebook["cells"].insert(notebook["cells"].index(cell) + 1, twin)


PLAIN_LOSES["copied-answer"] = "nbgrader refuses a notebook in which a grade id stands twice"


@plain_loses("nbgrader refuses a notebook in which a graded cell is missing")
def checks_deleted(notebook: Notebook) -> None:
    notebook["cells"] = [c for c in notebook["cells"] if not str(_id(c)).endswith("-check")]


@kind
def tests_edited(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade") and cell["cell_type"] == "code":
            cell["source"] = "# I changed this\n" + cell["source"]


@plain_loses("the imports were deleted after they had run")
def imports_deleted(notebook: Notebook) -> None:
    notebook["cells"].remove(_imports(notebook))


@plain_loses("the imports were made a Markdown cell after they had run")
def imports_as_markdown(notebook: Notebook) -> None:
    cell = _imports(notebook)
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]


# --- what editors and platforms do ----------------------------------------------------------------


@plain_loses("nbgrader knows its cells by their metadata alone")
def metadata_lost(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["metadata"] = {}


@plain_loses("nbgrader knows its cells by their metadata alone")
def metadata_and_ids_lost(notebook: Notebook) -> None:
    metadata_lost(notebook)
    for cell in notebook["cells"]:
        del cell["id"]
    notebook["nbformat_minor"] = 4


@plain_loses("nbgrader knows its cells by their metadata alone")
def code_metadata_lost(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["metadata"] = {}


@kind
def ids_lost(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        del cell["id"]
    notebook["nbformat_minor"] = 2


@kind
def saved_by_colab(notebook: Notebook) -> None:
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] |= {"id": f"aB{number:010}", "colab": {"base_uri": "https://localhost"}}
        del cell["id"]
    notebook |= {"nbformat_minor": 0}
    notebook["metadata"] = {
        "colab": {"provenance": [], "gpuType": "T4"},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "accelerator": "GPU",
    }


@kind
def saved_by_vs_code(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["metadata"]["vscode"] = {"languageId": "python"}
        cell["source"] = cell["source"].splitlines(keepends=True)
    notebook["metadata"]["kernelspec"] = {"name": "vae", "display_name": ".venv (3.11)"}


@plain_loses("nbformat asks for the keys")
def keys_missing(notebook: Notebook) -> None:
    del notebook["metadata"]
    for cell in notebook["cells"]:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
        if not cell["metadata"]:
            del cell["metadata"]
    notebook["cells"].insert(3, {"cell_type": "code"})


@kind
def windows_line_ends(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")


@kind
def much_output(notebook: Notebook) -> None:
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 700_000}}
    for cell in [c for c in notebook["cells"] if c["cell_type"] == "code"][:40]:
        cell["outputs"] = [picture]


@plain_loses("nbformat reads UTF-8 alone")
def utf_16(notebook: Notebook) -> bytes:
    return json.dumps(notebook, ensure_ascii=False).encode("utf-16")


@plain_loses("nbformat takes the mark for a part of the text")
def utf_8_with_a_mark(notebook: Notebook) -> bytes:
    return json.dumps(notebook, ensure_ascii=False).encode("utf-8-sig")


@plain_loses("nbformat reads UTF-8 alone")
def windows_code_page(notebook: Notebook) -> bytes:
    return json.dumps(notebook, ensure_ascii=False).encode("cp1252", "replace") + b" \xe9"[:1]


@plain_loses("nbformat wants nothing behind the end")
def text_after_the_end(notebook: Notebook) -> bytes:
    return json.dumps(notebook).encode() + b'\n "nbformat": 4}\n'


# --- finding cells --------------------------------------------------------------------------------


def _id(cell: Notebook) -> str | None:
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def _imports(notebook: Notebook) -> Notebook:
    return next(
        cell
        for cell in notebook["cells"]
        if cell["source"].count("import ") >= 3
        and not cell["metadata"].get("nbgrader")
        and cell["id"].startswith("import-")
    )


def _answers(notebook: Notebook) -> list[Notebook]:
    return [
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution") and cell["cell_type"] == "code"
    ]


def _function(notebook: Notebook) -> Notebook:
    """The first answer that is one function."""
    return next(cell for cell in _answers(notebook) if cell["source"].startswith("def "))


def _written(notebook: Notebook) -> list[Notebook]:
    return [
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution") and cell["cell_type"] == "markdown"
    ]


def _insert(
    notebook: Notebook, beside: Notebook, source: str, *, before: bool = False, cell_type="code"
) -> None:
    number = len(notebook["cells"])
    cell = {"cell_type": cell_type, "id": f"own-{number}", "metadata": {}, "source": source}
    if cell_type == "code":
        cell |= {"outputs": [], "execution_count": None}
    place = next(i for i, each in enumerate(notebook["cells"]) if each is beside)
    notebook["cells"].insert(place + (not before), cell)
