"""The page of `vae-lab explore` in a real browser: what it computes, and every way to move.

Oracles: torch's decoder at the same codes; codes and rates by the model itself. Screenshots go to
the folder that VAE_LAB_SCREENSHOTS names, if there is one.
"""

import math
import os
import re
from pathlib import Path

import pytest
import torch

from vae_grading.cli import run
from vae_grading.training.kept_model import KEPT, model_as_bytes
from vae_helpers import VAE, fit, kl_by_dimension, mnist

CHROMIUM = Path("/usr/bin/chromium")
SEVERAL = 40  # codes at which decoders are compared

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}"),
]


class Explorer:
    """A trained model, its page, and all that the browser said and asked for."""

    def __init__(self, latent_dim: int, folder: Path) -> None:
        torch.manual_seed(latent_dim)
        self.model = VAE(latent_dim)
        fit(self.model, mnist("train").images[:4000], epochs=3, binarize="dynamic", progress=False)
        self.model.eval()
        folder.mkdir(parents=True)
        kept = model_as_bytes(self.model, settings=f"MNIST, D = {latent_dim}", binarize="dynamic")
        (folder / KEPT).write_bytes(kept)
        assert run(["explore", str(folder)]) == 0
        self.address = (folder / "explore.html").as_uri()
        self.said, self.asked = [], []

    def open(self, browser, **settings):
        page = browser.new_context(**settings).new_page()
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(self.address)
        return page

    def picture(self, *code: float) -> torch.Tensor:
        with torch.no_grad():
            return torch.sigmoid(self.model.decode(torch.tensor([code], dtype=torch.float32)))[0]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def explorers(tmp_path_factory) -> dict[int, Explorer]:
    root = tmp_path_factory.mktemp("runs")
    return {latent_dim: Explorer(latent_dim, root / str(latent_dim)) for latent_dim in (2, 20)}


def watched(explorer: Explorer):
    """Whatever a test does, the console says nothing and nothing is asked for but the page."""
    explorer.said.clear()
    explorer.asked.clear()
    yield explorer
    assert (explorer.said, set(explorer.asked)) == ([], {explorer.address})


@pytest.fixture(params=[2, 20], ids=["D = 2", "D = 20"])
def explorer(request, explorers):
    yield from watched(explorers[request.param])


@pytest.fixture
def page(explorer, browser):
    page = explorer.open(browser)
    yield page
    page.context.close()


@pytest.fixture
def two(explorers):
    yield from watched(explorers[2])


@pytest.fixture
def plane(two, browser):
    page = two.open(browser)
    yield page
    page.context.close()


def code_of(page) -> list[float]:
    return page.evaluate("Array.from(z)")


def drawn(page, canvas: str) -> torch.Tensor:
    """The greys of a canvas, 0 to 255."""
    colours = "one => Array.from(one.getContext('2d').getImageData(0, 0, 28, 28).data)"
    return torch.tensor(page.locator(canvas).evaluate(colours))[::4]


def shows(page, explorer) -> None:
    """Picture, numbers, sliders and row are those of one code, and torch makes the same of it."""
    code = code_of(page)
    apart = (drawn(page, "#decoded") - 255 * explorer.picture(*code)).abs().max()
    assert apart <= 1  # of 255
    for d, value in enumerate(code):
        assert float(page.locator(f"#number-{d}").input_value()) == pytest.approx(value, abs=0.0051)
        assert float(page.locator(f"#slider-{d}").input_value()) == pytest.approx(value, abs=0.0501)
    along = int(page.locator("#along").input_value())
    for tile in (0, 4, 10):
        other = [*code]
        other[along] = 0.6 * tile - 3
        own = drawn(page, f"#tiles button:nth-child({tile + 1}) canvas")
        assert (own - 255 * explorer.picture(*other)).abs().max() <= 1


def words(page) -> str:
    page.wait_for_timeout(350)  # it speaks when the point rests
    return page.get_by_role("status").inner_text()


def test_the_page_decodes_as_torch_does(explorer, page):
    """To 1e-3 with torch's own weights: what 16 bits cost; to 1e-9 with the page's."""
    dim, model = explorer.model.latent_dim, explorer.model
    codes = torch.cat([torch.zeros(1, dim), torch.randn(SEVERAL, dim), 3 * torch.eye(dim)])
    made = page.evaluate("codes => codes.map((code) => Array.from(decode(code)))", codes.tolist())
    made = torch.tensor(made, dtype=torch.float64)
    with torch.no_grad():
        own = torch.sigmoid(model.decode(codes)).double()
        w1, b1, w2, b2 = (p.half().double() for layer in (model.fc3, model.fc4)
                          for p in (layer.weight, layer.bias))  # fmt: skip
        rounded = torch.sigmoid(torch.relu(codes.double() @ w1.T + b1) @ w2.T + b2)
    assert (made - rounded).abs().max() < 1e-9
    apart = float((made - own).abs().max())
    print(f"D = {dim}: {apart:.1e}")
    assert 0 < apart < 1e-3


