"""The cells on NEST: translation tables to the models compiled from NESTML.

PyNN multiplies weights and injected currents by 1000 on their way to NEST and divides weights by it on the way back. The
neuron undoes it with ``input_unit``, so that values survive both ways.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

os.environ.setdefault("PYNEST_QUIET", "1")

import nest

from elise_pynn import cells
from elise_pynn.nestml_models import NEURON, SYNAPSE, install


def _import_pynn() -> Any:
    # PyNN tries to compile extensions of its own at import when it finds nest-config, which fails with NEST's wheel.
    path = os.environ.get("PATH", "")
    os.environ["PATH"] = ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pyNN.nest
    finally:
        os.environ["PATH"] = path
    return pyNN.nest


sim = _import_pynn()
# PyNN 0.13 calls functions that NEST 3.10 has deprecated; nothing a user could do about it.
warnings.filterwarnings("ignore", category=UserWarning, module=r"nest\.lib\.hl_api_helper")

from pyNN.nest import simulator  # noqa: E402
from pyNN.nest.cells import NativeCellType  # noqa: E402
from pyNN.nest.synapses import NESTSynapseMixin  # noqa: E402
from pyNN.parameters import ArrayParameter, Sequence  # noqa: E402
from pyNN.standardmodels import build_translations  # noqa: E402

WEIGHT_SCALE = 1000.0


def _load_module_at_each_setup() -> None:
    # setup() unloads modules, and NEST takes new ones only as long as it is empty: load ours with every reset.
    clear = simulator.state.clear

    def clear_and_load() -> None:
        clear()
        install(nest)

    simulator.state.clear = clear_and_load
    install(nest)


_load_module_at_each_setup()


class EliseNeuron(cells.EliseNeuron):
    __doc__ = cells.EliseNeuron.__doc__

    translations = build_translations(
        ("g_leak", "g_L"),
        ("g_dend", "g_D"),
        ("e_leak", "E_L"),
        ("e_rev_E", "E_exc"),
        ("e_rev_I", "E_inh"),
        ("beta", "beta"),
        ("theta", "theta"),
        ("g_exc0", "g_exc0"),
        ("g_inh0", "g_inh0"),
        ("tau_syn", "tau_syn"),
        ("n_scaffold", "n_scaffold"),
        ("spikes_per_rate", "spikes_per_rate"),
        ("escape", "escape"),
        ("threshold", "threshold"),
        ("lif_tau_m", "lif_tau_m"),
        ("lif_t_ref", "lif_t_ref"),
        ("lif_v_rheo", "lif_v_rheo"),
        ("lif_gain", "lif_gain"),
        ("nudging", "nudging"),
        ("plasticity", "plasticity"),
        ("teacher_size", "teacher_size"),
        ("teacher_waveform", "teacher_waveform"),
    )
    extra_parameters = {"input_unit": 1 / WEIGHT_SCALE}
    variable_map = {name: name for name in cells.CELL_VARIABLES} | {"v": "V_m", "v_dend": "V_dend", "v_pred": "V_pred"}
    scale_factors = dict.fromkeys(cells.CELL_VARIABLES, 1.0)
    nest_name = {"on_grid": NEURON, "off_grid": NEURON}
    standard_receptor_type = False

    def get_receptor_type(self, name: str) -> int:
        """NEST's number of a receptor type."""
        return nest.GetDefaults(NEURON)["receptor_types"][name.upper()]

    def reverse_translate(self, native_parameters: Any) -> Any:
        """PyNN values of NEST's; a waveform is a Sequence, which PyNN does not mistake for one value per receptor type."""
        parameters = super().reverse_translate(native_parameters)
        if "teacher_waveform" in parameters.keys():
            waveform = parameters["teacher_waveform"]
            if isinstance(waveform.base_value, ArrayParameter):
                waveform.base_value = np.array([Sequence(waveform.base_value.value)] * waveform.shape[0], dtype=object)
        return parameters


