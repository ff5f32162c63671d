"""The lists of files in conftest.py say what they mean: one that was renamed would say nothing."""

from pathlib import Path

import conftest
import pytest
from places import PROJECT


@pytest.mark.parametrize("listed", ["LONGEST", "SCATTERED", "SLOW"])
def test_what_conftest_lists_is_there(listed):
    files = {path.stem for path in (PROJECT / "tests").rglob("test_*.py")}
    assert set(getattr(conftest, listed)) <= files


class Item:
    """As much of pytest's as the order and the marks of tests need."""

    def __init__(self, file: str) -> None:
        self.path, self.marks = Path(file), []

    def add_marker(self, mark) -> None:
        self.marks.append(mark.name)


def test_a_file_that_make_quick_leaves_out_is_marked_whole_and_the_longest_comes_first():
    others, left_out = Item("tests/test_others.py"), Item(f"tests/{conftest.SLOW[0]}.py")
    longest = Item(f"tests/{conftest.LONGEST[-1]}.py")
    items = [others, left_out, longest]
    conftest.pytest_collection_modifyitems(items)
    assert left_out.marks == ["slow"]
    assert others.marks == []
    assert items.index(longest) < items.index(others)
