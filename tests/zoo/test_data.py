"""Drawn faces and their factors; folders with whatever people keep in them."""

import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image
from zoo_samples import seeded

from vae_helpers import VaeLabError
from vae_zoo.data import folder as pictures
from vae_zoo.data.faces import FACTORS, SIDE, draw_faces, faces
from vae_zoo.data.folder import celeba, folder


def test_faces_are_images_with_independent_uniform_factors():
    images, factors = faces(5000, generator=seeded())
    assert images.shape == (5000, 3 * SIDE * SIDE)
    assert images.min() >= 0
    assert images.max() <= 1
    assert ((factors.mean(0) - 0.5).abs() < 5 * (1 / 12 / 5000) ** 0.5).all()
    correlations = torch.corrcoef(factors.T) - torch.eye(6)
    assert (correlations.abs() < 5 / 5000**0.5).all()


def test_a_face_is_its_factors():
    images, factors = faces(700, generator=seeded())
    torch.testing.assert_close(draw_faces(factors), images, rtol=0, atol=0)
    alone = torch.cat([draw_faces(row[None]) for row in factors[:5]])
    torch.testing.assert_close(alone, images[:5])


@pytest.mark.parametrize("factor", FACTORS)
def test_each_factor_moves_pixels_all_along_its_way_and_some_alone(factor):
    place, steps = FACTORS.index(factor), torch.linspace(0, 1, 11)
    rows = torch.full((11, 6), 0.5)
    rows[:, place] = steps
    images = draw_faces(rows)
    moved = (images.diff(dim=0).abs() > 0.01).view(10, 3, SIDE, SIDE).any(1)
    assert (moved.flatten(1).sum(1) >= 4).all()
    if factor in ("eyes", "mouth", "brows"):  # the corners of the picture stay as they are
        assert not moved[:, :4].any()
        assert not moved[:, -4:].any()


def test_the_middle_of_the_face_is_where_its_position_says():
    rows = torch.full((3, 6), 0.5)
    rows[:, FACTORS.index("position")] = torch.tensor([0.0, 0.5, 1.0])
    images = draw_faces(rows).view(3, 3, SIDE, SIDE)
    background = images[:, :, :1, :1]
    weight = (images - background).abs().sum((1, 2))
    middle = (weight * torch.arange(SIDE)).sum(1) / weight.sum(1)
    torch.testing.assert_close(middle, torch.tensor([11.5, 15.5, 19.5]), rtol=0, atol=0.3)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: faces(0), "faces: n must be a whole number"),
        (lambda: draw_faces(torch.zeros(2, 5)), "one number for each of shape, eyes"),
        (lambda: draw_faces(torch.full((2, 6), 1.5)), r"must lie in \[0, 1\]"),
        (lambda: draw_faces([[0.0] * 6]), "expected a torch.Tensor"),
    ],
)
def test_faces_that_make_no_sense_are_refused_in_one_line(call, said):
    with pytest.raises(VaeLabError, match=said) as caught:
        call()
    assert "\n" not in str(caught.value)


def picture(path, size=(40, 30), mode="RGB", colour=(255, 0, 0), **options):
    Image.new(mode, size, colour).save(path, **options)


def test_a_folder_becomes_rows_by_name(tmp_path):
    picture(tmp_path / "b.png", colour=(0, 255, 0))
    (tmp_path / "inside").mkdir()
    picture(tmp_path / "inside" / "a.JPG", (300, 200), colour=(0, 0, 255), quality=95)
    picture(tmp_path / "a.bmp")
    (tmp_path / "notes.txt").write_text("no picture")
    images, files, left_out = folder(tmp_path, side=8)
    assert files == ["a.bmp", "b.png", "inside/a.JPG"]
    assert left_out == {}
    channels = images.view(3, 3, 64).mean(2)
    torch.testing.assert_close(channels, torch.eye(3), rtol=0, atol=0.02)
    assert folder(tmp_path, side=8, most=2).files == ["a.bmp", "b.png"]


def test_the_middle_square_is_taken_and_channels_come_first(tmp_path):
    """Red on the left, green in the middle, blue on the right: a square shows the green."""
    values = np.zeros((10, 30, 3), dtype=np.uint8)
    for third in range(3):
        values[:, 10 * third : 10 * third + 10, third] = 255
    Image.fromarray(values).save(tmp_path / "flag.png")
    images = folder(tmp_path, side=10).images
    expected = torch.tensor([0.0, 1.0, 0.0]).repeat_interleave(100)
    torch.testing.assert_close(images[0], expected)


