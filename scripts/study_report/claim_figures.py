"""One picture for one claim: what was measured, and beside it what the claim expects."""
import numpy as np

from study_report import curves, style
from study_report.curves import INK, SOFT

MOST_LINES = 7
LIMIT = (0, (5, 2))


def draw_claim(study, claim):
    """The figure of a claim, or None where there is nothing to see."""
    if not study.has(claim.metric):
        return None
    cells = np.isfinite(claim.curve_low) | np.isfinite(claim.curve_high)
    if claim.kind in ("equals", "below", "above", "within") and cells.any():
        points = [p for p in study.points if cells[p].any()]
        if cells.any(0).sum() == 1 and (len(points) > MOST_LINES or numeric_parameter(study, points)):
            return draw_over_parameter(study, claim, points, int(np.argmax(cells.any(0))))
        return draw_over_time(study, claim, points)
    points = study.where(claim.definition.get("where"))
    if claim.kind == "order":
        return draw_order(study, claim, points)
    return draw_over_time(study, claim, points) if points else None


def numeric_parameter(study, points):
    """The swept number with the most values among these points, at least three, or None."""
    counts = {n: len({study.parameters[n][p] for p in points}) for n in study.varying(points)
              if curves.is_ordered([study.parameters[n][p] for p in points])}
    best = max(counts, key=counts.get, default=None)
    return best if best and counts[best] >= 3 else None


def colours_of(study, points):
    names = study.varying(points)
    ordered = len(names) == 1 and curves.is_ordered([study.parameters[names[0]][p] for p in points])
    return style.line_colours(len(points), ordered and len(points) > 2)


def value_label(study, claim):
    name = study.long_names.get(claim.metric, claim.metric)
    return name if claim.statistic == "mean" else f"variance over replicates of: {name}"


def draw_over_time(study, claim, points):
    """Curves of the deciding point and others, over episodes."""
    limits = claim.curve_low if np.isfinite(claim.curve_low).any() else claim.curve_high
    several = len({tuple(np.nan_to_num(limits[p], nan=-1, posinf=-1, neginf=-1)) for p in points}) > 1
    most = 4 if several else MOST_LINES
    if claim.point in points and len(points) > most:
        points = sorted(set(curves.pick(points, most - 1)) | {claim.point})
    points = curves.pick(points, most)
    figure, axes = curves.new_figure("episode", value_label(study, claim))
    t, names, ends = study.checkpoints, study.telling(points), []
    values, halves = study.values(claim.metric, claim.statistic), study.interval(claim.metric, claim.statistic)
    colours = colours_of(study, points)
    for point, colour in zip(points, colours):
        y = values[point]
        curves.draw_band(axes, t, y - halves[point], y + halves[point], colour, 0.25)
        few = np.isfinite(y).sum() <= 40
        axes.plot(t, y, color=colour, marker="o" if few else None, markersize=3.2)
        last = np.flatnonzero(np.isfinite(y))
        if len(last):
            ends.append((y[last[-1]], study.label(point, names), colour))
    breaks = [claim.definition["after"]] if claim.kind in ("lag", "rebound") else study.drifts(points[0])
    curves.set_episode_axis(axes, t, breaks)
    expected = expected_curves(claim, points, colours if several and claim.kind != "equals" else [INK] * len(points))
    drawn = [values[points]] + [level for _, _, level, _ in expected]
    curves.set_value_axis(axes, drawn, True if claim.definition.get("log") else False if claim.metric == "regret" else None)
    draw_expected(axes, t, claim, expected)
    if claim.kind == "slope":
        draw_slope(axes, study, claim, values)
    if claim.kind in ("lag", "rebound"):
        draw_level_before(axes, study, claim, values)
    curves.mark_breaks(axes, breaks)
    curves.label_ends(axes, ends)
    return figure


def expected_curves(claim, points, colours):
    """[(side, cells, level, colour)]: closed forms and bounds of the claim, equal ones once."""
    found = {}
    for side, curve in (("low", claim.curve_low), ("high", claim.curve_high)):
        if claim.kind == "equals" and side == "high":
            continue
        level = (claim.curve_low + claim.curve_high) / 2 if claim.kind == "equals" else curve
        for point, colour in zip(points, colours):
            cells = np.isfinite(level[point])
            if cells.any():
                found.setdefault((side, tuple(level[point][cells])), (side, cells, level[point][cells], colour))
    return list(found.values())


