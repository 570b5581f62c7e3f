import matplotlib.image
import numpy as np
import pytest

from yolox.visualize.histograms import Histogram, draw_histograms


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_panel_each_even_where_there_is_nothing_to_show(tmp_path, count):
    values = [np.arange(1, 9), np.empty(0), np.zeros(4), np.full(3, 2.0), np.array([1, 1e4])]
    panels = [Histogram("$x", "px", v, "boxes", bool(i % 2)) for i, v in enumerate(values[:count])]
    draw_histograms(tmp_path / "h.png", "all_of_it", panels)
    picture = matplotlib.image.imread(tmp_path / "h.png")
    assert picture.shape[0] > 250 * -(-count // 2)
    assert picture[..., :3].min() < 0.5
