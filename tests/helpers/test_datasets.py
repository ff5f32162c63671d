"""Data: MNIST against torchvision's reading of it, binarization against its definition."""

import gzip
import hashlib
import math
import shutil
import subprocess
import sys
import time
from pathlib import Path

import platformdirs.macos
import platformdirs.unix
import pytest
import torch

from vae_helpers import VaeLabError, binarize, dataset, datasets, downloads, mnist, mnist_root


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("VAE_LAB_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.mark.parametrize(("split", "count"), [("train", 60_000), ("test", 10_000)])
def test_mnist_is_what_torchvision_reads(folder, split, count):
    """Oracle: torchvision.datasets.MNIST on the unpacked files, without download."""
    import torchvision

    theirs = torchvision.datasets.MNIST(mnist_root(), train=split == "train", download=False)
    images, labels = mnist(split)
    assert images.shape == (count, 784)
    assert (images.dtype, labels.dtype) == (torch.float32, torch.int64)
    assert torch.equal(images, theirs.data.flatten(1).float() / 255)
    assert torch.equal(labels, theirs.targets)
    to_tensor = torchvision.transforms.ToTensor()
    assert torch.equal(to_tensor(theirs[0][0]).flatten(), images[0])


def test_mnist_root_unpacks_once_and_mends_what_is_cut_short(folder):
    assert mnist_root() == folder
    raw = folder / "MNIST" / "raw"
    assert sorted(path.name for path in raw.iterdir()) == sorted(datasets.SHA256)
    for name, expected in datasets.SHA256.items():
        assert hashlib.sha256((raw / name).read_bytes()).hexdigest() == expected

    cut = raw / "t10k-labels-idx1-ubyte"
    cut.write_bytes(b"cut short")
    before = {path: path.stat().st_mtime_ns for path in raw.iterdir() if path != cut}
    mnist_root()
    assert hashlib.sha256(cut.read_bytes()).hexdigest() == datasets.SHA256[cut.name]
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    """A file where the folder should be: that stops root, too."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("VAE_LAB_DATA", str(blocked))
    message = rf"data folder {blocked} cannot be written \(.+\): set VAE_LAB_DATA to a folder"
    with pytest.raises(VaeLabError, match=message):
        mnist_root()
    with pytest.raises(VaeLabError, match=message):
        dataset("FashionMNIST", "train")


@pytest.mark.parametrize("damage", ["flip", "cut", "replace", "remove"])
def test_a_damaged_data_file_is_named(tmp_path, monkeypatch, damage):
    copy = tmp_path / "mnist"
    shutil.copytree(datasets.EMBEDDED, copy)
    monkeypatch.setattr(datasets, "EMBEDDED", copy)
    path = copy / "t10k-labels-idx1-ubyte.gz"
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[1000] ^= 1
        path.write_bytes(content)
    elif damage == "cut":
        path.write_bytes(content[:1000])
    elif damage == "replace":  # a good archive of the wrong bytes
        path.write_bytes(gzip.compress(bytes(10_008)))
    else:
        path.unlink()
    with pytest.raises(
        VaeLabError, match=rf"{path} is (damaged|missing): .*git checkout"
    ) as caught:
        mnist("test")
    assert "\n" not in str(caught.value)


def test_threshold_and_none():
    grey = torch.tensor([[0.0, 0.5, 0.51, 1.0]], dtype=torch.float64)
    assert binarize(grey, None) is grey
    assert binarize(grey, "threshold").tolist() == [[0, 0, 1, 1]]
    assert binarize(grey, "threshold").dtype == torch.float64


@pytest.mark.parametrize("mode", ["static", "dynamic"])
def test_a_draw_is_bernoulli(mode):
    """Oracle: the mean of a Bernoulli is x. 256 grey levels, 100000 pixels each, at six sigma;
    false alarm of the dynamic draw 256 * 2e-9; the static draw never changes. 0 and 1 are sure."""
    n = 100_000
    grey = (torch.arange(256) / 255).expand(n, -1)
    drawn = binarize(grey, mode)
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    spread = (grey[0] * (1 - grey[0]) / n).sqrt()
    assert ((drawn.mean(0) - grey[0]).abs() <= 6 * spread).all()


def test_the_static_draw_is_the_same_at_every_call_and_on_every_machine():
    """Oracle: bits of numpy's PCG64, which its policy (NEP 19) never changes, recorded once."""
    grey = torch.full((3, 7), 0.5)
    drawn = binarize(grey, "static")
    torch.manual_seed(0)
    assert torch.equal(drawn, binarize(grey, "static"))
    assert torch.equal(drawn[:2], binarize(grey[:2], "static"))
    assert torch.equal(drawn, binarize(grey.double(), "static").float())
    assert "".join(map(str, drawn.flatten().int().tolist())) == "000000010111011111101"
    assert torch.equal(mnist("test", binarize="static")[0], binarize(mnist("test")[0], "static"))


def test_the_dynamic_draw_is_fresh_and_follows_the_generator():
    """Two draws of 70 fair pixels agree by chance with probability 1e-21."""
    grey = torch.full((10, 7), 0.5)
    assert not torch.equal(binarize(grey, "dynamic"), binarize(grey, "dynamic"))
    generators = [torch.Generator().manual_seed(1) for _ in range(2)]
    first, second = (binarize(grey, "dynamic", generator=g) for g in generators)
    assert torch.equal(first, second)
    assert not torch.equal(
        mnist("test", binarize="dynamic")[0], mnist("test", binarize="dynamic")[0]
    )


def test_entropy_of_the_grey_test_pixels_is_the_floor_of_their_cross_entropy():
    """Oracle: 45.53 nats, the known entropy of the MNIST test pixels read as probabilities."""
    x = mnist("test").images.double()
    entropy = -(torch.xlogy(x, x) + torch.xlogy(1 - x, 1 - x)).sum(1).mean().item()
    assert entropy == pytest.approx(45.53, abs=0.01)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mnist("valid"), r"unknown split 'valid': use one of 'train', 'test'"),
        (lambda: mnist("test", binarize="random"), r"unknown binarize mode 'random'.*'dynamic'"),
        (lambda: dataset("MINST", "train"), r"unknown data set 'MINST': use one of 'MNIST', "),
        (lambda: dataset("USPS", "all"), r"unknown split 'all'"),
        (lambda: binarize(torch.full((1, 2), 9.0), "dynamic"), r"values must lie in \[0, 1\]"),
    ],
)
def test_unknown_names_get_one_clear_line(call, message):
    with pytest.raises(VaeLabError, match=message):
        call()


