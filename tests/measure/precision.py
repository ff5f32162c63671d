"""What fit(precision="bf16") costs and saves: five seeds of the classic recipe in each precision.

    python tests/measure/precision.py [--epochs 3] [--seeds 5] [--hidden 400] [--batch-size 128]

A seed decides the weights at the start, the order of the images and all noise, so that the two runs
of a seed differ by rounding alone; they take turns at being first. The test loss is computed in
float32 for both, with one noise. The exit status is 1 when the means of the two precisions differ
by more than the seeds of float32 do among themselves (their standard deviation).
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import warnings
from typing import NamedTuple

import torch
from measured import Measured, show
from rich.console import Console

from vae_helpers import VAE, best_device, evaluate, fit, mnist
from vae_helpers.precision import Precision, cpu_has_bf16

PRECISIONS: tuple[Precision, Precision] = ("float32", "bf16")


class Run(NamedTuple):
    """One training run: its test loss in nats per image, and the seconds of `fit`."""

    loss: float
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--epochs", type=int, default=3, help="of each run")
    parser.add_argument("--seeds", type=int, default=5, help="runs of each precision, two or more")
    parser.add_argument("--hidden", type=int, default=400, help="width of the hidden layers")
    parser.add_argument("--batch-size", type=int, default=128, help="images of a training step")
    arguments = parser.parse_args()
    if arguments.seeds < 2:
        parser.error("one seed has no spread")
    console = Console()
    device = best_device()
    able = device.type != "cpu" or cpu_has_bf16()
    console.print(
        f"torch {torch.__version__} on {device}, {torch.get_num_threads()} threads, "
        f"{'with' if able else 'WITHOUT'} bfloat16 products of its own; epochs: {arguments.epochs}"
    )
    runs: dict[str, list[Run]] = {precision: [] for precision in PRECISIONS}
    for seed in range(arguments.seeds):
        for precision in PRECISIONS if seed % 2 else reversed(PRECISIONS):
            run = trained(seed, precision, arguments.epochs, arguments.hidden, arguments.batch_size)
            runs[precision].append(run)
            console.print(f"seed {seed}, {precision:7}: {run.loss:.3f} nats, {run.seconds:.1f} s")
    rows = compared(runs["float32"], runs["bf16"], able)
    show(rows, console)
    return 1 if rows[0].reached is False else 0


def trained(seed: int, precision: Precision, epochs: int, hidden: int, batch_size: int) -> Run:
    """The classic recipe on all of MNIST; everything random in it follows from the seed."""
    images, test_images = mnist("train").images, mnist("test").images
    torch.manual_seed(seed)
    model, noise = VAE(hidden_dim=hidden), torch.Generator().manual_seed(seed)
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the heading says it
        fit(
            model, images, epochs=epochs, batch_size=batch_size, generator=noise,
            precision=precision, progress=False,
        )  # fmt: skip  # a GPU has finished when the model is back
    seconds = time.perf_counter() - began
    loss = evaluate(model, test_images, generator=torch.Generator().manual_seed(0)).loss
    return Run(loss, seconds)


def compared(wide: list[Run], narrow: list[Run], able: bool) -> tuple[Measured, ...]:
    """The rows of the table, of the runs of float32 and bf16 by the same seeds."""
    losses = [[run.loss for run in runs] for runs in (wide, narrow)]
    means = [statistics.mean(each) for each in losses]
    spreads = [statistics.stdev(each) for each in losses]
    pairs = [b - a for a, b in zip(*losses, strict=True)]
    difference = means[1] - means[0]
    ratio = statistics.median(b.seconds / a.seconds for a, b in zip(wide, narrow, strict=True))
    return (
        Measured(
            "test loss: bf16 - float32, means", difference, "nats", f"within {spreads[0]:.2f}",
            abs(difference) <= spreads[0], f"{means[1]:.2f} - {means[0]:.2f}",
        ),
        Measured(
            "spread of the seeds, float32", spreads[0], "nats", "", None,
            f"{min(losses[0]):.2f} to {max(losses[0]):.2f}",
        ),
        Measured(
            "spread of the seeds, bf16", spreads[1], "nats", "", None,
            f"{min(losses[1]):.2f} to {max(losses[1]):.2f}",
        ),
        Measured(
            "bf16 - float32 of one seed: spread", statistics.stdev(pairs), "nats", "", None,
            f"{min(pairs):+.2f} to {max(pairs):+.2f}",
        ),
        Measured(
            "seconds of fit: bf16 / float32", ratio, "times", "< 1" if able else "(no goal here)",
            ratio < 1 if able else None,
            f"median; {sum(run.seconds for run in narrow):.0f} s / "
            f"{sum(run.seconds for run in wide):.0f} s in all",
        ),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