def test_every_kind_of_pixel_is_understood(tmp_path):
    picture(tmp_path / "1-grey.png", mode="L", colour=128)
    picture(tmp_path / "2-alpha.png", mode="RGBA", colour=(0, 0, 0, 0))
    picture(tmp_path / "3-bit.png", mode="1", colour=1)
    Image.new("RGB", (20, 20), (10, 20, 30)).quantize(4).save(tmp_path / "4-palette.gif")
    values = np.full((20, 20), 32768, dtype=np.uint16)
    Image.fromarray(values).save(tmp_path / "5-deep.png")
    Image.new("CMYK", (20, 20), (0, 255, 255, 0)).save(tmp_path / "6-print.jpg", quality=95)
    images = folder(tmp_path, side=4).images.view(6, 3, 16).mean(2)
    expected = [[0.5] * 3, [1.0] * 3, [1.0] * 3, [0.04, 0.08, 0.12], [0.5] * 3, [1.0, 0.0, 0.0]]
    torch.testing.assert_close(images, torch.tensor(expected), rtol=0, atol=0.03)
    assert folder(tmp_path, side=4, channels=1).images.shape == (6, 16)


def test_a_picture_is_turned_as_the_camera_meant_it(tmp_path):
    values = np.zeros((20, 20, 3), dtype=np.uint8)
    values[:10] = 255  # white above
    exif = Image.Exif()
    exif[0x0112] = 3  # taken upside down
    Image.fromarray(values).save(tmp_path / "a.jpg", exif=exif, quality=95)
    image = folder(tmp_path, side=4, channels=1).images.view(4, 4)
    assert image[0].max() < 0.1
    assert image[3].min() > 0.9


def huge(path):
    """A PNG of 30,000 x 30,000 pixels by its header, with next to nothing in it."""

    def chunk(kind, data):
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b""))


def test_what_cannot_be_used_is_left_out_and_told_in_one_line(tmp_path, capsys):
    picture(tmp_path / "good.png")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    cut = tmp_path / "cut.png"
    noise = np.random.default_rng(0).integers(0, 255, (50, 50, 3), dtype=np.uint8)
    Image.fromarray(noise).save(cut)
    cut.write_bytes(cut.read_bytes()[:3000])
    (tmp_path / "empty.png").touch()
    huge(tmp_path / "huge.png")
    picture(tmp_path / "point.png", (1, 1))
    images, files, left_out = folder(tmp_path)
    assert files == ["good.png"]
    assert len(images) == 1
    assert set(left_out) == {"broken.jpg", "cut.png", "empty.png", "huge.png", "point.png"}
    assert left_out["broken.jpg"] == "cannot be read as a picture"
    assert "too many" in left_out["huge.png"]
    assert "too few" in left_out["point.png"]
    said = capsys.readouterr().out
    assert said == "folder: left out: broken.jpg cannot be read as a picture, and 4 more\n"


@pytest.mark.parametrize(
    ("prepare", "options", "said"),
    [
        (lambda path: path / "none", {}, "does not exist"),
        (lambda path: path, {}, "no picture in"),
        (lambda path: picture(path / "a.png") or path / "a.png", {}, "is a file, not a folder"),
        (
            lambda path: (path / "a.png").write_text("x") and path,
            {},
            "none of 1 pictures in .* can be",
        ),
        (
            lambda path: picture(path / "a.png") or path,
            {"channels": 2},
            "3 for colour or 1 for grey",
        ),
        (lambda path: picture(path / "a.png") or path, {"side": 0}, "folder: side"),
    ],
)
def test_a_folder_that_makes_no_sense_is_refused_in_one_line(tmp_path, prepare, options, said):
    with pytest.raises(VaeLabError, match=said) as caught:
        folder(prepare(tmp_path), **options)
    assert "\n" not in str(caught.value)


def test_celeba_without_a_network_says_what_to_do(tmp_path, monkeypatch):
    import torchvision

    def unreachable(root, split, *, target_type, download):
        if not download:
            raise RuntimeError("Dataset not found or corrupted.")
        raise OSError("no route to host")

    monkeypatch.setattr(torchvision.datasets, "CelebA", unreachable)
    with pytest.raises(
        VaeLabError, match=r"connect to the network, or copy .*celeba from"
    ) as caught:
        celeba("test", root=tmp_path)
    assert "\n" not in str(caught.value)
    with pytest.raises(VaeLabError, match="'train', 'valid' or 'test', got 'all'"):
        celeba("all", root=tmp_path)


def test_celeba_is_cut_to_the_face(tmp_path, monkeypatch):
    """Of 178 x 218 pixels the middle 148 x 148: a frame of red is gone."""
    import torchvision

    values = np.zeros((218, 178, 3), dtype=np.uint8)
    values[..., 0] = 255
    values[35:183, 15:163] = (0, 255, 0)
    made = [(Image.fromarray(values), None)] * 3
    monkeypatch.setattr(torchvision.datasets, "CelebA", lambda *a, **k: made)
    images = celeba("test", side=16, most=2, root=tmp_path)
    assert images.shape == (2, 3 * 256)
    torch.testing.assert_close(images[0].view(3, 256).mean(1), torch.tensor([0.0, 1.0, 0.0]))
    assert pictures.CELEBA_SQUARE == 148
