"""Checks of lab3-vae: `lab3.gaussian_kl(answer)`; a graded cell calls one idea of it.

architecture.py   encoder, decoder
sampling.py       reparameterize, sample, reconstruct
loss.py           bernoulli_nll, gaussian_kl, negative_elbo
likelihood.py     what a wrong Bernoulli likelihood is
training.py       training_step
update.py         which gradient a step used, and whose step it was
epoch.py          train_epoch
orders.py         is an order a random one?
evaluation.py     evaluate
averages.py       averages, right and wrong ones
samples.py        were codes sampled, and does every sample count?
bug_hunt.py       diagnosis, bug_1 ... bug_5
misconceptions.py what its mistakes mean
"""

from vae_checks.lab3.architecture import decoder, encoder
from vae_checks.lab3.bug_hunt import bug_1, bug_2, bug_3, bug_4, bug_5, diagnosis
from vae_checks.lab3.epoch import train_epoch
from vae_checks.lab3.evaluation import evaluate
from vae_checks.lab3.loss import bernoulli_nll, gaussian_kl, negative_elbo
from vae_checks.lab3.misconceptions import LAB3
from vae_checks.lab3.sampling import reconstruct, reparameterize, sample
from vae_checks.lab3.training import training_step
from vae_checks.misconceptions import register
from vae_checks.standing import Standing

__all__ = [
    "bernoulli_nll",
    "bug_1",
    "bug_2",
    "bug_3",
    "bug_4",
    "bug_5",
    "decoder",
    "diagnosis",
    "encoder",
    "evaluate",
    "gaussian_kl",
    "negative_elbo",
    "reconstruct",
    "reparameterize",
    "sample",
    "standing",
    "train_epoch",
    "training_step",
]

register(LAB3)
standing = Standing("lab3-vae")