def test_every_control_has_a_name_and_every_picture_words(explorer, page):
    dim = explorer.model.latent_dim
    wanted = {"slider": dim + (dim == 2), "spinbutton": dim, "button": 12 + 11, "combobox": 1}
    for role, count in wanted.items():
        assert page.get_by_role(role).count() == count
        assert page.get_by_role(role, name=re.compile(r"\w")).count() == count
    picture = page.get_by_role("img")
    assert picture.count() == 1  # the others are in buttons with names, or hidden
    said = words(page)
    (like,) = re.findall(r"The picture is (most like a test image of an? \d)\.", said)
    assert picture.get_attribute("aria-label") == f"Decoded picture, {like}"
    assert page.get_by_role("status").get_attribute("aria-live") == "polite"


def test_by_the_keyboard_alone_everything_is_reached_with_a_visible_focus(explorer, page):
    """Tab goes through all controls, in the order of the page."""
    reached = []
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        here = "({ id, dataset }) => id || dataset.start || dataset.value"
        focus = page.evaluate_handle("document.activeElement")
        reached.append(focus.evaluate(here) or focus.evaluate("e => e.tagName"))
        assert focus.evaluate("e => getComputedStyle(e).outlineStyle") != "none", reached[-1]
    dim = explorer.model.latent_dim
    assert len(reached) == (2 if dim == 2 else 0) + 12 + 2 * dim + 1 + 11
    assert {"origin", "draw", "along", *(f"slider-{d}" for d in range(dim))} < set(reached)


def test_buttons_take_the_point_to_codes(explorer, page):
    """To test images' codes by the encoder, to the origin, to draws; each is said in words."""
    page.get_by_role("button", name="A test image of an 8").press("Enter")
    first = code_of(page)
    shows(page, explorer)
    assert "The code of a test image of an 8." in words(page)
    assert "the nearest is 0.00 away" in words(page)
    image = drawn(page, "#closest").view(1, 784) / 255
    with torch.no_grad():
        mu, _ = explorer.model.encode(image)
    assert first == pytest.approx(mu[0].tolist(), abs=1e-5)
    page.get_by_role("button", name="A test image of an 8").press("Enter")
    assert code_of(page) != first
    page.get_by_role("button", name="the origin").press("Space")
    assert set(code_of(page)) == {0}
    assert "The origin." in words(page)
    shows(page, explorer)
    page.get_by_role("button", name="a draw from the prior").click()
    assert len(set(code_of(page))) == explorer.model.latent_dim
    assert "A code drawn from the prior." in words(page)
    shows(page, explorer)


def test_draws_are_of_the_prior(explorer, page):
    """Mean 0 and variance 1 within five errors: a false alarm in a million runs of each."""
    page.evaluate("tiles.length = 0")  # a row of pictures for each draw would take seconds
    draw = "n => Array.from({ length: n }, () => (byId('draw').click(), Array.from(z)))"
    codes = torch.tensor(page.evaluate(draw, 400))
    n = codes.numel()
    assert abs(float(codes.mean())) < 5 / math.sqrt(n)
    assert abs(float(codes.var()) - 1) < 5 * math.sqrt(2 / n)


def test_a_slider_a_number_and_the_row_move_one_coordinate(explorer, page):
    with torch.no_grad():
        rates = kl_by_dimension(*explorer.model.encode(mnist("test").images[:500]))
    order = [int(each.get_attribute("value")) for each in page.locator("#along option").all()]
    assert sorted(order) == list(range(explorer.model.latent_dim))
    # The page has its rates of 300 images, binarized: about the same order.
    assert float(rates[order[0]]) > float(rates[order[-1]])
    d = order[-1]
    page.locator(f"#slider-{d}").focus()
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    assert code_of(page)[d] == pytest.approx(0.7)
    assert page.locator("#along").input_value() == str(d)
    assert f"z {d} is 0.70." in words(page)
    shows(page, explorer)
    page.locator(f"#number-{d}").fill("-1.25")
    assert code_of(page)[d] == -1.25
    shows(page, explorer)
    page.locator(f"#number-{d}").press("Control+A")
    page.keyboard.type("-")
    assert code_of(page)[d] == -1.25  # no number yet
    page.keyboard.type("0.5")
    assert code_of(page)[d] == -0.5
    page.locator(f"#number-{d}").fill("99")
    page.keyboard.press("Tab")
    reach = float(page.locator(f"#slider-{d}").get_attribute("max"))
    assert code_of(page)[d] == reach
    page.locator("#along").select_option(str(order[0]))
    page.get_by_role("button", name=f"z {order[0]} = −1.8").press("Enter")
    assert code_of(page)[order[0]] == pytest.approx(-1.8)
    assert page.locator("#tiles [aria-current]").inner_text() == "−1.8"
    shows(page, explorer)
    others = {code_of(page)[k] for k in order[1:-1]}
    assert others <= {0}


