"""What an answer may do with what it is handed: as in one process, so in the judge.

Each answer is right or wrong by what it does with a model, an optimizer or a function. Oracle: the
verdicts that the same cells give beside the answer in this process; the slug of the first lost cell
is written beside the wrong ones.

Over 350 lines: an answer is a few lines of code, and there are sixty.
"""

import pytest
from lab_harness import judge, labs_with_answers, read
from student_process import verdicts

pytestmark = pytest.mark.usefixtures("ready_to_fork")

LABS = {name: read(name) for name in labs_with_answers()}
STEP = """def training_step(model, loss_fn, optimizer, x):
    model.train()
    {before}
    optimizer.zero_grad()
    logits, mu, logvar = {model}(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    {backward}
    optimizer.step()
    {after}
    return nll.mean().item(), kl.mean().item()
"""
EVALUATE = """def evaluate(model, loss_fn, images, batch_size=1000):
    found, was_training = model, model.training
    model.eval()
    {before}
    sums = [0.0, 0.0]
    with torch.no_grad():
        for x in {batches}:
            logits, mu, logvar = model(x)
            _, nll, kl = loss_fn(logits, x, mu, logvar)
            sums = [sums[0] + nll.sum().item(), sums[1] + kl.sum().item()]
    {after}
    found.train(was_training)
    return sums[0] / len(images), sums[1] / len(images)
"""


def step(before="pass", after="pass", *, backward="loss.backward()", model="model") -> str:
    """A right training step with these lines in it."""
    parts = {"before": before, "after": after, "backward": backward}
    lines = {key: text.replace("\n", "\n    ") for key, text in parts.items()}
    return STEP.format(**lines, model=model)


def evaluation(before="pass", after="pass", batches="images.split(batch_size)") -> str:
    return EVALUATE.format(before=before, after=after, batches=batches)


def scheduled(scheduler: str) -> str:
    before = f"from torch.optim import lr_scheduler as lr\nscheduler = {scheduler}"
    return step(before, "scheduler.step()")


