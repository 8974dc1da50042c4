"""Pictures of a whole study: curves of the main metrics, shares of the arms, regret, heat maps."""
import itertools
import math

import matplotlib.colors
import matplotlib.patches
import numpy as np

from study_report import curves, style
from study_report.curves import INK
from study_report.study import as_json

HEADLINES = {"loop": ["excess_loss", "override_rate", "score_error", "monitor_fidelity", "retrains"],
             "bandit": ["regret", "best_arm_share"],
             "ope": ["ips_squared_error", "dr_squared_error", "dm_squared_error", "dr_covered", "clipped_ips_error"]}
MOST_LINES, MOST_PANELS = 7, 4


def overview(study):
    """[(title, explanation, figure)] in the order of the page."""
    metrics = [m for m in HEADLINES[study.kind] if study.has(m)]
    result = []
    for metric in metrics:
        for title, points in different(study, metric, panels(study)):
            result.append(draw_metric(study, metric, points, title))
    result += [draw_shares(study, p) for p in curves.pick(changing_arms(study), MOST_PANELS)]
    pair = heat_map_pair(study)
    if pair:
        result += [draw_heat_map(study, metric, pair) for metric in metrics[:4]]
    return [one for one in result if one]


def panels(study):
    """Points drawn in one picture: lines differ in the swept parameter with most values that still fit."""
    if len(study.points) <= MOST_LINES or study.design == "zip":
        return [("", curves.pick(list(study.points), MOST_LINES))]
    counts = {n: len({str(v) for v in study.parameters[n]}) for n in study.swept}
    fitting = [n for n in study.swept if counts[n] <= MOST_LINES] or study.swept
    along = max(fitting, key=lambda n: counts[n])
    groups = {}
    for p in study.points:
        groups.setdefault(study.label(p, [n for n in study.swept if n != along]), []).append(p)
    return [(name, curves.pick(groups[name], MOST_LINES)) for name in curves.pick(list(groups), MOST_PANELS)]


def draw_metric(study, metric, points, title):
    """Means, with a band where few lines leave room: half of all replicates lie in the dark one, 90 % in the light one."""
    values = study.values(metric)[points]
    if not np.isfinite(values).any() or np.nanmax(values) == np.nanmin(values):
        return None
    figure, axes = curves.new_figure("episode", study.long_names.get(metric, metric))
    t, names, ends = study.checkpoints, study.telling(points), []
    ordered = len(names) == 1 and curves.is_ordered([study.parameters[names[0]][p] for p in points]) and len(points) > 2
    drawn = [values]
    for point, colour in zip(points, style.line_colours(len(points), ordered)):
        y = study.values(metric)[point]
        if len(points) <= 3:
            curves.draw_band(axes, t, study.values(metric, "q25")[point], study.values(metric, "q75")[point], colour, 0.16)
            if len(points) == 1:
                curves.draw_band(axes, t, study.values(metric, "q05")[point], study.values(metric, "q95")[point], colour,
                                 0.10)
        axes.plot(t, y, color=colour)
        if np.isfinite(y).any():
            ends.append((y[np.isfinite(y)][-1], study.label(point, names), colour))
    curves.set_episode_axis(axes, t, study.drifts(points[0]))
    if metric == "regret":
        drawn += draw_lai_robbins(axes, study, points)
    # The regret of a good policy is a straight line over ln t.
    curves.set_value_axis(axes, drawn, False if metric == "regret" else None)
    curves.mark_breaks(axes, study.drifts(points[0]))
    curves.label_ends(axes, ends)
    words = "Lines are means over replicates"
    words += {1: "; half of all replicates lie in the dark band, 90 % in the light one.",
              2: "; half of all replicates lie in the band.", 3: "; half of all replicates lie in the band."}.get(
                  len(points), ".")
    if len(study.points) > len(points):
        words += f" {len(points)} of {len(study.points)} points are drawn."
    name = study.long_names.get(metric, metric)
    return (f"{name[0].upper()}{name[1:]}" + (f" ({title})" if title else ""), words, figure)


def lai_robbins(arms):
    """sum of gap / KL(arm, best) of Lai and Robbins (1985), or None where it says nothing."""
    if not isinstance(arms, list) or not arms or isinstance(arms[0], list) or not 0 < max(arms) < 1:
        return None
    best = max(arms)

    def divergence(p):
        return sum(a * math.log(a / b) for a, b in ((p, best), (1 - p, 1 - best)) if a > 0)

    return sum((best - p) / divergence(p) for p in arms if p < best)


def draw_lai_robbins(axes, study, points):
    """The slope that no consistent policy can beat in the long run, laid through the last checkpoint of the best line."""
    drawn = []
    t = study.checkpoints.astype(float)
    for text in dict.fromkeys(study.parameters["arms"][p] for p in points) if "arms" in study.parameters else []:
        slope = lai_robbins(as_json(text))
        group = [p for p in points if study.parameters["arms"][p] == text]
        if slope and not study.drifts(group[0]):
            line = slope * np.log(t)
            axes.plot(t, np.where(line > 0, line, np.nan), color=INK, linewidth=1.3, linestyle=(0, (5, 2)),
                      label=f"Lai-Robbins: {slope:.2f} ln t")
            drawn.append(line[line > 0])
    if drawn:
        axes.legend(loc="upper left", handlelength=2.2)
    return drawn


def changing_arms(study):
    """Points at which the arms' shares move at all."""
    shares = arm_metrics(study)
    if not 2 <= len(shares) <= 10:
        return []
    stack = np.stack([study.values(m) for m in shares])
    return [p for p in study.points if np.isfinite(stack[:, p]).all() and np.ptp(stack[:, p], axis=1).max() > 0.02]


