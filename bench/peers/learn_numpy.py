"""Learning in vectorised numpy, reading and writing with h5py: the peer of learn_bench.

Usage: learn_numpy.py FOLDER. The folder holds run-0, run-1, .. and feedback.h5. Prints "ready", then for each line read
does the work once, from files to files, and prints its seconds. Events are sorted by (scenario, time, event id); then one
vector pass learns the first event of every scenario, one the second, and so on. It does what `npo learn` does to these
files and no more: one source, no retractions, no monitor.
"""

import glob
import os
import sys
import time

import h5py
import numpy as np

ETA = np.float32(0.1)
TARGET = np.array([[1, 0, 0.5, -1], [0, 1, 0.5, -1]], np.float32)  # withheld, surfaced; override, like, neutral, skipped
LOW, HIGH = np.float32(1e-6), np.float32(1 - 1e-6)
ARMS = 5


def logit(p):
    p = np.clip(p, LOW, HIGH)
    return np.log(p / (1 - p))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def read_run(folder):
    """The columns of a run of decisions, its shards joined."""
    parts = {name: [] for name in ("id", "fleet", "base_score", "decision", "arm")}
    for path in sorted(glob.glob(os.path.join(folder, "shard-*.h5"))):
        with h5py.File(path) as file:
            for name, part in parts.items():
                part.append(file["decisions/" + name][:])
    return {name: np.concatenate(part) for name, part in parts.items()}


def number_scenarios(runs):
    """Ids of all scenarios, and for each run the number of each row's scenario."""
    if all(np.array_equal(run["id"], runs[0]["id"]) for run in runs):
        rows = np.arange(len(runs[0]["id"]), dtype=np.uint32)
        return runs[0]["id"], [rows] * len(runs)
    ids, inverse = np.unique(np.concatenate([run["id"] for run in runs]), return_inverse=True)
    return ids, np.split(inverse.astype(np.uint32), np.cumsum([len(run["id"]) for run in runs])[:-1])


def learn(folder):
    with h5py.File(os.path.join(folder, "feedback.h5")) as file:
        run_of, row, kind, when, event_id = (file["events/" + name][:] for name in ("run", "row", "kind", "time", "id"))
        run_count = file["runs/name"].shape[0]
    runs = [read_run(os.path.join(folder, f"run-{k}")) for k in range(run_count)]
    ids, numbers = number_scenarios(runs)
    offset = np.concatenate([[0], np.cumsum([len(run["id"]) for run in runs])])
    cell = offset[run_of] + row.astype(np.int64)
    column = {name: np.concatenate([run[name] for run in runs]) for name in ("fleet", "base_score", "decision", "arm")}
    scenario = np.concatenate(numbers)[cell]

    order = np.lexsort((event_id, when, scenario))
    scenario, cell, kind, round_of = scenario[order], cell[order], kind[order], run_of[order]
    ledger = np.zeros(offset[-1], np.uint8)
    ledger[cell] = 1 + kind
    decision, arm, fleet, base = (column[name][cell] for name in ("decision", "arm", "fleet", "base_score"))
    place = ((fleet.astype(np.int64) * ARMS + arm) * 3 + decision) * 4 + kind
    answers = np.bincount(place, minlength=(int(fleet.max()) + 1) * ARMS * 12)

    taught = decision < 2
    y = TARGET[np.minimum(decision, 1), kind]
    taught &= y >= 0
    scenario, base, round_of, y = scenario[taught], base[taught], round_of[taught], y[taught]
    first = np.flatnonzero(np.concatenate([[True], scenario[1:] != scenario[:-1]]))
    count = np.diff(np.concatenate([first, [len(scenario)]]))
    rank = np.arange(len(scenario)) - np.repeat(first, count)
    by_rank = np.argsort(rank.astype(np.uint16), kind="stable")
    edges = np.concatenate([[0], np.cumsum(np.bincount(rank))])

    n = len(ids)
    score, correction = np.zeros(n, np.float32), np.zeros(n, np.float32)
    updates, last_round = np.zeros(n, np.uint32), np.zeros(n, np.uint32)
    squared = 0.0
    for k in range(len(edges) - 1):
        chosen = by_rank[edges[k]:edges[k + 1]]
        s, m, r, target = scenario[chosen], base[chosen], round_of[chosen], y[chosen]
        base_logit = logit(m)
        met = np.where(last_round[s] == r, score[s], sigmoid(base_logit + correction[s])) if k else m
        error = target - met
        moved = met + ETA * error
        squared += float(np.dot(error, error))
        score[s], correction[s], last_round[s] = moved, logit(moved) - base_logit, r
        updates[s] += 1

    known = updates > 0
    with h5py.File(os.path.join(folder, "peer-state.h5"), "w") as file:
        for name, values in (("id", ids), ("score", score), ("correction", correction), ("updates", updates),
                             ("steps", updates), ("round", last_round)):
            file["scenarios/" + name] = values[known]
        for k in range(run_count):
            file[f"ledgers/{k}"] = ledger[offset[k]:offset[k + 1]]
        file["answers"] = answers
        file.attrs["squared_error"] = squared


print("ready", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    learn(sys.argv[1])
    print(time.perf_counter() - start, flush=True)
