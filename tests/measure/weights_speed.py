"""Importance-weighted evaluation against a loop over K as most repositories write it.

    python tests/measure/weights_speed.py [--images 10000] [--samples 500]

Both sides have the same trained model, the same images and no gradients. The loop takes batches of
100, calls the model once for each sample (which encodes the images anew), takes the cross-entropy
of probabilities and the densities of torch.distributions, stacks the log weights of a batch and
takes logsumexp. A kinder loop encodes once and takes the cross-entropy of logits. The products of
the decoder alone are a bound that no way of doing this passes.

Times are of all threads that torch has here, ratios of medians over rounds in turn. Agreement is
with the same noise, on 200 images; memory is the largest of a process of its own that does nothing
else, with few samples, since it does not depend on their number.
"""

from __future__ import annotations

import argparse
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from measured import Measured, show
from rich.console import Console
from torch import Tensor
from torch.distributions import Normal

from vae_helpers import VAE, fit, log_likelihood, mnist
from vae_helpers.model import standard_normal_log_prob

BATCH = 100  # of the loops, in their words
ROUNDS = 3
COMPARED = 200  # images on which both sides get the same noise
MEMORY = "--memory"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--samples", type=int, default=500, help="K")
    parser.add_argument(MEMORY, action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    before = kilobytes("VmRSS") if arguments.memory else 0
    x = torch.bernoulli(mnist("test").images[: arguments.images])
    if arguments.memory:
        log_likelihood(VAE(), x, 3)
        print(before / 1024, kilobytes("VmHWM") / 1024)
        return
    console = Console()
    console.print(
        f"torch {torch.__version__}, {torch.get_num_threads()} threads; {len(x)} images, "
        f"K = {arguments.samples}, {ROUNDS} rounds"
    )
    model = VAE()
    fit(model, mnist("train").images, epochs=1, binarize="dynamic", progress=False, device="cpu")
    model.eval()
    show((*speed(model, x, arguments.samples), *agreement(model, x, arguments.samples),
          memory(arguments.images)), console)  # fmt: skip


def speed(model: VAE, x: Tensor, num_samples: int) -> tuple[Measured, ...]:
    """Ours, both loops and the products, in turn."""
    sides: dict[str, Callable[[], object]] = {
        "ours": lambda: log_likelihood(model, x, num_samples),
        "loop": lambda: by_loop(model, x, num_samples),
        "kind": lambda: by_kinder_loop(model, x, num_samples),
        "products": lambda: products(model, x, num_samples),
    }
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, side in sides.items():
            began = time.perf_counter()
            side()
            seconds[name].append(time.perf_counter() - began)
    ours, loop, kind, alone = (statistics.median(times) for times in seconds.values())
    return (
        Measured(
            "weights: loop over K / log_likelihood", loop / ours, "times", ">= 5",
            loop >= 5 * ours, f"{loop:.1f} s / {ours:.1f} s",
        ),
        Measured(
            "the same, a kinder loop", kind / ours, "times", "(no goal)", None,
            f"{kind:.1f} s / {ours:.1f} s",
        ),
        Measured(
            "log_likelihood / the decoder's products alone", ours / alone, "times", "(no goal)",
            None, f"{ours:.1f} s / {alone:.1f} s",
        ),
    )  # fmt: skip


@torch.no_grad()
def by_loop(model: VAE, x: Tensor, num_samples: int) -> Tensor:
    """(B,) as most people write it."""
    found = []
    for batch in x.split(BATCH):
        rows = []
        for _ in range(num_samples):
            mu, logvar = model.encode(batch)
            std = torch.exp(0.5 * logvar)
            z = mu + std * torch.randn_like(std)
            probabilities = torch.sigmoid(model.decode(z))
            nll = F.binary_cross_entropy(probabilities, batch, reduction="none").sum(1)
            log_p_z = Normal(torch.zeros_like(z), torch.ones_like(z)).log_prob(z).sum(1)
            log_q_z = Normal(mu, std).log_prob(z).sum(1)
            rows.append(-nll + log_p_z - log_q_z)
        found.append(torch.stack(rows).logsumexp(0) - math.log(num_samples))
    return torch.cat(found)


@torch.no_grad()
def by_kinder_loop(
    model: VAE, x: Tensor, num_samples: int, generator: torch.Generator | None = None
) -> Tensor:
    """(B,), encoded once, of logits; with a generator the noise is that of `log_weights`, for as
    many images as there are in a batch."""
    found = []
    for batch in x.split(BATCH if generator is None else len(x)):
        mu, logvar = model.encode(batch)
        rows = []
        for _ in range(num_samples):
            eps = torch.randn(mu.shape, generator=generator, dtype=torch.float32).to(mu.dtype)
            z = mu + torch.exp(0.5 * logvar) * eps
            logits = model.decode(z)
            nll = F.binary_cross_entropy_with_logits(logits, batch, reduction="none").sum(1)
            log_q = standard_normal_log_prob(eps) - 0.5 * logvar.sum(1)
            rows.append(-nll + standard_normal_log_prob(z) - log_q)
        found.append(torch.stack(rows).logsumexp(0) - math.log(num_samples))
    return torch.cat(found)


@torch.no_grad()
def products(model: VAE, x: Tensor, num_samples: int) -> None:
    """What the decoder multiplies for all samples, at the size at which it is quickest."""
    z, rows = torch.randn(1000, model.latent_dim), len(x) * num_samples
    for _ in range(max(1, rows // len(z))):
        F.linear(F.linear(z, model.fc3.weight, model.fc3.bias), model.fc4.weight, model.fc4.bias)


def agreement(model: VAE, x: Tensor, num_samples: int) -> tuple[Measured, Measured]:
    """With the same noise: ours, in float32, against the loop in float64, and the loop's own
    float32, whose rounding it is compared with."""
    x, noise = x[:COMPARED], torch.Generator
    ours = log_likelihood(model, x, num_samples, generator=noise().manual_seed(0)).double()
    narrow = by_kinder_loop(model, x, num_samples, noise().manual_seed(0)).double()
    wide = by_kinder_loop(model.double(), x.double(), num_samples, noise().manual_seed(0))
    model.float()
    means = [abs((each - wide).mean().item()) for each in (ours, narrow)]
    largest, loops = ((each - wide).abs().max().item() for each in (ours, narrow))
    return (
        Measured(
            "the mean, less the loop's in float64", 1e6 * means[0], "millionths of a nat",
            "<= 10", means[0] <= 1e-5, f"of the loop in float32: {1e6 * means[1]:.2f}",
        ),
        Measured(
            "the same for one image, at most", 1e6 * largest, "millionths of a nat",
            "<= 10", largest <= 1e-5,
            f"of the loop in float32: {1e6 * loops:.2f}, near {-wide.mean():.0f} nats, where a "
            "float32 is good to 3.8",
        ),
    )  # fmt: skip


def memory(images: int) -> Measured:
    """The most that a process of its own takes for the images and their evaluation."""
    command = [sys.executable, __file__, MEMORY, "--images", str(images)]
    before, peak = map(float, subprocess.check_output(command, text=True).split())
    more = peak - before
    return Measured(
        "memory, beyond `import torch`", more, "MB", "< 1000", more < 1000,
        f"{peak:.0f} - {before:.0f}, images included",
    )  # fmt: skip


def kilobytes(name: str) -> int:
    """A line of Linux's account of this process's memory; ru_maxrss starts with the parent's."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    main()
