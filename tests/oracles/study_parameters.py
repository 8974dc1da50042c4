"""Parameters of the naive simulations with their defaults, named as in a study file."""
import dataclasses


@dataclasses.dataclass
class Policy:
    """How an arm is drawn; the same for bandits and for the closed loop."""

    policy: str = "thompson"
    discount: float = 0.95
    window: int = 100
    epsilon: float = 0.1
    exploration: float = 2.0
    log_log: float = 0.0
    fixed_arm: int = 0
    prior_success: float = 1.0
    prior_failure: float = 1.0


@dataclasses.dataclass
class Bandit(Policy):
    """Every parameter of kind bandit."""

    arms: tuple = ()
    segments: tuple = ()
    break_every: int = 0
    arm_count: int = 5
    draw_a: float = 1.0
    draw_b: float = 1.0


@dataclasses.dataclass
class Loop(Policy):
    """Every parameter of kind loop (section 8). `lambda` is no name for a field, so it is `skip_loss` here."""

    scenarios: int = 64
    latent: str = "deterministic"
    base_rate: float = 0.5
    latent_a: float = 1.0
    latent_b: float = 1.0
    initial_slope: float = 0.3
    initial_noise: float = 0.2
    zipf: float = 0.0
    blocked_share: float = 0.0
    thresholds: tuple = (0.5, 0.6, 0.7, 0.8, 0.9)
    target: str = "approval"
    step: str = "robbins_monro"
    eta: float = 0.1
    c: float = 1.0
    n0: float = 1.0
    kappa: float = 1.0
    look_surfaced: float = 0.9
    look_withheld: float = 0.2
    neutral_share: float = 0.1
    skip_loss: float = 0.3
    swap: float = 0.0
    adversarial: float = 0.0
    delay: int = 0
    monitor: str = "window"
    monitor_window: int = 100
    half_life: float = 100.0
    reference: str = "floor"
    delta: float = 0.1
    theta: float = 0.4
    on_alarm: str = "retrain"
    min_gap: int = 100
    monitor_noise: float = 0.0
    smooth: float = 20.0
    refill: str = "silent"
    ablated_interval: int = 500
    drift: tuple = ()
    redraw: float = 1.0
    ablation: str = "full"
    ablated_threshold: float = 0.7
