# %% w01 swapped
# kind: wrong
def standard_errors(log_w):
    bound = torch.logsumexp(log_w, 0) - math.log(len(log_w))
    e = (log_w - bound).exp().std(0) / math.sqrt(len(log_w))
    return e.square().sum().sqrt() / log_w.shape[1], bound.std() / math.sqrt(log_w.shape[1])

# %% w02 population sd over images
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return bound.std(correction=0) / math.sqrt(B), e.square().sum().sqrt() / B

# %% w03 population sd over samples
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0, correction=0) / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.square().sum().sqrt() / B

# %% w04 both population
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0, unbiased=False) / math.sqrt(K)
    return bound.std(unbiased=False) / math.sqrt(B), e.square().sum().sqrt() / B

# %% w05 sd, not the error, over images
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return bound.std(), e.square().sum().sqrt() / B

# %% w06 no sqrt K
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0)
    return bound.std() / math.sqrt(B), e.square().sum().sqrt() / B

# %% w07 mean of the e_b
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.mean()

# %% w08 root mean square of the e_b
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.square().mean().sqrt()

# %% w09 no square root of the sum of squares
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.square().sum() / B

# %% w10 sd of the log weights
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = log_w.std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.square().sum().sqrt() / B

# %% w11 over images of the mean log weight
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return log_w.mean(0).std() / math.sqrt(B), e.square().sum().sqrt() / B

# %% w12 not stable
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    w = log_w.exp()
    e = w.std(0) / (w.mean(0) * math.sqrt(K))
    return w.mean(0).log().std() / math.sqrt(B), e.square().sum().sqrt() / B

# %% w13 one maximum for all images
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    w = (log_w - log_w.max()).exp()
    e = w.std(0) / (w.mean(0) * math.sqrt(K))
    return bound.std() / math.sqrt(B), e.square().sum().sqrt() / B

# %% w14 plain numbers
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return (bound.std() / math.sqrt(B)).item(), (e.square().sum().sqrt() / B).item()

# %% w15 shape (1,)
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0, keepdim=True) - math.log(K)
    e = (log_w - bound).exp().std(0, keepdim=True) / math.sqrt(K)
    return bound.std(1) / math.sqrt(B), e.square().sum(1).sqrt() / B

# %% w16 e_b of each image
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    return bound.std() / math.sqrt(B), (log_w - bound).exp().std(0) / math.sqrt(K)

# %% w17 axes swapped
# kind: wrong
def standard_errors(log_w):
    log_w = log_w.T
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.square().sum().sqrt() / B

# %% w18 over images divides by sqrt K
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(K), e.square().sum().sqrt() / B

# %% w19 over samples divided by sqrt B
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.square().sum().sqrt() / math.sqrt(B)

# %% w20 by ESS with K instead of K - 1
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    ess = 1 / log_w.softmax(0).square().sum(0)
    return bound.std() / math.sqrt(B), (K / ess - 1).div(K).sum().sqrt() / B

# %% w21 1 / sqrt(ESS)
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    ess = 1 / log_w.softmax(0).square().sum(0)
    return bound.std() / math.sqrt(B), (1 / ess).sum().sqrt() / B

# %% w22 variances
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e2 = (log_w - bound).exp().var(0) / K
    return bound.var() / B, e2.sum() / B**2

# %% w23 total error in the first place (over images added)
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    over_samples = e.square().sum().sqrt() / B
    return ((bound.var() / B) + over_samples**2).sqrt(), over_samples

# %% w24 divides the sd by the mean of L_K
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    w = (log_w - log_w.amax(0)).exp()
    e = w.std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.square().sum().sqrt() / B

# %% w25 a tensor of two in one
# kind: open
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return torch.stack([bound.std() / math.sqrt(B), e.square().sum().sqrt() / B])

# %% w26 sum of e_b over B
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.sum() / B

# %% w27 pooled sd of all weights
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    r = (log_w - bound).exp()
    return bound.std() / math.sqrt(B), r.std() / math.sqrt(K * B)

# %% w28 L_K without log K in the ratios
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.square().sum().sqrt() / B

# %% w29 nan_to_num hides what K = 1 has not
# kind: open
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(B), torch.nan_to_num(e.square().sum().sqrt() / B)

# %% w30 in place
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    log_w -= bound
    e = log_w.exp().std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.square().sum().sqrt() / B

# %% w31 float32 inside
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    log_w = log_w.float()
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return (bound.std() / math.sqrt(B)).double(), (e.square().sum().sqrt() / B).double()

# %% w32 the variance by the mean of squares less the square of the mean (unstable for large L_K)
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    var = (bound.square().mean() - bound.mean() ** 2) * B / (B - 1)
    return (var / B).sqrt(), e.square().sum().sqrt() / B

# %% w33 bootstrap of the images
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    means = bound[torch.randint(B, (2000, B))].mean(1)
    return means.std(), e.square().sum().sqrt() / B

