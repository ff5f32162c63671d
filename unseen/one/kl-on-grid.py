# %% w01 no area
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_posterior), 0.0).sum(0)

# %% w02 reversed KL
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    p = log_posterior.exp()
    return torch.where(p > 0, p * (log_posterior - log_q), 0.0).sum(0) * cell_area

# %% w03 weighted by the posterior
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    p = log_posterior.exp()
    return torch.where(log_q > -math.inf, p * (log_q - log_posterior), 0.0).sum(0) * cell_area

# %% w04 sign
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_posterior - log_q), 0.0).sum(0) * cell_area

# %% w05 nan where q is 0
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    return (log_q.exp() * (log_q - log_posterior)).sum(0) * cell_area

# %% w06 nan_to_num, which makes infinities large numbers
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    return (log_q.exp() * torch.nan_to_num(log_q - log_posterior, neginf=0.0)).sum(0) * cell_area

# %% w07 nansum hides nan, too, where q is not 0
# kind: open
def kl_on_grid(log_q, log_posterior, cell_area):
    return (log_q.exp() * (log_q - log_posterior)).nansum(0) * cell_area

# %% w08 mean over the points
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_posterior), 0.0).mean(0) * cell_area

# %% w09 over the images
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_posterior), 0.0).sum(1) * cell_area

# %% w10 mean over images
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return (torch.where(q > 0, q * (log_q - log_posterior), 0.0).sum(0) * cell_area).mean()

# %% w11 normalized on the grid
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    q, p = log_q.softmax(0), log_posterior.softmax(0)
    return torch.where(q > 0, q * (q.log() - p.log()), 0.0).sum(0)

# %% w12 q normalized on the grid, weights only
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    w = log_q.softmax(0)
    return torch.where(w > 0, w * (log_q - log_posterior), 0.0).sum(0)

# %% w13 F.kl_div with its arguments as they come
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    return F.kl_div(log_q, log_posterior, reduction="none", log_target=True).sum(0) * cell_area

# %% w14 F.kl_div turned, nan at zeros
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    return F.kl_div(log_posterior, log_q, reduction="none", log_target=True).sum(0) * cell_area

# %% w15 batchmean
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    return F.kl_div(log_posterior.T, log_q.T, reduction="batchmean", log_target=True) * cell_area

# %% w16 clamped logs
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    a, b = log_q.clamp(min=-30), log_posterior.clamp(min=-30)
    return (a.exp() * (a - b)).sum(0) * cell_area

# %% w17 negative terms clamped
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_posterior), 0.0).clamp(min=0).sum(0) * cell_area

# %% w18 result clamped at 0
# kind: open
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return (torch.where(q > 0, q * (log_q - log_posterior), 0.0).sum(0) * cell_area).clamp(min=0)

# %% w19 absolute value of the terms
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_posterior).abs(), 0.0).sum(0) * cell_area

# %% w20 eps added to both
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    q, p = log_q.exp() + 1e-10, log_posterior.exp() + 1e-10
    return (q * (q.log() - p.log())).sum(0) * cell_area

# %% w21 densities, then logs: p underflows
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    q, p = log_q.exp(), log_posterior.exp()
    return torch.where(q > 0, q * (q / p).log(), 0.0).sum(0) * cell_area

# %% w22 zero where the posterior is 0 as well, though q is not
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    ok = torch.isfinite(log_q) & torch.isfinite(log_posterior)
    return torch.where(ok, log_q.exp() * (log_q - log_posterior), 0.0).sum(0) * cell_area

# %% w23 only where the posterior is -inf as well
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    both = (log_q == -math.inf) & (log_posterior == -math.inf)
    return torch.where(both, 0.0, log_q.exp() * (log_q - log_posterior)).sum(0) * cell_area

# %% w24 rows with a -inf anywhere dropped for all images
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    keep = (log_q > -math.inf).all(1)
    a, b = log_q[keep], log_posterior[keep]
    return (a.exp() * (a - b)).sum(0) * cell_area

# %% w25 masked to one vector: images mixed
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    keep = log_q > -math.inf
    a, b = log_q[keep], log_posterior[keep]
    return ((a.exp() * (a - b)).sum() * cell_area).expand(log_q.shape[1])

# %% w26 the argument changed in place
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    log_q[log_q == -math.inf] = -1e4
    log_posterior[log_posterior == -math.inf] = -1e4
    return (log_q.exp() * (log_q - log_posterior)).sum(0) * cell_area

# %% w27 squeezed
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return (torch.where(q > 0, q * (log_q - log_posterior), 0.0).sum(0) * cell_area).squeeze()

# %% w28 keepdim
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_posterior), 0.0).sum(0, keepdim=True) * cell_area

# %% w29 float32 inside
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    a, b = log_q.float(), log_posterior.float()
    q = a.exp()
    return (torch.where(q > 0, q * (a - b), 0.0).sum(0) * cell_area).to(log_q.dtype)

# %% w30 area twice
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp() * cell_area
    return torch.where(q > 0, q * (log_q + math.log(cell_area) - log_posterior), 0.0).sum(0)

# %% w31 entropy forgotten: cross entropy
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return -torch.where(q > 0, q * log_posterior, 0.0).sum(0) * cell_area

# %% w32 closed form by moments of q and of the posterior
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    q, p = log_q.exp(), log_posterior.exp()
    return 0.5 * (p - q).square().div(p.clamp(min=1e-30)).sum(0) * cell_area

