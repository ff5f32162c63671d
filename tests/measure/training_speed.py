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

import torch
import torch.nn.functional as F
from measured import Measured, show
from rich.console import Console
from torch.utils.data import DataLoader

import vae_helpers
from vae_helpers import VAE, best_device, evaluate, fit, mnist

BATCH = 128
ROUNDS = 3
IMPORTS = 7


def main() -> None:
    console = Console()
    device = best_device()
    console.print(
        f"torch {torch.__version__} on {device}, {torch.get_num_threads()} threads; "
        f"best of {ROUNDS} rounds"
    )
    show((*training_epoch(device), import_cost(), loading()), console)


def training_epoch(device: torch.device) -> tuple[Measured, ...]:
    """One epoch of the classic model: by `fit`, by the usual loop, its products alone, and by hand.

    By hand says how near to the products PyTorch itself lets a training step come: no autograd, no
    module, no check, nothing but the arithmetic of a step.
    """
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
    seconds = {"fit": [], "loop": [], "products": [], "hand": []}
    fit(copy.deepcopy(start), images[:1280], epochs=1, progress=False, device=device)  # warm up
    for _ in range(ROUNDS):
        by_fit()
        seconds["fit"].append(clock.seconds)
        clock.start()
        matrix_products(images.to(device))
        synchronize(device)
        clock.stop()
        seconds["products"].append(clock.seconds)
        losses["hand"] = test_loss_after(lambda model: epoch_by_hand(model.to(device), images))
        seconds["hand"].append(clock.seconds)
        by_loader()
        seconds["loop"].append(clock.seconds)
    ours, loop, products, hand = (min(times) for times in seconds.values())
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
            "epoch: fit / matrix products alone", ours / products, "times", "<= 1.5",
            ours <= 1.5 * products, f"{ours:.2f} s / {products:.2f} s",
        ),
        Measured(
            "epoch: gradients by hand / products", hand / products, "times", "(no goal)", None,
            f"{hand:.2f} s / {products:.2f} s, test loss {losses['hand']:.2f}",
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


@torch.no_grad()
def epoch_by_hand(model: VAE, images: torch.Tensor) -> None:
    """An epoch with every gradient written out, and fused Adam."""
    device = model.fc1.weight.device
    images = images.to(device)
    w1, b1, w21, b21, w22, b22, w3, b3, w4, b4 = parameters = list(model.parameters())
    optimizer = torch.optim.Adam(parameters, lr=1e-3, fused=True)
    for indices in torch.randperm(len(images), device=device).split(BATCH):
        x, n = images.index_select(0, indices), len(indices)
        h1 = torch.addmm(b1, x, w1.T).relu_()
        mu, logvar = torch.addmm(b21, h1, w21.T), torch.addmm(b22, h1, w22.T)
        sigma_eps = torch.exp(0.5 * logvar) * torch.randn_like(mu)
        z = mu + sigma_eps
        h3 = torch.addmm(b3, z, w3.T).relu_()
        logits = torch.addmm(b4, h3, w4.T)
        nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)
        kl = 0.5 * (mu.square() + logvar.expm1() - logvar).sum(1)
        if not (nll + kl).mean().isfinite():
            raise FloatingPointError("the loss is not finite")
        d_logits = (torch.sigmoid(logits) - x).div_(n)
        d_h3 = (d_logits @ w4).mul_(h3 > 0)
        d_z = d_h3 @ w3
        d_mu, d_logvar = d_z + mu / n, 0.5 * (d_z * sigma_eps + logvar.expm1() / n)
        d_h1 = (d_mu @ w21 + d_logvar @ w22).mul_(h1 > 0)
        layers = ((d_h1, x), (d_mu, h1), (d_logvar, h1), (d_h3, z), (d_logits, h3))
        gradients = (g for d, given in layers for g in (d.T @ given, d.sum(0)))
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        optimizer.step()


def import_cost() -> Measured:
    """The model and its training against `import torch`, each in fresh processes, in turns."""
    times: dict[str, list[float]] = {"import torch": [], "from vae_helpers import VAE, fit": []}
    for _ in range(IMPORTS):
        for statement, seconds in times.items():
            seconds.append(seconds_of(statement))
    torch_alone, ours = (statistics.median(each) for each in times.values())
    return Measured(
        "from vae_helpers import VAE, fit / import torch", ours / torch_alone, "times", "<= 1.1",
        ours <= 1.1 * torch_alone, f"{ours:.2f} s / {torch_alone:.2f} s, median of {IMPORTS}",
    )  # fmt: skip


def loading() -> Measured:
    """The training images of MNIST, checked, as one tensor."""
    seconds = min(
        seconds_of("mnist('train')", before="from vae_helpers import mnist") for _ in range(ROUNDS)
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
