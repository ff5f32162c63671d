# %% e9 imported from vae_helpers
# kind: wrong
from vae_helpers.importance import iw_bound