def test_dataset_gives_the_embedded_mnist(folder):
    assert torch.equal(dataset("MNIST", "test").labels, mnist("test").labels)
    assert not folder.exists()


def test_no_network_is_told_in_one_line_soon_and_leaves_nothing(folder, monkeypatch):
    """The real download code of torchvision, with every name lookup failing as without network."""
    import socket

    def no_network(*args, **kwargs):
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    start = time.monotonic()
    for name in downloads.DOWNLOADABLE:
        with pytest.raises(
            VaeLabError, match=rf"{name} could not be downloaded: connect"
        ) as caught:
            dataset(name, "train")
        assert "\n" not in str(caught.value)
    assert time.monotonic() - start < 60
    assert list(folder.iterdir()) == []
    assert socket.getdefaulttimeout() is None


def test_a_data_set_on_disk_needs_no_network(folder):
    """FashionMNIST's files have MNIST's format: here they are MNIST's."""
    mnist_root()
    (folder / "FashionMNIST").mkdir()
    shutil.copytree(folder / "MNIST", folder / "FashionMNIST" / "FashionMNIST")
    images, labels = dataset("FashionMNIST", "test", binarize="threshold")
    assert torch.equal(images, mnist("test", binarize="threshold").images)
    assert torch.equal(labels, mnist("test").labels)

    (folder / "FashionMNIST/FashionMNIST/raw/t10k-images-idx3-ubyte").write_bytes(b"cut")
    with pytest.raises(VaeLabError, match=r"FashionMNIST in .* cannot be read: delete that folder"):
        dataset("FashionMNIST", "test")


@pytest.mark.parametrize("name", downloads.DOWNLOADABLE)
def test_every_data_set_comes_out_flat(name):
    """Oracle: shapes as torchvision's classes hold them, with a stand-in for their data."""
    from types import SimpleNamespace

    pixels, labels = {
        "USPS": (torch.zeros(3, 16, 16).numpy(), [1, 2, 3]),
        "CIFAR10": (torch.arange(3 * 32 * 32 * 3).view(3, 32, 32, 3).numpy(), [1, 2, 3]),
        "QMNIST": (torch.zeros(3, 28, 28), torch.tensor([[1, 9], [2, 9], [3, 9]])),
    }.get(name, (torch.zeros(3, 28, 28), torch.tensor([1, 2, 3])))
    flat, digits = downloads._pixels_and_labels(SimpleNamespace(data=pixels, targets=labels))
    assert digits.tolist() == [1, 2, 3]
    assert flat.flatten(1).shape[1] == math.prod(pixels.shape[1:])
    if name == "CIFAR10":
        assert flat[0, 1].tolist() == torch.as_tensor(pixels)[0, :, :, 1].tolist()


def test_the_data_folder_is_the_platforms_cache(monkeypatch):
    monkeypatch.delenv("VAE_LAB_DATA", raising=False)
    for kind, folder in (
        (platformdirs.unix.Unix, Path.home() / ".cache" / "vae-lab"),
        (platformdirs.macos.MacOS, Path.home() / "Library" / "Caches" / "vae-lab"),
    ):
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        monkeypatch.setattr(platformdirs, "PlatformDirs", kind)
        assert downloads.data_folder(None) == folder


@pytest.mark.slow
def test_mnist_loads_in_under_a_second():
    """Processor time of a fresh process, the best of three: a busy machine is no failure."""
    script = (
        "import time; from vae_helpers import mnist; start = time.process_time(); mnist('train');"
        "print(time.process_time() - start)"
    )
    runs = [subprocess.check_output([sys.executable, "-c", script], text=True) for _ in range(3)]
    assert min(map(float, runs)) < 1
