"""The report as one HTML page that needs nothing else: verdicts first, then the pictures, then how it was made."""
import html
import io
import json
import math
import re

from study_report import style

CSS = """
:root { color-scheme: light dark; LIGHT }
@media (prefers-color-scheme: dark) { :root { DARK } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI",
  Roboto, "DejaVu Sans", sans-serif }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1.1rem 4rem }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .4rem } h2 { font-size: 1.25rem; margin: 2.6rem 0 .8rem }
h3 { font-size: 1rem; line-height: 1.35; margin: 0 } p { margin: .35rem 0 } a { color: inherit }
.lead { max-width: 46rem; color: var(--soft) } .soft, figcaption, small { color: var(--soft); font-size: .86rem }
.score { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0 0; padding: 0; list-style: none }
.verdict { display: inline-flex; align-items: center; gap: .35em; white-space: nowrap; font-weight: 650; font-size: .84rem;
  padding: .12em .65em .12em .5em; border-radius: 1em; border: 1.5px solid currentColor }
.holds { color: var(--holds) } .fails { color: var(--fails) } .undecided { color: var(--undecided) }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th { text-align: left; font-weight: 600; font-size: .8rem; color: var(--soft); border-bottom: 1.5px solid var(--grid) }
th, td { padding: .5rem .8rem .5rem 0; vertical-align: top } td { border-bottom: 1px solid var(--grid) }
td svg { display: block; width: 8.5rem; height: 1.5rem; margin-top: .2rem } .number { white-space: nowrap }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); gap: 1.3rem }
.card { border: 1px solid var(--grid); border-radius: .7rem; padding: .9rem 1rem; display: flex; flex-direction: column;
  gap: .45rem; min-width: 0 } .card figure { margin: auto 0 0 } figure svg { display: block; width: 100%; height: auto }
.head { display: flex; justify-content: space-between; gap: .8rem; align-items: start }
.facts { columns: 20rem; font-size: .9rem } .facts div { break-inside: avoid }
pre { overflow-x: auto; padding: .8rem 1rem; border: 1px solid var(--grid); border-radius: .5rem; font-size: .86rem }
details { margin-top: 1rem } summary { cursor: pointer; font-weight: 600 }
@media (max-width: 44rem) { thead { display: none } tr { display: block; padding: .7rem 0; border-bottom: 1px solid var(--grid) }
  td { display: block; border: 0; padding: .12rem 0 } td br + small { margin-left: .5em } .number br { display: none }
  td[data-name]::before { content: attr(data-name) " "; color: var(--soft); font-size: .86rem } h1 { font-size: 1.4rem } .card { padding: .75rem } }
@media print { .card { break-inside: avoid } }
"""


def number(value):
    value += 0.0  # no minus zero
    if not math.isfinite(value):
        return {math.inf: "\u221e", -math.inf: "\u2212\u221e"}.get(value, "\u2013")
    return f"{value:.4g}".replace("-", "\u2212")


def interval(low, high):
    return f"{number(low)} to {number(high)}" if math.isfinite(low) and math.isfinite(high) else ""


def expectation(claim):
    """What the claim expects of its estimate, in words."""
    low, high = claim.expected_low, claim.expected_high
    if math.isfinite(low) and math.isfinite(high):
        return number(low) if low == high else f"{number(low)} to {number(high)}"
    if math.isfinite(high):
        return f"below {number(high)}"
    return f"above {number(low)}" if math.isfinite(low) else "\u2013"


def pill(verdict, words=None):
    return f'<span class="verdict {verdict}"><span aria-hidden="true">{style.VERDICTS[verdict][2]}</span>{words or verdict}</span>'


def gauge(claim):
    """A small drawing of the interval beside what is expected."""
    limits = sorted((v for v in (claim.expected_low, claim.expected_high) if math.isfinite(v)),
                    key=lambda v: abs(v - claim.estimate))
    if not math.isfinite(claim.estimate) or not limits:
        return ""
    known = [v for v in (claim.low, claim.high, claim.estimate) if math.isfinite(v)] + limits[:1]
    if len(limits) > 1 and abs(limits[1] - limits[0]) < 8 * (max(known) - min(known)):
        known.append(limits[1])
    low, high = min(known), max(known)
    pad = 0.18 * (high - low) or 1.0
    low, high = low - pad, high + pad

    def x(value):
        return 136 * (min(max(value, low), high) - low) / (high - low)

    allowed = x(claim.expected_low), x(claim.expected_high)
    parts = [f'<rect x="{allowed[0]:.1f}" y="3" width="{max(allowed[1] - allowed[0], 2.5):.1f}" height="18" rx="2" '
             'fill="var(--holds)" opacity=".22"/>',
             '<line x1="0" x2="136" y1="12" y2="12" stroke="var(--grid)"/>']
    if math.isfinite(claim.low) and math.isfinite(claim.high):
        parts.append(f'<line x1="{x(claim.low):.1f}" x2="{x(claim.high):.1f}" y1="12" y2="12" '
                     'stroke="var(--ink)" stroke-width="3" stroke-linecap="round"/>')
    parts.append(f'<circle cx="{x(claim.estimate):.1f}" cy="12" r="4.5" fill="var(--{claim.verdict})" stroke="var(--paper)" '
                 'stroke-width="1.2"/>')
    return f'<svg viewBox="0 0 136 24" role="img" aria-label="estimate beside what is expected">{"".join(parts)}</svg>'


