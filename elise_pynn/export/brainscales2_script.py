"""The script that replays a deployed network on BrainScaleS-2, with everything it needs inside.

The deployed form needs one compartment: the circuit's synaptic current is the dendrite, its membrane the cell that fires. So the script
takes CalibHXNeuronCuba, one circuit per neuron, which the platform calibrates to what is asked for; multi-compartment neurons would take
two circuits, and nothing of the model would be in the second one.
"""

from __future__ import annotations

import base64
import io
import pprint
import re
import textwrap

import numpy as np

from elise_pynn import __version__
from elise_pynn.export import stock_script
from elise_pynn.export.brainscales2_api import check_calls
from elise_pynn.export.brainscales2_cells import Circuit
from elise_pynn.export.brainscales2_chip import CHIP
from elise_pynn.export.brainscales2_emulator import TIMESTEP, EmulatedChip, in_steps_of
from elise_pynn.export.brainscales2_relays import relay_circuit, synapses_per_relay
from elise_pynn.export.deployed import REPLAY, Deployed, sampling_interval
from elise_pynn.protocol import CUE_CYCLES, target_rates
from elise_pynn.quantity import ParameterError

ALIAS = "pynn"


def script(network: Deployed, cycles: int = REPLAY) -> str:
    """Text of a script that replays on BrainScaleS-2.

    Raises
    ------
    ParameterError
        When the network is none that the chip's circuits can play, or when the text does not fit the recorded signatures.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    blueprint, neuron = network.blueprint, network.blueprint.parameters.neuron
    if neuron.emission != "threshold":
        raise ParameterError(f"emission = {neuron.emission!r}: the chip's circuits play what threshold learned: teach with it.")
    ideal = EmulatedChip(blueprint, network.sequence, network.timestep, seed=0, spread=0.0, noise=0.0)
    template = Environment(
        loader=PackageLoader("elise_pynn.export"), undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False
    ).get_template("brainscales2_run.py.j2")
    strengths = ideal.circuit.synin_gm()
    text = template.render(
        name=re.sub(r"[^\w ,.()-]", "_", network.sequence.name),
        version=__version__,
        arxiv="arXiv:2402.16763",
        speed=round(CHIP.speed),
        period=network.sequence.period,
        cue_cycles=CUE_CYCLES,
        cycles=cycles,
        visible=blueprint.visible,
        latent=blueprint.latent,
        relays=int(ideal.relays.sum()),
        step_ms=network.sequence.step_ms,
        spikes_per_rate=neuron.spikes_per_rate,
        interval=sampling_interval(network.sequence, network.timestep),
        cell=pprint.pformat(_parameters(ideal.circuit, strengths), sort_dicts=False),
        relay=pprint.pformat(_parameters(relay_circuit(ideal.circuit), strengths), sort_dicts=False),
        kick=synapses_per_relay(ideal.circuit) * CHIP.largest,
        cue=CHIP.largest,
        current=CHIP.current,
        default_gm=CHIP.default_gm,
        results=" and ".join(stock_script.RESULTS),
        results_repr=repr(stock_script.RESULTS),
        scoring=stock_script.scoring_source(),
        network=_packed(network, ideal),
    )
    if wrong := check_calls(text, ALIAS):
        raise ParameterError(f"the script does not fit pynn_brainscales as recorded: {'; '.join(wrong)}. Report it.")
    return text


def _parameters(circuit: Circuit, strengths: tuple[int, int]) -> dict[str, float]:
    """Parameters of CalibHXNeuronCuba: LSB, us."""
    return {
        "v_rest": circuit.v_rest,
        "v_reset": circuit.v_reset,
        "v_thresh": circuit.v_thresh,
        "tau_m": circuit.tau_m,
        "tau_syn_E": circuit.tau_syn,
        "tau_syn_I": circuit.tau_syn,
        "tau_refrac": circuit.tau_refrac,
        "i_synin_gm_E": strengths[0],
        "i_synin_gm_I": strengths[1],
    }


def _packed(network: Deployed, ideal: EmulatedChip) -> str:
    """The network's arrays as lines of Python strings."""
    blueprint, sequence = network.blueprint, network.sequence
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        weights=np.rint(in_steps_of(blueprint.weights, ideal.step)).astype(np.int8),
        relays=ideal.relays.astype(np.int16),
        cue_times=ideal.cue[:, 0] * TIMESTEP,
        cue_sources=ideal.cue[:, 1].astype(np.int16),
        target=target_rates(sequence, blueprint, network.timestep, sampling_interval(sequence, network.timestep)),
        pattern=np.empty(0) if sequence.continuous.any() else sequence.pattern,
    )
    lines = textwrap.wrap(base64.b64encode(buffer.getvalue()).decode(), 120)
    return "\n".join(f'    "{line}"' for line in lines)
