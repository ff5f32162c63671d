"""Train the small networks whose features the Frechet distances of the zoo are of, and store them.

    python tests/measure/zoo_features.py [mnist] [faces]

One tells digits, of 60,000 images of MNIST; the other tells the six factors of 20,000 drawn faces.
Prints how well they do on images that they have not seen. The stored files (float16) are what all
numbers of the zoo are made with: new ones make the old numbers incomparable.
"""

import argparse
import sys

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_helpers import mnist
from vae_zoo.data.faces import faces
from vae_zoo.features import WEIGHTS, FeatureNetwork, trained

EPOCHS, BATCH = 5, 128


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("data", nargs="*", choices=("mnist", "faces", []), default=[])
    WEIGHTS.mkdir(exist_ok=True)
    for name in parser.parse_args().data or ("mnist", "faces"):
        torch.manual_seed(0)
        generator = torch.Generator().manual_seed(0)
        if name == "mnist":
            network = FeatureNetwork(28, 1, 10)
            train, test = mnist("train"), mnist("test")
        else:
            network = FeatureNetwork(32, 3, 6)
            train, test = faces(20_000, generator=generator), faces(2000, generator=generator)
        learn(network, *train)
        state = {key: value.half() for key, value in network.state_dict().items()}
        torch.save(state, WEIGHTS / f"{name}.pt")
        with torch.no_grad():
            found = torch.cat([trained(name)(part) for part in test[0].split(1000)])
        print(f"{name}: {quality(found, test[1])}")
    return 0


def learn(network: FeatureNetwork, images: Tensor, targets: Tensor) -> None:
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    for epoch in range(EPOCHS):
        for indices in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            found = network(images[indices])
            wanted = targets[indices]
            loss = F.mse_loss if wanted.is_floating_point() else F.cross_entropy
            loss(found, wanted).backward()
            optimizer.step()
        print(f"epoch {epoch + 1} of {EPOCHS}", file=sys.stderr)


def quality(found: Tensor, wanted: Tensor) -> str:
    if not wanted.is_floating_point():
        return f"{(found.argmax(1) == wanted).double().mean().item():.4f} of the digits are told"
    left = (found - wanted).square().mean(0) / wanted.var(0)
    return f"{1 - left.mean().item():.4f} of the factors' variance is explained"


if __name__ == "__main__":
    sys.exit(main())
