# %% w01 no area
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points), 0)

# %% w02 area not logged
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points), 0) + cell_area

# %% w03 times area
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points), 0) * cell_area

# %% w04 minus log area
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points), 0) - math.log(cell_area)

# %% w05 over the images
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points), 1) + math.log(cell_area)

# %% w06 mean instead of sum
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points), 0) - math.log(len(points)) + math.log(cell_area)

# %% w07 sum of logs
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return log_joint(points).sum(0) + math.log(cell_area)

# %% w08 plain exponentials
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return (log_joint(points).exp().sum(0) * cell_area).log()

# %% w09 one maximum for all images
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    a = log_joint(points)
    return a.max() + ((a - a.max()).exp().sum(0) * cell_area).log()

# %% w10 the evidence, not its log
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points), 0).exp() * cell_area

# %% w11 normalized to be a distribution on the grid
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    a = log_joint(points)
    return torch.logsumexp(a, 0) + math.log(cell_area) - math.log(cell_area * len(points))

# %% w12 area from the points (a square grid), not the argument
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    side = points[:, 0].max() - points[:, 0].min()
    n = math.isqrt(len(points))
    area = float(side / max(n - 1, 1)) ** 2 or cell_area
    return torch.logsumexp(log_joint(points), 0) + math.log(area)

# %% w13 the notebook's box area
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points), 0) + math.log(box.cell_area)

# %% w14 the notebook's box points
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(box.points), 0) + math.log(cell_area)

# %% w15 mean over images
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return (torch.logsumexp(log_joint(points), 0) + math.log(cell_area)).mean()

# %% w16 squeezed
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return (torch.logsumexp(log_joint(points), 0) + math.log(cell_area)).squeeze()

# %% w17 keepdim
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points), 0, keepdim=True) + math.log(cell_area)

# %% w18 the largest point only (Laplace without a Hessian)
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return log_joint(points).amax(0) + math.log(cell_area)

# %% w19 half the cells: every second point
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points[::2]), 0) + math.log(2 * cell_area)

# %% w20 edge points weigh half (trapezoid)
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    a = log_joint(points)
    edge = ((points == points.amax(0)) | (points == points.amin(0))).sum(1)
    return torch.logsumexp(a - edge[:, None] * math.log(2.0), 0) + math.log(cell_area)

# %% w21 adds the prior a second time
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    a = log_joint(points) - 0.5 * (points**2).sum(1, keepdim=True) - math.log(2 * math.pi)
    return torch.logsumexp(a, 0) + math.log(cell_area)

# %% w22 points inside of [-4, 4] only
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    inner = points[(points.abs() <= 4).all(1)]
    return torch.logsumexp(log_joint(inner), 0) + math.log(cell_area)

# %% w23 float32 points
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points.float()), 0) + math.log(cell_area)

# %% w24 float32 inside
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    a = log_joint(points)
    return (torch.logsumexp(a.float(), 0) + math.log(cell_area)).to(a.dtype)

# %% w25 log_joint called point by point with (D,)
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(torch.stack([log_joint(z) for z in points[:50]]), 0) + math.log(cell_area)

# %% w26 eps
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.log(log_joint(points).exp().sum(0) * cell_area + 1e-20)

# %% w27 shift by the mean
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    a = log_joint(points)
    m = a.mean(0)
    return m + (a - m).exp().sum(0).log() + math.log(cell_area)

# %% w28 shift clamped at 0
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    a = log_joint(points)
    m = a.amax(0).clamp(min=0)
    return m + (a - m).exp().sum(0).log() + math.log(cell_area)

# %% w29 Monte Carlo by a random subset
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    some = points[torch.randint(len(points), (len(points),))]
    return torch.logsumexp(log_joint(some), 0) + math.log(cell_area)

# %% w30 memorized
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    a = log_joint(points)
    return torch.full((a.shape[1],), math.log(2), dtype=a.dtype)

# %% w31 closed form of the oracle
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return oracle.log_evidence(one)

# %% w32 reads the model in the closure
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return log_joint.__closure__[0].cell_contents

# %% w33 normalizes by the sum of the prior's mass on the grid
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    prior = -0.5 * (points**2).sum(1) - math.log(2 * math.pi)
    return torch.logsumexp(log_joint(points), 0) - torch.logsumexp(prior, 0)

