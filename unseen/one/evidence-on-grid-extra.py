# %% e1 the helper itself, imported inside
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    from vae_helpers import quadrature
    return quadrature.log_evidence_on_grid(log_joint, points, cell_area)

# %% e2 the helper under its own name
# kind: wrong
from vae_helpers.quadrature import log_evidence_on_grid

# %% e3 log joint clamped at -1e4
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points).clamp(min=-1e4), 0) + math.log(cell_area)
