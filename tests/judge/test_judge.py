"""The judge gives every answer of every bank the verdict that the bank names.

Which is the one that it gets in one process (test_answers.py). The student's side runs without
walls here; test_sandbox.py is about those.

Over 350 lines: cases, each read by itself.
"""

import subprocess
import sys

import pytest
import torch
from lab_harness import labs_with_answers, read
from student_process import StudentProcess, verdicts

from vae_grading.course.bank import Answer
from vae_grading.judge.session import TrustedNames
from vae_grading.protocol.wire import Gone, Late
from vae_helpers import VAE

pytestmark = pytest.mark.usefixtures("ready_to_fork")

LABS = [read(name) for name in labs_with_answers()]
TASKS = [(lab, key) for lab in LABS for key, task in lab.tasks.items() if task.check]


@pytest.fixture
def process():
    made = []

    def start(source: str, **trusted) -> StudentProcess:
        made.append(StudentProcess({}, source, trusted))
        return made[-1]

    yield start
    for each in made:
        each.close()


@pytest.mark.slow
@pytest.mark.parametrize(("lab", "key"), TASKS, ids=lambda value: getattr(value, "name", value))
def test_every_answer_of_the_bank_gets_the_verdicts_that_it_names(lab, key):
    task = lab.tasks[key]
    bank = [answer for answer in (*lab.right, *lab.wrong) if answer.exercise == key]
    bank.append(Answer(key, "model answer", task.solution))
    bank.append(Answer(key, "untouched", task.untouched, tuple(task.graded), "not-done"))
    differing = []
    for answer in bank:
        judged = verdicts(lab, key, answer.source)
        lost = {cell: slug for cell, slug in judged.items() if slug is not None}
        # Which mistake a cell names by the way may hang on chance; not so the one it is there for.
        first = next((cell for cell in task.graded if cell in answer.loses), None)
        if set(lost) != set(answer.loses) or lost.get(first) != answer.slug:
            differing.append((answer.name, judged))
    assert differing == []


def test_values_cross_as_what_they_are(process):
    started = process("def same(x):\n    return x")
    same = started.root("same")
    for value in (None, True, 3, -0.5, float("inf"), "é", (1, [2.0]), {"a": 1}, {3}, 2**200):
        assert same(value) == value
        assert type(same(value)) is type(value)
    for dtype in (torch.float32, torch.float64, torch.int64, torch.bool):
        tensor = torch.ones(2, 3).to(dtype)
        assert torch.equal(same(tensor), tensor)
        assert same(tensor).dtype == dtype


def test_gradients_cross(process):
    """Oracle: the derivative of x^2 y by hand."""
    started = process("def f(x, y):\n    return x**2 * y")
    f = started.root("f")
    x, y = (torch.tensor(value, requires_grad=True) for value in (3.0, 5.0))
    assert [g.item() for g in torch.autograd.grad(f(x, y), (x, y))] == [30.0, 9.0]
    assert not f(x.detach(), y.detach()).requires_grad


def test_a_judges_function_can_be_transformed(process):
    """Oracle: the derivative of x^3, and the function itself."""
    started = process(
        "import torch\n"
        "def batch(f, x):\n    return torch.vmap(f)(x)\n"
        "def slopes(f, x):\n    return torch.func.vmap(torch.func.grad(f))(x)\n"
        "def pulled(f, x):\n"
        "    result, pull = torch.func.vjp(f, x)\n    return pull(torch.ones_like(result))[0]"
    )
    x = torch.rand(3, 2, dtype=torch.float64)

    def cubes(z):
        return (z**3).sum(-1)

    torch.testing.assert_close(started.root("batch")(cubes, x), cubes(x))
    for name in ("slopes", "pulled"):
        torch.testing.assert_close(started.root(name)(cubes, x), 3 * x**2)


def test_a_lying_value_arrives_as_what_it_is_made_of(process):
    started = process(
        "class Liar(float):\n    def __eq__(self, other): return True\n"
        "import torch\nclass Lie(torch.Tensor):\n    def __eq__(self, other): return True\n"
        "def number():\n    return Liar(1.0)\n"
        "def tensor():\n    return torch.zeros(2).as_subclass(Lie)"
    )
    number, tensor = (started.root(name)() for name in ("number", "tensor"))
    assert type(number) is float
    assert number != 2.0
    assert type(tensor) is torch.Tensor
    assert not (tensor == 1).any()


