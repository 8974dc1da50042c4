"""The closed loop of section 8 once more: naive, readable numpy, written from its description alone.

Every array has one row a replicate; the only loop is over episodes. `simulate(Loop(...), replicates, checkpoints, seed)`
returns, for every checkpoint and metric, the numerator and the denominator of each replicate. Nothing is shared with the
engine, so what both agree on is what the description says.
"""
import collections
import functools

import numpy as np
from arm_policies import Fixed, make_policy
from loop_monitor import EwmaEstimate, WindowEstimate

OVERRIDE, LIKE, NEUTRAL, SKIPPED = range(4)
TIE = 2.0**-20  # losses closer than this are equal
TRUTH_EVERY = 10  # episodes between two looks at the true expected loss


class World:
    """What is true: who wants what, and what each decision costs an honest operator."""

    def __init__(self, loop, replicates, rng):
        self.loop, self.rng = loop, rng
        self.shape = (replicates, loop.scenarios)
        self.wanted = self.draw_latent()
        blocked, s = int(loop.blocked_share * loop.scenarios + 0.5), np.arange(loop.scenarios)
        self.blocked = np.broadcast_to(s * blocked % loop.scenarios + blocked >= loop.scenarios, self.shape)
        self.adversary = rng.random(replicates) < loop.adversarial
        weights = (1.0 + np.arange(loop.scenarios)) ** -loop.zipf
        self.visits = weights / weights.sum()
        self.price()

    def draw_latent(self):
        loop = self.loop
        if loop.latent == "deterministic":
            return (self.rng.random(self.shape) < loop.base_rate).astype(float)
        if loop.latent == "constant":
            return np.full(self.shape, loop.base_rate)
        return self.rng.beta(loop.latent_a, loop.latent_b, self.shape)

    def price(self):
        loop, p = self.loop, self.wanted
        u, w, q, skipped = loop.look_surfaced, loop.look_withheld, loop.neutral_share, loop.skip_loss
        self.cost_surfaced = (1 - u) * skipped + u * (p * q / 2 + 1 - p)
        self.cost_withheld = (1 - w) * skipped + w * ((1 - p) * q / 2 + p)
        self.floor = self.mean_of_open(np.minimum(self.cost_surfaced, self.cost_withheld))

    def mean_of_open(self, values):
        """Mean over the scenarios that no guardrail blocks; 0 where all are blocked."""
        return np.where(self.blocked, 0.0, values).sum(1) / np.maximum((~self.blocked).sum(1), 1)

    def drift(self):
        redrawn = self.rng.random(self.shape) < self.loop.redraw
        self.wanted = np.where(redrawn, self.draw_latent(), self.wanted)
        self.price()

    def expected_loss(self, score, threshold):
        return self.mean_of_open(np.where(score >= threshold[:, None], self.cost_surfaced, self.cost_withheld))

    def answer(self, scenario, surfaced):
        """What the operator does, before anything hides it from the learner."""
        loop, rng, rows = self.loop, self.rng, np.arange(len(scenario))
        count = len(scenario)
        wants = rng.random(count) < self.wanted[rows, scenario]
        looks = rng.random(count) < np.where(surfaced, loop.look_surfaced, loop.look_withheld)
        shrugs = rng.random(count) < loop.neutral_share
        swaps = np.where(self.adversary, True, rng.random(count) < loop.swap)
        right = surfaced == wants
        feedback = np.where(right, np.where(shrugs, NEUTRAL, LIKE), OVERRIDE)
        swapped = np.where(feedback == LIKE, OVERRIDE, np.where(feedback == OVERRIDE, LIKE, feedback))
        return np.where(looks, np.where(swaps, swapped, feedback), SKIPPED)


