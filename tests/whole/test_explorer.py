"""The ELBO explorer works with its sliders and without: what they show is the exact bound.

Its cells run here in one namespace, as a kernel without a page would run them.
"""

import math
import re
import sys

import matplotlib
import pytest
from lab_harness import run
from places import PROJECT

from vae_grading.course.notebooks import read_notebook

NOTEBOOK = PROJECT / "notebooks" / "10-elbo-explorer.ipynb"

# The model of its first section, written out: x = 1.2 z + 0.5 + 0.8 eps was 2.
W, B, S, X = 1.2, 0.5, 0.8, 2.0


@pytest.fixture
def figures(monkeypatch):
    """How many figures were shown; drawn without a screen, and closed."""
    import matplotlib.pyplot as plt

    backend = matplotlib.get_backend()
    plt.switch_backend("agg")
    plt.close("all")  # whatever other tests have left open
    shown = []

    def show() -> None:
        shown.extend(plt.get_fignums())
        plt.close("all")

    monkeypatch.setattr(plt, "show", show)
    yield shown
    plt.close("all")
    plt.switch_backend(backend)


def executed() -> dict:
    """The notebook's namespace after all its cells; `displayed` holds what display() was given."""
    displayed = []
    namespace = {"__name__": "__main__", "display": displayed.append, "displayed": displayed}
    for number, cell in enumerate(read_notebook(NOTEBOOK)["cells"]):
        if cell["cell_type"] == "code":
            run(cell["source"], namespace, f"<cell {number}>")
    return namespace


def exact_elbo(mu: float, logvar: float) -> float:
    """E_q[log p(x|z)] - KL(q || prior) of the one-dimensional model, by hand."""
    variance = math.exp(logvar)
    squared = (X - W * mu - B) ** 2 + W**2 * variance
    reconstruction = -0.5 * (squared / S**2 + math.log(2 * math.pi * S**2))
    return reconstruction - 0.5 * (mu**2 + variance - 1 - logvar)


def numbers(text: str) -> dict[str, float]:
    return {name: float(value) for name, value in re.findall(r"([\w()]+) = (-?[\d.]+)", text)}


def test_without_widgets_every_figure_is_drawn_and_nothing_is_displayed(
    figures, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    namespace = executed()
    assert namespace["displayed"] == []
    assert len(figures) == 2
    assert "no sliders, but every figure" in capsys.readouterr().out


def test_the_sliders_show_the_exact_bound_at_every_position(figures):
    namespace = executed()
    one, two = namespace["displayed"]
    mu, logvar, readout, _ = one.children
    for mu.value, logvar.value in ((0.0, 0.0), (0.85, -1.2), (-2.5, 1.5), (3.0, -5.0)):
        shown = numbers(readout.value)
        assert shown["ELBO"] == pytest.approx(exact_elbo(mu.value, logvar.value), abs=6e-4)
        assert shown["sum"] == shown["p(x)"]
        assert shown["KL"] >= 0
    assert len(two.children) == 6
    assert len(figures) > 2


def test_no_diagonal_q_passes_the_best_one_that_the_text_prints(figures):
    """A grid around the best diagonal q of the plane; its ELBO is the largest, and below log p."""
    namespace = executed()
    best = namespace["terms"](namespace["plane"], namespace["x_plane"], namespace["best"])[0]
    mean, logvar = namespace["exact"].mean[0], namespace["best_logvar"]
    for shift in (-0.1, 0.1):
        for wider in (-0.1, 0.1):
            q = namespace["approximation"](mean + shift, logvar + wider)
            elbo, _, log_evidence = namespace["terms"](namespace["plane"], namespace["x_plane"], q)
            assert elbo < best < log_evidence
