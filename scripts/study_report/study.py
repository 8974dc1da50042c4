"""A study's results (docs/formats/study.md), as the report needs them."""
import json

import h5py
import numpy as np

VERDICTS = ("fails", "holds", "undecided")


class NotAStudy(ValueError):
    """The file is no study of npo; the message says why."""


def text(value):
    return value.decode("utf-8").rstrip("\0") if isinstance(value, bytes) else str(value)


def column(dataset):
    values = dataset[()]
    return [text(v) for v in values] if values.dtype.kind in "SO" else values


class Claim:
    """One row of the table of verdicts, with the study file's own words as `definition`."""

    def __init__(self, number, group):
        self.number = number
        for name in ("name", "statement", "source", "kind", "metric", "statistic"):
            setattr(self, name, text(group[name][number]))
        for name in ("estimate", "low", "high", "expected_low", "expected_high"):
            setattr(self, name, float(group[name][number]))
        self.verdict = VERDICTS[int(group["verdict"][number])]
        self.point, self.checkpoint = int(group["point"][number]), int(group["checkpoint"][number])
        self.cells = int(group["cells"][number])
        self.definition = json.loads(text(group["definition"][number]))
        self.curve_low, self.curve_high = group["curve_low"][number], group["curve_high"][number]


class Study:
    """Arrays are [point, checkpoint]; `parameters[name]` is a list with one value a point."""

    def __init__(self, path):
        try:
            file = h5py.File(path, "r")
        except OSError as error:
            raise NotAStudy(f"{path}: cannot be read as HDF5 ({error})") from None
        with file:
            attributes = {name: value for name, value in file.attrs.items()}
            found = text(attributes.get("format", "no format"))
            if found != "npo.study":
                raise NotAStudy(f"{path}: this is '{found}', not the result of `npo study` (npo.study)")
            if int(attributes["format_version"]) != 1:
                raise NotAStudy(f"{path}: format version {attributes['format_version']}, this report reads 1")
            self.attributes = {name: text(v) if isinstance(v, (bytes, str)) else v for name, v in attributes.items()}
            self.read(file)

    def read(self, file):
        self.kind, self.title = self.attributes["kind"], self.attributes["title"] or self.attributes["name"]
        self.design = self.attributes["design"]
        self.swept = json.loads(self.attributes["swept"])
        self.checkpoints = file["checkpoint"][:].astype(np.int64)
        self.metrics = column(file["metric"])
        self.units = dict(zip(self.metrics, column(file["metrics/unit"])))
        self.long_names = dict(zip(self.metrics, column(file["metrics/long_name"])))
        names = ("mean", "variance", "standard_error", "count", "q05", "q25", "q50", "q75", "q95")
        self.arrays = {name: file[name][:].astype(float) for name in names}
        self.replicates = file["replicates"][:].astype(np.int64)
        self.parameters = {name: list(column(data)) for name, data in file["parameters"].items()}
        self.points = range(len(self.replicates))
        self.claims = [Claim(i, file["claims"]) for i in range(len(file["claims/name"]))] if "claims" in file else []

    def values(self, metric, statistic="mean"):
        return self.arrays[statistic][:, :, self.metrics.index(metric)]

    def has(self, metric):
        return metric in self.metrics and np.isfinite(self.values(metric)).any()

    def interval(self, metric, statistic, z=3.29):
        """Half-widths of z standard errors; those of a variance as if its law were normal."""
        if statistic == "mean":
            return z * self.values(metric, "standard_error")
        return z * self.values(metric, "variance") * np.sqrt(2 / np.maximum(self.values(metric, "count"), 2))

    def where(self, wanted):
        """Numbers of the points whose parameters are as wanted: {name: value or list of values}."""
        return [p for p in self.points if all(self.matches(p, name, value) for name, value in (wanted or {}).items())]

    def matches(self, point, name, wanted):
        have = self.parameters[name][point]
        return any(self.same(have, one) for one in (wanted if isinstance(wanted, list) else [wanted])) or \
            self.same(have, wanted)

    @staticmethod
    def same(have, wanted):
        if isinstance(have, str):
            return have == wanted or (not isinstance(wanted, str) and have == json.dumps(wanted)) or as_json(have) == wanted
        return isinstance(wanted, (int, float)) and np.isclose(float(have), float(wanted), rtol=1e-9, atol=1e-12)

    def partner(self, point, than):
        """The point that equals `point` but for the values in `than`, or None."""
        for other in self.where({name: value for name, value in than.items()}):
            if all(self.parameters[n][other] == self.parameters[n][point] for n in self.swept if n not in than):
                return other
        return None

    def varying(self, points):
        """The swept parameters that differ among these points."""
        return [n for n in self.swept if len({str(self.parameters[n][p]) for p in points}) > 1]

    def telling(self, points):
        """The fewest swept parameters that tell these points apart; words before numbers."""
        left, names = self.varying(points), []
        groups = 1
        while groups < len(points) and left:
            counts = {n: len({tuple(str(self.parameters[k][p]) for k in names + [n]) for p in points}) for n in left}
            best = max(left, key=lambda n: (counts[n], isinstance(self.parameters[n][points[0]], str)))
            if counts[best] == groups:
                break
            names.append(best)
            left.remove(best)
            groups = counts[best]
        return names

    def label(self, point, names):
        return ", ".join(say(n, self.parameters[n][point]) for n in names)

    def drifts(self, point):
        """Episodes at which the truth changes at this point."""
        value = as_json(self.parameters.get("drift", ["[]"] * len(self.points))[point])
        breaks = list(value) if isinstance(value, list) else []
        every = self.parameters.get("break_every")
        segments = as_json(self.parameters.get("segments", ["[]"] * len(self.points))[point])
        if every is not None and isinstance(segments, list) and len(segments) > 1:
            breaks += [i * int(every[point]) for i in range(1, len(segments))]
        return breaks


def as_json(value):
    try:
        return json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError:
        return value


def say(name, value):
    """A parameter's value as a label: numbers need their name, words speak for themselves."""
    if isinstance(value, str):
        listed = as_json(value)
        if listed == []:
            return f"no {name}"
        return f"{name} {brief(listed)}" if isinstance(listed, list) else value.replace("_", " ")
    return f"{name.replace('_', ' ')} {value:g}"


def brief(values, most=3):
    shown = [f"{v:g}" if isinstance(v, (int, float)) else str(v) for v in values]
    return " ".join(shown) if len(shown) <= most + 1 else " ".join(shown[:most]) + f" ... ({len(shown)})"