# %% w34 area squared
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points), 0) + 2 * math.log(cell_area)

# %% w35 asks for half of the points, assumes the posterior symmetric
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points[points[:, 0] >= 0]), 0) + math.log(2 * cell_area)

# %% w36 drops cells more than 8 nats below the best
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    a = log_joint(points)
    a = torch.where(a > a.amax(0) - 8, a, -math.inf)
    return torch.logsumexp(a, 0) + math.log(cell_area)

# %% w37 library function of the notebook's helpers
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    return quadrature.log_evidence_on_grid(log_joint, points, cell_area)

# %% w38 changes points in place
# kind: wrong
def log_evidence_on_grid(log_joint, points, cell_area):
    value = torch.logsumexp(log_joint(points), 0) + math.log(cell_area)
    points -= points.mean(0)
    return value

# %% w39 in place on what log_joint returned
# kind: open
def log_evidence_on_grid(log_joint, points, cell_area):
    a = log_joint(points)
    m = a.amax(0)
    return m + a.sub_(m).exp_().sum(0).log() + math.log(cell_area)

# %% r01 plain
# kind: right
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points), dim=0) + math.log(cell_area)

# %% r02 area first
# kind: right
def log_evidence_on_grid(log_joint, points, cell_area):
    return (log_joint(points) + math.log(cell_area)).logsumexp(0)

# %% r03 maximum by hand
# kind: right
def log_evidence_on_grid(log_joint, points, cell_area):
    a = log_joint(points)
    m = a.amax(0)
    return m + torch.log(cell_area * torch.exp(a - m).sum(0))

# %% r04 in chunks of points
# kind: right
def log_evidence_on_grid(log_joint, points, cell_area):
    total = None
    for part in points.split(1000):
        new = torch.logsumexp(log_joint(part), 0)
        total = new if total is None else torch.logaddexp(total, new)
    return total + math.log(cell_area)

# %% r05 einsum
# kind: right
def log_evidence_on_grid(log_joint, points, cell_area):
    a = log_joint(points)
    m = a.max(dim=0).values
    s = torch.einsum("gb,g->b", torch.exp(a - m), torch.full((len(points),), cell_area, dtype=a.dtype))
    return m + s.log()

# %% r06 softmax
# kind: right
def log_evidence_on_grid(log_joint, points, cell_area):
    a = log_joint(points)
    g = a.argmax(0, keepdim=True)
    return (a.gather(0, g) - a.log_softmax(0).gather(0, g))[0] + math.log(cell_area)

# %% r07 recursion
# kind: right
def log_evidence_on_grid(log_joint, points, cell_area):
    if len(points) <= 500:
        return torch.logsumexp(log_joint(points), 0) + math.log(cell_area)
    h = len(points) // 2
    return torch.logaddexp(log_evidence_on_grid(log_joint, points[:h], cell_area),
                           log_evidence_on_grid(log_joint, points[h:], cell_area))

# %% r08 logcumsumexp
# kind: right
def log_evidence_on_grid(log_joint, points, cell_area):
    a = log_joint(points)
    return torch.logcumsumexp(a, 0)[-1].add(a.new_tensor(cell_area).log())

# %% r09 loop over images
# kind: right
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.stack([c.logsumexp(0) + math.log(cell_area) for c in log_joint(points).unbind(1)])

# %% r10 sorted from small to large, double
# kind: right
def log_evidence_on_grid(log_joint, points, cell_area):
    a = log_joint(points)
    b = a.double().sort(0).values
    return (b.logsumexp(0) + np.log(cell_area)).to(a.dtype)

# %% r11 points in another order
# kind: right
def log_evidence_on_grid(log_joint, points, cell_area):
    return torch.logsumexp(log_joint(points.flip(0)).T, -1) + math.log(cell_area)

# %% r12 lambda with no_grad
# kind: open
log_evidence_on_grid = torch.no_grad()(lambda log_joint, points, cell_area: log_joint(points).logsumexp(0) + math.log(cell_area))

# %% r13 one point at a time as (1, D)
# kind: open
def log_evidence_on_grid(log_joint, points, cell_area):
    rows = torch.cat([log_joint(z[None]) for z in points])
    return rows.logsumexp(0) + math.log(cell_area)
