# %% e9 imported from vae_helpers
# kind: wrong
from vae_helpers.rates import active_units
