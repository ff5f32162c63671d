"""Formulas and calls that are equal by mathematics or by definition: patterns for rewrites.

Whether one is equal where it stands (a number has no `square`, a sum over one axis is none over
another) is for the oracle to find.
"""

EQUAL = [
    # Arithmetic
    ("_a + _b", "_b + _a", "torch.add(_a, _b)", "_a - -_b"),
    ("_a - _b", "-(_b - _a)", "-_b + _a", "torch.sub(_a, _b)"),
    ("_a * _b", "_b * _a", "torch.mul(_a, _b)", "_a / (1 / _b)"),
    ("_a / _b", "_a * (1 / _b)", "torch.div(_a, _b)", "_a * _b ** -1"),
    ("-_a", "-1 * _a", "torch.neg(_a)", "0 - _a"),
    ("_a * (_b + _c)", "_a * _b + _a * _c"),
    ("_a * (_b - _c)", "_a * _b - _a * _c"),
    ("_a * _b.sum(_d)", "(_a * _b).sum(_d)"),
    ("(_a + _b).sum(-1)", "_a.sum(-1) + _b.sum(-1)"),
    ("(_a - _b).sum(-1)", "_a.sum(-1) - _b.sum(-1)"),
    ("(_a + _b).mean()", "_a.mean() + _b.mean()"),
    ("_a ** 2", "_a * _a", "_a.square()", "torch.pow(_a, 2)", "torch.square(_a)", "_a.pow(2.0)"),
    ("_a ** 0.5", "math.sqrt(_a)", "_a.sqrt()", "torch.sqrt(_a)", "pow(_a, 1 / 2)"),
    ("0.5", "1 / 2"),
    ("2", "2.0"),
    ("-_a ** 2", "-(_a * _a)"),
    # Logarithms and exponentials
    ("_a.exp()", "torch.exp(_a)", "math.e**_a", "torch.exp(_a / 2) ** 2", "1 / torch.exp(-_a)"),
    ("torch.exp(_a)", "_a.exp()", "torch.special.expm1(_a) + 1", "torch.exp(_a / 2).square()"),
    ("torch.exp(0.5 * _a)", "_a.exp().sqrt()", "torch.exp(_a) ** 0.5", "torch.exp(_a / 2)"),
    ("torch.exp(0.5 * _a)", "torch.sqrt(torch.exp(_a))", "1 / torch.exp(-_a / 2)"),
    ("math.log(2 * math.pi)", "(math.log(2) + math.log(math.pi))", "math.log(math.tau)"),
    ("math.log(2 * math.pi)", "1.8378770664093453", "2 * math.log(math.sqrt(2 * math.pi))"),
    ("math.log(_a)", "-math.log(1 / _a)", "math.log(_a, math.e)", "0.5 * math.log(_a**2)"),
    ("torch.logsumexp(_a, dim=_d)", "_a.logsumexp(_d)", "torch.special.logsumexp(_a, _d)"),
    (
        "torch.logsumexp(_a, dim=_d)",
        "_a.amax(_d) + (_a - _a.amax(_d, keepdim=True)).exp().sum(_d).log()",
    ),
    ("torch.logsumexp(_a, dim=0)", "functools.reduce(torch.logaddexp, _a)"),
    # Sums and means
    ("_a.sum(-1)", "_a.sum(dim=-1)", "torch.sum(_a, dim=-1)", "torch.einsum('...d->...', _a)"),
    ("_a.sum(-1)", "_a.mean(-1) * _a.shape[-1]", "sum(_a.unbind(-1))", "_a.cumsum(-1)[..., -1]"),
    ("_a.sum(-1)", "_a.sum(-1, keepdim=True).squeeze(-1)", "_a.sum(axis=-1)"),
    ("_a.sum(-1)", "_a @ torch.ones(_a.shape[-1], dtype=_a.dtype)", "_a.nansum(-1)"),
    ("_a.sum(-1)", "torch.stack([each.sum(-1) for each in _a])"),
    ("_a.sum(dim=1)", "_a.sum(-1)", "torch.sum(_a, 1)", "torch.einsum('bd->b', _a)", "_a.T.sum(0)"),
    ("_a.sum(dim=1)", "torch.stack([row.sum() for row in _a])", "_a.mean(1) * _a.shape[1]"),
    ("_a.sum(0)", "torch.sum(_a, 0)", "sum(_a)", "_a.sum(dim=0)", "_a.mean(0) * len(_a)"),
    ("_a.sum()", "torch.sum(_a)", "_a.flatten().sum(0)", "_a.mean() * _a.numel()"),
    ("_a.mean()", "torch.mean(_a)", "_a.sum() / _a.numel()", "sum(_a) / len(_a)", "_a.mean(dim=0)"),
    ("_a.mean(0)", "torch.mean(_a, dim=0)", "_a.sum(0) / len(_a)", "sum(_a) / len(_a)"),
    ("_a.std(dim=0)", "torch.std(_a, dim=0)", "_a.var(0).sqrt()", "_a.std(0, correction=1)"),
    ("_a.std(dim=0)", "(((_a - _a.mean(0)) ** 2).sum(0) / (len(_a) - 1)) ** 0.5"),
    ("sum(_a)", "math.fsum(_a)", "sum(each for each in _a)"),
    # Matrices
    ("_a @ _b", "torch.matmul(_a, _b)", "(_b.mT @ _a.mT).mT", "torch.tensordot(_a, _b, 1)"),
    ("_a @ _b.mT", "F.linear(_a, _b)", "torch.einsum('...d,pd->...p', _a, _b)", "_a @ _b.T"),
    ("_a @ _b", "(_a * _b).sum(-1)", "torch.dot(_a, _b)", "torch.einsum('i,i->', _a, _b)"),
    ("_a.mT", "_a.transpose(-2, -1)", "_a.T", "_a.swapaxes(0, 1)"),
    ("_a.diagonal()", "torch.diagonal(_a)", "torch.diag(_a)", "torch.einsum('ii->i', _a)"),
    ("torch.linalg.inv(_a)", "torch.inverse(_a)", "torch.linalg.pinv(_a)", "_a.inverse()"),
    ("torch.linalg.inv(_a)", "torch.cholesky_inverse(torch.linalg.cholesky(_a))"),
    ("torch.linalg.inv(_a)", "torch.linalg.solve(_a, torch.eye(_a.shape[-1]).to(_a))"),
    ("torch.linalg.slogdet(_a).logabsdet", "torch.linalg.eigvalsh(_a).log().sum(-1)"),
    (
        "torch.linalg.slogdet(_a).logabsdet",
        "2 * torch.linalg.cholesky(_a).diagonal(dim1=-2, dim2=-1).log().sum(-1)",
    ),
    ("torch.linalg.slogdet(_a).logabsdet", "torch.linalg.slogdet(_a)[1]", "torch.slogdet(_a)[1]"),
    # Shapes
    ("_a[:, None]", "_a.unsqueeze(1)", "_a.view(-1, 1)", "_a.reshape(len(_a), 1)"),
    ("_a[..., None]", "_a.unsqueeze(-1)", "_a[..., None].contiguous()"),
    ("_a[..., 0]", "_a.squeeze(-1)", "_a.select(-1, 0)"),
    ("len(_a)", "_a.shape[0]", "_a.size(0)", "int(len(_a))"),
    ("_a.shape[-1]", "_a.size(-1)", "list(_a.shape)[-1]"),
    ("torch.stack(_a)", "torch.stack(tuple(_a), dim=0)", "torch.cat([each[None] for each in _a])"),
    ("_a[-1]", "_a[len(_a) - 1]"),
    # Random numbers: the same ones, drawn by another name
    ("torch.randn_like(_a)", "torch.randn(_a.shape, dtype=_a.dtype)", "torch.normal(0 * _a, 1.0)"),
    ("torch.randn_like(_a)", "torch.empty_like(_a).normal_()", "torch.randn(*_a.shape).to(_a)"),
    ("torch.randn(_a, _b)", "torch.randn((_a, _b))", "torch.randn(size=(_a, _b))"),
    ("torch.randn(_a, _b)", "torch.empty(_a, _b).normal_()", "torch.normal(0.0, 1.0, (_a, _b))"),
    ("torch.randperm(_n).split(_b)", "torch.split(torch.randperm(_n), _b)"),
    ("torch.randperm(_n).split(_b)", "torch.randperm(_n).tensor_split(range(_b, _n, _b))"),
    ("_a.split(_b)", "torch.split(_a, _b)", "[_a[i : i + _b] for i in range(0, len(_a), _b)]"),
    ("_a.split(_b)", "_a.split(split_size=_b)", "torch.utils.data.DataLoader(_a, _b)"),
    ("Normal(_m, _s)", "torch.distributions.Normal(_m, _s)", "Normal(loc=_m, scale=_s)"),
    (
        "Normal(_m, _s).log_prob(_z)",
        "-0.5 * ((_z - _m) / _s) ** 2 - torch.log(_s) - 0.5 * math.log(2 * math.pi)",
    ),
    # Networks
    ("torch.sigmoid(_a)", "_a.sigmoid()", "1 / (1 + torch.exp(-_a))", "nn.Sigmoid()(_a)"),
    ("torch.sigmoid(_a)", "F.logsigmoid(_a).exp()", "0.5 + 0.5 * torch.tanh(_a / 2)"),
    ("torch.sigmoid(_a)", "torch.special.expit(_a)", "F.sigmoid(_a)", "1 - torch.sigmoid(-_a)"),
    ("F.relu(_a)", "torch.relu(_a)", "_a.clamp(min=0)", "nn.ReLU()(_a)", "_a.relu()"),
    ("F.relu(_a)", "torch.maximum(_a, torch.zeros_like(_a))", "_a * (_a > 0)"),
    ("F.relu(_a)", "(_a + _a.abs()) / 2"),
    ("nn.Linear(_a, _b)", "nn.Linear(in_features=_a, out_features=_b)", "nn.Linear(_a, _b, True)"),
    ("nn.Linear(_a, _b)", "nn.Sequential(nn.Linear(_a, _b))", "torch.nn.Linear(_a, _b)"),
    (
        "F.binary_cross_entropy_with_logits(_a, _b, reduction='none')",
        "F.softplus(_a) - _b * _a",
        "nn.BCEWithLogitsLoss(reduction='none')(_a, _b)",
        "-(_b * F.logsigmoid(_a) + (1 - _b) * F.logsigmoid(-_a))",
        "torch.logaddexp(_a, torch.zeros_like(_a)) - _b * _a",
        "_a.clamp(min=0) - _a * _b + torch.log1p(torch.exp(-_a.abs()))",
        "F.binary_cross_entropy_with_logits(input=_a, target=_b, reduction='none')",
    ),
    # Training
    ("_m.eval()", "_m.train(False)", "_m.train(mode=False)"),
    ("_o.zero_grad()", "_o.zero_grad(set_to_none=True)"),
    ("_l.backward()", "torch.autograd.backward(_l)", "_l.backward(torch.ones_like(_l))"),
    ("_l.backward()", "(_l / 2 + _l / 2).backward()", "_l.mean().backward()"),
    ("_a.item()", "float(_a)", "_a.tolist()", "_a.detach().item()", "_a.detach().numpy().item()"),
    ("_a.detach()", "_a.data", "_a.clone().detach()", "torch.tensor(_a.tolist(), dtype=_a.dtype)"),
    ("torch.autograd.grad(_a.sum(), _b)", "torch.autograd.grad(_a, _b, torch.ones_like(_a))"),
    ("torch.autograd.grad(_a, _b)", "torch.autograd.grad(outputs=_a, inputs=_b)"),
    # Comparisons and literals
    ("_a == _b", "_b == _a", "not _a != _b", "str(_a) in (_b,)", "bool(_a == _b)"),
    ("range(_a)", "range(0, _a)", "list(range(_a))", "range(1, _a + 1)", "reversed(range(_a))"),
]  # fmt: skip

# What leaves any tensor, or any value, as it is.
UNTOUCHED = [
    *("_e.to(_e.dtype)", "_e.clone()", "_e.contiguous()", "_e + 0", "1 * _e", "_e / 1", "+_e"),
    *("(lambda each: each)(_e)", "(part := _e)", "torch.where(_e == _e, _e, _e)", "_e.cpu()"),
    *("_e.view(_e.shape)", "_e[...]", "_e.reshape(*_e.shape)", "torch.clone(_e)", "_e.T.T"),
    *("_e if True else None", "[_e][0]", "_e[None].squeeze(0)", "_e.double().to(_e.dtype)"),
]  # fmt: skip