def draw_expected(axes, t, claim, expected):
    """Closed forms and bounds beside the curves, dashed; where there is one bound, the side that would refute it is shaded."""
    words = {"low": "must stay above", "high": "must stay below"}
    sides = [side for side, *_ in expected]
    for side, cells, level, colour in expected:
        where = t[cells].astype(float)
        if cells.sum() == 1:
            where, level = np.array([0.72 * where[0], where[0]]), np.repeat(level, 2)
        axes.plot(where, level, color=colour, linewidth=1.4, linestyle=LIMIT, zorder=5)
        if claim.kind != "equals" and sides.count(side) == 1:
            edge = axes.get_ylim()[0 if side == "low" else 1]
            axes.fill_between(where, level, edge, color=style.VERDICTS["fails"][0], alpha=0.09, linewidth=0)
    for side in dict.fromkeys(sides):
        axes.plot([], [], color=INK, linewidth=1.4, linestyle=LIMIT,
                  label="expected" if claim.kind == "equals" else words[side])
    if expected:
        axes.legend(loc="best", handlelength=2.2)


def draw_slope(axes, study, claim, values):
    """The fitted line through the checkpoints of the claim, and the steepest and flattest that the claim allows."""
    at = claim.definition.get("at", "all")
    t = study.checkpoints.astype(float)
    inside = np.ones(len(t), bool)
    if isinstance(at, dict):
        inside = (t >= at.get("from", 0)) & (t <= at.get("to", np.inf))
    elif isinstance(at, list):
        inside = np.isin(t, at)
    logarithmic = claim.definition.get("log")
    y = values[claim.point]
    inside &= np.isfinite(y) & ((y > 0) | (not logarithmic))
    if inside.sum() < 2 or not np.isfinite(claim.estimate):
        return
    x, y = np.log(t[inside]), np.log(y[inside]) if logarithmic else y[inside]
    undo = np.exp if logarithmic else (lambda v: v)
    limits = axes.get_ylim()
    height = np.ptp(np.log(limits) if logarithmic else limits)
    for slope, word in ((claim.expected_low, "claimed slope"), (claim.expected_high, None)):
        # A limit far from what was measured would be a vertical line, and say nothing.
        if np.isfinite(slope) and abs(slope - claim.estimate) * np.ptp(x) < height:
            axes.plot(t[inside], undo(y.mean() + slope * (x - x.mean())), color=SOFT, linewidth=1.1, linestyle=LIMIT,
                      label=word)
    axes.plot(t[inside], undo(y.mean() + claim.estimate * (x - x.mean())), color=INK, linewidth=1.4, zorder=6,
              label=f"slope {claim.estimate:.3g} per ln t".replace("-", "\u2212"))
    axes.set_ylim(*limits)
    axes.legend(loc="best", handlelength=2.2)


def draw_level_before(axes, study, claim, values):
    """The level before the drift, and how far from it the curve may be."""
    before = np.flatnonzero(study.checkpoints < claim.definition["after"])
    if not len(before):
        return
    level = values[claim.point][before[-1]]
    axes.axhline(level, color=INK, linewidth=1.2, linestyle=LIMIT, label="level before the change")
    margin = claim.definition.get("margin")
    if claim.kind == "lag" and isinstance(margin, (int, float)):
        axes.axhspan(level - margin, level + margin, color=INK, alpha=0.07, linewidth=0)
        back = claim.definition["after"] + claim.estimate
        if np.isfinite(back):
            axes.axvline(back, color=style.VERDICTS["holds"][0], linewidth=1.4)
            axes.annotate(f"back after {claim.estimate:g}", (back, 0.8), xycoords=("data", "axes fraction"), fontsize=8.5,
                          xytext=(4, 0), textcoords="offset points", color=style.VERDICTS["holds"][0])
    axes.legend(loc="best", handlelength=2.2)


