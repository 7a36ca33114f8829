"""What BrainScaleS-2 asks for against what a network has."""

from __future__ import annotations

import numpy as np

from elise_pynn.delay_policy import relays_needed, relays_played
from elise_pynn.export.brainscales2_cells import Circuit, circuit
from elise_pynn.export.brainscales2_chip import CHIP
from elise_pynn.export.brainscales2_emulator import TIMESTEP, EmulatedChip, in_steps_of
from elise_pynn.export.brainscales2_relays import RELAY, synapses_per_relay
from elise_pynn.export.brainscales2_teaching import most_neurons, played_by_ideal
from elise_pynn.export.deployed import Deployed
from elise_pynn.export.finding import Finding
from elise_pynn.export.stock_teaching import GOOD_FINE

#: the remedy for networks of another form
AGAIN = "elise export teaches the sequence again in a form that obeys the chip; or teach with --emission threshold --delay-policy fixed."
#: virtual chips that are tried, and cycles of their replays
CHIPS, CYCLES = 10, 20


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
        *(_replay(network) if fires else [Finding("replay", "not tried: it is that of another cell", "", None, AGAIN)]),
    ]


def _cell(network: Deployed) -> Finding:
    emission = network.blueprint.parameters.neuron.emission
    return Finding("cell", f"emission {emission}", "integrate-and-fire", emission == "threshold", AGAIN)


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
    remedy = "a row for each sign, as counted under fan-in and written by the script."
    found.append(Finding("row signs", f"{both} of {blueprint.size} sources excite and inhibit", "one sign per row", None, remedy))
    if relays and wanted:
        rows, free = synapses_per_relay(wanted), CHIP.circuits - CHIP.rows
        remedy = "--delay-policy fixed; whether relays share rows, by their synapses' addresses, is up to the platform."
        text = f"{relays} relays, {rows} synapses of full weight into each"
        found.append(Finding("relays", text, f"{free} circuits of the other half", relays <= free, remedy))
    return found


def _weights(network: Deployed, wanted: Circuit | None) -> list[Finding]:
    weights = network.blueprint.weights
    largest = float(np.abs(weights).max())
    step = largest / CHIP.largest or 1.0
    held = in_steps_of(weights, step) * step
    lost = int(((weights != 0) & (held == 0)).sum())
    error = float(np.abs(held - weights).max())
    number = np.count_nonzero(weights)
    text = f"steps of {step:.3g} mV up to {largest:.3g} mV, rounding error up to {error:.2g} mV, {lost} of {number} become 0"
    remedy = "they hold it when the replay does: teach for longer, or draw another network"
    found = [Finding("6-bit weights", text, f"{CHIP.largest} steps of each sign; the replay decides", None, remedy)]
    if wanted:
        low, high = CHIP.synin_gm
        strengths, current = wanted.synin_gm(), wanted.current()
        text = f"{current:.2f} nA for a full weight: i_synin_gm about {strengths[0]} (excitatory), {strengths[1]} (inhibitory)"
        published = f"{CHIP.current} nA at {CHIP.default_gm}; {low} to {high}"
        found.append(
            Finding(
                "synaptic current",
                text,
                published,
                all(low <= strength <= high for strength in strengths),
                "a smaller lif_gain makes currents smaller, longer teaching makes them larger.",
            )
        )
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
    return Finding("membrane time constant", text, f"{low:g} to {high:g} us", low <= tau <= high, AGAIN)


def _delays(network: Deployed) -> list[Finding]:
    blueprint = network.blueprint
    delays, policy = blueprint.delay_dendritic, blueprint.parameters.delays
    text = f"{delays.min():.1f} to {delays.max():.1f} ms in dendrites, policy {policy.delay_policy}"
    if policy.delay_policy == "drawn":
        number = int(relays_needed(delays, policy).sum())
        left = CHIP.circuits - blueprint.size
        remedy = f"--delay-policy fixed; relays for these delays would take {number} circuits, of which {left} are left."
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
    return Finding(
        "scaffold", f"{edges} connections", "none in replay", edges == 0, "leave it out, as the export does: the dendrites replay alone"
    )


def _replay(network: Deployed) -> list[Finding]:
    blueprint, sequence, dt = network.blueprint, network.sequence, network.timestep
    correlation, f1 = GOOD_FINE
    ideal = played_by_ideal(blueprint, sequence, dt)
    others = [EmulatedChip(blueprint, sequence, dt, seed).replay(CYCLES) for seed in range(1, CHIPS + 1)]
    sustained, middle = sum(scores.sustained for scores in others), np.median([scores.replay.median_correlation for scores in others])
    return [
        Finding(
            "replay on ideal circuits",
            f"{ideal.in_words()}, drift {ideal.replay.drift_ms_per_cycle:+.1f} ms per cycle",
            f"emulated, with noise: every cycle sustained, correlation {correlation}, note F1 {f1}",
            ideal.reaches(correlation, f1),
            "elise export draws another network when this one does not play.",
        ),
        Finding(
            "replay on virtual chips",
            f"{sustained} of {CHIPS} sustained, correlation {middle:.3f} (median)",
            "emulated, with the published spreads; weights written blindly",
            None,
            "what circuits differ in is learned with the chip in the loop: docs/hardware_brainscales2.md.",
        ),
    ]