class EliseSynapse(cells.EliseSynapse, NESTSynapseMixin):
    __doc__ = cells.EliseSynapse.__doc__

    translations = build_translations(("weight", "weight", WEIGHT_SCALE), ("delay", "delay"), ("learning_rate", "eta"))
    nest_name = SYNAPSE


class Relay(NativeCellType):
    """Repeats each spike that it receives, after the delay of the connection to it."""

    nest_name = {"on_grid": "parrot_neuron", "off_grid": "parrot_neuron"}
    nest_model = "parrot_neuron"
    default_parameters: dict[str, Any] = {}
    default_initial_values: dict[str, Any] = {}
    receptor_types = ("excitatory", "inhibitory")
    standard_receptor_type = True
    conductance_based = False
    recordable = ["spikes"]
    units = {"spikes": "ms"}
    injectable = False


def tune() -> None:
    """Set the kernel for long runs; to be called after ``setup()``.

    NEST logs each resizing of its spike buffer and PyNN reads the whole kernel status, log included, at every ``run()``, so that a run of
    thousands of cycles would get ever slower. A buffer that never shrinks is resized a few times only.
    """
    nest.set(spike_buffer_shrink_limit=0.0)


def connection_weights(projection: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Presynaptic and postsynaptic neuron numbers and weights of a projection, whole arrays at once."""
    rows = projection.nest_connections.get(("source", "target", "weight"))
    pre, post, weight = (np.atleast_1d(rows[name]) for name in ("source", "target", "weight"))
    return pre - int(projection.pre.all_cells[0]), post - int(projection.post.all_cells[0]), weight / WEIGHT_SCALE


class Recording:
    """Read the devices that PyNN's recorders created on NEST, whole arrays at once, and only for stretches of time.

    PyNN keeps NEST one time step ahead of its own time. So the spike recorder is never switched off, spikes past the present time
    are kept for the next stretch, and only the multimeter, which hands out late what it has recorded, is gated.
    """

    def __init__(self, population: Any) -> None:
        self._first = int(population.all_cells[0])
        self._spikes = population.recorder._spike_detector.device
        self._signals = population.recorder._multimeter.device
        self._kept = self._recent = (np.empty(0), np.empty(0, dtype=np.int64))
        self.stop()

    def start(self) -> None:
        """Record from now on."""
        self.spikes_until(sim.get_current_time())
        self._signals.set(start=sim.get_current_time(), stop=np.inf)

    def stop(self) -> None:
        """Record variables no longer."""
        self._signals.set(stop=sim.get_current_time())

    def spikes_until(self, end: float) -> tuple[np.ndarray, np.ndarray]:
        """Return and forget the spikes up to the time `end`: times in ms, neuron numbers within the population."""
        new = self._new()
        self._recent = self._lately(new)
        self._spikes.n_events = 0
        times, neurons = (np.concatenate(columns) for columns in zip(self._kept, new, strict=True))
        past = times < end + 1e-6
        self._kept = (times[~past], neurons[~past])
        return times[past], neurons[past]

    def recent(self) -> tuple[np.ndarray, np.ndarray]:
        """All spikes of the longest delay before now, whether they were forgotten or not: times in ms, neuron numbers."""
        return self._lately(self._new())

    def _new(self) -> tuple[np.ndarray, np.ndarray]:
        events = self._spikes.events
        return np.asarray(events["times"]), np.asarray(events["senders"], dtype=np.int64) - self._first

    def _lately(self, new: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        times, neurons = (np.concatenate(columns) for columns in zip(self._recent, new, strict=True))
        late = times > nest.biological_time - nest.max_delay - 3 * nest.resolution
        return times[late], neurons[late]

    def signal(self, variable: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return and forget a recorded variable: times in ms, neuron numbers within the population, values."""
        events = self._signals.events
        self._signals.n_events = 0
        neurons = np.asarray(events["senders"], dtype=np.int64) - self._first
        return np.asarray(events["times"]), neurons, np.asarray(events[EliseNeuron.variable_map[variable]])
