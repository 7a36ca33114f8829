"""Plain PyNEST: the neuron and its plastic synapse without PyNN.

Thirty Poisson inputs drive one neuron through plastic synapses while a teacher, a current source in mV, holds its soma high for
half of each 400 ms. Ten of the inputs are active in that half only: their weights grow, the others' fall.

Run it:  python pynest_synapse.py
"""

import nest
import numpy as np

from elise_pynn.nestml_models import NEURON, SYNAPSE, install

nest.ResetKernel()
nest.verbosity = nest.VerbosityLevel.ERROR
nest.resolution = 0.1
install(nest)  # again after each ResetKernel

neuron = nest.Create(NEURON, params={"nudging": 0.6})
ports = nest.GetDefaults(NEURON)["receptor_types"]  # DENDRITE, SOMA_EXC, SOMA_INH

# The teacher: what a current source injects is added, in mV, to the target potential of -70 mV.
periods = np.arange(50) * 400.0
teacher = nest.Create(
    "step_current_generator",
    params={
        "amplitude_times": np.column_stack([periods + 200.0, periods + 400.0]).ravel(),
        "amplitude_values": np.tile([18.0, 0.0], len(periods)),
    },
)
nest.Connect(teacher, neuron)

# Ten inputs are active in the second half of each period, twenty in the first.
rng = np.random.default_rng(1)


def train(phase: float) -> np.ndarray:
    """Poisson spikes of 100 Hz in one half of each period."""
    times = [start + phase + np.flatnonzero(rng.random(2000) < 0.01) * 0.1 for start in periods]
    return np.round(np.concatenate(times), 1) + 0.1


inputs = nest.Create("spike_generator", 30)
for i, generator in enumerate(inputs):
    generator.set(spike_times=train(200.0 if i < 10 else 0.0))

# The plastic synapse learns exactly, and only, with a delay of one time step. A longer delay belongs on the
# connection to a parrot_neuron, which repeats the spikes.
relays = nest.Create("parrot_neuron", 30)
nest.Connect(inputs, relays, "one_to_one", syn_spec={"delay": 5.0})
nest.Connect(
    relays, neuron, syn_spec={"synapse_model": SYNAPSE, "weight": 0.0, "eta": 0.05, "delay": 0.1, "receptor_type": ports["DENDRITE"]}
)

nest.Simulate(50 * 400.0)

weights = np.array(nest.GetConnections(relays, neuron).weight)
print(f"active with the teacher:    mean weight {weights[:10].mean():+.2f} mV")
print(f"active without the teacher: mean weight {weights[10:].mean():+.2f} mV")

neuron.set(plasticity=0.0)  # freeze: what lies between an arrival and now is still learned at the next arrival, then nothing more
nest.Simulate(400.0)
frozen = np.array(nest.GetConnections(relays, neuron).weight)
nest.Simulate(400.0)
print("frozen:", np.array_equal(frozen, nest.GetConnections(relays, neuron).weight))
