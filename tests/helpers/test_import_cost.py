"""`import vae_helpers` costs what `import torch` costs."""

import json
import subprocess
import sys

import pytest

import vae_helpers


def modules_after(statement):
    script = f"import json, sys; {statement}; print(json.dumps(sorted(sys.modules)))"
    return set(json.loads(subprocess.check_output([sys.executable, "-c", script], text=True)))


@pytest.fixture(scope="module")
def added():
    return modules_after("import vae_helpers") - modules_after("import torch")


@pytest.mark.parametrize(
    "slow", ["torchvision", "matplotlib", "seaborn", "scipy", "tqdm", "vae_checks"]
)
def test_what_is_slow_to_import_waits_until_it_is_used(added, slow):
    assert not {name for name in added if name == slow or name.startswith(f"{slow}.")}


def test_little_comes_on_top_of_torch(added):
    """Oracle: sys.modules; what is not ours comes from the standard library."""
    foreign = {name.partition(".")[0] for name in added} - {"vae_helpers"} - sys.stdlib_module_names
    assert not foreign


def test_grading_compiles_no_grammar_that_it_does_not_need():
    """jsonschema imports it, when it is there, for 1.8 s in each of a command's processes."""
    for statement in ("import nbformat", "import vae_grading, nbformat"):
        assert ("lark" in modules_after(statement)) is (statement == "import nbformat")


def test_every_public_name_is_there_and_listed():
    assert vae_helpers.plots.image_grid
    for name in vae_helpers.__all__:
        assert getattr(vae_helpers, name) is not None
        assert name in dir(vae_helpers)
    with pytest.raises(AttributeError, match="no attribute 'absent'"):
        _ = vae_helpers.absent


def test_the_docstring_lists_every_file():
    from pathlib import Path

    folder = Path(vae_helpers.__file__).parent
    names = [path.stem for path in folder.glob("*.py") if path.stem != "__init__"]
    assert [name for name in names if name not in vae_helpers.__doc__] == []


def test_an_older_notebook_is_told_in_a_line_where_the_checks_are():
    with pytest.raises(ImportError, match="in vae_checks now") as told:
        import vae_helpers.checks  # noqa: F401
    (line,) = told.value._render_traceback_()
    assert line.startswith("Moved: this notebook is of an older version")
