# %% e1 clamp both at -1e4 (0 at empty points), exact elsewhere
# kind: open
def kl_on_grid(log_q, log_posterior, cell_area):
    a, b = log_q.clamp(min=-1e4), log_posterior.clamp(min=-1e4)
    return (a.exp() * (a - b)).sum(0) * cell_area

# %% e2 weights of q normalized on the grid, posterior as it is
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    w = log_q.exp()
    w = w / w.sum(0)
    return torch.where(w > 0, w * (log_q - log_posterior), 0.0).sum(0)

# %% e3 posterior -inf anywhere: point dropped for the image
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    t = log_q.exp() * (log_q - log_posterior)
    return t.masked_fill(~torch.isfinite(t), 0).sum(0) * cell_area