STEPS = {
    "a copy looks on": step("import copy\ncopy.deepcopy(model)(x)"),
    "an average": step(
        "average = torch.optim.swa_utils.AveragedModel(model)",
        "average.update_parameters(model)\naverage(x)",
    ),
    "StepLR": scheduled("lr.StepLR(optimizer, 10)"),
    "LambdaLR": scheduled("lr.LambdaLR(optimizer, lambda epoch: 1.0)"),
    "SequentialLR": scheduled(
        "lr.SequentialLR(optimizer, [lr.ConstantLR(optimizer, 1.0, 5), "
        "lr.ExponentialLR(optimizer, 0.9)], [5])"
    ),
    "optimizer's state": step(
        "import copy\ncopy.deepcopy(optimizer)\noptimizer.load_state_dict(optimizer.state_dict())"
    ),
    "pre-hook": step(
        "seen = []\nmodel.register_forward_pre_hook(lambda m, i: seen.append(i))",
        "assert len(seen) == 1",
    ),
    "hook of a part": step(
        "seen = []\nmodel.fc4.register_forward_hook(lambda m, i, o: seen.append(o))",
        "assert len(seen) == 1 and torch.equal(seen[0], logits)",
    ),
    "backward hook": step(
        "seen = []\nmodel.fc4.register_full_backward_hook(lambda m, i, o: seen.append(o[0]))",
        "assert len(seen) == 1",
    ),
    "hook of a parameter": step(
        "seen = []\nmodel.fc1.weight.register_hook(seen.append)", "assert len(seen) == 1"
    ),
    "functional_call": step(
        model="(lambda x: torch.func.functional_call(model, dict(model.named_parameters()), (x,)))"
    ),
    "func.grad": """def training_step(model, loss_fn, optimizer, x):
    def objective(parameters):
        logits, mu, logvar = torch.func.functional_call(model, parameters, (x,))
        loss, nll, kl = loss_fn(logits, x, mu, logvar)
        return loss, (nll, kl)

    parameters = {name: each.detach() for name, each in model.named_parameters()}
    gradients, (nll, kl) = torch.func.grad(objective, has_aux=True)(parameters)
    for name, parameter in model.named_parameters():
        parameter.grad = gradients[name]
    optimizer.step()
    return nll.mean().item(), kl.mean().item()
""",
    "apply and clip": step(
        "model.apply(lambda part: part.train())",
        backward="loss.backward()\nnn.utils.clip_grad_norm_(model.parameters(), 1e9)",
    ),
    "vectors and states": step(
        "vector = nn.utils.parameters_to_vector(model.parameters())\n"
        "nn.utils.vector_to_parameters(vector, model.parameters())\n"
        "model.load_state_dict({key: each.clone() for key, each in model.state_dict().items()})"
    ),
    "single precision": step("model.float()\nx = x.float()"),
    "anomalies": step(
        "torch.autograd.set_detect_anomaly(True)", "torch.autograd.set_detect_anomaly(False)"
    ),
    "autocast and scaler": step(
        "scaler = torch.amp.GradScaler('cpu', enabled=False)",
        backward="scaler.scale(loss).backward()\nscaler.unscale_(optimizer)",
    ),
    "what it is": step(
        "assert isinstance(model, nn.Module) and 'fc21' in repr(model) and model.training\n"
        "assert len(list(model.parameters())) == 10\n"
        "assert isinstance(optimizer, torch.optim.SGD) and 'lr' in repr(optimizer)"
    ),
    "a graph of gradients": step(
        backward="parts = list(model.parameters())\n"
        "gradients = torch.autograd.grad(loss, parts, create_graph=True)\n"
        "size = sum(each.square().sum() for each in gradients)\n"
        "assert any(each.any() for each in torch.autograd.grad(size, parts, retain_graph=True))\n"
        "loss.backward()"
    ),
    "compiled loss": step("loss_fn = torch.compile(loss_fn, backend='eager')"),
}
HAND = """def training_step(model, loss_fn, optimizer, x):
    model.zero_grad()
    logits, mu, logvar = model(x)
    loss, nll, kl = loss_fn(logits, x, mu, logvar)
    loss.backward()
    rate = optimizer.param_groups[0]["lr"]
    for part in model.modules():
        for name, each in list(part.named_parameters(recurse=False)):
            setattr(part, name, nn.Parameter(each.detach() - rate * each.grad))
    return nll.mean().item(), kl.mean().item()
"""
WRONG_STEPS = {
    "a copy is trained": (step("import copy\nmodel = copy.deepcopy(model)"), "no-step-cleared"),
    "clipped": (
        step(backward="loss.backward()\nnn.utils.clip_grad_norm_(model.parameters(), 1e-3)"),
        "update-scaled",
    ),
    "a tenth of the rate": (scheduled("lr.ConstantLR(optimizer, 0.1, 5)"), "optimizer-changed"),
    "momentum off": (step("optimizer.param_groups[1]['momentum'] = 0.0"), "optimizer-changed"),
    "an optimizer of its own": (
        step("optimizer = torch.optim.SGD(model.parameters(), lr=optimizer.param_groups[0]['lr'])"),
        "other-optimizer",
    ),
    "an optimizer with the same settings": (
        step("optimizer = torch.optim.SGD(optimizer.param_groups)"),
        "other-optimizer",
    ),
    "a copy of the optimizer": (
        step("import copy\noptimizer = copy.deepcopy(optimizer)"),
        "no-step",
    ),
    "update by hand": (HAND, "other-optimizer"),
    "state cleared": (step("optimizer.state.clear()"), "optimizer-state-lost"),
    "state cleared afterwards": (step(after="optimizer.state.clear()"), "optimizer-state-lost"),
    "doubled": (step("model.double()\nx = x.double()"), "model-converted"),
    "two steps": (step(after="optimizer.step()"), "step-twice"),
    "half precision on the way": (step("model.half()\nmodel.float()"), "wrong-update"),
    "encoder frozen": (
        step("for part in (model.fc1, model.fc21, model.fc22): part.requires_grad_(False)"),
        "encoder-not-moved",
    ),
}
WRONG_OTHERS = {
    "left in evaluation mode": (
        "evaluate",
        evaluation(after="model.eval()\n    was_training = False"),
        "mode-not-restored",
    ),
    "its flag alone restored": (
        "evaluate",
        evaluation(after="model.training = was_training\n    return _mean(sums, images)\n")
        + "\ndef _mean(sums, images):\n    return sums[0] / len(images), sums[1] / len(images)\n",
        "mode-not-restored",
    ),
    "the least of three samples": (
        "evaluate",
        """def evaluate(model, loss_fn, images, batch_size=1000):
    was_training = model.training
    model.eval()
    nll, kl = [], []
    with torch.no_grad():
        for x in images.split(batch_size):
            mu, logvar = model.encode(x)
            codes = [model.reparameterize(mu, logvar) for _ in range(3)]
            runs = [loss_fn(model.decode(z), x, mu, logvar) for z in codes]
            nll.append(torch.stack([run.nll for run in runs]).amin(0))
            kl.append(runs[0].kl)
    model.train(was_training)
    return torch.cat(nll).mean().item(), torch.cat(kl).mean().item()
""",
        "draws-not-averaged",
    ),
    "double codes": (
        "sample",
        """def sample(decoder, num_images, latent_dim):
    with torch.no_grad():
        return torch.sigmoid(decoder(torch.randn(num_images, latent_dim).double()))
""",
        "codes-not-single",
    ),
    "a shuffle buffer": (
        "train-epoch",
        """def train_epoch(step, images, batch_size=128):
    import random

    order, buffer, sums = [], [], [0.0, 0.0]
    for index in range(len(images)):
        buffer.append(index)
        if len(buffer) == 20:
            order.append(buffer.pop(random.randrange(20)))
    random.shuffle(buffer)
    for index in torch.tensor(order + buffer).split(batch_size):
        nll, kl = step(images[index])
        sums = [sums[0] + nll * len(index), sums[1] + kl * len(index)]
    return sums[0] / len(images), sums[1] / len(images)
""",
        "order-local",
    ),
}
OTHERS = {
    "evaluate a copy": ("evaluate", evaluation("import copy\n    model = copy.deepcopy(model)")),
    "evaluate an average": (
        "evaluate",
        evaluation("model = torch.optim.swa_utils.AveragedModel(model)"),
    ),
    "evaluate frozen": (
        "evaluate",
        evaluation("model.requires_grad_(False)", "model.requires_grad_(True)"),
    ),
    "a loader with a generator": (
        "evaluate",
        evaluation(
            "generator = torch.Generator().manual_seed(0)",
            batches="torch.utils.data.DataLoader(images, batch_size, generator=generator)",
        ),
    ),
    "decoder called with its own state": (
        "sample",
        """def sample(decoder, num_images, latent_dim):
    state = {name: each.detach().clone() for name, each in decoder.named_parameters()}
    z = torch.randn(num_images, latent_dim)
    return torch.sigmoid(torch.func.functional_call(decoder, state, (z,)))
""",
    ),
    "decoder doubled and back, with a hook": (
        "sample",
        """def sample(decoder, num_images, latent_dim):
    seen = []
    decoder.eval().double().float().register_forward_hook(lambda m, i, o: seen.append(o))
    assert isinstance(decoder, nn.Module) and len(list(decoder.parameters())) == 2
    with torch.inference_mode():
        result = torch.sigmoid(decoder(torch.randn(num_images, latent_dim)))
    assert len(seen) == 1
    return result
""",
    ),
    "code from a hook": (
        "reconstruct",
        """def reconstruct(model, x):
    kept = {}
    hook = model.fc21.register_forward_hook(lambda m, i, o: kept.update(mu=o))
    with torch.no_grad():
        model(x)
        hook.remove()
        return torch.sigmoid(model.decode(kept["mu"]))
""",
    ),
    "layers under vmap": (
        "reconstruct",
        """def reconstruct(model, x):
    def one(row):
        mu = model.fc21(torch.relu(model.fc1(row)))
        return torch.sigmoid(model.fc4(torch.relu(model.fc3(mu))))

    with torch.no_grad():
        return torch.vmap(one)(x)
""",
    ),
}
ROW = "lambda row: f(row[None])[0]"
BASIS = "torch.eye(z.shape[1], dtype=z.dtype)[d].expand_as(z).contiguous()"
COLUMNS = "torch.stack([{} for d in range(z.shape[1])], 1)"
SLOPES = {
    "jacobian": "torch.autograd.functional.jacobian(lambda m: f(m).sum(), z.clone())",
    "jacobian, vectorized": (
        "torch.autograd.functional.jacobian(f, z.clone(), vectorize=True).sum(0)"
    ),
    "functional.jvp": COLUMNS.format(f"torch.autograd.functional.jvp(f, z.clone(), {BASIS})[1]"),
    "func.grad": "torch.func.grad(lambda m: f(m).sum())(z)",
    "vmap of grad": f"torch.vmap(torch.func.grad({ROW}))(z)",
    "vmap of jacrev": f"torch.vmap(torch.func.jacrev({ROW}))(z)",
    "vmap of jacfwd": f"torch.vmap(torch.func.jacfwd({ROW}))(z)",
    "jvp": COLUMNS.format(f"torch.func.jvp(f, (z,), ({BASIS},))[1]"),
    "vjp": "torch.func.vjp(f, z)[1](torch.ones(len(z), dtype=z.dtype))[0]",
    "dual numbers": "dual(f, z)",
    "compiled": "torch.func.grad(lambda m: torch.compile(f, backend='eager')(m).sum())(z)",
    "integrated hessian": (
        f"torch.vmap(torch.func.grad({ROW}))(z) "
        f"+ 0 * torch.vmap(torch.func.hessian({ROW}))(z).sum(-1)"
    ),
}
PATHWISE = """import torch.autograd.forward_ad as forward_ad

def dual(f, z):
    columns = []
    for d in range(z.shape[1]):
        with forward_ad.dual_level():
            value = f(forward_ad.make_dual(z, {basis}))
            columns.append(forward_ad.unpack_dual(value).tangent)
    return torch.stack(columns, 1)

def pathwise_gradient(f, eps, mu, sigma):
    z = mu + sigma * eps
    slope = {slope}
    return slope.detach(), (slope * eps).detach()
"""
CLIMB = """def climb(elbo, mu, logvar, steps, step_size):
    slopes = torch.func.{transform}(lambda m, v: elbo(m, v).sum(), argnums=(0, 1))
    path = [torch.stack([mu, logvar])]
    for _ in range(steps):
        path.append(path[-1] {sign} step_size * torch.stack(slopes(*path[-1])))
    return torch.stack(path).unbind(1)
"""
LOG_Q = """{decorator}
def log_q(z, mu, logvar):
    one = lambda z, m, v: -0.5 * ({constant} + v + (z - m) ** 2 / v.exp()).sum()
    rows = torch.vmap(one)
    many = torch.vmap(rows, in_dims=(0, None, None))
    return many(z, mu, logvar) if z.ndim == 3 else rows(z, mu, logvar)
"""


