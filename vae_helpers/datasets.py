"""Images as one float tensor: MNIST from the copy in this package, others through torchvision.

`mnist` reads the embedded files, `binarize` makes Bernoulli data of grey pixels, `mnist_root` lets
torchvision read the same files, `dataset` downloads another data set once.

Source: Y. LeCun, C. Cortes, the MNIST database of handwritten digits; see data/mnist/README.md.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from vae_helpers.arguments import described, require_generator
from vae_helpers.downloads import DOWNLOADABLE, data_folder, download, writing_into
from vae_helpers.errors import VaeLabError
from vae_helpers.pixels import require_pixels

Split = Literal["train", "test"]
Binarize = Literal["threshold", "static", "dynamic"] | None

EMBEDDED = Path(__file__).parent / "data" / "mnist"

# Of the uncompressed files, as published: the embedded ones are compressed anew.
SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


class LabeledImages(NamedTuple):
    """Images (N, P), float32 in [0, 1], and their labels (N,), int64."""

    images: Tensor
    labels: Tensor


def mnist(split: Split, *, binarize: Binarize = None) -> LabeledImages:
    """MNIST from the copy in this package: 60000 "train" or 10000 "test" images of 28 x 28 pixels.

    Args:
        split: "train" or "test".
        binarize: see the function `binarize`; "dynamic" draws anew at every call.

    Returns:
        LabeledImages(images (N, 784), labels (N,)).

    Raises:
        VaeLabError: unknown split or mode; a data file is missing or damaged.

    >>> images, labels = mnist("test")
    >>> images.shape, labels[:5].tolist()
    (torch.Size([10000, 784]), [7, 2, 1, 0, 4])
    """
    _require_one_of(split, ("train", "test"), "split")
    _require_mode(binarize)
    part = "train" if split == "train" else "t10k"
    pixels, labels = _read(f"{part}-images-idx3-ubyte"), _read(f"{part}-labels-idx1-ubyte")
    # An IDX file is a header of 16 bytes (images) or 8 (labels), then one byte a value.
    images = torch.frombuffer(pixels, dtype=torch.uint8, offset=16).view(-1, 784)
    numbers = torch.frombuffer(labels, dtype=torch.uint8, offset=8)
    return LabeledImages(_binarized(images.float().div_(255), binarize), numbers.long())


def dataset(
    name: str, split: Split, *, root: str | Path | None = None, binarize: Binarize = None
) -> LabeledImages:
    """A data set by its torchvision name: "MNIST" is embedded, others are downloaded once.

    Args:
        name: "MNIST", "FashionMNIST", "KMNIST", "QMNIST", "USPS" or "CIFAR10".
        split: "train" or "test".
        root: folder to keep downloads in; VAE_LAB_DATA or the user's cache folder when None.
        binarize: see the function `binarize`.

    Returns:
        LabeledImages(images (N, P), labels (N,)); color images are flattened channel by channel.

    Raises:
        VaeLabError: unknown name, split or mode; no network; the folder cannot be written.
    """
    _require_one_of(name, ("MNIST", *DOWNLOADABLE), "data set")
    _require_one_of(split, ("train", "test"), "split")
    _require_mode(binarize)
    if name == "MNIST":
        return mnist(split, binarize=binarize)
    pixels, labels = download(name, split, data_folder(root))
    return LabeledImages(_binarized(pixels.flatten(1).float().div_(255), binarize), labels)


def binarize(images: Tensor, mode: Binarize, *, generator: torch.Generator | None = None) -> Tensor:
    """Black and white images, of grey ones read as probabilities of white.

    Args:
        images: (N, P) in [0, 1].
        mode: None leaves them grey; "threshold" is x > 0.5; "dynamic" draws each pixel from
            Bernoulli(x), anew at every call; "static" is one such draw, the same at every call
            and on every machine, and pixel by pixel the same for images[:n] as for images.
        generator: source of the dynamic draw.

    Returns:
        (N, P) of zeros and ones, in the dtype of `images`; `images` itself for None.

    Raises:
        VaeLabError: unknown mode, or values outside [0, 1].

    Numbers of different modes compare with nothing but their own kind. The dynamic one follows
    Salakhutdinov and Murray 2008 and Burda et al., arXiv:1509.00519; the static set of Larochelle
    and Murray 2011 is another draw than ours.

    >>> binarize(torch.tensor([[0.0, 0.3, 0.7, 1.0]]), "threshold")
    tensor([[0., 0., 1., 1.]])
    """
    _require_mode(mode)
    require_pixels(images)
    require_generator(generator, "binarize")
    return _binarized(images, mode, generator)


def mnist_root() -> Path:
    """A folder from which torchvision.datasets.MNIST(root, download=False) reads, offline.

    The embedded files are unpacked once into VAE_LAB_DATA, or the user's cache folder; each
    appears whole or not at all, and one of the wrong size is replaced.

    Raises:
        VaeLabError: the folder cannot be written, or an embedded file is damaged.
    """
    root = data_folder(None)
    raw = root / "MNIST" / "raw"
    with writing_into(root):
        raw.mkdir(parents=True, exist_ok=True)
        for name in SHA256:
            target = raw / name
            if target.exists() and target.stat().st_size == _uncompressed_size(name):
                continue
            unfinished = raw / f".{name}.{os.getpid()}"
            try:
                unfinished.write_bytes(_read(name))
                unfinished.replace(target)
            finally:
                unfinished.unlink(missing_ok=True)
    return root


def _binarized(images: Tensor, mode: Binarize, generator: torch.Generator | None = None) -> Tensor:
    """`binarize` without looking at the values, for images known to be good."""
    if mode is None:
        return images
    if mode == "threshold":
        return (images > 0.5).to(images.dtype)
    if mode == "static":
        return (_static_uniforms(images) < images).to(images.dtype)
    if generator is None or generator.device == images.device:
        return torch.bernoulli(images, generator=generator)
    return torch.bernoulli(images.to(generator.device), generator=generator).to(images.device)


def _static_uniforms(like: Tensor) -> Tensor:
    """The same numbers k / 2^16 in [0, 1) at every call, in the shape of `like`.

    numpy promises never to change the bits of PCG64 (NEP 19); torch promises no such thing of its
    generators. Sixteen bits a pixel make P(u < x) right to 2^-16, and exact at x = 0 and x = 1.
    """
    import numpy as np

    words = np.random.PCG64(0).random_raw(-(-like.numel() // 4)).astype("<u8", copy=False)
    numbers = torch.from_numpy(words.view("<u2")[: like.numel()].astype(np.float32))
    return numbers.div_(2**16).to(like).view(like.shape)


def _read(name: str) -> bytearray:
    """The uncompressed bytes of an embedded file, checked."""
    path = EMBEDDED / f"{name}.gz"
    try:
        content = gzip.decompress(path.read_bytes())
    except FileNotFoundError:
        raise VaeLabError(f"data file {path} is missing: {_HOW_TO_MEND}") from None
    except (OSError, EOFError, zlib.error):
        content = b""
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise VaeLabError(f"data file {path} is damaged: {_HOW_TO_MEND}")
    return bytearray(content)  # writable, as torch.frombuffer wants it


_HOW_TO_MEND = "restore it with `git checkout -- vae_helpers/data` or reinstall vae-lab"


def _uncompressed_size(name: str) -> int:
    images = 60000 if name.startswith("train") else 10000
    return 16 + images * 784 if "images" in name else 8 + images


def _require_mode(mode: Binarize) -> None:
    _require_one_of(mode, (None, "threshold", "static", "dynamic"), "binarize mode")


def _require_one_of(value: object, known: tuple[object, ...], what: str) -> None:
    if not (value is None or isinstance(value, str)) or value not in known:
        raise VaeLabError(
            f"unknown {what} {described(value)}: use one of {', '.join(map(repr, known))}"
        )