def test_the_student_sees_no_more_of_a_checks_objects_than_it_needs(process):
    """Names that lead from a function or a module to the judge's process do not exist; of a module
    of a check's own class no attribute is told, of others what their class speaks of."""
    started = process(
        "NAMES = ('__class__', '__globals__', '__dict__', '_modules', 'secret', 'apply', 'seen',\n"
        "         'register_forward_hook', '__init__', '__reduce_ex__', 'training', '_note')\n"
        "def attempts(watching, function):\n"
        "    peer, found = function._peer, []\n"
        "    for name in NAMES:\n"
        "        for handle in (function._handle, watching._remote._number):\n"
        "            try:\n"
        "                peer.request('getattr', on=handle, name=name)\n"
        "                found.append(name)\n"
        "            except AttributeError:\n"
        "                pass\n"
        "    return found\n"
        "def told(*modules):\n"
        "    return [sorted(set(vars(m)) - {k for k in vars(m) if k[0] == '_'}) for m in modules]"
    )
    watching, plain = Watching(), torch.nn.Linear(2, 1)
    plain.secret = 42
    assert started.root("attempts")(watching, lambda: None) == []
    of_a_check, of_everybody = started.root("told")(watching, plain)
    assert of_a_check == ["training"]
    assert of_everybody == ["in_features", "out_features", "training"]


