"""What an ordinary notebook holds does what it does in a kernel, in the sandbox, too.

The toy lab, judged as in grading: lines that fail take nothing else with them, and where an answer
cannot be judged because of one, a person is told which.
"""

import json

import pytest
import toy

from vae_grading.course.course import Course
from vae_grading.course.notebooks import read_notebook
from vae_grading.course.regions import without
from vae_grading.course.student_version import Generated, generated
from vae_grading.grading.one_submission import autograde
from vae_grading.marks.results import Result
from vae_grading.submissions.hand_in import submission

FULL = {"double-value": 1, "double-negative": 2, "mean-value": 2, "question-why": None}
DOUBLE = "def double(number):\n    return 2 * number"
AS_IN_A_KERNEL = {
    "inline": "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nok = True",
    "notebook": "%matplotlib notebook\nok = True",
    "widget": "%matplotlib widget\nok = True",
    "pylab": "%pylab inline\nok = bool(linspace(0, 1, 3)[1] == 0.5)",
    "autoreload": "%load_ext autoreload\n%autoreload 2\nok = True",
    "config": "%config InlineBackend.figure_format = 'svg'\nok = True",
    "env": "%env VAE=1\nimport os\nok = os.environ['VAE'] == '1'",
    "cd": "%cd /tmp\nimport os\nok = os.getcwd() == '/tmp' or True",
    "time": "%time ok = True",
    "timeit": "%timeit -n 1 -r 1 sum([1])\nok = True",
    "capture": "%%capture out\nprint('hidden')\nok = True",
    "capture and fail": "%%capture\nimport not_installed\nok = True",
    "time and fail": "%%time\nimport not_installed\nok = True",
    "unknown cell magic": "%%wandb\nok = True",
    "unknown line magic": "%tensorboard --logdir runs\nok = True",
    "bash": "%%bash\necho 1\n",
    "pip": "!pip install -q einops\nok = True",
    "pip magic": "%pip install einops\nok = True",
    "conda": "%conda install einops\nok = True",
    "nvidia-smi": "!nvidia-smi\nok = True",
    "ls": "!ls -la\nok = _exit_code == 0",
    "assigned": "here = !echo a b\nok = here == ['a b']",
    "expanded": "name = 'x'\nlines = !echo {name} $name\nok = list(lines) == ['x x']",
    "system": "get_ipython().system('true')\nok = _exit_code == 0",
    "os.system": "import os\nok = os.system('true') == 0",
    "background": "!sleep 5 &\nok = True",
    "a command without an end": "!sleep 600\nok = True",
    "colab": "from google.colab import drive\ndrive.mount('/content')\nok = True",
    "is it colab": "ok = 'google.colab' not in str(get_ipython())",
    "getpass": "import getpass\nok = bool(getpass.getuser())",
    "faulthandler": "import faulthandler\nfaulthandler.enable()\nok = True",
    "psutil": "import psutil\nprint(psutil.cpu_percent())\nok = True",
    "kernel's magics": "%autosave 60\n%clear\n%connect_info\nok = True",
    "exit": "ok = True\nexit()",
    "sys.exit": "ok = True\nimport sys\nsys.exit(0)",
    "input": "name = input()\nok = True",
    "await": "import asyncio\nawait asyncio.sleep(0)\nok = True",
    "tqdm": "from tqdm.auto import tqdm\nfor _ in tqdm(range(3)): pass\nok = True",
    "widgets": "import ipywidgets\nipywidgets.IntSlider()\nok = True",
    "display": "from IPython.display import HTML, clear_output, display\n"
    "display(HTML('<b>x</b>'))\nclear_output()\nok = True",
    "help": "print?\nok = True",
    "file": "%%writefile own.py\nNUMBER = 3",
    "own path": "import pandas_of_mine\nopen('/content/drive/data.csv')\nok = True",
    "gui": "import matplotlib\nmatplotlib.use('TkAgg')\nok = True",
    "stderr": "import sys\nprint('a', file=sys.stderr)\nsys.stderr.flush()\nok = True",
    "logging": "import logging\nlogging.basicConfig()\nlogging.error('a')\nok = True",
    "warnings": "import warnings\nwarnings.simplefilter('error')\nwarnings.warn('a')\nok = True",
    "reset": "%reset -f\nok = True",
    "who": "%who\n%whos\n%lsmagic\nok = True",
    "run": "open('own.py', 'w').write('value = 4')\n%run own.py\nok = value == 4",
    "import own": "open('mine.py', 'w').write('value = 4')\nimport mine\nok = mine.value == 4",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    course = toy.copy_course(tmp_path_factory.mktemp("ordinary") / "course")
    with generated(course, "toy") as new:
        yield course, new


def _grade(made: tuple[Course, Generated], notebook: dict, student: str = "ada") -> Result:
    course, new = made
    toy.submit(course, student, notebook)
    lab = course.lab("toy")
    found = autograde(course, lab, submission(course.submitted, "toy", student), generated=new)
    _grade.notebook = found.notebook
    return found.result


def _points(result: Result) -> dict[str, float | None]:
    return {cell.grade_id: cell.points for cell in result.cells}


def _answered(made: tuple[Course, Generated], **answers: str) -> dict:
    """What students were given, with the model answers in it, or others."""
    notebook, model = read_notebook(made[1].notebook), toy.answered(made[0])
    for name in ("double", "mean", "question-why"):
        source = answers.get(name.replace("-", "_"))
        toy.cell(notebook, name)["source"] = (
            without(toy.cell(model, name)["source"], []) if source is None else source
        )
    return notebook


def _with_own(made: tuple[Course, Generated], *sources: str, **answers: str) -> dict:
    """The same with cells of one's own below the one that is given."""
    notebook = _answered(made, **answers)
    place = notebook["cells"].index(toy.cell(notebook, "setup")) + 1
    for number, source in enumerate(sources):
        cell = {"cell_type": "code", "id": f"own-{number}", "metadata": {}, "source": source}
        notebook["cells"].insert(place + number, cell | {"outputs": [], "execution_count": None})
    return notebook


@pytest.mark.parametrize("name", AS_IN_A_KERNEL)
def test_a_line_of_an_ordinary_notebook_costs_nothing(made, name):
    """The answer holds only if the whole cell above it ran."""
    source = AS_IN_A_KERNEL[name]
    asked = "ok" if "ok = " in source or "ok = True" in source else "True"
    answer = f"def double(number):\n    assert {asked}\n    return 2 * number"
    result = _grade(made, _with_own(made, source, double=answer))
    assert (_points(result), result.needs_person) == (FULL, False)


@pytest.mark.parametrize(
    "line", ["import not_installed", "!nvidia-smi", "%tensorboard", "open('/x')"]
)
@pytest.mark.parametrize("place", ["above", "below"])
def test_a_line_that_fails_in_an_answer_leaves_the_rest_of_it(made, line, place):
    source = f"{line}\n{DOUBLE}" if place == "above" else f"{DOUBLE}\n{line}"
    assert _points(_grade(made, _answered(made, double=source))) == FULL


def test_an_answer_ends_where_it_fails_by_its_own_fault(made):
    """As in a kernel, where the same answer is not defined."""
    source = f"assert 1 + 1 == 3\n{DOUBLE}"
    result = _grade(made, _answered(made, double=source))
    assert _points(result) == {**FULL, "double-value": 0, "double-negative": 0}
    assert not result.needs_person


@pytest.mark.parametrize(
    ("setup", "answer", "said"),
    [
        (
            "import math\nfrom not_installed import twice",
            "def double(number):\n    return twice(number)",
            ("line 2 of cell 3", "from not_installed import twice", "No module named"),
        ),
        (
            "table = open('/content/drive/table.csv').read()\n"
            "def look_up(number):\n    return table[number]",
            "def double(number):\n    return look_up(number)",
            ("line 1 of cell 3", 'open("/content/drive/table.csv")', "No such file"),
        ),
        (
            "x = 1",
            "def double(number):\n    import not_installed\n    return number * 2",
            ("what is not there", 'No module named "not_installed"'),
        ),
        (
            "x = 1",
            "def double(number):\n    raise RuntimeError('Found no NVIDIA driver on your system.')",
            ("what is not there", "NVIDIA driver"),
        ),
    ],
)
def test_an_answer_that_cannot_be_judged_for_such_a_line_is_for_a_person(made, setup, answer, said):
    result = _grade(made, _with_own(made, setup, double=answer))
    assert _points(result) == {**FULL, "double-value": 0, "double-negative": 0}
    assert result.needs_person
    lost = {cell.grade_id: cell for cell in result.cells if cell.reason}
    assert {name: cell.reason for name, cell in lost.items()} == {
        "double-value": "line-failed",
        "double-negative": "line-failed",
    }
    for words in said:
        assert words in lost["double-value"].message


def test_a_line_that_failed_is_noted_where_it_costs_nothing(made):
    result = _grade(made, _with_own(made, "import not_installed\nx = 1"))
    assert _points(result) == FULL
    (note,) = result.notes
    assert note.startswith("Line 1 of cell 3, 'import not_installed', fails where it is graded")


def test_a_line_that_failed_does_not_excuse_a_wrong_answer(made):
    """Neither does a name that was defined after all."""
    setup = "from not_installed import twice\ndef twice(number):\n    return 3 * number"
    answer = "def double(number):\n    return twice(number)"
    result = _grade(made, _with_own(made, setup, double=answer))
    assert not result.needs_person
    assert _points(result)["double-value"] == 0


@pytest.mark.parametrize("change", ["deleted", "changed", "fails", "syntax"])
def test_what_the_released_cell_defines_stands_all_the_same(made, change):
    notebook = _answered(made, double=DOUBLE)
    setup = toy.cell(notebook, "setup")
    if change == "deleted":
        notebook["cells"].remove(setup)
    else:
        setup["source"] = {
            "changed": "print('I need none of this')",
            "fails": f"import not_installed\n{setup['source']}",
            "syntax": f"this is no Python\n{setup['source']}",
        }[change]
    assert _points(_grade(made, notebook)) == FULL
    shown = json.loads(_grade.notebook)["cells"]
    assert len(shown) == len(notebook["cells"])  # what the judge put back is not the student's


def test_an_answer_above_the_untouched_stub_counts(made):
    stub = toy.cell(read_notebook(made[1].notebook), "double")["source"]
    notebook = _with_own(made, DOUBLE, double=stub)
    assert _points(_grade(made, notebook)) == FULL


def test_a_written_answer_below_its_cell_is_for_a_person_to_mark(made):
    stub = toy.cell(read_notebook(made[1].notebook), "question-why")["source"]
    notebook = _answered(made, question_why=stub)
    assert _points(_grade(made, notebook))["question-why"] == 0
    own = {"cell_type": "markdown", "id": "own", "metadata": {}, "source": "Because it is."}
    notebook["cells"].append(own)
    result = _grade(made, notebook)
    assert _points(result)["question-why"] is None
    assert "stands in a cell beside" in result.notes[0]
