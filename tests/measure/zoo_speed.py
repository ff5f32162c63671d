"""How long an epoch of each family of vae_zoo takes, as a ratio to the plain VAE's.

    export PYTHONPATH=tests/support
    python tests/measure/zoo_speed.py [FAMILY ...] [--steps 30] [--rounds 3]

The networks of all families are the same, the batches too; each time is the least of some rounds,
and the plain VAE is timed anew beside each family, since a shared machine is now fast and now slow.
Prints Markdown: families, then IWAE with K = 50 against a loop over its samples, the search of VQ
against a loop over places, and convolutions with their channels last.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from vae_helpers.importance import iw_bound
from vae_zoo.bounds.importance_weighted import ImportanceWeighted
from vae_zoo.contract import Autoencoder
from vae_zoo.discrete.vector_quantized import nearest
from vae_zoo.families import FAMILIES, make
from vae_zoo.networks import Convolutional, FullyConnected, parameter_count
from vae_zoo.training import fit
from vae_zoo.vae import GaussianVAE

BATCH = 128
# What a family does besides the plain VAE's work, or in its place.
WHY = {
    "vae": "",
    "sigma": "no tossing of pixels; one sum of squares",
    "beta": "a factor",
    "capacity": "a distance",
    "conditional": "ten more inputs of both networks",
    "semi-supervised": "every image with each of ten labels, and a classifier",
    "iwae": "5 codes an image through the decoder",
    "miwae": "3 times 5 codes an image through the decoder",
    "ciwae": "5 codes an image through the decoder",
    "piwae": "3 times 5 codes, and two backward passes",
    "dreg": "5 codes an image, and two backward passes",
    "beta-tc": "densities of each code under every image of the batch",
    "factor": "a discriminator with a step of its own",
    "dip-i": "a covariance of D x D",
    "dip-ii": "a covariance of D x D",
    "info": "kernels of all pairs of codes",
    "wae-mmd": "kernels of all pairs of codes",
    "sliced-wasserstein": "projections, sorted",
    "categorical": "a softmax for each variable",
    "joint": "a softmax beside the Gaussian",
    "vq": "distances of each place to each code",
    "vq-average": "distances, and averages in place of a gradient",
    "finite-scalar": "rounding",
    "two-level": "a second level of both networks",
    "ladder": "more levels, upward and downward",
    "residual": "more levels, upward and downward",
    "mixture": "densities of each code under every component",
    "vamp": "the encoder sees the pseudo-inputs, too",
    "flow-prior": "the flow at each code",
    "flow-posterior": "the flow at each code",
    "planar-posterior": "the flow at each code",
    "gamma": "draws of a Gamma and their implicit gradient",
    "log-cosh": "another loss of pixels",
    "ms-ssim": "windows slid over both images, at each scale",
    "perceptual": "convolutions of both images, frozen",
    "two-stage": "half of the steps see codes alone",
    "latent-diffusion": "half of the steps see codes alone",
}


class Row(NamedTuple):
    family: str
    ratio: float
    parameters: int


def main() -> None:
    """Print the four tables."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("families", nargs="*", default=list(FAMILIES))
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    print(
        f"torch {torch.__version__}, {torch.get_num_threads()} threads; least of {asked.rounds}\n"
    )
    print("| family | seconds a step, of the plain VAE's | parameters | what it does besides |")
    print("|---|---|---|---|")
    for row in families(asked.families, asked.steps, asked.rounds):
        why = WHY.get(row.family, "")
        print(f"| `{row.family}` | {row.ratio:.2f} | {row.parameters:,} | {why} |", flush=True)
    print("\n| what | times as fast |\n|---|---|")
    for what, ratio in (*many_samples(asked.rounds), *lookup(asked.rounds), *layout(asked.rounds)):
        print(f"| {what} | {ratio:.2f} |", flush=True)


def families(names: Iterable[str], steps: int, rounds: int) -> Iterable[Row]:
    """An epoch of so many steps, by `fit`, against the plain VAE's of the same moment."""
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(steps * BATCH, 784, generator=generator)
    labels = torch.randint(10, (len(images),), generator=generator)
    for name in names:
        model, plain = (
            make(each, FullyConnected(), num_images=len(images)) for each in (name, "vae")
        )
        if hasattr(model, "first_steps"):
            model.first_steps = (steps * (rounds + 1)) // 2
        seconds = least((_epoch(model, images, labels), _epoch(plain, images, labels)), rounds)
        yield Row(name, seconds[0] / seconds[1], parameter_count(model))


def many_samples(rounds: int) -> Iterable[tuple[str, float]]:
    """A step of IWAE with K = 50, all codes at once, against one code after another."""
    model = ImportanceWeighted(FullyConnected(), num_samples=50)
    x = torch.bernoulli(torch.rand(BATCH, 784))

    def at_once() -> None:
        model.loss(x).loss.mean().backward()

    def one_by_one() -> None:
        log_w = torch.cat([model.log_weights(x, 1) for _ in range(50)])
        (-iw_bound(log_w)).mean().backward()

    def repeated() -> None:
        log_w = model.log_weights(x.repeat(50, 1), 1).view(50, BATCH)
        (-iw_bound(log_w)).mean().backward()

    fast, loop, repeat = least((at_once, one_by_one, repeated), rounds)
    yield "IWAE, K = 50: images encoded once, against a loop over samples", loop / fast
    yield "IWAE, K = 50: images encoded once, against images repeated 50 times", repeat / fast


def lookup(rounds: int) -> Iterable[tuple[str, float]]:
    """The nearest of 512 codes for 128 grids of 64 places, against a loop over the places."""
    z, codebook = torch.randn(BATCH, 64, 16), torch.randn(512, 16)

    def by_loop() -> None:
        for grid in z:
            for place in grid:
                (place - codebook).square().sum(1).argmin()

    fast, loop = least((lambda: nearest(z, codebook), by_loop), rounds)
    yield "nearest codes at once, against a loop over places", loop / fast


def layout(rounds: int) -> Iterable[tuple[str, float]]:
    """A step of a convolutional VAE on 32 x 32 pixels in colour, channels first and last."""
    x = torch.rand(BATCH, 3 * 32 * 32)
    models = [GaussianVAE(Convolutional(32, 3), pixels="gaussian-learned") for _ in range(2)]
    models[1].to(memory_format=torch.channels_last)

    def step(model: GaussianVAE) -> Callable[[], None]:
        return lambda: model.loss(x).loss.mean().backward()

    first, last = least([step(model) for model in models], rounds)
    yield "convolutions with channels last, against channels first", first / last


def _epoch(model: Autoencoder, images: Tensor, labels: Tensor) -> Callable[[], None]:
    def run() -> None:
        fit(
            model, images, labels, epochs=1, batch_size=BATCH, binarize_as="dynamic",
            progress=False, device="cpu",
        )  # fmt: skip

    return run


def least(runs: Iterable[Callable[[], object]], rounds: int) -> list[float]:
    """Least seconds of each, in turns, behind one run that is not counted."""
    runs = list(runs)
    seconds = [float("inf")] * len(runs)
    for number in range(rounds + 1):
        for place, run in enumerate(runs):
            began = time.perf_counter()
            run()
            if number:
                seconds[place] = min(seconds[place], time.perf_counter() - began)
    return seconds


if __name__ == "__main__":
    main()