class Learner:
    """What learns: scores, thresholds, monitor."""

    def __init__(self, loop, world, rng):
        self.loop, self.rng = loop, rng
        replicates = world.shape[0]
        self.row = np.arange(replicates)
        noise = rng.normal(0, 1, world.shape)
        raw = 0.5 + loop.initial_slope * (world.wanted - 0.5) + loop.initial_noise * noise
        self.score = np.clip(raw, 0, 1)
        self.updates = np.zeros(world.shape)  # step-size counters
        self.thresholds = np.array(loop.thresholds)
        ablated = int(np.argmin(np.abs(self.thresholds - loop.ablated_threshold)))
        if loop.ablation == "fixed_threshold":
            self.thresholds[ablated] = loop.ablated_threshold
            self.policy = Fixed(replicates, ablated)
        else:
            self.policy = make_policy(loop, replicates, len(self.thresholds))
        if loop.monitor == "ewma":
            self.estimate = EwmaEstimate(replicates, loop.half_life, loop.monitor_window)
        else:
            self.estimate = WindowEstimate(replicates, loop.monitor_window)
        self.listens = loop.monitor != "off" and loop.ablation not in ("no_monitor", "fixed_interval")
        self.ready = np.zeros(replicates, bool)
        self.was_ready = np.zeros(replicates, bool)  # ever since the start
        self.alarm = np.zeros(replicates, bool)
        self.seen_loss = np.zeros(replicates)  # Lhat as the monitor reads it, noise included
        self.line = np.full(replicates, np.inf)
        self.since_retrain = np.full(replicates, loop.min_gap)
        self.retrains, self.unnecessary = np.zeros(replicates), np.zeros(replicates)

    def hides(self, feedback):
        """The feedback that an ablation lets through to the learner."""
        hidden = {"no_override": feedback == OVERRIDE, "reward_only": feedback != LIKE}.get(self.loop.ablation)
        return feedback if hidden is None else np.where(hidden, SKIPPED, feedback)

    def target(self, surfaced, feedback):
        """y of section 3 and which decisions have one."""
        if self.loop.target == "literal":
            return np.choose(feedback, [1.0, 0.0, 0.5, self.loop.skip_loss]), np.ones_like(surfaced)
        right_way = np.where(surfaced, 1.0, 0.0)
        return np.choose(feedback, [1 - right_way, right_way, 0.5, 0.0]), feedback != SKIPPED

    def move_score(self, event):
        """Moves the scores and returns the squared prediction error of the updates made."""
        y, has_target = self.target(event.surfaced, event.feedback)
        if self.loop.ablation == "reward_only":
            has_target = event.feedback == LIKE
        rows = has_target & event.open
        at = self.row, event.scenario
        self.updates[at] += rows
        if self.loop.step == "constant":
            eta = self.loop.eta
        else:
            eta = np.minimum(1.0, self.loop.c / np.maximum(self.updates[at] + self.loop.n0, 1e-9) ** self.loop.kappa)
        miss = y - self.score[at]
        self.score[at] += np.where(rows, eta * miss, 0.0)
        return rows, miss * miss

    def credit_arm(self, event):
        counts = event.open & ((event.feedback == LIKE) | (event.feedback == OVERRIDE))
        self.policy.observe(counts, event.arm, event.feedback == LIKE)

    def watch(self, event, floor):
        """The monitor takes the loss of one decision; the alarm comes last."""
        loop = self.loop
        loss = np.choose(event.feedback, [1.0, 0.0, 0.5, loop.skip_loss])
        self.estimate.add(event.open, loss)
        self.since_retrain += 1
        self.ready = self.estimate.ready()
        self.was_ready |= self.ready
        if loop.reference == "absolute":
            self.line = np.full(len(floor), loop.theta)
        else:
            self.line = {"floor": floor, "best": self.estimate.best}[loop.reference] + loop.delta
        self.seen_loss = self.estimate.value() + loop.monitor_noise * self.rng.normal(0, 1, len(floor))
        self.alarm = self.ready & (self.seen_loss > self.line + TIE) & self.listens

    def scored(self):
        """The moments that fidelity is about: those after the first full window, or those with a full one."""
        return {"silent": self.was_ready, "outside": self.ready}[self.loop.refill]

    def retrain(self, true_loss, episode):
        """Restarts step sizes and window where an alarm, or the clock, says so. `true_loss()` is asked only then."""
        if self.loop.ablation == "fixed_interval":
            rings = np.full(len(self.row), episode % self.loop.ablated_interval == 0)
        else:
            rings = self.alarm & (self.since_retrain >= self.loop.min_gap) & (self.loop.on_alarm == "retrain")
        if not rings.any():
            return
        self.unnecessary += rings & ~(true_loss() > self.line + TIE)
        self.updates[rings] = 0
        self.estimate.clear(rings)
        self.since_retrain[rings] = 0
        self.retrains += rings


Event = collections.namedtuple("Event", "scenario arm surfaced open feedback")


class Tally:
    """Numerators and denominators by metric and replicate since the last checkpoint."""

    def __init__(self, replicates):
        self.replicates = replicates
        self.clear()

    def clear(self):
        self.sums = collections.defaultdict(lambda: [np.zeros(self.replicates), np.zeros(self.replicates)])

    def add(self, metric, value, counts):
        sums = self.sums[metric]
        sums[0] += np.where(np.asarray(counts) > 0, value, 0.0)
        sums[1] += counts

    def take(self):
        taken = {metric: tuple(sums) for metric, sums in self.sums.items()}
        self.clear()
        return taken


