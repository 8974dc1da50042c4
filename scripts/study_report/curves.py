"""Drawing curves: axes in episodes, bands, lines that carry their own names, closed forms beside them."""
import textwrap

import matplotlib.ticker as ticker
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from study_report import style

LONG_NAME = 24  # characters of a name beside its line
LONG_TITLE = 58  # characters of a line above the axes
SIZE = (5.6, 3.7)  # inches: a column of the page, and readable at the width of a phone
SOFT, INK = style.INK["soft"][0], style.INK["ink"][0]


def new_figure(xlabel, ylabel, size=SIZE):
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_xlabel(xlabel)
    # Above the axis and level: a rotated label is hard to read on a phone.
    axes.set_title(textwrap.fill(ylabel, LONG_TITLE), fontsize=10, fontweight="normal", color=SOFT, pad=8)
    return figure, axes


def plain_number(value, _=None):
    if value >= 1e6:
        return f"{value / 1e6:g} M"
    return f"{value:,.0f}".replace(",", "\u2009") if value >= 1 else f"{value:g}"


def set_episode_axis(axes, episodes, breaks=()):
    """Logarithmic where checkpoints span more than a factor of 20, unless something happens late."""
    late = any(episode > 0.1 * episodes[-1] for episode in breaks)
    if len(episodes) > 1 and episodes[-1] / max(episodes[0], 1) > 20 and not late:
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter(ticker.NullFormatter())
        if episodes[-1] / max(episodes[0], 1) < 300:
            axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(plain_number))


def set_value_axis(axes, arrays, force_log=None):
    """Logarithmic where all values are positive and span more than a factor of 30, unless they are shares that come near
    one; bands do not widen it."""
    values = np.concatenate([np.ravel(a) for a in arrays]) if arrays else np.array([])
    values = values[np.isfinite(values)]
    if force_log:
        values = values[values > 0]
    spread = len(values) and values.min() > 0 and values.max() / values.min() > 30 and not 0.6 < values.max() <= 1
    if force_log if force_log is not None else spread:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda v, _: f"{v:g}" if 1e-4 <= v < 1e6 else f"{v:.0e}"))
        axes.yaxis.set_minor_formatter(ticker.NullFormatter())
        if len(values):
            axes.set_ylim(0.6 * values.min(), 1.8 * values.max())
    elif len(values):
        low, high = values.min(), values.max()
        pad = 0.07 * (high - low) or 0.1 * abs(high) or 1.0
        bottom = 0 if 0 <= low < 0.35 * high else low - pad
        axes.set_ylim(bottom, min(high + pad, 1.02) if high <= 1 and low >= 0 else high + pad)


def draw_band(axes, x, low, high, colour, alpha=0.16):
    axes.fill_between(x, low, high, color=colour, alpha=alpha, linewidth=0)


def mark_breaks(axes, episodes, word="the truth changes"):
    for i, episode in enumerate(episodes):
        axes.axvline(episode, color=SOFT, linewidth=1, linestyle=(0, (2, 2)))
        if i == 0:
            left = axes.transAxes.inverted().transform(axes.transData.transform((episode, 0)))[0] < 0.35
            axes.annotate(word, (episode, 1), xycoords=("data", "axes fraction"), xytext=(4 if left else -4, -3),
                          textcoords="offset points", color=SOFT, fontsize=8.5, va="top", ha="left" if left else "right")


def label_ends(axes, ends):
    """Names lines at their right end, apart from one another: [(y, text, colour)]."""
    ends = [end for end in ends if np.isfinite(end[0]) and end[1]]
    if not ends:
        return
    if max(len(text) for _, text, _ in ends) > LONG_NAME:
        return list_below(axes, ends)
    axes.figure.canvas.draw()
    transform, height = axes.transData, axes.bbox.height
    x = axes.get_xlim()[1]
    wanted = sorted(((transform.transform((x, max(y, axes.get_ylim()[0])))[1] - axes.bbox.y0) / height, text, colour)
                    for y, text, colour in ends)
    gap = 15.5 / height
    places = spread_apart([w[0] for w in wanted], gap)
    for place, (level, text, colour) in zip(places, wanted):
        axes.annotate(text, (1, level), xycoords="axes fraction", xytext=(1.045, place), textcoords="axes fraction",
                      color=colour, fontsize=9, va="center", annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0,
                                  "relpos": (0, 0.5)})


def list_below(axes, ends):
    """Long names under the picture, each beside a piece of its line."""
    handles = [Line2D([], [], color=colour, label=text) for _, text, colour in ends]
    kept = axes.get_legend()
    below = axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(-0.02, -0.17), borderaxespad=0, handlelength=1.4)
    if kept:
        axes.add_artist(kept)
    width, height = axes.figure.get_size_inches()
    axes.figure.set_size_inches(width, height + 0.2 * len(ends))
    return below


def spread_apart(levels, gap):
    """Levels in ascending order, moved as little as needed to be `gap` apart and inside 0 to 1 if they fit."""
    places = [min(max(level, 0.0), 1.0) for level in levels]
    for _ in range(200):
        moved = False
        for i in range(len(places) - 1):
            lack = gap - (places[i + 1] - places[i])
            if lack > 1e-6:
                places[i] -= lack / 2
                places[i + 1] += lack / 2
                moved = True
        if not moved:
            break
    below = min(places[0], 0.0)
    above = max(places[-1] - 1.0, 0.0)
    return [p - below - (above if below == 0 else 0) for p in places]


def is_ordered(values):
    return all(not isinstance(v, str) for v in values)


def pick(points, most):
    """At most `most` of the points, first and last among them."""
    if len(points) <= most:
        return list(points)
    return [points[round(i * (len(points) - 1) / (most - 1))] for i in range(most)]