def different(study, metric, pictures):
    """The pictures without those that would show the very same numbers, as a parameter without effect makes them."""
    groups = {}
    for title, points in pictures:
        groups.setdefault(study.values(metric)[points].tobytes(), []).append((title, points))
    return [(alike[0][0] + (", and elsewhere the same" if len(alike) > 1 else ""), alike[0][1]) for alike in groups.values()]


def arm_metrics(study):
    return [m for m in study.metrics if m.startswith("arm_share_") and study.has(m)]


def arm_names(study, point, count):
    key = "thresholds" if study.kind == "loop" else "arms"
    values = as_json(study.parameters[key][point]) if key in study.parameters else None
    if not isinstance(values, list) or len(values) != count or isinstance(values[0], list):
        return [f"arm {i}" for i in range(count)]
    return [f"{'threshold' if study.kind == 'loop' else 'arm'} {v:g}" for v in values]


def draw_shares(study, point):
    """Which arm is used how often, stacked to one."""
    shares = arm_metrics(study)
    stack = np.stack([study.values(m)[point] for m in shares])
    figure, axes = curves.new_figure("episode", "share of episodes")
    colours = style.line_colours(len(shares), len(shares) <= len(style.ORDERED))
    t = study.checkpoints
    axes.stackplot(t, stack, colors=colours, edgecolor=style.INK["paper"][0], linewidth=0.8)
    curves.set_episode_axis(axes, t, study.drifts(point))
    axes.set_ylim(0, 1)
    axes.set_xlim(t[0], t[-1])
    axes.grid(False)
    curves.mark_breaks(axes, study.drifts(point), "")
    middle, names = np.cumsum(stack, axis=0) - stack / 2, arm_names(study, point, len(shares))
    at_the_end = stack[:, -1] > 0.004
    curves.label_ends(axes, [(middle[arm, -1], names[arm], INK) for arm in np.flatnonzero(at_the_end)])
    for arm in np.flatnonzero(~at_the_end & (stack.max(1) > 0.25)):  # given up on the way
        at = int(np.median(np.flatnonzero(stack[arm] > 0.9 * stack[arm].max())))
        axes.text(t[at], middle[arm, at], names[arm], color=INK, fontsize=9, ha="left" if at == 0 else "center", va="center",
                  bbox={"facecolor": style.INK["paper"][0], "edgecolor": "none", "boxstyle": "round,pad=0.25"})
    label = study.label(point, study.telling(study.points))
    return ("Which " + ("threshold" if study.kind == "loop" else "arm") + " is used" + (f" ({label})" if label else ""),
            "Each colour's height is the share of episodes decided by that arm since the last checkpoint; darker is "
            "a higher-numbered arm.", figure)


def heat_map_pair(study):
    """The two swept parameters that span a map, or None."""
    if study.design != "grid":
        return None
    counts = {n: len({str(v) for v in study.parameters[n]}) for n in study.swept}
    wide = sorted((n for n in counts if counts[n] >= 3), key=lambda n: -counts[n])
    return wide[:2] if len(wide) >= 2 else None


def draw_heat_map(study, metric, pair):
    """The metric at the end over two parameters, the others at their first value."""
    down, across = pair
    rest = [n for n in study.swept if n not in pair]
    chosen = [p for p in study.points if all(study.parameters[n][p] == study.parameters[n][0] for n in rest)]
    axes_values = [list(dict.fromkeys(study.parameters[n][p] for p in chosen)) for n in (down, across)]
    grid = np.full((len(axes_values[0]), len(axes_values[1])), np.nan)
    for p in chosen:
        at = [values.index(study.parameters[n][p]) for n, values in zip(pair, axes_values)]
        grid[at[0], at[1]] = study.values(metric)[p, -1]
    if not np.isfinite(grid).any() or np.nanmax(grid) == np.nanmin(grid):
        return None
    rows, columns = grid.shape
    size = (max(4.2, 1.6 + 0.62 * columns), max(2.6, 1.2 + 0.42 * rows))
    figure, axes = curves.new_figure(across.replace("_", " "), down.replace("_", " "), size)
    map_ = matplotlib.colors.LinearSegmentedColormap.from_list("npo", [style.ORDERED[i][0] for i in (0, 2, 4, 6)])
    low, high = np.nanmin(grid), np.nanmax(grid)
    for i, j in itertools.product(range(rows), range(columns)):
        if np.isfinite(grid[i, j]):
            level = (grid[i, j] - low) / (high - low)
            axes.add_patch(matplotlib.patches.Rectangle((j - 0.5, i - 0.5), 1, 1, linewidth=1, facecolor=map_(level),
                                                        edgecolor=style.INK["paper"][0]))
            axes.text(j, i, short(grid[i, j]), ha="center", va="center", fontsize=8.5,
                      color="#ffffff" if level > 0.35 else "#101418")
    axes.set_xticks(range(columns), [short(v) for v in axes_values[1]], rotation=30 if columns > 8 else 0)
    axes.set_yticks(range(rows), [short(v) for v in axes_values[0]])
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(-0.5, rows - 0.5)
    axes.grid(False)
    name = study.long_names.get(metric, metric)
    where = study.label(chosen[0], rest)
    return (f"{name[0].upper()}{name[1:]} at the end, by {down.replace('_', ' ')} and {across.replace('_', ' ')}",
            "Darker is larger." + (f" With {where}." if where else ""), figure)


def short(value):
    return value.replace("_", " ") if isinstance(value, str) else f"{value:.3g}"
