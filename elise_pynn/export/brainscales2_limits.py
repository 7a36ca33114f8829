"""What BrainScaleS-2 asks for against what a network has."""

from __future__ import annotations

import numpy as np

from elise_pynn.delay_policy import relays_needed, relays_played
from elise_pynn.export.brainscales2_cells import Circuit, circuit
from elise_pynn.export.brainscales2_chip import CHIP
from elise_pynn.export.brainscales2_emulator import TIMESTEP, in_steps_of
from elise_pynn.export.brainscales2_relays import RELAY, synapses_per_relay
from elise_pynn.export.deployed import REQUIRED, Deployed
from elise_pynn.export.finding import Finding

TEACH = "teach it again with --emission threshold --timestep 0.1 --delay-policy fixed, which the export does by itself"


def findings(network: Deployed) -> list[Finding]:
    """What the chip asks for against what a network has, whether it was made for the chip or not.

    Parameters
    ----------
    network : Deployed

    Returns
    -------
    list of Finding
    """
    blueprint = network.blueprint
    fires = blueprint.parameters.neuron.emission == "threshold"
    wanted = circuit(blueprint.parameters.neuron, blueprint.weights, network.timestep) if fires else None
    return [
        _cell(network),
        *_room(network, wanted),
        *_weights(network, wanted),
        *(_circuit(wanted) if wanted else [_two_compartments(network)]),
        *_delays(network),
        _time(network),
        _scaffold(network),
        _replay(network),
    ]


def most_neurons(visible: int) -> int:
    """Neurons, visible ones included, whose rows and those of the cue fit into a half of the chip."""
    return CHIP.rows // 2 - visible


def _cell(network: Deployed) -> Finding:
    emission = network.blueprint.parameters.neuron.emission
    return Finding("cell", f"emission {emission}", "integrate-and-fire", emission == "threshold", TEACH)


def _room(network: Deployed, wanted: Circuit | None) -> list[Finding]:
    blueprint = network.blueprint
    relays, each = int(relays_played(blueprint.delay_dendritic, blueprint.parameters.delays).sum()), 1 if wanted else 2
    circuits = each * blueprint.size + relays
    most = most_neurons(blueprint.visible)
    smaller = f"--latent {max(most - blueprint.visible, 0)} or less"
    parts = f"{blueprint.size} neurons of {each}" + (f", {relays} relays" if relays else "")
    found = [Finding("circuits", f"{circuits} ({parts})", f"{CHIP.circuits}", circuits <= CHIP.circuits, smaller)]
    exciting, inhibiting = (blueprint.weights > 0).any(axis=0), (blueprint.weights < 0).any(axis=0)
    signed, cue = int(exciting.sum() + inhibiting.sum()), 2 * blueprint.visible
    fan_in = f"{signed + cue} rows ({signed} of {blueprint.size} sources, {cue} of the cue)"
    found.append(Finding("fan-in", fan_in, f"{CHIP.rows} rows", signed + cue <= CHIP.rows, smaller))
    both = int((exciting & inhibiting).sum())
    text = f"{both} of {blueprint.size} sources excite and inhibit"
    found.append(Finding("row signs", text, "one sign per row", None, "a row for each sign, as counted under fan-in and written by the export"))
    if relays and wanted:
        rows = synapses_per_relay(wanted)
        text = f"{relays} relays, {rows} synapses of full weight into each"
        remedy = "--delay-policy fixed; whether relays share rows, by the addresses in their synapses, is up to the place-and-route of the platform"
        found.append(Finding("relays", text, f"{CHIP.circuits - CHIP.rows} circuits of the other half", relays <= CHIP.circuits - CHIP.rows, remedy))
    return found


def _weights(network: Deployed, wanted: Circuit | None) -> list[Finding]:
    weights = network.blueprint.weights
    largest = float(np.abs(weights).max())
    step = largest / CHIP.largest or 1.0
    held = in_steps_of(weights, step) * step
    lost = int(((weights != 0) & (held == 0)).sum())
    error = float(np.abs(held - weights).max())
    text = f"steps of {step:.3g} mV up to {largest:.3g} mV, rounding error up to {error:.2g} mV, {lost} of {np.count_nonzero(weights)} become 0"
    remedy = "they hold it when the replay does: teach for longer, or draw another network"
    found = [Finding("6-bit weights", text, f"{CHIP.largest} steps of each sign", error <= step / 2 + 1e-9, remedy)]
    if wanted:
        low, high = CHIP.synin_gm
        strength, current = wanted.synin_gm(), wanted.current()
        text = f"{current:.2f} nA for a full weight: i_synin_gm about {strength}"
        published = f"{CHIP.current} nA at {CHIP.default_gm}; {low} to {high}"
        found.append(Finding("synaptic current", text, published, low <= strength <= high, "--param lif_gain: smaller currents with a smaller one"))
    return found


