"""Pictures of speed."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from elise_pynn.analysis.style import GRID, INK, LATENT, VISIBLE, new, styled


@styled
def engine_speed(result: dict[str, Any]) -> Figure:
    """Steps per second against neurons, with the roofline of each form.

    Parameters
    ----------
    result : dict
        As `elise_pynn.benchmark.engine.measure` returns it.

    Returns
    -------
    Figure
    """
    steps, roofline, names = result["steps_per_second"], result["roofline"], list(result["steps_per_second"]["rate"])
    n = np.array([int(name) for name in names])

    def speed(form: str, integrator: str) -> list[float]:
        return [steps[form][name][integrator] for name in names]

    figure, axes = new(7.6, 3.9, columns=2, sharey=True)
    rate, spiking = axes[0]
    rate.plot(n, speed("rate", "exponential"), "o-", color=VISIBLE, ms=4, label="engine, exponential")
    rate.plot(n, speed("rate", "reference"), "s--", color=VISIBLE, ms=3, lw=0.8, alpha=0.6, label="engine, reference")
    rate.plot(n, speed("naive_numpy", "reference"), "^-", color="#888888", ms=4, label="numpy")
    rate.plot(
        n, [1 / roofline[name]["weights_pass_s"] for name in names], "--", color=INK, lw=1, label="one pass over the weights per step"
    )
    rate.plot(n, result["flops_per_second"] / (4.0 * n**2), ":", color=INK, lw=1.2, label="arithmetic, 4 N² per step")
    rate.set_title("rate")
    rate.set_ylabel("steps of 0.1 ms per second")
    spiking.plot(n, speed("integrate", "exponential"), "o-", color=LATENT, ms=4, label="integrate")
    spiking.plot(n, speed("escape", "exponential"), "s--", color=LATENT, ms=3, lw=0.8, alpha=0.6, label="escape")
    events = result["events_per_step"]["integrate"]
    bound = [1 / (events[name] * roofline[name]["arrival_s"]) for name in names]
    spiking.plot(n, bound, "--", color=INK, lw=1, label="rows of weights of arriving spikes")
    spiking.set_title("spiking")
    for ax in (rate, spiking):
        ax.set(xscale="log", yscale="log", xlabel="neurons", ylim=(10, 2e8))
        ax.set_xticks(n, names, rotation=60)
        ax.minorticks_off()
        ax.grid(color=GRID, lw=0.5)
        ax.legend(fontsize=7, loc="lower left")
    return figure


#: axis: what it is called
NEST_AXES = {
    "rate": "presynaptic rate / Hz",
    "fan_in": "fan-in",
    "neurons": "postsynaptic neurons",
    "threads": "threads",
    "timestep": "time step / ms",
}
#: where an axis' value lies in a case
NEST_FIELDS = {"fan_in": "pre", "neurons": "post"}


@styled
def nest_speed(result: dict[str, Any]) -> Figure:
    """Time per plastic event on NEST along each axis, with the static synapse as the floor.

    Parameters
    ----------
    result : dict
        As `elise_pynn.benchmark.nest.measure` returns it.

    Returns
    -------
    Figure
    """
    axes_measured = result["axes"]
    figure, axes = new(10.0, 3.0, columns=len(axes_measured), sharey=True)
    looks = {"urbanczik": ("#888888", "^-"), "stdp": (INK, "s:"), "elise": (VISIBLE, "o-"), "static": (LATENT, "--")}
    names = {"urbanczik": "NEST's urbanczik_synapse", "stdp": "stdp_synapse", "elise": "elise_synapse", "static": "static, same neuron"}
    for ax, (axis, rows) in zip(axes[0], axes_measured.items(), strict=True):
        values = [row["case"][NEST_FIELDS.get(axis, axis)] for row in rows]
        for model, (colour, look) in looks.items():
            ax.plot(values, [row["ns_per_event"][model] for row in rows], look, color=colour, ms=4, label=names[model])
        ax.set(xscale="log", yscale="log", xlabel=NEST_AXES[axis])
        ax.set_xticks(values, [f"{value:g}" for value in values], rotation=60)
        ax.minorticks_off()
        ax.grid(color=GRID, lw=0.5)
    axes[0, 0].set_ylabel("ns per plastic event, neurons included")
    axes[0, -1].legend(fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure
