"""The 170 countries: what least squares says of them, and what is told of a damaged file."""

import pytest
import torch

import vae_helpers.regression_data as data
from vae_helpers.errors import VaeLabError


def test_least_squares_gives_the_published_numbers():
    """Coefficients and errors of the data's README, to the three digits that it prints."""
    found = data.countries()
    africa, rugged = found.africa.double(), found.ruggedness.double()
    X = torch.stack([torch.ones_like(africa), africa, rugged, africa * rugged], 1)
    y = found.log_gdp.double()
    weights = torch.linalg.lstsq(X, y[:, None]).solution[:, 0]
    assert weights.tolist() == pytest.approx([9.223, -1.948, -0.203, 0.393], abs=6e-4)
    variance = (y - X @ weights).square().sum() / (len(y) - 4)
    errors = (variance * torch.linalg.inv(X.T @ X).diagonal()).sqrt()
    assert errors.tolist() == pytest.approx([0.140, 0.227, 0.077, 0.132], abs=6e-4)
    assert variance.sqrt().item() == pytest.approx(0.944, abs=6e-4)


@pytest.mark.parametrize("content", [None, "", "iso_code,country\nAGO,Angola\n", "a\x00b"])
def test_a_missing_or_damaged_file_gets_one_line(monkeypatch, tmp_path, content):
    path = tmp_path / "ruggedness.csv"
    if content is not None:
        path.write_text(content)
    monkeypatch.setattr(data, "FILE", path)
    with pytest.raises(VaeLabError, match="missing or damaged: restore it with") as caught:
        data.countries()
    assert "\n" not in str(caught.value)
