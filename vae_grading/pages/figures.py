"""The figures in a notebook as it was handed in: PNG only, decoded within bounds, encoded anew.

What is shown is made of pixels by us; no byte of the student's reaches a page.
"""

import base64
import binascii
import io
import warnings
from collections.abc import Iterator
from typing import Any

from vae_grading.course.lab import HEADING
from vae_grading.submissions.hand_in import Unreadable
from vae_grading.submissions.reading import read_notebook_file

LARGEST_BYTES = 2_000_000  # of one picture, as handed in and as shown
MOST_PIXELS = 8_000_000
MOST_FIGURES = 20
MOST_BYTES = 16_000_000  # of all pictures of a page, in base64


def figures(submission: bytes) -> dict[str, list[str]]:
    """A notebook's figures as base64, by the label of the exercise that they stand in.

    Those in no exercise are under "". A notebook that cannot be read has none.
    """
    try:
        cells = read_notebook_file(submission, outputs=True).notebook["cells"]
    except Unreadable:
        return {}
    found: dict[str, list[str]] = {}
    label, left, room = "", MOST_FIGURES, MOST_BYTES
    for cell in cells:
        if cell["cell_type"] == "markdown":
            label = _label(cell["source"], label)
        for encoded in _pngs(cell):
            figure = encoded_anew(encoded) if left else None
            if figure is not None and len(figure) <= room:
                found.setdefault(label, []).append(figure)
                left, room = left - 1, room - len(figure)
    return found


def encoded_anew(encoded: str) -> str | None:
    """A picture in base64 as a PNG of ours, in base64; None when it is no PNG within bounds."""
    from PIL import Image

    if len(encoded) > 2 * LARGEST_BYTES:
        return None
    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(data) > LARGEST_BYTES:
        return None
    ours = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    return None
                pixels = picture.convert("RGBA")
                pixels.info.clear()  # colour profiles and the like, which would be saved, too
                pixels.save(ours, "PNG")
    except Exception:  # of bytes made to break a decoder, all that matters is: no picture
        return None
    shown = ours.getvalue()
    return base64.b64encode(shown).decode() if len(shown) <= 2 * LARGEST_BYTES else None


def _label(text: str, before: str) -> str:
    """The label of the exercise that goes on after this Markdown; "" after another heading."""
    headings = [line for line in text.splitlines() if line.startswith("#")]
    if not headings:
        return before
    heading = HEADING.search(text)
    if heading is None:
        return ""
    return f"Q{heading[2]}" if heading[1] == "Question" else heading[2]


def _pngs(cell: Any) -> Iterator[str]:
    """What a cell's outputs say are PNG pictures, whatever else they are."""
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        data = output.get("data") if isinstance(output, dict) else None
        encoded = data.get("image/png") if isinstance(data, dict) else None
        if isinstance(encoded, list) and all(isinstance(line, str) for line in encoded):
            encoded = "".join(encoded)
        if isinstance(encoded, str):
            yield encoded
