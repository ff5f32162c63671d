"""A CSV file read cell by cell: against Python's own reader, and byte for byte."""

import csv
import io
import random

import pytest

from vae_grading.course.lab import Lab
from vae_grading.returns.cells import NoTable, read_table
from vae_grading.returns.grade_file import read_grade_file
from vae_helpers.errors import VaeLabError

VALUES = ["", "a", " b ", 'say "no"', "1,5", "x;y", "t\tz", "two\nlines", "r\r\nn", "Zoë", "0"]
MARKS = {
    "utf-8": b"",
    "utf-8-sig": b"\xef\xbb\xbf",
    "utf-16-le": b"\xff\xfe",
    "utf-16-be": b"\xfe\xff",
}


def _file(rows, encoding: str, **how) -> bytes:
    text = io.StringIO()
    csv.writer(text, **how).writerows(rows)
    code = "utf-8" if encoding == "utf-8-sig" else encoding
    return MARKS[encoding] + text.getvalue().encode(code)


@pytest.mark.parametrize("encoding", MARKS)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_cells_are_those_of_pythons_reader_and_replacing_none_changes_nothing(
    encoding, ending, quoting, separator
):
    """50 files of random cells; the first row makes the separator the most frequent one."""
    chance = random.Random(f"{encoding}{ending}{quoting}{separator}")
    for _ in range(50):
        width = chance.randint(2, 5)
        rows = [[f"h{n}" for n in range(width)]]
        rows += [[chance.choice(VALUES) for _ in range(width)] for _ in range(chance.randint(1, 5))]
        data = _file(rows, encoding, lineterminator=ending, quoting=quoting, delimiter=separator)
        table = read_table(data)
        said = [[cell.value for cell in line.cells] for line in table.lines]
        assert said == [row for row in rows if any(value.strip() for value in row)]
        assert table.replaced({}) == data
        if len(table.lines) == 1:
            continue
        line = chance.choice(table.lines[1:])  # a heading tells what separates
        cell, new = chance.choice(line.cells), chance.choice(VALUES[1:])
        after = read_table(table.replaced({cell: new}))
        place = table.lines.index(line), line.cells.index(cell)
        for at, old in enumerate(said):
            row = list(old)
            if at == place[0]:
                row[place[1]] = new
            if any(value.strip() for value in row):
                assert [each.value for each in after.lines[at].cells] == row


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'a,b\n1,"2', 'line 2: a quotation mark (") is not closed'),
        (b'a,b\n"1"x,2', 'line 2: text follows a closing quotation mark (")'),
        ("a,b\nÄ,2".encode("cp1252"), "it is not in UTF-8"),
        (b"a,b\n\0,2", "it holds no text"),
        (b"\xff\xfea", "it is not in UTF-8"),
    ],
)
def test_what_is_no_table_says_where(data, said):
    with pytest.raises(NoTable) as error:
        read_table(data)
    assert str(error.value) == said


def test_what_an_encoding_lacks_becomes_a_question_mark():
    table = read_table(b"a,b\n1,2\n")
    assert table.replaced({table.lines[1].cells[1]: "x\ud800"}) == b"a,b\n1,x?\n"


def test_a_file_that_is_called_as_another_lab_has_to_be_confirmed(tmp_path):
    """Nothing in Gradescope's file of an assignment says of which: its name does."""
    lab = Lab("lab2-x", tmp_path, "X", 1, 1, (), ())
    path = tmp_path / "Lab_1_scores.csv"
    path.write_text("SID,Total Score,Max Points\n1,,9\n")
    with pytest.raises(VaeLabError, match="is called as lab1-y, not as lab2-x: if it is the right"):
        read_grade_file(path, lab, ("lab1-y", "lab2-x"), None)
    assert read_grade_file(path, lab, ("lab1-y", "lab2-x"), "Total Score").maximum == "9"
    path = path.rename(tmp_path / "scores.csv")
    assert read_grade_file(path, lab, ("lab1-y", "lab2-x"), None).maximum == "9"