def _cases():
    lab1, lab2, lab3 = "lab1-elbo", "lab2-reparameterization", "lab3-vae"
    for name, source in STEPS.items():
        yield lab3, "training-step", name, source, None
    for name, (source, slug) in WRONG_STEPS.items():
        yield lab3, "training-step", name, source, slug
    for name, (key, source) in OTHERS.items():
        yield lab3, key, name, source, None
    for name, (key, source, slug) in WRONG_OTHERS.items():
        yield lab3, key, name, source, slug
    for name, slope in SLOPES.items():
        yield lab2, "pathwise", name, PATHWISE.format(basis=BASIS, slope=slope), None
    doubled = PATHWISE.format(basis=BASIS, slope=f"2 * {SLOPES['vmap of jacfwd']}")
    yield lab2, "pathwise", "twice the jacfwd", doubled, "value-scaled"
    minus = PATHWISE.format(basis=BASIS, slope="-dual(f, z)")
    yield lab2, "pathwise", "minus the dual", minus, "estimator-sign"
    for transform in ("grad", "jacrev", "jacfwd"):
        yield lab1, "climb", transform, CLIMB.format(transform=transform, sign="+"), None
    down = CLIMB.format(transform="jacfwd", sign="-")
    yield lab1, "climb", "jacfwd, downhill", down, "climb-downhill"
    constant = "math.log(2 * math.pi)"
    yield lab1, "log-q", "vmap", LOG_Q.format(decorator="", constant=constant), None
    compiled = LOG_Q.format(decorator="@torch.compile(backend='eager')", constant=constant)
    yield lab1, "log-q", "compiled vmap", compiled, None
    bare = LOG_Q.format(decorator="", constant="0")
    yield lab1, "log-q", "vmap without the constant", bare, "density-constant"


CASES = [pytest.param(*case, id=f"{case[1]}, {case[2]}") for case in _cases()]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "key", "answer", "source", "slug"), CASES)
def test_an_answer_gets_the_verdicts_that_it_gets_in_one_process(name, key, answer, source, slug):
    lab = LABS[name]
    judged = {cell: lost for cell, lost in verdicts(lab, key, source).items() if lost}
    plain = {cell: error.slug for cell, error in judge(lab, key, source).lost.items()}
    assert judged == plain
    assert (slug in plain.values()) if slug else not plain
