"""Figures of executed model answers: fewer colours, the same picture."""

import base64
import io

import numpy as np
from PIL import Image

from vae_grading.course.figures import smaller, smaller_figures


def encoded(pixels):
    made = io.BytesIO()
    Image.fromarray(pixels).save(made, "PNG")
    return base64.b64encode(made.getvalue()).decode("ascii")


def pixels_of(text):
    picture = Image.open(io.BytesIO(base64.b64decode(text)))
    return np.asarray(picture.convert("RGBA")).astype(int)


def shaded(alpha=255):
    """A picture with thousands of colours, in shades that no line repeats."""
    across, down = np.meshgrid(np.arange(200), np.arange(200))
    shades = [across * 255 // 199, down * 255 // 199, (across + down) * 255 // 398]
    grain = np.random.default_rng(0).integers(-9, 10, (200, 200))
    shades = [np.clip(shade + grain, 0, 255) for shade in shades]
    return np.stack([*shades, np.full_like(across, alpha)], axis=-1).astype(np.uint8)


def test_a_picture_of_many_colours_becomes_smaller_and_looks_the_same():
    before = encoded(shaded())
    after = smaller(before)
    assert len(after) < 0.6 * len(before)
    off = np.abs(pixels_of(after) - pixels_of(before))
    assert off.mean() < 8  # of 255
    assert (pixels_of(after)[..., 3] == 255).all()


def test_few_colours_are_kept_to_the_last_digit():
    few = (shaded() // 128 * 128).astype(np.uint8)
    few[..., 3] = 255
    assert (pixels_of(smaller(encoded(few))) == pixels_of(encoded(few))).all()


def test_what_is_transparent_stays_so():
    picture = shaded(alpha=0)
    picture[:100, :, 3] = 255
    after = pixels_of(smaller(encoded(picture)))
    assert (after[:100, :, 3] == 255).all()
    assert (after[100:, :, 3] == 0).all()


def test_what_is_no_such_picture_stays_as_it_is():
    grey = encoded(shaded()[..., 0])
    assert smaller(grey) == grey
    assert smaller("bm8gcGljdHVyZQ==") == "bm8gcGljdHVyZQ=="
    assert smaller("not base64 !") == "not base64 !"
    outputs = [{"output_type": "stream", "text": "x"}, {"data": {"text/plain": "y"}}]
    smaller_figures(outputs)
    assert outputs == [{"output_type": "stream", "text": "x"}, {"data": {"text/plain": "y"}}]
