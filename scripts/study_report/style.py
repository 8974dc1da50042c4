"""Colours and type of the report: one palette for light and dark, safe for colour-blind readers.

Figures are drawn in the light colours. For the page each colour becomes a CSS variable, so that one drawing serves both
modes; the PNG files keep the light ones.
"""
import matplotlib

matplotlib.use("Agg")

# name: (light, dark). Every light colour is unique, because it is the key when a drawing is turned into CSS variables.
INK = {
    "ink": ("#1b1f24", "#e8eaed"),
    "soft": ("#5b6470", "#a6aeb9"),
    "grid": ("#dde1e6", "#333a44"),
    "paper": ("#fffffe", "#171b21"),
}
# Okabe and Ito's colours, darkened for white paper and lightened for black.
LINES = [("#0069a5", "#5db4ee"), ("#cc5200", "#ff9350"), ("#00805d", "#35d0a2"), ("#a1428a", "#e69ad2"),
         ("#b07800", "#f3c14b"), ("#4a4f9e", "#a5aaff"), ("#6b7078", "#c3c9d1"), ("#7a2e12", "#d98b6b")]
# One hue by lightness for values that have an order.
ORDERED = [("#9cc7e4", "#2c5f86"), ("#6fafd8", "#3b7dae"), ("#4496c8", "#4c9bd3"), ("#1f7bb4", "#6db7e8"),
           ("#0c6198", "#93cdf3"), ("#074a78", "#b5defa"), ("#05365a", "#d6edfe"), ("#04243e", "#f1f9ff")]
VERDICTS = {"holds": ("#00775a", "#3ad3a6", "\u2713"), "fails": ("#c2410d", "#ff8f5c", "\u2717"),
            "undecided": ("#6f6300", "#d9c84a", "?")}


def palette():
    """{css name: (light, dark)} of everything that a drawing may use."""
    named = dict(INK)
    named.update({f"line{i}": pair for i, pair in enumerate(LINES)})
    named.update({f"ordered{i}": pair for i, pair in enumerate(ORDERED)})
    named.update({name: pair[:2] for name, pair in VERDICTS.items()})
    return named


def line_colours(count, ordered):
    """Colours of `count` lines, in their order; light values."""
    if ordered and 1 < count <= len(ORDERED):
        low = 1 if count < len(ORDERED) else 0
        picks = [round(low + i * (len(ORDERED) - 1 - low) / (count - 1)) for i in range(count)]
        return [ORDERED[i][0] for i in picks]
    return [LINES[i % len(LINES)][0] for i in range(count)]


def css_variables(mode):
    index = {"light": 0, "dark": 1}[mode]
    return " ".join(f"--{name}:{pair[index]};" for name, pair in palette().items())


def as_css(svg):
    """The drawing with every colour of the palette as a CSS variable."""
    for name, (light, _) in palette().items():
        svg = svg.replace(light, f"var(--{name})")
    return svg


def apply():
    """Sets matplotlib up for all drawings of a report."""
    ink, soft, grid, paper = (INK[name][0] for name in ("ink", "soft", "grid", "paper"))
    matplotlib.rcParams.update({
        "font.family": "DejaVu Sans", "font.size": 10, "axes.titlesize": 11, "axes.titleweight": "bold",
        "axes.titlelocation": "left", "axes.labelsize": 10, "axes.labelcolor": soft, "axes.edgecolor": soft,
        "axes.linewidth": 0.8, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
        "axes.axisbelow": True, "axes.facecolor": paper, "figure.facecolor": paper, "savefig.facecolor": paper,
        "grid.color": grid, "grid.linewidth": 0.7, "text.color": ink, "xtick.color": soft, "ytick.color": soft,
        "xtick.labelsize": 9, "ytick.labelsize": 9, "lines.linewidth": 1.9, "lines.solid_capstyle": "round",
        "legend.frameon": False, "legend.fontsize": 9, "svg.fonttype": "none", "svg.hashsalt": "npo",
        "figure.dpi": 100, "savefig.dpi": 160, "axes.unicode_minus": True,
    })