def drawing(figure, name, label):
    """A figure as inline SVG in the page's colours, its ids made unique."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r'url\(#([^)]+)\)', rf"url(#{name}-\1)", svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', svg)
    svg = re.sub(r'(<svg [^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg [^>]*?) width="[^"]*"', rf'\1 role="img" aria-label="{html.escape(label, quote=True)}"', svg, count=1)
    svg = svg.replace("'DejaVu Sans'", "system-ui, 'DejaVu Sans', sans-serif")
    return style.as_css(svg)


def words(count, verdict):
    """How many claims got a verdict: "1 holds", "3 hold"."""
    return f"{count} {verdict.removesuffix('s') if count > 1 and verdict != 'undecided' else verdict}"


def verdict_table(study, names):
    rows = []
    for claim, name in zip(study.claims, names):
        rows.append(
            f'<tr><td>{pill(claim.verdict)}</td><td><a href="#{name}"><b>{html.escape(claim.name)}</b></a><br>'
            f'{html.escape(claim.statement)}<br><small>{html.escape(claim.source)}</small></td>'
            f'<td class="number" data-name="measured">{number(claim.estimate)}<br><small>'
            f'{interval(claim.low, claim.high)}</small></td><td class="number" data-name="expected">{expectation(claim)}</td>'
            f'<td>{gauge(claim)}</td></tr>')
    return ('<table><thead><tr><th>verdict</th><th>claim</th><th>measured, with its interval</th><th>expected</th>'
            f'<th></th></tr></thead><tbody>{"".join(rows)}</tbody></table>')


def claim_card(study, claim, name, figure):
    where = study.label(claim.point, study.telling(list(study.points)))
    cell = f"{where + ', ' if where else ''}episode {claim.checkpoint:,}"
    decides = f"Of {claim.cells} settings and checkpoints the one that decides: {cell}." if claim.cells > 1 else f"At {cell}."
    between = interval(claim.low, claim.high)
    facts = f"Measured {number(claim.estimate)}{f' ({between})' if between else ''}, expected {expectation(claim)}."
    picture = f"<figure>{drawing(figure, name, claim.statement)}</figure>" if figure is not None else ""
    return (f'<article class="card" id="{name}"><div class="head"><h3>{html.escape(claim.name)}</h3>{pill(claim.verdict)}</div>'
            f'<p>{html.escape(claim.statement)}</p>{picture}<small>{html.escape(facts)} {html.escape(decides)}</small></article>')


def picture_card(name, title, words, figure):
    return (f'<article class="card"><h3>{html.escape(title)}</h3><figure>{drawing(figure, name, title)}<figcaption>'
            f'{html.escape(words)}</figcaption></figure></article>')


def parameter_facts(study):
    """Every parameter with its value, swept ones with all of theirs."""
    facts = []
    for name, values in sorted(study.parameters.items()):
        different = list(dict.fromkeys(str(v) if isinstance(v, str) else f"{v:g}" for v in values))
        shown = ", ".join(different[:12]) + (f", ... ({len(different)})" if len(different) > 12 else "")
        words = html.escape(f"{name} = {shown}")
        facts.append(f"<div>{'<b>' + words + '</b>' if name in study.swept else words}</div>")
    return f'<div class="facts">{"".join(facts)}</div>'


def provenance(study):
    a = study.attributes
    command = f"npo study {a['name']} --seed {a['seed']} -o {a['name']}.h5\nscripts/report_study {a['name']}.h5"
    lines = [f"{name}: {a[name]}" for name in ("npo_version", "numeric_contract", "run_id", "shard") if name in a]
    try:
        lines += [f"{name}: {value if isinstance(value, str) else json.dumps(value)}"
                  for name, value in json.loads(a.get("provenance", "{}")).items()]
    except (json.JSONDecodeError, AttributeError):
        lines.append(str(a["provenance"]))
    return (f"<pre>{html.escape(command)}</pre><p class='soft'>The same study file, seed and version give the same bits on "
            f"any machine, for any number of threads.</p><pre>{html.escape(chr(10).join(lines))}</pre>"
            "<details><summary>The study file, resolved</summary><pre>"
            f"{html.escape(json.dumps(json.loads(a.get('study', '{}')), indent=2))}</pre></details>")


def write_page(study, claim_figures, pictures):
    """The whole page as text; claim_figures holds one figure or None for each claim, pictures (title, words, figure)."""
    css = CSS.replace("LIGHT", style.css_variables("light")).replace("DARK", style.css_variables("dark"))
    names = [f"claim{i}" for i in range(len(study.claims))]
    counts = {v: sum(c.verdict == v for c in study.claims) for v in ("holds", "fails", "undecided")}
    score = "".join(f"<li>{pill(v, words(n, v))}</li>" for v, n in counts.items() if n)
    settings = f"{len(study.points)} setting{'s' if len(study.points) != 1 else ''}"
    size = f"{settings}, {study.replicates.sum():,} simulated worlds of {study.checkpoints[-1]:,} episodes each"
    cards = "".join(claim_card(study, c, n, f) for c, n, f in zip(study.claims, names, claim_figures))
    figures = "".join(picture_card(f"picture{i}", *one) for i, one in enumerate(pictures))
    parts = [f"<h1>{html.escape(study.title)}</h1><p class='lead'>{html.escape(study.attributes['description'])}</p>",
             f"<p class='soft'>{size}</p>"]
    if study.claims:
        parts += [f'<ul class="score">{score}</ul>', "<h2>Verdicts</h2>", verdict_table(study, names),
                  f'<h2>What was measured for each claim</h2><section class="cards">{cards}</section>']
    parts += [f'<h2>The whole picture</h2><section class="cards">{figures}</section>' if figures else "",
              "<h2>Parameters</h2><p class='soft'>Bold ones vary in this study.</p>", parameter_facts(study),
              "<h2>How to get these numbers again</h2>", provenance(study)]
    return ('<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
            f'content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><title>{html.escape(study.title)}'
            f"</title><style>{css}</style></head><body><main>{''.join(parts)}</main></body></html>\n")
