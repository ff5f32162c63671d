"""Figures: what is drawn where, read back from matplotlib's objects."""

import io
import math

import matplotlib
import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_hex, to_rgb
from scipy.stats import norm

from vae_helpers import VAE, History, VaeLabError, plots

matplotlib.use("agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def drawn(ax):
    return torch.tensor(ax.images[0].get_array().filled(math.nan))


def test_image_grid_places_images_in_reading_order():
    images = (torch.arange(5) / 10)[:, None].expand(5, 9)
    canvas = drawn(plots.image_grid(images, columns=3, title="five"))
    assert canvas.shape == (7, 11)
    assert canvas[1, 1::4].tolist() == pytest.approx([0.0, 0.1, 0.2])
    assert canvas[5, 1:6:4].tolist() == pytest.approx([0.3, 0.4])
    assert canvas[3].isnan().all()  # the gap
    assert canvas[5, 9].isnan()  # no sixth image


def test_image_grid_draws_into_given_axes_and_in_color():
    _, ax = plt.subplots()
    color = torch.zeros(1, 3, 16)
    color[:, 1] = 1
    assert plots.image_grid(color.flatten(1), ax=ax) is ax
    assert drawn(ax)[0, 0].tolist() == [0, 1, 0]


def test_reconstructions_stand_below_their_originals():
    originals, reconstructed = torch.zeros(4, 9), torch.ones(4, 9, requires_grad=True)
    figure = plots.reconstructions(originals, reconstructed)
    (ax,) = figure.axes
    assert drawn(ax)[1, 1] == 0
    assert drawn(ax)[5, 1] == 1
    assert [text.get_text() for text in ax.get_yticklabels()] == ["original", "reconstructed"]
    figure.savefig(io.BytesIO(), format="png")


def test_loss_curves_show_sum_and_terms_apart():
    history = History([90.0, 80.0], [20.0, 25.0], [85.0, 78.0], [21.0, 26.0])
    as_dict = {key: getattr(history, key) for key in vars(history)}
    for run in (history, as_dict):
        figure = plots.loss_curves(run, reference=[104.0, 103.0], title="t")
        total, nll, kl, apart = figure.axes
        curves = {line.get_label(): list(line.get_ydata()) for line in total.lines}
        expected = {"train": [110, 105], "test": [106, 104], "reference": [104, 103]}
        assert curves == expected
        assert [list(line.get_ydata()) for line in nll.lines] == [[90, 80], [85, 78]]
        assert [list(line.get_ydata()) for line in kl.lines] == [[20, 25], [21, 26]]
        assert list(apart.lines[0].get_ydata()) == [2, 1]
        assert all("nats" in ax.get_ylabel() and ax.get_xlabel() == "epoch" for ax in figure.axes)
    assert len(history.plot().axes) == 3
    unfinished = plots.loss_curves(history, reference=torch.tensor([104.0, 103.0, 102.5]))
    assert list(unfinished.axes[3].lines[0].get_xdata()) == [1, 2]


def test_loss_curves_compare_runs_by_name():
    runs = {"one": History([90.0], [20.0]), "two": {"train_nll": [80.0], "train_kl": [5.0]}}
    total = plots.loss_curves(runs).axes[0]
    assert [line.get_label() for line in total.lines] == ["one train", "two train"]
    assert len({line.get_color() for line in total.lines}) == 2


def test_latent_scatter_colors_every_point_by_its_class():
    mu, labels = torch.randn(50, 4), torch.arange(50) % 10
    ax = plots.latent_scatter(mu, labels, dims=(3, 1))
    points = ax.collections[0]
    torch.testing.assert_close(torch.tensor(points.get_offsets().data).float(), mu[:, [3, 1]])
    colors = [to_hex(color) for color in points.get_facecolors()]
    assert colors == [plots.TEN_COLORS[label] for label in labels.tolist()]
    assert len(set(plots.TEN_COLORS)) == 10
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list("0123456789")
    assert "3" in ax.get_xlabel()
    assert "1" in ax.get_ylabel()


def test_latent_scatter_writes_no_name_over_another():
    places = [[0.0, 0.0], [0.0, 0.0], [0.01, 0.0], [5.0, 5.0]]
    mu = torch.tensor(places).repeat_interleave(3, dim=0)
    ax = plots.latent_scatter(mu, torch.arange(4).repeat_interleave(3))
    written = torch.tensor([text.get_position() for text in ax.texts])
    assert [text.get_text() for text in ax.texts] == list("0123")
    assert torch.pdist(written).min() > 0.05 * 5
    assert written[3].tolist() == [5.0, 5.0]


def test_latent_panels_show_each_class_apart_before_all_codes():
    labels = torch.arange(60) % 6
    mu = torch.randn(60, 3) + 4.0 * labels[:, None]
    figure = plots.latent_panels(mu, labels, dims=(2, 0), title="t")
    shown = [ax for ax in figure.axes if ax.axison]
    assert [ax.get_title() for ax in shown] == list("012345")
    assert len(figure.axes) == 10  # two rows of five, four of them empty
    for label, ax in enumerate(shown):
        everyone, own, *contours = ax.collections
        assert len(everyone.get_offsets()) == 60
        expected = mu[labels == label][:, [2, 0]]
        torch.testing.assert_close(torch.tensor(own.get_offsets().data).float(), expected)
        assert contours
    assert len({to_hex(ax.collections[1].get_facecolors()[0]) for ax in shown}) == 6
    assert figure.axes[5].get_xlabel() == "mean of $z_{2}$"
    assert figure.get_suptitle() == "t"
    figure.savefig(io.BytesIO(), format="png")


@pytest.mark.parametrize("mu", [torch.zeros(20, 2), torch.arange(20.0)[:, None].expand(20, 2)])
def test_latent_panels_need_no_spread(mu):
    """Collapsed codes, codes on a line, a class of one image: points without contours."""
    labels = torch.arange(20).clamp(max=1)
    assert len(plots.latent_panels(mu, labels).axes) == 2


# Severity 1.0 of each, in linear RGB: Machado, Oliveira and Fernandes, 2009, table 1.
VISION = {
    "all cones": torch.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def cielab(linear):
    """CIE L*a*b* of linear sRGB (n, 3) under D65."""
    xyz = linear @ torch.tensor(
        [
            [0.4124564, 0.2126729, 0.0193339],
            [0.3575761, 0.7151522, 0.1191920],
            [0.1804375, 0.0721750, 0.9503041],
        ]
    )
    t = xyz / torch.tensor([0.95047, 1.0, 1.08883])
    f = torch.where(t > (6 / 29) ** 3, t ** (1 / 3), t * (29 / 6) ** 2 / 3 + 4 / 29)
    lightness = 116 * f[:, 1] - 16
    return torch.stack([lightness, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], dim=1)


@pytest.mark.parametrize("vision", VISION)
def test_ten_colors_stay_apart_for_every_kind_of_color_vision(vision):
    """Oracle: the matrices of Machado et al.; the palette before had two greys 17 apart."""
    srgb = torch.tensor([to_rgb(color) for color in plots.TEN_COLORS])
    linear = torch.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = (linear @ torch.as_tensor(VISION[vision]).T).clamp(0, 1)
    assert torch.pdist(cielab(seen)).min() > 23


def test_manifold_puts_codes_where_its_axes_say():
    """Oracle: a decoder that paints its code; quantiles by scipy.stats.norm."""

    def paint(z):
        assert z.shape == (16, 2)
        return torch.logit(torch.as_tensor(norm.cdf(z)), eps=1e-9)[:, [0, 1, 0, 1]]

    (ax,) = plots.manifold(paint, steps=4).axes
    canvas = drawn(ax)  # 2 x 2 pixels a code: columns z_0 and z_1
    assert canvas[0, ::2].tolist() == pytest.approx([0.125, 0.375, 0.625, 0.875])
    assert canvas[::2, 1].tolist() == pytest.approx([0.875, 0.625, 0.375, 0.125])  # z_1 upwards
    x, y = dict(zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)), ax.get_yticks()
    middle = [place for place, text in x.items() if text.get_text() == "0"]
    assert middle == [3.5]
    assert 3.5 in y.tolist()


def test_manifold_takes_a_models_decode_of_any_dtype():
    model = VAE(latent_dim=2, hidden_dim=5, data_dim=9).double()
    plots.manifold(model.decode, steps=3)
    plots.manifold(model.decode.__self__.float().decode, steps=3)


def test_strip_labels_its_rows():
    figure = plots.strip([torch.zeros(3, 9)] * 2, row_labels=["a", "b"], title="t")
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["a", "b"]
    assert figure.axes[0].get_title() == "t"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.image_grid(torch.zeros(3, 10)), "10 pixels make no square"),
        (lambda: plots.image_grid(torch.zeros(0, 9)), r"expected shape \(n, P\), n > 0"),
        (lambda: plots.image_grid(torch.zeros(9)), r"got \(9,\)"),
        (lambda: plots.reconstructions(torch.zeros(3, 9), torch.zeros(2, 9)), "3, 9.*2, 9"),
        (lambda: plots.strip([]), "rows must be of one shape"),
        (lambda: plots.strip([torch.zeros(3, 9)], row_labels=["a", "b"]), "1 rows, but 2 labels"),
        (
            lambda: plots.latent_scatter(torch.zeros(3, 2), torch.zeros(3), dims=(0, 2)),
            r"no dimensions \(0, 2\)",
        ),
        (lambda: plots.latent_scatter(torch.zeros(3, 2), torch.zeros(4)), "3 codes, but 4 labels"),
        (
            lambda: plots.latent_panels(torch.zeros(3, 2), torch.zeros(4)),
            "latent_panels: 3 codes, but 4 labels",
        ),
        (lambda: plots.latent_panels(torch.zeros(0, 2), torch.zeros(0)), "0 codes"),
        (
            lambda: plots.latent_panels(torch.zeros(3, 2), torch.zeros(3), dims=(2, 0)),
            r"no dimensions \(2, 0\)",
        ),
    ],
)
def test_bad_input_gets_one_clear_line(call, message):
    with pytest.raises(VaeLabError, match=message):
        call()
