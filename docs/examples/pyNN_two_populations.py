"""Plain PyNN: one population learns to predict itself from the spikes of another.

Forty input neurons fire one after the other, cycle after cycle. A teacher nudges three output neurons, each at its own part of the
cycle. The plastic dendritic synapses learn from it; then the teacher leaves, the weights are frozen, and the inputs alone drive the
outputs. Nothing of ELiSe is used here but the neuron and the synapse.

Run it:  python pyNN_two_populations.py
(PyNN's import warns when it cannot compile extensions of its own; they are not needed here.)
"""

import matplotlib
import numpy as np
import pyNN.nest as sim
from pyNN.parameters import Sequence

from elise_pynn import cell_types

matplotlib.use("Agg")
import matplotlib.pyplot as plt

TIMESTEP, PERIOD, CYCLES = 0.1, 200.0, 60

sim.setup(timestep=TIMESTEP, min_delay=TIMESTEP, max_delay=1.0, spike_precision="on_grid")
EliseNeuron, EliseSynapse = cell_types(sim)

# Input: neuron i fires a burst of five spikes at i * 5 ms of each cycle.
starts = np.arange(CYCLES + 5) * PERIOD
bursts = [Sequence(np.sort((starts[:, None] + 5.0 * i + np.arange(1, 6)).ravel())) for i in range(40)]
inputs = sim.Population(40, sim.SpikeSourceArray(spike_times=bursts), label="inputs")

# Output: three neurons with a target potential each, one sample a time step, repeated every cycle.
t = np.arange(round(PERIOD / TIMESTEP)) * TIMESTEP
targets = -70.0 + 20.0 * np.exp(-0.5 * ((t - np.array([[50.0], [100.0], [150.0]])) / 12.0) ** 2)
outputs = sim.Population(
    3,
    EliseNeuron(teacher_size=len(t), teacher_waveform=[Sequence(row) for row in targets], nudging=0.6),
    label="outputs",
)

# Plastic synapses learn exactly when their delay is one time step (see docs/model.md).
plastic = sim.Projection(
    inputs,
    outputs,
    sim.AllToAllConnector(),
    EliseSynapse(weight=0.0, learning_rate=0.5, delay=TIMESTEP),
    receptor_type="dendrite",
)
outputs.record(["v", "u_target", "spikes"])

sim.run(CYCLES * PERIOD)  # teach
outputs.set(nudging=0.0, plasticity=0.0)  # the teacher leaves, the weights stay
sim.run(4 * PERIOD)

segment = outputs.get_data().segments[0]
voltage, target = (segment.filter(name=name)[0].magnitude for name in ("v", "u_target"))
n = len(t)
taught, alone = voltage[n : 2 * n], voltage[-2 * n : -n]
goal = target[-2 * n : -n]
for i in range(3):
    r = np.corrcoef(alone[:, i], goal[:, i])[0, 1]
    print(f"output {i}: correlation of potential and target without the teacher {r:.3f}")

weights = plastic.get("weight", format="array")
print(f"weights from {weights.min():.2f} to {weights.max():.2f} mV, strongest inputs {weights.argmax(axis=0)}")

figure, axes = plt.subplots(3, 1, sharex=True, figsize=(6, 5), layout="constrained")
for i, ax in enumerate(axes):
    ax.plot(t, goal[:, i], color="0.6", lw=3, label="target")
    ax.plot(t, alone[:, i], color="C3", label="after learning, no teacher")
    ax.set_ylabel(f"output {i}: u / mV")
axes[0].legend(frameon=False, loc="upper right")
axes[-1].set_xlabel("time / ms")
figure.savefig("pyNN_two_populations.png", dpi=150)
sim.end()
