"""Write docs/performance.md and its picture from the output of ``elise benchmark engine --json``.

elise benchmark engine --json > engine.json
python docs/make_performance.py engine.json
"""

import json
import sys
from pathlib import Path

from elise_pynn.analysis.speed import engine_speed
from elise_pynn.analysis.style import save

HEAD = """# Speed of the engine

Steps of 0.1 ms per second, nudged and learning, one core of {processor} ({cores} cores), written by `docs/make_performance.py` from

```bash
elise benchmark engine --json > engine.json
```

![Steps per second against the number of neurons, with what memory and arithmetic allow](images/engine_speed.png)

| neurons | {names} | numpy, `rate` | speed-up over numpy | arrivals per step, `integrate` |
|---|{rules}---|---|---|
"""
TAIL = """
*Lines and their limits.* In the rate form every step needs each weight once for the dendrites' input and changes it once. Read and
written once per step it costs at least the time of passing over the weights in memory, measured here for each size (dashed: *one pass
over the weights per step*). The engine takes steps in blocks of up to 16, so that the weights are read and written once per block:
delays are long against the step, so the delayed rates r_s and traces x_s of a whole block are known at its beginning, and with a_s
for the learning of step s,

    W_s r_s = W_0 r_s + sum over k < s of a_k (x_k . r_s),

exactly, by products of matrices. That takes it above the dashed line where the weights leave the caches (from 1000 neurons on). The
dotted line is what 4 N² operations per step would allow at the speed of a large product of matrices; products with 16 rows, and the
writing of the weights, reach a third to a fifth of it. Small networks spend their time in the neurons themselves, whose exponentials
are vectorised over groups of 16.

The spiking forms touch two rows of N numbers per arriving spike (weights, and the integrals that synapses read last) and the neurons
once per step. Dashed: the time of reading and writing these rows at the measured number of arrivals, which grows with N.

Numpy is the same step of the rate form, written with arrays (`elise_pynn/benchmark/naive.py`); a test asserts that both learn the
same weights. Weights of larger networks are smaller, and the learning rate is tiny though all of learning is computed, so that
activity is the same at every size. The best of three repetitions counts; on a virtual machine times vary by a tenth or two.

In the JSON, `steps_per_second` goes by form, neurons and integrator; `events_per_step` are arrivals of spikes; `roofline` has the
seconds of one pass over the weights and of one arrival; `flops_per_second` that of a product of 512 x 512 matrices.
"""


def main(source: Path) -> None:
    """Write the page and the picture."""
    result = json.loads(source.read_text())
    here = Path(__file__).parent
    steps = result["steps_per_second"]
    series = [(form, integrator) for form in ("rate", "integrate", "escape") for integrator in next(iter(steps[form].values()))]
    names = " | ".join(f"`{form}`" + (f", {integrator}" if form == "rate" else "") for form, integrator in series)
    page = HEAD.format(**result["machine"], names=names, rules="---|" * len(series))
    for n in steps["rate"]:
        cells = [f"{steps[form][n][integrator]:,.0f}" for form, integrator in series]
        cells += [f"{steps['naive_numpy'][n]['reference']:,.0f}", f"{result['speedup_vs_numpy'][n]:.0f}"]
        cells += [f"{result['events_per_step']['integrate'][n]:.1f}"]
        page += f"| {n} | " + " | ".join(cells) + " |\n"
    (here / "performance.md").write_text(page + TAIL)
    save(engine_speed(result), here / "images" / "engine_speed.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
