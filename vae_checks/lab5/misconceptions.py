"""The mistakes of lab5-family, by the parts of the model that its sections change."""

from vae_checks.lab5.misconceptions_of_autoregressive import OF_AUTOREGRESSIVE
from vae_checks.lab5.misconceptions_of_convolutional_vae import CONVOLUTIONAL_VAE
from vae_checks.lab5.misconceptions_of_diffusion import DIFFUSION
from vae_checks.lab5.misconceptions_of_discrete_codes import OF_DISCRETE_CODES
from vae_checks.lab5.misconceptions_of_gaussian_pixels import GAUSSIAN_PIXELS
from vae_checks.lab5.misconceptions_of_known_factors import KNOWN_FACTORS
from vae_checks.lab5.misconceptions_of_labels import OF_LABELS
from vae_checks.lab5.misconceptions_of_layers import OF_LAYERS
from vae_checks.lab5.misconceptions_of_mixture_priors import OF_MIXTURE_PRIORS
from vae_checks.lab5.misconceptions_of_two_levels import OF_TWO_LEVELS
from vae_checks.lab5.misconceptions_of_weighted_gradients import WEIGHTED_GRADIENTS

LAB5: dict[str, str] = {
    **OF_LABELS,
    **CONVOLUTIONAL_VAE,
    **GAUSSIAN_PIXELS,
    **WEIGHTED_GRADIENTS,
    **OF_DISCRETE_CODES,
    **OF_TWO_LEVELS,
    **OF_MIXTURE_PRIORS,
    **OF_AUTOREGRESSIVE,
    **OF_LAYERS,
    **KNOWN_FACTORS,
    **DIFFUSION,
}