def draw_over_parameter(study, claim, points, checkpoint):
    """Estimate and expectation of each point at one checkpoint, over the swept parameter that has most values."""
    names, along = study.telling(points), numeric_parameter(study, points)
    values, halves = study.values(claim.metric, claim.statistic), study.interval(claim.metric, claim.statistic)
    if not along:
        return draw_dots(study, claim, [(study.label(p, names), values[p, checkpoint], halves[p, checkpoint],
                                         claim.curve_low[p, checkpoint], claim.curve_high[p, checkpoint])
                                        for p in points])
    others = [n for n in study.varying(points) if n != along]
    groups = {}
    for p in points:
        groups.setdefault(study.label(p, others), []).append(p)
    shown = curves.pick(list(groups), MOST_LINES)
    episode = curves.plain_number(study.checkpoints[checkpoint])
    figure, axes = curves.new_figure(along.replace("_", " "), f"{value_label(study, claim)}, at episode {episode}")
    ends, drawn = [], []
    for name, colour in zip(shown, style.line_colours(len(shown), False)):
        group = sorted(groups[name], key=lambda p: study.parameters[along][p])
        x = np.array([study.parameters[along][p] for p in group], float)
        y = values[group, checkpoint]
        axes.errorbar(x, y, yerr=halves[group, checkpoint], color=colour, linewidth=1.3, marker="o", markersize=4,
                      capsize=2)
        drawn.append(y)
        for side in (claim.curve_low, claim.curve_high):
            limit = side[group, checkpoint]
            if np.isfinite(limit).any():
                axes.plot(x, limit, color=INK, linewidth=1.3, linestyle=LIMIT, zorder=5)
                drawn.append(limit)
        ends.append((y[-1], name, colour))
    word = {"equals": "expected", "below": "must stay below", "above": "must stay above"}.get(claim.kind, "between these")
    axes.plot([], [], color=INK, linewidth=1.3, linestyle=LIMIT, label=word)
    axes.legend(loc="best", handlelength=2.2)
    if x.min() > 0 and x.max() / x.min() > 15:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(curves.ticker.FuncFormatter(curves.plain_number))
    curves.set_value_axis(axes, drawn)
    if len(groups) == 1 and claim.kind in ("below", "above"):
        edge = axes.get_ylim()[claim.kind == "below"]
        axes.fill_between(x, limit_of(claim, group, checkpoint), edge, color=style.VERDICTS["fails"][0], alpha=0.09, linewidth=0)
    curves.label_ends(axes, ends)
    return figure


def limit_of(claim, points, checkpoint):
    return (claim.curve_high if claim.kind == "below" else claim.curve_low)[points, checkpoint]


def draw_dots(study, claim, rows):
    """One row a point: estimate with interval, and what is expected of it."""
    rows = curves.pick(rows, 16)
    figure, axes = curves.new_figure(value_label(study, claim), "", (curves.SIZE[0], 1.3 + 0.33 * len(rows)))
    for i, (name, y, half, low, high) in enumerate(rows):
        place = len(rows) - 1 - i
        axes.errorbar([y], [place], xerr=[half], color=style.LINES[0][0], marker="o", markersize=5, capsize=3)
        for limit in {low, high}:
            if np.isfinite(limit):
                axes.plot([limit], [place], marker="|", markersize=15, markeredgewidth=2, color=INK)
    axes.set_yticks(range(len(rows)), [row[0] for row in reversed(rows)])
    axes.tick_params(axis="y", labelcolor=INK)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.grid(axis="y", visible=False)
    return figure


def draw_order(study, claim, points):
    """Both sides of a comparison over time: the side that is claimed to be lower in blue, the other in vermillion."""
    pairs = [(p, study.partner(p, claim.definition.get("than", {}))) for p in points]
    pairs = [pair for pair in pairs if pair[1] is not None]
    if not pairs:
        return None
    if claim.point in points:
        pairs.sort(key=lambda pair: pair[0] != claim.point)
    left, right = pairs[0]
    figure, axes = curves.new_figure("episode", value_label(study, claim))
    t, ends = study.checkpoints, []
    values, halves = study.values(claim.metric, claim.statistic), study.interval(claim.metric, claim.statistic)
    names = list(dict.fromkeys(list(claim.definition["than"]) + study.varying([left, right])))
    for point, colour in ((left, style.LINES[0][0]), (right, style.LINES[1][0])):
        y = values[point]
        curves.draw_band(axes, t, y - halves[point], y + halves[point], colour, 0.25)
        axes.plot(t, y, color=colour, marker="o" if len(t) <= 40 else None, markersize=3.2)
        ends.append((y[np.isfinite(y)][-1], study.label(point, names), colour))
    curves.set_episode_axis(axes, t, study.drifts(left))
    curves.set_value_axis(axes, [values[[left, right]]], False if claim.metric == "regret" else None)
    curves.mark_breaks(axes, study.drifts(left))
    curves.label_ends(axes, ends)
    return figure