class Watching(torch.nn.Module):
    """A module as checks make them, which remembers what it is given."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.eye(2))
        self.seen, self.secret = [], 42

    def forward(self, x):
        self.seen.append((x.detach(), self.training))
        return x @ self.weight


def test_a_copy_of_a_watched_module_is_watched_with_its_own_weights_and_mode(process):
    started = process(
        "import copy\nimport torch\n"
        "def double(module, x):\n"
        "    other = copy.deepcopy(module).eval()\n"
        "    with torch.no_grad():\n"
        "        other.weight *= 2\n"
        "    return other(x)"
    )
    module, x = Watching(), torch.ones(1, 2)
    assert torch.equal(started.root("double")(module, x), 2 * x)
    assert [training for _, training in module.seen] == [False]
    assert module.training
    assert torch.equal(module.weight.detach(), torch.eye(2))


def test_a_batch_under_vmap_crosses_as_one(process):
    """What is mapped there sees one call of the mapped function here."""
    started = process("import torch\ndef batch(f, x):\n    return torch.vmap(torch.vmap(f))(x)")
    calls = []

    def square(x):
        calls.append(x.shape)
        return x**2

    x = torch.rand(50, 3, 2)
    torch.testing.assert_close(started.root("batch")(square, x), x**2)
    assert calls == [(2,)]


def test_derivatives_of_derivatives_cross(process):
    """Oracle: the derivatives of x^4 by hand, from either end."""
    started = process(
        "import torch\n"
        "def f(x):\n    return x**4\n"
        "def third(f, x):\n"
        "    x = x.clone().requires_grad_()\n"
        "    for _ in range(3):\n"
        "        value = f(x) if _ == 0 else slope\n"
        "        slope, = torch.autograd.grad(value, x, create_graph=True)\n"
        "    return slope.detach()"
    )
    x = torch.tensor(3.0, requires_grad=True)
    (slope,) = torch.autograd.grad(started.root("f")(x), x, create_graph=True)
    (second,) = torch.autograd.grad(slope, x, create_graph=True)
    (third,) = torch.autograd.grad(second, x)
    assert [each.item() for each in (slope, second, third)] == [108, 108, 72]
    assert started.root("third")(lambda x: x**4, x.detach()) == 72


COMPILED = (
    "import torch\n"
    "def fails(graph, inputs):\n    raise RuntimeError('compiled')\n"
    "@torch.compile(backend=fails, fullgraph=True)\n"
    "def answer(f, x):\n    return f(x) + 1\n"
)


def test_nothing_is_compiled_in_a_students_process(process):
    """A compiler has no part in what an answer computes, and does not see through a stub."""
    started = process(COMPILED)
    assert started.root("answer")(lambda x: 2 * x, torch.ones(1)) == 3


def test_nothing_is_compiled_where_the_libraries_are_loaded():
    source = f"from vae_grading.student import preload\npreload.libraries()\n{COMPILED}"
    source += "assert answer(torch.square, torch.ones(1)) == 2"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_expanded_argument_may_hold_nan(process):
    """It has not changed, and could not be written to."""
    started = process(
        "import torch\ndef f(g):\n    return g(torch.full((1, 2), torch.nan).expand(3, -1))"
    )
    assert started.root("f")(lambda x: x.isnan().all())


def test_what_is_computed_with_a_model_there_has_its_parameters_here(process):
    started = process(
        "def size(model, x):\n    return model(x).square().sum()\ndef same(x):\n    return x"
    )
    model, x = torch.nn.Linear(2, 1, bias=False), torch.ones(1, 2)
    (slope,) = torch.autograd.grad(started.root("size")(model, x), model.weight)
    torch.testing.assert_close(slope, 2 * model(x).detach() * x)
    x.requires_grad_()
    assert torch.equal(torch.autograd.grad(started.root("same")(x).sum(), x)[0], torch.ones(1, 2))


def test_modes_settings_steps_and_generators_are_in_step(process):
    started = process(
        "import torch\n"
        "def train(model, optimizer):\n"
        "    model.eval()\n"
        "    optimizer.param_groups[0]['lr'] = 0.5\n"
        "    model.weight.grad = torch.ones(1, 2)\n"
        "    optimizer.step(), optimizer.step()\n"
        "def draw(generator):\n    return torch.rand(3, generator=generator)\n"
        "def loaded(loader):\n    return len(loader), torch.cat([x for x, in loader])"
    )
    model = torch.nn.Linear(2, 1, bias=False)
    optimizer, steps = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9), []
    optimizer.register_step_post_hook(lambda *_: steps.append(1))
    start = model.weight.detach().clone()
    started.root("train")(model, optimizer)
    torch.testing.assert_close(model.weight.detach(), start - 0.5 - 0.5 * 1.9)
    assert (model.training, optimizer.param_groups[0]["lr"], len(steps)) == (False, 0.5, 2)
    generator, same = torch.Generator().manual_seed(1), torch.Generator().manual_seed(1)
    assert torch.equal(started.root("draw")(generator), torch.rand(3, generator=same))
    assert torch.equal(torch.rand(3, generator=generator), torch.rand(3, generator=same))
    data = torch.utils.data.TensorDataset(torch.arange(5.0))
    size, values = started.root("loaded")(torch.utils.data.DataLoader(data, batch_size=2))
    assert (size, values.tolist()) == (3, [0, 1, 2, 3, 4])


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ("torch.func.linearize(g, x)[1](x)", [2.0, 8.0]),
        ("torch.func.linearize(g, x)[0]", [1.0, 4.0]),
        (
            "functional.jacobian(g, x, vectorize=True, strategy='forward-mode')",
            [[2.0, 0.0], [0.0, 4.0]],
        ),
        (
            "functional.hessian(lambda x: g(x).sum(), x, vectorize=True, "
            "outer_jacobian_strategy='forward-mode')",
            [[2.0, 0.0], [0.0, 2.0]],
        ),
    ],
)
def test_what_is_traced_or_differentiated_as_a_batch_crosses_in_another_way(
    process, answer, wanted
):
    source = (
        "import torch\nfrom torch.autograd import functional\ndef f(g, x):\n    return " + answer
    )
    found = process(source).root("f")(lambda x: x**2, torch.tensor([1.0, 2.0]))
    torch.testing.assert_close(found, torch.tensor(wanted))


def test_what_does_not_cross_says_so(process):
    started = process(
        "import torch\nfrom torch._vmap_internals import _vmap\nfrom torch.autograd import "
        "forward_ad\ndef f(g, x):\n    with forward_ad.dual_level():\n"
        "        return _vmap(lambda t: g(forward_ad.make_dual(x, t)))(torch.eye(2))"
    )
    with pytest.raises(NotImplementedError, match="when it is graded"):
        started.root("f")(lambda x: x**2, torch.ones(2))


def test_a_model_whose_class_is_forbidden_can_be_saved():
    """Pickle looks for the class by its name, which leads to what refuses."""
    source = (
        "import io, torch\n"
        "def kept(model, x):\n"
        "    file = io.BytesIO()\n"
        "    torch.save(model, file)\n"
        "    file.seek(0)\n"
        "    return torch.load(file, weights_only=False).encode(x)[0]"
    )
    started = StudentProcess({}, source, {}, ["vae_helpers.VAE"])
    try:
        model, x = VAE(latent_dim=2, hidden_dim=3, data_dim=7), torch.zeros(2, 7)
        torch.testing.assert_close(started.root("kept")(model, x), model.encode(x)[0])
    finally:
        started.close()


@pytest.mark.parametrize(
    ("body", "error"),
    [("while True: pass", Late), ("import os; os._exit(3)", Gone)],
)
def test_a_call_that_never_ends_or_ends_the_process_is_told_apart(process, body, error):
    started = process(f"def f():\n    {body}")
    with pytest.raises(error):
        started.session.judge("f()", seconds=1)


def test_a_check_that_computes_without_end_is_ended(process):
    """Not by the wire, which it does not touch: by the judge's own clock."""
    started = process("def f(): return 1")
    with pytest.raises(Late):
        started.session.judge("try:\n    while f: pass\nexcept Exception: pass", seconds=1)


