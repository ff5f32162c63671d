"""The small module that the labs' notebooks import.

model            VAE, the reference model, and VAEOutput
loss             bernoulli_nll, gaussian_kl, vae_loss: the terms of the negative ELBO, per image
likelihood       log_likelihood, log_weights, likelihood_estimate: log p(x) by importance sampling
importance       iw_bound, effective_sample_size, standard_error: what importance weights say
linear_gaussian  LinearGaussian, a model whose evidence and posterior are known exactly
rates            rate_distortion, kl_by_dimension, active_units, kl_weight, free_bits
aggregate        aggregate_posterior_log_prob, kl_split: the codes of all images together
pixel_likelihoods  continuous Bernoulli, discretized logistic: of grey pixels; bits_per_dimension
quadrature       log_evidence_on_grid, posterior_on_grid, missed_mass: for one or two dimensions
grid             Grid, the cells for that
datasets         mnist, dataset, binarize, mnist_root: images as one float tensor
regression_data  countries: ruggedness and income of 170 of them, for Bayesian regression
training         fit; TrainingDiverged
evaluation       evaluate, the negative ELBO of a set of images
measures         measure, Measures: all of these numbers of one model, with their errors
recipe           Recipe, run_seed, stored: what follows from a seed, and measures that were stored
history          History, the two terms of the loss by epoch
work             work_size and best_device: how much to do, and where
plots            figures used in more than one notebook: of losses here, of images in
                 image_plots, of codes in latent_plots
bands            loss_bands: the same over several seeds
errors           VaeLabError, for a mistake that one line explains
extras           require_installed: how to come by a library that one lab needs

Kept for the files above: arguments (numbers, generators and devices as people give them), pixels
(what counts as images), model_contract (what fit and evaluate ask of a model), precision (of the
products of a step), randomness (all of it from one generator), progress (bars, where a person
watches), downloads (data sets by torchvision). checks tells older notebooks where the checks are
now: in vae_checks.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vae_helpers import plots
    from vae_helpers.aggregate import KLSplit, aggregate_posterior_log_prob, kl_split
    from vae_helpers.bands import loss_bands
    from vae_helpers.datasets import LabeledImages, binarize, dataset, mnist, mnist_root
    from vae_helpers.errors import VaeLabError
    from vae_helpers.evaluation import LossByDimension, evaluate
    from vae_helpers.extras import require_installed
    from vae_helpers.grid import Grid
    from vae_helpers.history import History
    from vae_helpers.importance import effective_sample_size, iw_bound, standard_error
    from vae_helpers.likelihood import (
        LikelihoodEstimate,
        likelihood_estimate,
        log_likelihood,
        log_weights,
    )
    from vae_helpers.linear_gaussian import LinearGaussian
    from vae_helpers.loss import VAELoss, bernoulli_nll, gaussian_kl, vae_loss
    from vae_helpers.measures import Measures, measure
    from vae_helpers.model import VAE, VAEOutput
    from vae_helpers.pixel_likelihoods import (
        bits_per_dimension,
        continuous_bernoulli_log_norm,
        continuous_bernoulli_nll,
        discretized_logistic_log_prob,
    )
    from vae_helpers.quadrature import (
        kl_on_grid,
        log_evidence_on_grid,
        log_joint_of,
        missed_mass,
        posterior_on_grid,
        refinement_change,
        require_covered,
    )
    from vae_helpers.rates import (
        RateDistortion,
        active_units,
        free_bits,
        kl_by_dimension,
        kl_weight,
        rate_distortion,
    )
    from vae_helpers.recipe import Recipe, run_seed, stored
    from vae_helpers.regression_data import Countries, countries
    from vae_helpers.training import TrainingDiverged, fit
    from vae_helpers.work import best_device, work_size

__all__ = [
    "VAE",
    "Countries",
    "Grid",
    "History",
    "KLSplit",
    "LabeledImages",
    "LikelihoodEstimate",
    "LinearGaussian",
    "LossByDimension",
    "Measures",
    "RateDistortion",
    "Recipe",
    "TrainingDiverged",
    "VAELoss",
    "VAEOutput",
    "VaeLabError",
    "active_units",
    "aggregate_posterior_log_prob",
    "bernoulli_nll",
    "best_device",
    "binarize",
    "bits_per_dimension",
    "continuous_bernoulli_log_norm",
    "continuous_bernoulli_nll",
    "countries",
    "dataset",
    "discretized_logistic_log_prob",
    "effective_sample_size",
    "evaluate",
    "fit",
    "free_bits",
    "gaussian_kl",
    "iw_bound",
    "kl_by_dimension",
    "kl_on_grid",
    "kl_split",
    "kl_weight",
    "likelihood_estimate",
    "log_evidence_on_grid",
    "log_joint_of",
    "log_likelihood",
    "log_weights",
    "loss_bands",
    "measure",
    "missed_mass",
    "mnist",
    "mnist_root",
    "plots",
    "posterior_on_grid",
    "rate_distortion",
    "refinement_change",
    "require_covered",
    "require_installed",
    "run_seed",
    "standard_error",
    "stored",
    "vae_loss",
    "work_size",
]
# What a file defines is imported when it is asked for: an error, or a command that grades nothing,
# waits for no torch.
_FILES = {
    "aggregate": "KLSplit aggregate_posterior_log_prob kl_split",
    "bands": "loss_bands",
    "datasets": "LabeledImages binarize dataset mnist mnist_root",
    "errors": "VaeLabError",
    "evaluation": "LossByDimension evaluate",
    "extras": "require_installed",
    "grid": "Grid",
    "history": "History",
    "importance": "effective_sample_size iw_bound standard_error",
    "likelihood": "LikelihoodEstimate likelihood_estimate log_likelihood log_weights",
    "linear_gaussian": "LinearGaussian",
    "loss": "VAELoss bernoulli_nll gaussian_kl vae_loss",
    "measures": "Measures measure",
    "model": "VAE VAEOutput",
    "pixel_likelihoods": (
        "bits_per_dimension continuous_bernoulli_log_norm continuous_bernoulli_nll "
        "discretized_logistic_log_prob"
    ),
    "plots": "",
    "quadrature": (
        "kl_on_grid log_evidence_on_grid log_joint_of missed_mass posterior_on_grid "
        "refinement_change require_covered"
    ),
    "rates": ("RateDistortion active_units free_bits kl_by_dimension kl_weight rate_distortion"),
    "recipe": "Recipe run_seed stored",
    "regression_data": "Countries countries",
    "training": "TrainingDiverged fit",
    "work": "best_device work_size",
}
_FILE_OF = {name: file for file, names in _FILES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name in _FILES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _FILE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_FILE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_FILES})
