# %% e1 clamped at -10,000, where the text has images
# kind: wrong
def iw_bound(log_w):
    return torch.logsumexp(log_w.clamp(min=-1e4), 0) - math.log(len(log_w))

# %% e2 clamped at -5,000
# kind: wrong
def iw_bound(log_w):
    return torch.logsumexp(log_w.clamp(min=-5e3), 0) - math.log(len(log_w))

# %% e3 -1e30 for the log of 0
# kind: right
def iw_bound(log_w):
    total = torch.full_like(log_w[0], -1e30)
    for row in log_w:
        total = torch.logaddexp(total, row)
    return total - math.log(len(log_w))
