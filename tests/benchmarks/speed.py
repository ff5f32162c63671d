"""How fast vae_helpers is, as ratios of times taken in one run on one machine.

Seconds say little on a shared machine; ratios to something known, measured in turns, say more. Each
time is the best of a few rounds. `make bench` prints the table and always succeeds.
"""

from __future__ import annotations

import copy
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from rich.console import Console
from rich.table import Table
from torch.utils.data import DataLoader

import vae_helpers
from vae_helpers import VAE, best_device, evaluate, fit, mnist

BATCH = 128
ROUNDS = 3
IMPORTS = 7


class Measured(NamedTuple):
    what: str
    value: float
    unit: str
    goal: str
    reached: bool
    detail: str


def main() -> None:
    console = Console()
    device = best_device()
    console.print(
        f"torch {torch.__version__} on {device}, {torch.get_num_threads()} threads; "
        f"best of {ROUNDS} rounds"
    )
    table = Table("what", "measured", "goal", "verdict", "from")
    for row in (*training_epoch(device), import_cost(), loading()):
        verdict = "[green]reached[/green]" if row.reached else "[red]missed[/red]"
        table.add_row(row.what, f"{row.value:.2f} {row.unit}", row.goal, verdict, row.detail)
    console.print(table)


def training_epoch(device: torch.device) -> tuple[Measured, Measured, Measured]:
    """One epoch of the classic model by `fit`, by the usual loop, and its products alone."""
    images, test_images = mnist("train").images, mnist("test").images
    start = VAE()
    losses: dict[str, float] = {}

    def by_fit() -> None:
        losses["fit"] = test_loss_after(
            lambda model: fit(model, images, epochs=1, progress=False, device=device)
        )

    def by_loader() -> None:
        losses["loop"] = test_loss_after(lambda model: dataloader_epoch(model, device))

    def test_loss_after(train: Callable[[VAE], object]) -> float:
        model = copy.deepcopy(start)
        clock.start()
        train(model)
        synchronize(device)
        clock.stop()
        return evaluate(model.cpu(), test_images).loss

    clock = Stopwatch()
    seconds = {"fit": [], "loop": [], "products": []}
    fit(copy.deepcopy(start), images[:1280], epochs=1, progress=False, device=device)  # warm up
    for _ in range(ROUNDS):
        by_fit()
        seconds["fit"].append(clock.seconds)
        clock.start()
        matrix_products(images.to(device))
        synchronize(device)
        clock.stop()
        seconds["products"].append(clock.seconds)
        by_loader()
        seconds["loop"].append(clock.seconds)
    ours, loop, products = (min(seconds[name]) for name in ("fit", "loop", "products"))
    difference = losses["fit"] - losses["loop"]
    return (
        Measured(
            "epoch: DataLoader and ToTensor / fit", loop / ours, "times", ">= 3", loop >= 3 * ours,
            f"{loop:.2f} s / {ours:.2f} s",
        ),
        Measured(
            "test loss after it: fit - loop", difference, "nats", "within 2.5",
            abs(difference) < 2.5,  # six times the spread between seeds
            f"{losses['fit']:.2f} - {losses['loop']:.2f}",
        ),
        Measured(
            "epoch: fit / matrix products alone", ours / products, "times", "<= 2",
            ours <= 2 * products, f"{ours:.2f} s / {products:.2f} s",
        ),
    )  # fmt: skip


def dataloader_epoch(model: VAE, device: torch.device) -> None:
    """The loop of the PyTorch VAE example: image by image through ToTensor, plain Adam."""
    from torchvision import datasets, transforms

    data = datasets.MNIST(vae_helpers.mnist_root(), transform=transforms.ToTensor())
    workers = {"num_workers": 1, "pin_memory": True} if device.type == "cuda" else {}
    model.to(device).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    total = 0.0
    for batch, _ in DataLoader(data, batch_size=BATCH, shuffle=True, **workers):
        x = batch.to(device).view(-1, 784)
        optimizer.zero_grad()
        logits, mu, logvar = model(x)
        nll = F.binary_cross_entropy(torch.sigmoid(logits), x, reduction="sum")
        loss = nll - 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
        loss.backward()
        total += loss.item()
        optimizer.step()


@torch.no_grad()
def matrix_products(images: torch.Tensor) -> None:
    """The products of an epoch, forward and backward, of the sizes of the classic model."""
    device = images.device
    d_logits = torch.randn(BATCH, 784, device=device)
    h, d_h = (torch.randn(BATCH, 400, device=device) for _ in range(2))
    z, d_z = (torch.randn(BATCH, 20, device=device) for _ in range(2))
    fc1, fc2, fc3, fc4 = (
        torch.randn(shape, device=device)
        for shape in ((400, 784), (20, 400), (400, 20), (784, 400))
    )
    for x in images[: len(images) // BATCH * BATCH].split(BATCH):
        # Forward: fc1; fc21 and fc22; fc3; fc4.
        _ = x @ fc1.T, h @ fc2.T, h @ fc2.T, z @ fc3.T, h @ fc4.T
        # Backward to the weights, then to the inputs; the images need no gradient.
        _ = d_h.T @ x, d_z.T @ h, d_z.T @ h, d_h.T @ z, d_logits.T @ h
        _ = d_z @ fc2, d_z @ fc2, d_h @ fc3, d_logits @ fc4


def import_cost() -> Measured:
    """`import vae_helpers` against `import torch`, each in fresh processes, in turns."""
    times: dict[str, list[float]] = {"torch": [], "vae_helpers": []}
    for _ in range(IMPORTS):
        for module, seconds in times.items():
            seconds.append(seconds_of(f"import {module}"))
    torch_alone, ours = (statistics.median(times[name]) for name in times)
    return Measured(
        "import vae_helpers / import torch", ours / torch_alone, "times", "<= 1.1",
        ours <= 1.1 * torch_alone, f"{ours:.2f} s / {torch_alone:.2f} s, median of {IMPORTS}",
    )  # fmt: skip


def loading() -> Measured:
    """The training images of MNIST, checked, as one tensor."""
    seconds = min(
        seconds_of("vae_helpers.mnist('train')", before="import vae_helpers") for _ in range(ROUNDS)
    )
    return Measured("mnist('train')", seconds, "s", "< 1", seconds < 1, "fresh process")


def seconds_of(statement: str, *, before: str = "") -> float:
    script = f"import time; {before or 'pass'}; start = time.perf_counter(); {statement}"
    script += "; print(time.perf_counter() - start)"
    return float(subprocess.check_output([sys.executable, "-c", script], text=True))


class Stopwatch:
    def start(self) -> None:
        self._began = time.perf_counter()

    def stop(self) -> None:
        self.seconds = time.perf_counter() - self._began


def synchronize(device: torch.device) -> None:
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


if __name__ == "__main__":
    main()
