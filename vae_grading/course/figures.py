"""Figures of executed notebooks in 256 colours: what a page shows looks the same in a third of it.

A course's repository stores each executed model answer anew whenever its code has changed.
"""

import base64
import binascii
import io
from typing import Any

_COLORS = 256


def smaller_figures(outputs: list[dict[str, Any]]) -> None:
    """Put smaller PNG pictures in place of those in a cell's outputs, where they become smaller."""
    for output in outputs:
        data = output.get("data", {})
        if isinstance(encoded := data.get("image/png"), str):
            data["image/png"] = smaller(encoded)


def smaller(encoded: str) -> str:
    """A PNG picture, as base64, with at most 256 colours; as it was if that saves nothing.

    Colours are chosen from those that there are (octree), without dithering, which would put dots
    on even areas. What is no picture stays as it is.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        picture: Image.Image = Image.open(io.BytesIO(base64.b64decode(encoded)))
        if picture.mode not in ("RGB", "RGBA"):
            return encoded
        if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
            picture = picture.convert("RGB")
        few = picture.quantize(_COLORS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        made = io.BytesIO()
        few.save(made, "PNG", optimize=True)
    except (binascii.Error, UnidentifiedImageError, OSError):
        return encoded
    written = base64.b64encode(made.getvalue()).decode("ascii")
    return written if len(written) < len(encoded.replace("\n", "")) else encoded