def _circuit(wanted: Circuit) -> list[Finding]:
    found = []
    for rule, value, (low, high), name in (
        ("membrane time constant", wanted.tau_m, CHIP.tau_m, "lif_tau_m"),
        ("synaptic time constant", wanted.tau_syn, CHIP.tau_syn, "g_L"),
        ("refractory time", wanted.tau_refrac, CHIP.refractory, "lif_t_ref"),
    ):
        text = f"{value:g} ms, {value:g} us of its own time"
        found.append(Finding(rule, text, f"{low:g} to {high:g} us", low <= value <= high, f"teach it with another {name}"))
    for rule, level, (least, most) in (
        ("rest", wanted.v_rest, CHIP.rest),
        ("reset", wanted.v_reset, CHIP.reset),
        ("threshold", wanted.v_thresh, CHIP.threshold),
    ):
        remedy = "a rheobase nearer to rest: lif_v_rheo"
        found.append(Finding(rule, f"{level} LSB", f"{least} to {most} LSB", least <= level <= most, remedy))
    span = wanted.span * CHIP.volt
    text = f"{span:.0f} mV from reset to threshold; the drive of {wanted.drive:.2f} spans is made by the rest"
    found.append(Finding("span", text, "no constant current", None, "what differs between circuits in mV counts by the span"))
    return found


def _two_compartments(network: Deployed) -> Finding:
    neuron = network.blueprint.parameters.neuron
    tau = 1 / (neuron.g_L + neuron.g_D)
    low, high = CHIP.tau_m
    text = f"{tau:.2f} ms of a soma with its dendrite, {tau:.2f} us of its own time"
    return Finding("membrane time constant", text, f"{low:g} to {high:g} us", low <= tau <= high, TEACH)


def _delays(network: Deployed) -> list[Finding]:
    blueprint = network.blueprint
    delays, policy = blueprint.delay_dendritic, blueprint.parameters.delays
    text = f"{delays.min():.1f} to {delays.max():.1f} ms in dendrites, policy {policy.delay_policy}"
    if policy.delay_policy == "drawn":
        number = int(relays_needed(delays, policy).sum())
        remedy = f"--delay-policy fixed; relays for these delays would take {number} circuits, of which {CHIP.circuits - blueprint.size} are left"
        return [Finding("delays", text, f"{CHIP.delay:g} ms, not to be set", bool((delays.round(1) == CHIP.delay).all()), remedy)]
    meant = policy.connection_delay
    limit = f"{CHIP.delay:g} ms, not to be set"
    if policy.delay_policy == "relay":
        limit += f"; {policy.relay_delay:g} ms more per relay ({RELAY.tau_m:g} ms membrane)"
    text += f": played as {meant:g} ms" + (" and relays" if policy.delay_policy == "relay" else "") + f", {policy.delay_lead:g} ms shorter"
    return [Finding("delays", text, limit, meant == CHIP.delay, "--delay-policy fixed with the default connection_delay")]


def _time(network: Deployed) -> Finding:
    text = f"taught at {network.timestep:g} ms, plays {CHIP.speed:g} times as fast as biology"
    remedy = f"teach at {TIMESTEP:g} ms: what was taught in coarser steps plays another rhythm in continuous time"
    return Finding("time", text, "continuous", network.timestep <= TIMESTEP, remedy)


def _scaffold(network: Deployed) -> Finding:
    edges = len(network.blueprint.scaffold)
    return Finding("scaffold", f"{edges} connections", "none in replay", edges == 0, "leave it out, as the export does: the dendrites replay alone")


def _replay(network: Deployed) -> Finding:
    correlation, f1 = REQUIRED[TIMESTEP]
    limit, scores = f"correlation {correlation}, note F1 {f1}, every cycle", network.scores
    remedy = "teach for longer, or draw another network; with --delay-policy fixed"
    if scores is None:
        return Finding("replay, ideal circuits emulated", "none of its cells can be emulated", limit, False, TEACH)
    text = f"correlation {scores.replay.median_correlation:.3f}"
    text += "" if scores.note_f1 is None else f", note F1 {scores.note_f1:.3f}"
    text += f", {scores.replay.sustained_cycles} of {scores.replay.cycles} cycles, drift {scores.replay.drift_ms_per_cycle:+.1f} ms per cycle"
    return Finding("replay, ideal circuits emulated", text, limit, scores.reaches(correlation, f1), remedy)