# %% w33 bits
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_posterior), 0.0).sum(0) * cell_area / math.log(2)

# %% w34 estimated by draws from q
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    cells = torch.distributions.Categorical(logits=log_q.T).sample((5000,))
    return (log_q - log_posterior).gather(0, cells).mean(0)

# %% w35 drops points where q is small (below e^-20)
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    return torch.where(log_q > -5, log_q.exp() * (log_q - log_posterior), 0.0).sum(0) * cell_area

# %% w36 memorized
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    return torch.full((log_q.shape[1],), 2.0 if torch.isfinite(log_q).all() else 1.6931, dtype=log_q.dtype)

# %% w37 Jensen-Shannon
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    m = torch.logaddexp(log_q, log_posterior) - math.log(2)
    q, p = log_q.exp(), log_posterior.exp()
    return 0.5 * (torch.where(q > 0, q * (log_q - m), 0.0) + torch.where(p > 0, p * (log_posterior - m), 0.0)).sum(0) * cell_area

# %% w38 posterior normalized on the grid first
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    log_p = log_posterior.log_softmax(0) - math.log(cell_area)
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_p), 0.0).sum(0) * cell_area

# %% w39 nan terms replaced, with q = 0 and p > 0 giving -inf * 0 = nan as well: fine; but +inf made finite
# kind: wrong
def kl_on_grid(log_q, log_posterior, cell_area):
    return torch.nan_to_num(log_q.exp() * (log_q - log_posterior)).sum(0) * cell_area

# %% r01 where
# kind: right
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    return torch.where(q > 0, q * (log_q - log_posterior), 0.0).sum(0) * cell_area

# %% r02 masked_fill of the difference
# kind: right
def kl_on_grid(log_q, log_posterior, cell_area):
    empty = log_q == -math.inf
    difference = (log_q - log_posterior).masked_fill(empty, 0)
    return (log_q.exp() * difference * cell_area).sum(0)

# %% r03 einsum
# kind: right
def kl_on_grid(log_q, log_posterior, cell_area):
    empty = torch.isneginf(log_q)
    d = torch.where(empty, torch.zeros_like(log_q), log_q - log_posterior)
    return cell_area * torch.einsum("gb,gb->b", log_q.exp(), d)

# %% r04 image by image, masked
# kind: right
def kl_on_grid(log_q, log_posterior, cell_area):
    out = []
    for a, b in zip(log_q.T, log_posterior.T):
        keep = a > -math.inf
        out.append(cell_area * torch.dot(a[keep].exp(), a[keep] - b[keep]))
    return torch.stack(out)

# %% r05 xlogy: entropy and cross-entropy
# kind: right
def kl_on_grid(log_q, log_posterior, cell_area):
    q = log_q.exp()
    cross = torch.where(q > 0, q * log_posterior, q)
    return (torch.special.entr(q).neg() - cross).sum(0) * cell_area

# %% r06 point by point
# kind: right
def kl_on_grid(log_q, log_posterior, cell_area):
    total = torch.zeros_like(log_q[0])
    for a, b in zip(log_q.split(997), log_posterior.split(997)):
        term = a.exp() * (a - b)
        total = total + term.where(a.exp() != 0, torch.zeros_like(term)).sum(0)
    return total * cell_area

# %% r07 both logs replaced where q is 0
# kind: right
def kl_on_grid(log_q, log_posterior, cell_area):
    empty = log_q.isneginf()
    a, b = log_q.masked_fill(empty, -math.inf), log_posterior.masked_fill(empty, 0)
    return (a.exp() * (a.masked_fill(empty, 0) - b)).sum(0).mul(cell_area)

# %% r08 F.kl_div turned, with zeros mended
# kind: right
def kl_on_grid(log_q, log_posterior, cell_area):
    term = F.kl_div(log_posterior, log_q, reduction="none", log_target=True)
    return term.masked_fill(log_q.exp() == 0, 0.0).sum(dim=0) * cell_area

# %% r09 vmap
# kind: right
def kl_on_grid(log_q, log_posterior, cell_area):
    def one_image(a, b):
        return cell_area * torch.where(a == -math.inf, 0.0, a.exp() * (a - b)).sum()
    return torch.func.vmap(one_image, in_dims=1)(log_q, log_posterior)

# %% r10 double inside
# kind: right
def kl_on_grid(log_q, log_posterior, cell_area):
    a, b = log_q.double(), log_posterior.double()
    term = torch.where(a > -math.inf, a.exp() * (a - b), 0.0)
    return (math.fsum([cell_area]) * term.sum(0)).to(log_q.dtype)

# %% r11 sparse-like: nonzero and index_add
# kind: right
def kl_on_grid(log_q, log_posterior, cell_area):
    rows, columns = (log_q.exp() > 0).nonzero(as_tuple=True)
    a, b = log_q[rows, columns], log_posterior[rows, columns]
    out = torch.zeros(log_q.shape[1], dtype=log_q.dtype)
    return out.index_add(0, columns, a.exp() * (a - b)) * cell_area

# %% r12 recursion
# kind: right
def kl_on_grid(log_q, log_posterior, cell_area):
    if len(log_q) == 1:
        return torch.where(log_q[0] > -math.inf, log_q[0].exp() * (log_q[0] - log_posterior[0]), 0.0) * cell_area
    h = len(log_q) // 2
    return kl_on_grid(log_q[:h], log_posterior[:h], cell_area) + kl_on_grid(log_q[h:], log_posterior[h:], cell_area)
