"""docs/studies.md: a list of studies, and under the heading of each a table with a row for every claim."""
import re

from study_report.page import expectation, interval, number

VERDICTS = {"holds": "holds", "fails": "**fails**", "undecided": "*undecided*"}
HEADING = re.compile(r"^## (`.*)")
COLUMNS = 6  # verdict, claim, measured, interval, expected, what it means


class PageLacks(ValueError):
    """The page has no row for something that a study found; the message says for what."""


def cells_of(line):
    """The cells of a row of a table, or none."""
    return [cell.strip() for cell in line.strip()[1:-1].split("|")] if line.startswith("| ") else []


def row_of(cells):
    return "| " + " | ".join(cells) + " |"


def figure(claim, value):
    """A number of the claim; a time that is not reached is never."""
    return number(value).replace("\u221e", "never") if claim.kind == "lag" else number(value)


def reach(claim):
    if claim.kind == "lag":
        return f"{figure(claim, claim.low)} to {figure(claim, claim.high)}"
    return interval(claim.low, claim.high)


class StudiesPage:
    """The page as lines; `rows[study, claim]` is the line of a claim's row."""

    def __init__(self, text):
        self.lines = text.split("\n")
        self.rows, self.list = {}, {}
        studies = []
        for place, line in enumerate(self.lines):
            heading = HEADING.match(line)
            if line.startswith("## "):
                studies = re.findall(r"`(\w+)`", heading.group(1).split(":")[0]) if heading else []
            cells = cells_of(line)
            if len(cells) == COLUMNS and cells[0] in VERDICTS.values():
                for study in studies:
                    self.rows[study, cells[1]] = place
            elif len(cells) == 4 and re.fullmatch(r"`\w+`", cells[0]):
                self.list[cells[0].strip("`")] = place

    def take(self, study):
        """Writes what the study found; returns a line for each verdict that changed."""
        name, changed = study.attributes["name"], []
        self.describe(study)
        for claim in study.claims:
            if (name, claim.name) not in self.rows:
                raise PageLacks(f"no row for '{claim.name}' under a heading of `{name}`; "
                                f"add | holds | {claim.name} | | | | what it means |")
            place = self.rows[name, claim.name]
            cells = cells_of(self.lines[place])
            before, cells[0] = cells[0], VERDICTS[claim.verdict]
            cells[2:5] = figure(claim, claim.estimate), reach(claim), expectation(claim)
            self.lines[place] = row_of(cells)
            if before != cells[0]:
                changed.append(f"{name}, {claim.name}: {before} is now {cells[0]}")
        return changed

    def describe(self, study):
        """The study's line in the list at the head of the page: what it asks and how large it is."""
        name, most = study.attributes["name"], int(max(study.replicates))
        if name not in self.list:
            raise PageLacks(f"no row for `{name}` in the list of studies; add | `{name}` | | | |")
        place, points = self.list[name], len(study.replicates)
        cells = cells_of(self.lines[place])
        cells[1:3] = study.title, (f"{points} setting{'s' if points > 1 else ''} x {most:,} worlds x "
                                   f"{int(study.attributes['episodes']):,} episodes")
        self.lines[place] = row_of(cells)

    def text(self):
        return "\n".join(self.lines)