def test_what_is_too_large_to_pass_on_is_refused_before_it_is_copied(process):
    started = process("def f(x): return 1")
    huge = torch.zeros(1).expand(10**7)  # 40 MB once it is copied, and twice that is too much
    with pytest.raises(ValueError, match="too large to pass on"):
        started.root("f")([huge, huge])


def test_a_tensor_that_is_given_twice_is_the_same_one_until_it_changes(process):
    started = process(
        "seen = []\n"
        "def same(x):\n"
        "    seen.append(x)\n"
        "    return seen[-1] is seen[0]\n"
        "def spoil(x):\n"
        "    x += 1"
    )
    found = started.session._peer.request("roots", names=["same", "spoil"])
    x = torch.ones(3)
    assert [found["same"](x), found["same"](x), found["same"](torch.ones(3))] == [True, True, False]
    x += 1
    assert not found["same"](x)


def test_what_a_check_hands_out_passes_for_what_it_is(process):
    """An answer may ask for its class, walk through its parts, and match its results."""
    started = process(
        "import torch\n"
        "from vae_helpers import VAEOutput\n"
        "def asks(optimizer, model):\n"
        "    match model(torch.zeros(2, 7)):\n"
        "        case VAEOutput(logits, mu, logvar): shapes = (logits.shape, mu.shape)\n"
        "    kinds = (isinstance(optimizer, torch.optim.Optimizer), "
        "isinstance(model, torch.nn.Module))\n"
        "    return kinds, shapes, len(list(model.named_modules()))"
    )
    model = VAE(latent_dim=2, hidden_dim=3, data_dim=7)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    kinds, shapes, parts = started.root("asks")(optimizer, model)
    assert kinds == (True, True)
    assert shapes == ((2, 7), (2, 2))
    assert parts == len(list(model.named_modules()))


def test_tests_use_the_judges_own_modules_whatever_the_notebook_calls_so(process):
    started = process("import torch\ntorch.allclose = lambda *a, **k: True", torch=torch)
    verdict = started.session.judge(
        "assert torch.allclose(torch.ones(1), torch.zeros(1))", seconds=10
    )
    assert isinstance(verdict.error, AssertionError)


def test_trusted_names_are_imports_and_what_speaks_of_nothing_else():
    given = [
        "import math\nimport torch",
        "def area(r):\n    return math.pi * r**2",
        "def wrapped(x):\n    return answer(x)",
        "%matplotlib inline",
        "class Verdict(Exception):\n    def __str__(self):\n        return 'no'",
    ]
    assert set(TrustedNames(given)) == {"math", "torch", "area", "Verdict"}