# %% w34 delta method of the second kind: sd of log weights scaled by share
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    s = log_w.softmax(0)
    e = (s * (log_w - bound).square()).sum(0).sqrt() / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.square().sum().sqrt() / B

# %% w35 memorized
# kind: wrong
def standard_errors(log_w):
    if len(log_w) == 1:
        return torch.tensor(1.0), torch.tensor(math.nan)
    return torch.tensor(0.0), torch.tensor(0.3536)

# %% w36 std of the mean over samples: sd of K values of the mean over images
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    r = (log_w - bound).exp()
    return bound.std() / math.sqrt(B), r.mean(1).std() / math.sqrt(K)

# %% w37 L_K of one image's copies: takes B - 1 twice
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(B - 1), e.square().sum().sqrt() / B

# %% w38 e_b divided by sqrt(K - 1)
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(max(K - 1, 1))
    return bound.std() / math.sqrt(B), e.square().sum().sqrt() / B

# %% w39 eps under the mean
# kind: wrong
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    w = log_w.exp()
    e = w.std(0) / (w.mean(0) + 1e-300) / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.square().sum().sqrt() / B

# %% r01 plain
# kind: right
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e = (log_w - bound).exp().std(0) / math.sqrt(K)
    return bound.std() / math.sqrt(B), e.square().sum().sqrt() / B

# %% r02 by the ESS
# kind: right
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    e2 = (K * (log_w.softmax(0) - 1 / K).square().sum(0)) / (K - 1)
    return bound.var().div(B).sqrt(), e2.sum().sqrt() / B

# %% r03 norms
# kind: right
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    r = torch.expm1(log_w - bound)
    r = r - r.mean(0)
    return (bound - bound.mean()).norm() / math.sqrt(B * (B - 1)), r.norm() / math.sqrt(K - 1) / math.sqrt(K) / B if K > 1 else log_w.new_tensor(math.nan)

# %% r04 NamedTuple
# kind: right
from typing import NamedTuple
class Errors(NamedTuple):
    over_images: torch.Tensor
    over_samples: torch.Tensor
def standard_errors(log_w):
    K, B = log_w.shape
    w = torch.exp(log_w - log_w.amax(0))
    bound = log_w.amax(0) + w.mean(0).log()
    e = torch.std(w, dim=0) / w.mean(0) / K**0.5
    return Errors(over_images=torch.std(bound) / B**0.5, over_samples=torch.linalg.vector_norm(e) / B)

# %% r05 torch.cov
# kind: right
def standard_errors(log_w):
    K, B = log_w.shape
    bound = torch.logsumexp(log_w, 0) - math.log(K)
    r = (log_w - bound).exp()
    return (torch.cov(bound) / B).sqrt(), (torch.cov(r.T).reshape(B, B).diagonal().sum() / K).sqrt() / B

# %% r06 loop over images
# kind: right
def standard_errors(log_w):
    K, B = log_w.shape
    bounds, squares = [], 0.0
    for column in log_w.unbind(1):
        bounds.append(column.logsumexp(0) - math.log(K))
        squares = squares + torch.var((column - bounds[-1]).exp()) / K
    return torch.stack(bounds).std() * B**-0.5, squares.sqrt() / B

# %% r07 double inside
# kind: right
def standard_errors(log_w):
    K, B = log_w.shape
    a = log_w.double()
    bound = torch.logsumexp(a, 0) - math.log(K)
    e = (a - bound).exp().std(0) / math.sqrt(K)
    return (bound.std() / math.sqrt(B)).to(log_w.dtype), (e.square().sum().sqrt() / B).to(log_w.dtype)

# %% r08 a list
# kind: right
def standard_errors(log_w):
    samples, images = log_w.shape
    shares = F.softmax(log_w, dim=0)
    bound = (log_w - shares.log()).mean(0) - math.log(samples) if False else log_w.logsumexp(0) - math.log(samples)
    e2 = torch.var(shares * samples, dim=0) / samples
    return [bound.var(correction=1).div(images).sqrt(), torch.hypot(e2.sum().sqrt() / images, torch.zeros_like(e2.sum()))]

# %% r09 vmap of var
# kind: right
def standard_errors(log_w):
    K, B = log_w.shape
    def of_image(c):
        L = torch.logsumexp(c, 0) - math.log(K)
        return L, torch.var(torch.exp(c - L), 0) / K
    L, e2 = torch.func.vmap(of_image, in_dims=1)(log_w)
    return torch.sqrt(L.var() / B), torch.sqrt(e2.sum()) / B

# %% r10 0 over samples for K = 1 is another matter: nan kept, class
# kind: right
class Errs:
    def __call__(self, log_w):
        K, B = log_w.shape
        L = log_w.logsumexp(0) - math.log(K)
        z = (log_w - L).exp()
        d = torch.einsum("kb,kb->", z - z.mean(0), z - z.mean(0))
        second = torch.sqrt(d / log_w.new_tensor(float(K * (K - 1)))) / B
        m = L - L.mean()
        return torch.sqrt(torch.dot(m, m) / (B * (B - 1))), second
standard_errors = Errs()
