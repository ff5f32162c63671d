"""Pyro programs that cheat or misbehave, and what the judge says of them.

Each takes the place of the model answer of one cell of lab 6; the others stay right.
"""

import pytest
import torch
from lab_harness import read
from student_process import verdicts

from vae_checks.lab6.traces import draws

pytestmark = pytest.mark.usefixtures("ready_to_fork")
LAB = read("lab6-pyro")
RIGHT = LAB.tasks["mean-field-guide"].solution
REGRESSION = LAB.tasks["regression"].solution
FORGED = """class Forged(dist.Normal):
    def log_prob(self, value):
        return dist.Normal(self.loc, 10.0 * self.scale).log_prob(value)

    def expand(self, shape, _instance=None):
        return self


def regression(africa, ruggedness, log_gdp=None):
    a = pyro.sample("a", Forged(torch.tensor(0.0), torch.tensor(1.0)))
    b_africa, b_ruggedness, b_both = (
        pyro.sample(name, dist.Normal(0.0, 1.0)) for name in ("b_africa", "b_ruggedness", "b_both")
    )
    sigma = pyro.sample("sigma", dist.Uniform(0.0, 10.0))
    mean = a + b_africa * africa + (b_ruggedness + b_both * africa) * ruggedness
    with pyro.plate("countries", len(africa)):
        pyro.sample("log_gdp", dist.Normal(mean, sigma), obs=log_gdp)
"""
WRONG_BUT_QUIET = RIGHT.replace("scale).to_event", "2 * scale).to_event")
LYING_TRACE = (
    """import pyro.poutine
from pyro.poutine.trace_messenger import TraceHandler

real = TraceHandler.get_trace


def get_trace(self, *arguments, **keywords):
    trace = real(self, *arguments, **keywords)
    for node in trace.nodes.values():
        if node["type"] == "sample" and node["name"] == "w":
            node["scale"] = 1.0
            node["fn"] = dist.Normal(0.0, 1.0).expand([4]).to_event(1)
    return trace


TraceHandler.get_trace = get_trace
"""
    + WRONG_BUT_QUIET
)
FILLED_BEFORE = (
    """for name, value in (("loc", 7.0), ("scale", 3.0)):
    pyro.param(name, torch.full((4,), value))
"""
    + WRONG_BUT_QUIET
)
HANDLER_LEFT = (
    """pyro.poutine.runtime._PYRO_STACK.append(
    pyro.poutine.condition_messenger.ConditionMessenger({"w": torch.zeros(4)})
)
"""
    + RIGHT
)
SEEDED = REGRESSION.replace("    a = pyro", "    pyro.set_rng_seed(1)\n    a = pyro")
ENDLESS = """def mean_field_guide(X, y, prior_scale, sigma):
    import itertools

    for number in itertools.count():
        pyro.sample(f"w_{number}", dist.Bernoulli(0.5), infer={"enumerate": "parallel"})
"""


PLATE_LEFT = 'pyro.plate("data", 3).__enter__()\n' + RIGHT
# The truth is the judge's: what the checks' functions make beside the answer may lie.
OWN_NETWORKS = """import vae_checks.beside
import vae_checks.lab6

honest = vae_checks.beside._functions["lab6.examples.networks"]


def networks(weights):
    made = honest(weights)
    for each in (*made[0].parameters(), *made[1].parameters()):
        nn.init.zeros_(each)
    return made


vae_checks.beside._functions["lab6.examples.networks"] = networks
torch.sigmoid = torch.zeros_like


def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("decoder", decoder)
    with pyro.plate("images", len(x)):
        pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=torch.zeros_like(x)).to_event(1), obs=x)
"""
FLAT_MAPS = """import vae_checks.beside
import vae_checks.lab6

identity = torch.distributions.transforms.AffineTransform(0.0, 1.0, event_dim=1)
functions = vae_checks.beside._functions
functions["lab6.examples.couplings"] = lambda numbers: [identity for _ in numbers]
torch.linalg.slogdet = lambda matrix: torch.zeros(2)


def flow_log_prob(z, transforms):
    return -0.5 * (z**2 + math.log(2 * math.pi)).sum(1)
"""
LONG_NAMES = """def vae_model(x, encoder, decoder, latent_dim):
    pyro.module("<b>right</b> [kl-no-half] " + "a" * 100_000, decoder)
    with pyro.plate("images", len(x)):
        z = pyro.sample("z", dist.Normal(x.new_zeros(latent_dim), 1.0).to_event(1))
        pyro.sample("x", dist.Bernoulli(logits=decoder(z)).to_event(1), obs=x)
"""


def test_the_model_answers_earn_all():
    for key in ("regression", "mean-field-guide", "full-guide", "vae-model", "vae-guide"):
        assert set(verdicts(LAB, key, LAB.tasks[key].solution).values()) == {None}, key


@pytest.mark.parametrize(
    ("key", "source", "lost"),
    [
        ("mean-field-guide", WRONG_BUT_QUIET, {"mean-field-guide-density"}),
        ("mean-field-guide", LYING_TRACE, {"mean-field-guide-density"}),
        ("mean-field-guide", FILLED_BEFORE, {"mean-field-guide-density"}),
        ("mean-field-guide", HANDLER_LEFT, set()),
        ("regression", SEEDED, {"regression-drawn"}),
        ("regression", FORGED, {"regression-priors"}),
        ("mean-field-guide", PLATE_LEFT, set()),
        ("vae-model", OWN_NETWORKS, {"vae-model-likelihood"}),
        ("vae-model", LONG_NAMES, {"vae-model-sites"}),
        ("flow-log-prob", FLAT_MAPS, {"flow-log-prob-value", "flow-log-prob-gradient"}),
    ],
    ids=(
        "quiet",
        "a lying trace",
        "filled before",
        "a handler left",
        "seeded",
        "forged",
        "a plate left open",
        "networks of zeros",
        "names of pages",
        "maps that do nothing",
    ),
)
def test_what_a_program_does_besides_changes_no_verdict(key, source, lost):
    found = verdicts(LAB, key, source)
    assert {cell for cell, slug in found.items() if slug is not None} >= lost
    if not lost:
        assert set(found.values()) == {None}


@pytest.mark.parametrize("refused", [1, 2])
def test_one_run_of_many_may_be_refused(refused):
    """A uniform scale is 0 once in 2^24 draws; a program that is wrong is refused in most runs."""
    import pyro
    import pyro.distributions as dist

    scales = iter([0.0] * refused + [1.0] * 9)

    def program():
        pyro.sample("y", dist.Normal(0.0, torch.tensor(next(scales))))

    if refused == 1:
        assert draws(program, [], 5)["y"].shape == (5,)
        return
    with pytest.raises(ValueError, match="Expected parameter scale"):
        draws(program, [], 5)
