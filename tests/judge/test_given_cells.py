"""A right answer works in the lab's own cells that follow, as a student runs them."""

import contextlib
import io

import matplotlib.pyplot as plt
import pytest
from lab_harness import read, run
from places import PROJECT

from vae_grading.course.notebooks import read_notebook
from vae_grading.course.regions import without

# Answers of the bank that earn every mark and that a given cell once failed on.
ANSWERS = (
    ("lab1-elbo", "expected-log-likelihood", "a loop over images"),
    ("lab1-elbo", "derivation", "a dict that is filled step by step"),
    ("lab2-reparameterization", "pathwise", "a vector of ones as grad_outputs"),
    ("lab3-vae", "encoder", "lazy layers"),
    ("lab3-vae", "encoder", "dropout, batch normalization and a clamp far out"),
    ("lab3-vae", "encoder", "layer norm and weight norm, in double precision"),
    ("lab3-vae", "decoder", "dropout and batch normalization"),
)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # matplotlib's, of numpy
@pytest.mark.parametrize(("name", "key", "answer"), ANSWERS)
def test_a_right_answer_works_in_the_cells_that_are_given(monkeypatch, name, key, answer):
    monkeypatch.setenv("VAE_LAB_SMOKE", "1")
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    (source,) = [
        each.source for each in read(name).right if (each.exercise, each.name) == (key, answer)
    ]
    cells = read_notebook(PROJECT / "source" / name / f"{name}.ipynb")["cells"]
    namespace = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for number, cell in enumerate(cells):
            marks = cell["metadata"].get("nbgrader", {})
            if cell["cell_type"] == "code" and not marks.get("grade"):
                own = marks.get("grade_id") == key
                run(source if own else without(cell["source"], []), namespace, f"<cell {number}>")
