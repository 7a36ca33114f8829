"""Write docs/performance_nest.md and its picture from the output of ``elise benchmark nest --large --json``.

elise benchmark nest --quick --large --json > nest.json
python docs/make_performance_nest.py nest.json
"""

import json
import sys
from pathlib import Path

from elise_pynn.analysis.speed import nest_speed
from elise_pynn.analysis.style import save

HEAD = """# Speed of plastic synapses on NEST

One core of {processor} ({cores} cores) unless threads are named, written by `docs/make_performance_nest.py` from

```bash
elise benchmark nest --quick --large --json > nest.json   # without --quick along five axes, too: more than seven minutes
```

A layer of neurons that fire at random times is connected all to all to a layer that learns; every synapse model receives the same
spikes. *static* is NEST's static synapse onto our neuron, the floor: what is above it, plasticity costs. *urbanczik* is NEST's
`urbanczik_synapse` with its neuron `pp_cond_exp_mc_urbanczik`, the rule that ours is of a kind with; *stdp* is `stdp_synapse`
onto `iaf_psc_exp`, for scale. Times are those of the whole simulation, neurons and delivery included, per arriving spike and
synapse; models take turns and the fastest of three rounds counts (urbanczik: one, of a tenth of the time). Weights are tiny and
learning rates tinier, so that all of learning is computed and activity is the same.

| presynaptic x postsynaptic | elise | static | stdp | urbanczik | urbanczik / elise | elise / static |
|---|---|---|---|---|---|---|
"""
MIDDLE = """
*Why.* NEST's synapse walks the postsynaptic neuron's history at each presynaptic spike, the longer the rarer spikes are. Ours
reads a few numbers of the neuron, the integral of the error so far and its values at the ends of past windows ([the
model](model.md)), whatever the rate: one presynaptic spike costs O(1), exactly.

*Memory*, growth of a process that connects two million synapses: {memory} bytes per synapse.

## The reference network

13 visible and 100 latent neurons, taught, with all of learning computed, and the same network with static synapses instead; both
fire the same spikes, which the benchmark checks.

| time step | plastic / ms per cycle of 250 ms | static / ms | ratio | spikes per cycle | plastic events per cycle |
|---|---|---|---|---|---|
"""
LARGE = """
## Ten million plastic synapses

10 000 recurrent neurons, 1000 plastic synapses each, learning, through relays as the builder makes them.

| threads | connect / s | simulate 0.2 s / s | ns per event | spikes per second and neuron | peak memory / GiB |
|---|---|---|---|---|---|
"""
TAIL = """
{speedup:.2f} times as fast with two threads.

*MPI.* The wheel of NEST that we build on has none. With a NEST compiled with MPI the module is to be compiled against that NEST
(our build takes NEST's headers from the wheel; another NEST needs the include path in `CMakeLists.txt` changed). A synapse lives on
the process of its postsynaptic neuron and reads nothing else, and nothing here gathers over all neurons during a simulation: scores
are computed from recordings afterwards. This has not been tried.
"""


def row(case: dict, found: dict) -> str:
    """A row of the first table."""
    name = f"{case['pre']} x {case['post']}, {case['rate']:g} Hz"
    name += f", {case['timestep']:g} ms" if case["timestep"] != 0.1 else ""
    name += f", {case['threads']} threads" if case["threads"] > 1 else ""
    ns = " | ".join(f"{found['ns_per_event'][model]:,.0f} ns" for model in ("elise", "static", "stdp", "urbanczik"))
    return f"| {name} | {ns} | {found['speedup_vs_urbanczik']:.1f} | {found['overhead_vs_static']:.2f} |\n"


def main(source: Path) -> None:
    """Write the page and the picture."""
    result = json.loads(source.read_text())
    here, seen = Path(__file__).parent, []
    page = HEAD.format(**result["machine"])
    for found in (*result["cases"].values(), *(found for rows in result.get("axes", {}).values() for found in rows)):
        if found["case"] not in seen:
            page += row(found["case"], found)
            seen.append(found["case"])
    if "axes" in result:
        page += "\n![Time per plastic event along each axis](images/nest_speed.png)\n"
    page += MIDDLE.format(memory=", ".join(f"{model} {size:.0f}" for model, size in result["bytes_per_synapse"].items()))
    for timestep, found in result["reference_network"].items():
        times = found["ms_per_cycle"]
        page += f"| {timestep} ms | {times['plastic']:.1f} | {times['static']:.1f} | {found['ratio']:.2f} "
        page += f"| {found['spikes_per_cycle']} | {found['plastic_events_per_cycle']:,} |\n"
    page += LARGE
    large = result["large_network"]
    for threads, found in large["by_threads"].items():
        page += f"| {threads} | {found['connect']:.0f} | {found['simulate']:.1f} | {found['ns_per_event']:.0f} "
        page += f"| {found['spikes_per_second']:.0f} | {found['peak_gib']:.1f} |\n"
    (here / "performance_nest.md").write_text(page + TAIL.format(speedup=large["speedup"]))
    if "axes" in result:
        save(nest_speed(result), here / "images" / "nest_speed.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
