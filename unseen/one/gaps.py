# %% w01 swapped
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return elbo_refined - elbo_amortized, log_evidence - elbo_refined

# %% w02 approximation of the amortized
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return log_evidence - elbo_amortized, elbo_refined - elbo_amortized

# %% w03 sign of both
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return elbo_refined - log_evidence, elbo_amortized - elbo_refined

# %% w04 sign of the second
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return log_evidence - elbo_refined, elbo_amortized - elbo_refined

# %% w05 amortization is the whole gap
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return log_evidence - elbo_refined, log_evidence - elbo_amortized

# %% w06 clamped at 0
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return (log_evidence - elbo_refined).clamp(min=0), (elbo_refined - elbo_amortized).clamp(min=0)

# %% w07 only the approximation clamped
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return F.relu(log_evidence - elbo_refined), elbo_refined - elbo_amortized

# %% w08 absolute values
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return (log_evidence - elbo_refined).abs(), (elbo_refined - elbo_amortized).abs()

# %% w09 means over images
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return (log_evidence - elbo_refined).mean(), (elbo_refined - elbo_amortized).mean()

# %% w10 sums over images
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return (log_evidence - elbo_refined).sum(), (elbo_refined - elbo_amortized).sum()

# %% w11 shares
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    whole = log_evidence - elbo_amortized
    return (log_evidence - elbo_refined) / whole, (elbo_refined - elbo_amortized) / whole

# %% w12 three values
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    a, b = log_evidence - elbo_refined, elbo_refined - elbo_amortized
    return a, b, a + b

# %% w13 squeezed
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return (log_evidence - elbo_refined).squeeze(), (elbo_refined - elbo_amortized).squeeze()

# %% w14 better of the two ELBOs taken as refined
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    best = torch.maximum(elbo_amortized, elbo_refined)
    return log_evidence - best, best - elbo_amortized

# %% w15 float32
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    a, b, c = log_evidence.float(), elbo_amortized.float(), elbo_refined.float()
    return a - c, c - b

# %% w16 float32 and back
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    a, b, c = log_evidence.float(), elbo_amortized.float(), elbo_refined.float()
    return (a - c).to(log_evidence.dtype), (c - b).to(log_evidence.dtype)

# %% w17 in place
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    log_evidence -= elbo_refined
    elbo_refined -= elbo_amortized
    return log_evidence, elbo_refined

# %% w18 densities, not nats
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return log_evidence.exp() - elbo_refined.exp(), elbo_refined.exp() - elbo_amortized.exp()

# %% w19 bits
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return (log_evidence - elbo_refined) / math.log(2), (elbo_refined - elbo_amortized) / math.log(2)

# %% w20 images sorted by their gap
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    order = (log_evidence - elbo_amortized).argsort(descending=True)
    return (log_evidence - elbo_refined)[order], (elbo_refined - elbo_amortized)[order]

# %% w21 negative ones made nan
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    a, b = log_evidence - elbo_refined, elbo_refined - elbo_amortized
    return torch.where(a < 0, math.nan, a), torch.where(b < 0, math.nan, b)

# %% w22 rounded to two decimals
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return (log_evidence - elbo_refined).round(decimals=2), (elbo_refined - elbo_amortized).round(decimals=2)

# %% w23 the evidence of the first image for all
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return log_evidence[0] - elbo_refined, elbo_refined - elbo_amortized

# %% w24 column against row
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return log_evidence[:, None] - elbo_refined, elbo_refined[:, None] - elbo_amortized

# %% w25 half each
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    whole = log_evidence - elbo_amortized
    return whole / 2, whole / 2

# %% w26 the notebook's evidence
# kind: wrong
def gaps(_, elbo_amortized, elbo_refined):
    return log_evidence - elbo_refined, elbo_refined - elbo_amortized

# %% w27 memorized
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return torch.full_like(log_evidence, 1.0), torch.full_like(log_evidence, 3.0)

# %% w28 arguments in another order
# kind: wrong
def gaps(log_evidence, elbo_refined, elbo_amortized):
    return log_evidence - elbo_refined, elbo_refined - elbo_amortized

# %% w29 plain lists of numbers
# kind: open
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return (log_evidence - elbo_refined).tolist(), (elbo_refined - elbo_amortized).tolist()

# %% w30 dict
# kind: wrong
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return {"approximation": log_evidence - elbo_refined, "amortization": elbo_refined - elbo_amortized}

# %% w31 one tensor (2, B)
# kind: open
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return torch.stack([log_evidence - elbo_refined, elbo_refined - elbo_amortized])

# %% w32 detached
# kind: open
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return (log_evidence - elbo_refined).detach(), (elbo_refined - elbo_amortized).detach()

# %% r01 plain
# kind: right
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return log_evidence - elbo_refined, elbo_refined - elbo_amortized

# %% r02 NamedTuple
# kind: right
from typing import NamedTuple
class Gaps(NamedTuple):
    approximation: torch.Tensor
    amortization: torch.Tensor
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return Gaps(amortization=elbo_refined - elbo_amortized, approximation=log_evidence - elbo_refined)

# %% r03 by diff
# kind: right
def gaps(log_evidence, elbo_amortized, elbo_refined):
    return torch.stack([log_evidence, elbo_refined, elbo_amortized]).diff(dim=0).neg().unbind(0)

# %% r04 whole less one part
# kind: right
def gaps(log_evidence, elbo_amortized, elbo_refined):
    amortization = torch.sub(elbo_refined, elbo_amortized)
    return (log_evidence - elbo_amortized) - amortization, amortization

# %% r05 matrix
# kind: right
def gaps(log_evidence, elbo_amortized, elbo_refined):
    A = torch.tensor([[1.0, 0.0, -1.0], [0.0, -1.0, 1.0]], dtype=log_evidence.dtype)
    a, b = A @ torch.stack([log_evidence, elbo_amortized, elbo_refined])
    return a, b

# %% r06 loop over images
# kind: right
def gaps(log_evidence, elbo_amortized, elbo_refined):
    pairs = [(e - r, r - a) for e, a, r in zip(log_evidence, elbo_amortized, elbo_refined)]
    return tuple(torch.stack(part) for part in zip(*pairs))

# %% r07 lambda, a list
# kind: right
gaps = lambda log_evidence, elbo_amortized, elbo_refined: [torch.add(log_evidence, elbo_refined, alpha=-1), -(elbo_amortized - elbo_refined)]

# %% r08 namedtuple of collections, vmap
# kind: right
import collections
def gaps(log_evidence, elbo_amortized, elbo_refined):
    kind = collections.namedtuple("Gaps", "approximation amortization")
    return kind(*torch.func.vmap(lambda e, a, r: (e - r, r - a))(log_evidence, elbo_amortized, elbo_refined))

# %% r09 class with __call__, double inside
# kind: right
class G:
    def __call__(self, log_evidence, elbo_amortized, elbo_refined):
        e, a, r = (t.double() for t in (log_evidence, elbo_amortized, elbo_refined))
        return (e - r).to(log_evidence.dtype), (r - a).to(log_evidence.dtype)
gaps = G()