def tally_decision(tally, event, feedback, floor, skip_loss, arms):
    loss = np.choose(feedback, [1.0, 0.0, 0.5, skip_loss])
    everything = np.ones_like(event.open)
    tally.add("feedback_loss", loss, event.open)
    tally.add("excess_loss", loss - floor, event.open)
    for metric, kind in (("override_rate", OVERRIDE), ("like_rate", LIKE), ("neutral_rate", NEUTRAL),
                         ("skip_rate", SKIPPED)):
        tally.add(metric, feedback == kind, event.open)
    tally.add("reward", (feedback == LIKE) & event.open, everything)
    tally.add("surfaced_rate", event.surfaced, event.open)
    tally.add("override_rate_surfaced", feedback == OVERRIDE, event.surfaced & event.open)
    tally.add("blocked_rate", ~event.open, everything)
    for arm in range(arms):
        tally.add(f"arm_share_{arm}", event.arm == arm, everything)


def tally_truth(tally, learner, true_loss, smooth):
    """What the monitor says beside what is so, every tenth episode; `learner.scored` says which count."""
    tally.add("expected_loss", true_loss, np.ones_like(learner.ready))
    if not learner.listens:
        return
    should, says, counts = true_loss > learner.line + TIE, learner.alarm, learner.scored()
    tally.add("monitor_fidelity", says == should, counts)
    tally.add("truth_rate", should, counts)
    tally.add("alarm_rate", says, counts)
    tally.add("hits when high", says, counts & should)
    tally.add("hits when low", ~says, counts & ~should)
    tally.add("loss_gap", np.abs(learner.seen_loss - true_loss), learner.ready)
    with np.errstate(over="ignore"):
        smooth = [1 / (1 + np.exp(-smooth * (x - learner.line))) for x in (learner.seen_loss, true_loss)]
    tally.add("policy_gap", smooth[0] - smooth[1], learner.ready)


def tally_checkpoint(tally, learner, world):
    """What is so at the checkpoint itself, and the balanced fidelity of replicates that met both truths since the last."""
    one = np.ones(world.shape[0])
    tally.add("retrains", learner.retrains, one)
    tally.add("unnecessary_retrain_share", learner.unnecessary, learner.retrains)
    tally.add("score_error", ((learner.score - world.wanted) ** 2).mean(1), one)
    tally.add("mean_score", learner.score.mean(1), one)
    (high_hits, high), (low_hits, low) = (tally.sums.pop(f"hits when {side}", (0 * one, 0 * one)) for side in ("high", "low"))
    both = (high > 0) & (low > 0)
    tally.add("balanced_fidelity", 0.5 * (high_hits / np.maximum(high, 1) + low_hits / np.maximum(low, 1)), both)


def simulate(loop, replicates, checkpoints, seed=1):
    """{checkpoint: {metric: (numerators, denominators)}} of `replicates` independent worlds."""
    rng = np.random.default_rng(seed)
    world = World(loop, replicates, rng)
    learner = Learner(loop, world, rng)
    rows, pending, result = np.arange(replicates), collections.deque(), {}
    tally = Tally(replicates)
    for episode in range(1, checkpoints[-1] + 1):
        if episode in loop.drift:
            world.drift()
        scenario = rng.choice(loop.scenarios, replicates, p=world.visits)
        arm = learner.policy.choose(rng, episode)
        threshold = learner.thresholds[arm]
        open_ = ~world.blocked[rows, scenario]
        surfaced = open_ & (learner.score[rows, scenario] >= threshold)
        feedback = world.answer(scenario, surfaced)
        event = Event(scenario, arm, surfaced, open_, learner.hides(feedback))
        tally_decision(tally, event, feedback, world.floor, loop.skip_loss, len(loop.thresholds))
        pending.append(event)
        if len(pending) > loop.delay:
            due = pending.popleft()
            moved, squared = learner.move_score(due)
            tally.add("prediction_loss", squared, moved)
            learner.credit_arm(due)
            learner.watch(due, world.floor)
        true_loss = functools.partial(world.expected_loss, learner.score, threshold)
        learner.retrain(true_loss, episode)
        if episode % TRUTH_EVERY == 0:
            tally_truth(tally, learner, true_loss(), loop.smooth)
        if episode in checkpoints:
            tally_checkpoint(tally, learner, world)
            result[episode] = tally.take()
    return result