def test_arrow_keys_move_the_point_over_the_plane(two, plane):
    point = plane.get_by_role("slider", name="Point in the plane of codes")
    point.focus()
    for key in (*["ArrowRight"] * 3, "ArrowUp", "Shift+ArrowUp", "ArrowLeft", "Shift+ArrowDown"):
        plane.keyboard.press(key)
    assert code_of(plane) == pytest.approx([0.2, 0.1])
    assert point.get_attribute("aria-valuetext") == "z 0 is 0.20, z 1 is 0.10"
    assert "z = (0.20, 0.10)." in words(plane)
    inside = round(100 * (1 - math.exp(-(0.2**2 + 0.1**2) / 2)))
    assert f"Of the prior's codes {inside} % are nearer to the origin." in words(plane)
    shows(plane, two)
    for _ in range(20):
        plane.keyboard.press("Shift+ArrowRight")
    assert code_of(plane)[0] == float(point.get_attribute("aria-valuemax"))
    plane.keyboard.press("Home")
    assert code_of(plane) == [0, 0]


def test_the_point_is_dragged(two, plane):
    """It is where the pointer is: at the place where the dot of that code is drawn."""
    dots = plane.locator(".dot")
    first, last = (dots.nth(n).bounding_box() for n in (3, 250))
    centre = lambda box: (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)  # noqa: E731
    plane.mouse.move(*centre(first))
    plane.mouse.down()
    for box, number in ((first, 3), (last, 250)):
        plane.mouse.move(*centre(box), steps=5)
        own = plane.evaluate("n => Array.from(images[n].code)", number)
        assert code_of(plane) == pytest.approx(own, abs=0.03)
        shows(plane, two)
    plane.mouse.up()
    there = code_of(plane)
    plane.mouse.move(*centre(first))
    assert code_of(plane) == there
    ring = plane.locator("#ring").bounding_box()
    assert centre(ring) == pytest.approx(centre(last), abs=8)


def test_the_words_tell_the_nearest_digits(two, plane):
    """Oracle: distances to the codes on the page, sorted by torch."""
    plane.locator("#number-0").fill("0.4")
    plane.locator("#number-1").fill("-0.9")
    said = words(plane)
    codes = torch.tensor(plane.evaluate("images.map(({ code }) => Array.from(code))"))
    digits = torch.tensor(plane.evaluate("labels"))
    near = (codes - torch.tensor([0.4, -0.9])).norm(dim=1).sort()
    told = {int(d): int(n) for n, d in re.findall(r"(\d+) (?:(?:is|are) )?of an? (\d)", said)}
    counts = digits[near.indices[:10]].bincount(minlength=10)
    assert told == {d: n for d, n in enumerate(counts.tolist()) if n}
    assert f"the nearest is {near.values[0]:.2f} away" in said
    pixels = torch.tensor(plane.evaluate("images.map(({ pixels }) => Array.from(pixels))")) / 255
    best = (pixels - two.picture(0.4, -0.9)).square().sum(1).argmin()
    assert f"most like a test image of a{'n' * (digits[best] == 8)} {digits[best]}." in said


def test_no_script_but_its_own_runs_and_nothing_can_be_fetched(two, browser):
    """The page's policy: what a browser refuses, and says on its console."""
    page = two.open(browser)
    page.evaluate(
        "() => { const one = document.createElement('script'); one.textContent = 'window.ran = 1';"
        "document.body.append(one); new Image().src = 'http://192.0.2.1/a.png'; }"
    )
    assert page.evaluate("window.ran") is None
    failed = page.evaluate("fetch('http://192.0.2.1/').then(() => 'fetched', () => 'refused')")
    assert failed == "refused"
    assert len([each for each in two.said if "Content Security Policy" in each]) >= 3
    two.said.clear()
    two.asked[1:] = []  # what was refused is in it, too
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_fits_the_screen_and_its_ground_is_light_or_dark(explorer, browser, scheme, width):
    size = {"width": width, "height": 800}
    page = explorer.open(browser, viewport=size, color_scheme=scheme, has_touch=width < 1000)
    page.get_by_role("button", name="A test image of a 3").click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    red, green, blue = (int(each) for each in re.findall(r"\d+", ground))
    assert (min(red, green, blue) > 200) == (scheme == "light")
    page.locator(f"#slider-{explorer.model.latent_dim - 1}").scroll_into_view_if_needed()
    box = page.locator("#decoded").bounding_box()
    assert width < 1000 or 0 <= box["y"] <= 800 - box["height"]  # it stays in sight
    if folder := os.environ.get("VAE_LAB_SCREENSHOTS"):
        name = f"explore-{explorer.model.latent_dim}-{scheme}-{width}.png"
        page.evaluate("scrollTo(0, 0)")
        words(page)
        page.screenshot(path=Path(folder) / name)
    page.context.close()
