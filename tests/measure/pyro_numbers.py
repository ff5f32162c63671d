"""Lab 6's models at the lengths of their sources: what the text quotes and a lab has no time for.

    export PYTHONPATH=tests/support
    python tests/measure/pyro_numbers.py seeds [--seeds 5] [--epochs 4]
    python tests/measure/pyro_numbers.py flow [--seeds 5] [--epochs 4]
    python tests/measure/pyro_numbers.py pyrolab2 [--epochs 10] [--batch-size 256]
    python tests/measure/pyro_numbers.py m2 [--labels 100 3000] [--epochs 50] [--each-step 50]

Programs and networks are the lab's own, its model answers included. `seeds`: Pyro's VAE beside
lab 3's loop. `flow`: a flow as prior beside N(0, I). `pyrolab2`: 784-400-50 with softplus on grey
images, in batches as Pyro's tutorial has them, beside 107.28 (training) and 109.51 (test, epoch
5). `m2`: Pyro's semi-supervised tutorial, 784-500-50 with softplus on grey images, 50,000 of them,
batches of 200, Adam 0.00042, one pass over the labels in each pass over the others, the
classifier's term 46 times, beside 0.932 and 0.958; with `--each-step N` N images with labels in
every step instead. Minus the ELBO is in nats per image, +- over seeds.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from lab_harness import model_names, read
from torch import Tensor, nn
from tqdm import tqdm

from vae_helpers import VAE, binarize, fit, mnist

Names = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("what", choices=("seeds", "flow", "pyrolab2", "m2"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, help="of training; as the source when left out")
    parser.add_argument("--labels", type=int, nargs="+", default=[100, 3000], help="for m2")
    parser.add_argument("--batch-size", type=int, default=256, help="for pyrolab2")
    parser.add_argument("--each-step", type=int, default=0, help="labels in every step, for m2")
    arguments = parser.parse_args()
    names = model_names(read("lab6-pyro"))
    if arguments.what == "m2":
        for labels in arguments.labels:
            _m2(names, labels, arguments.epochs or 50, arguments.each_step)
    elif arguments.what == "pyrolab2":
        _pyrolab2(names, arguments.epochs or 10, arguments.batch_size)
    else:
        compared = {"seeds": _pyro_and_loop, "flow": _priors}[arguments.what]
        rows = [compared(names, seed, arguments.epochs or 4) for seed in range(arguments.seeds)]
        for name in rows[0]:
            each = torch.tensor([row[name] for row in rows])
            listed = ", ".join(f"{value:.2f}" for value in each)
            print(f"{name:12} {each.mean():.2f} +- {each.std():.2f} ({listed})")


def _epochs(
    step: Callable[[Tensor], None],
    images: Tensor,
    epochs: int,
    batch: int,
    after: Callable[[int], Any],
) -> None:
    """Steps over shuffled batches of images; after each epoch its number."""
    for epoch in range(1, epochs + 1):
        batches = torch.randperm(len(images)).split(batch)
        for index in tqdm(batches, f"epoch {epoch}", leave=False, disable=None):
            step(images[index])
        after(epoch)


def _by_pyro(
    model: Any, guide: Any, networks: tuple[Any, ...], images: Tensor, test: Tensor, epochs: int,
    batch: int = 128, toss: bool = True,
) -> list[tuple[float, float]]:  # fmt: skip
    """Minus the ELBO in training and on test images, after each epoch."""
    import pyro
    from pyro.infer import SVI, Trace_ELBO

    pyro.clear_param_store()
    svi = SVI(model, guide, pyro.optim.Adam({"lr": 1e-3}), Trace_ELBO())
    curve: list[tuple[float, float]] = []
    total = [0.0]

    def step(x: Tensor) -> None:
        total[0] += svi.step(torch.bernoulli(x) if toss else x, *networks)

    def after(epoch: int) -> None:
        found = total[0] / len(images), svi.evaluate_loss(test, *networks) / len(test)
        curve.append(found)
        total[0] = 0.0
        if not toss:
            print(f"epoch {epoch:3} training {found[0]:.2f}, test {found[1]:.2f}", flush=True)

    _epochs(step, images, epochs, batch, after)
    return curve


def _pyro_and_loop(names: Names, seed: int, epochs: int) -> dict[str, float]:
    torch.manual_seed(seed)
    images, test = mnist("train").images, binarize(mnist("test").images, "static")
    networks = names["Encoder"](20), names["Decoder"](20), 20
    curve = _by_pyro(names["vae_model"], names["vae_guide"], networks, images, test, epochs)
    torch.manual_seed(seed)
    history = fit(VAE(20, hidden_dim=200), images, epochs=epochs, binarize="dynamic",
                  test_images=test, progress=False)  # fmt: skip
    return {"Pyro": curve[-1][1], "lab 3's loop": history.test_loss[-1]}


def _priors(names: Names, seed: int, epochs: int) -> dict[str, float]:
    import pyro
    import pyro.distributions as dist
    from pyro.distributions import transforms as T

    def model(x: Tensor, encoder: Any, decoder: Any, latent_dim: int, flow: list[Any]) -> None:
        pyro.module("decoder", decoder)
        for number, transform in enumerate(flow):
            if isinstance(transform, nn.Module):
                pyro.module(f"flow_{number}", transform)
        base = dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1)
        with pyro.plate("images", len(x)):
            z = pyro.sample("z", dist.TransformedDistribution(base, flow) if flow else base)
            pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)

    def guide(x: Tensor, encoder: Any, decoder: Any, latent_dim: int, flow: list[Any]) -> None:
        names["vae_guide"](x, encoder, decoder, latent_dim)

    images, test = mnist("train").images, binarize(mnist("test").images, "static")
    found = {}
    for name, steps in (("N(0, I)", 0), ("flow", 4)):
        torch.manual_seed(seed)
        flow: list[Any] = []
        for _ in range(steps):
            flow += [T.affine_coupling(2, hidden_dims=[32]), T.Permute(torch.tensor([1, 0]))]
        networks = names["Encoder"](2), names["Decoder"](2), 2, flow
        found[name] = _by_pyro(model, guide, networks, images, test, epochs)[-1][1]
    return found


class _Softplus(nn.Module):
    """x -> (mu, logvar), each of its own linear map of one hidden layer."""

    def __init__(self, hidden_dim: int, latent_dim: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(784, hidden_dim)
        self.mu, self.logvar = (nn.Linear(hidden_dim, latent_dim) for _ in range(2))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        hidden = F.softplus(self.hidden(x))
        return self.mu(hidden), 2 * self.logvar(hidden)  # the tutorial's output is log sigma


def _pyrolab2(names: Names, epochs: int, batch: int) -> None:
    import pyro

    torch.manual_seed(0)
    decoder = nn.Sequential(nn.Linear(50, 400), nn.Softplus(), nn.Linear(400, 784))
    networks = _Softplus(400, 50), decoder, 50
    images, test = mnist("train").images, mnist("test").images
    with pyro.validation_enabled(False):  # grey values are no values of a Bernoulli variable
        _by_pyro(names["vae_model"], names["vae_guide"], networks, images, test, epochs, batch,
                 toss=False)  # fmt: skip


class _M2(nn.Module):
    """Classifier, encoder and decoder of the tutorial; the encoder's first layer is evaluated once
    for all labels of an image, since it is linear in both."""

    def __init__(self, latent: int = 50, hidden: int = 500) -> None:
        super().__init__()
        self.classifier = nn.Sequential(
            nn.Linear(784, hidden), nn.Softplus(), nn.Linear(hidden, 10)
        )
        self.of_image, self.of_label = nn.Linear(784, hidden), nn.Linear(10, hidden, bias=False)
        self.mu, self.logvar = nn.Linear(hidden, latent), nn.Linear(hidden, latent)
        self.z_to_hidden, self.y_to_hidden = nn.Linear(latent, hidden), nn.Linear(10, hidden)
        self.pixels = nn.Linear(hidden, 784)

    def bounds(self, x: Tensor, y: Tensor, labelled_bound: Any) -> Tensor:
        """(B, C) of images (B, 784) and one-hot labels (B or 1, C, 10): one draw each."""
        hidden = F.softplus(self.of_image(x)[:, None] + self.of_label(y))
        mu, log_std = self.mu(hidden), self.logvar(hidden)
        eps = torch.randn_like(mu)
        z = mu + log_std.exp() * eps
        logits = self.pixels(F.softplus(self.z_to_hidden(z) + self.y_to_hidden(y)))
        log_px = -(F.softplus(logits).sum(-1) - (logits @ x[..., None])[..., 0])
        log_pz, log_qz = -0.5 * (z**2).sum(-1), -(0.5 * eps**2 + log_std).sum(-1)
        return labelled_bound(log_px, log_pz, log_qz, 10)  # constants of both normals cancel


def _m2(names: Names, labels: int, epochs: int, each_step: int) -> None:
    torch.manual_seed(0)
    images, digits = mnist("train")
    images, digits = images[:50_000], digits[:50_000]
    each = labels // 10
    rows = torch.cat([(digits == digit).nonzero()[:each, 0] for digit in range(10)])
    few, few_digits = images[rows], digits[rows]
    m2, one_hot = _M2(), torch.eye(10)
    alone = _M2().classifier
    optimizer = torch.optim.Adam([*m2.parameters(), *alone.parameters()], lr=0.00042)
    test = mnist("test")
    steps = len(images) // 200  # in an epoch
    order = torch.arange(labels).split(200)  # with labels, spread over the epoch
    due = {round((number + 0.5) * steps / len(order)): at for number, at in enumerate(order)}
    done = [0]

    def accuracy(classifier: Any) -> float:
        with torch.no_grad():
            return float((classifier(test.images).argmax(1) == test.labels).float().mean())

    def update(loss: Tensor) -> None:
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def step(x: Tensor) -> None:
        bounds = m2.bounds(x, one_hot[None], names["labelled_bound"])
        unlabelled = names["unlabelled_bound"](bounds, m2.classifier(x).log_softmax(1))
        nothing = torch.zeros(0)
        update(names["m2_loss"](nothing, unlabelled, nothing, 46.0))
        at = torch.arange(each_step) if each_step else due.get(done[0] % steps)
        if at is not None:
            shuffled = torch.randperm(labels)[at]
            x_few, y_few = few[shuffled], few_digits[shuffled]
            bounds = m2.bounds(x_few, one_hot[y_few][:, None], names["labelled_bound"])[:, 0]
            log_q = -F.cross_entropy(m2.classifier(x_few), y_few, reduction="none")
            loss = names["m2_loss"](bounds, nothing, log_q, 46.0)
            update(loss + F.cross_entropy(alone(x_few), y_few, reduction="sum"))
        done[0] += 1

    def after(epoch: int) -> None:
        found = f"M2 {accuracy(m2.classifier):.4f}, the labels alone {accuracy(alone):.4f}"
        print(f"{labels} labels, epoch {epoch:3}: accuracy {found}", flush=True)

    _epochs(step, images, epochs, 200, after)


if __name__ == "__main__":
    main()
