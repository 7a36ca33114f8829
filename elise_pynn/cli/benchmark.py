"""``elise benchmark``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from elise_pynn.cli.options import JsonOption
from elise_pynn.cli.screen import one_clear_message, only_json_on_stdout, print_json, print_line, screen

app = typer.Typer(help="Measure speed on this machine.", no_args_is_help=True)


@app.callback()
def _benchmark() -> None:
    pass


def _show(result: dict[str, Any]) -> None:
    table = Table(title="steps per second of 0.1 ms, learning on, one core", title_justify="left")
    series = [(form, integrator) for form, by_size in result["steps_per_second"].items() for integrator in next(iter(by_size.values()))]
    table.add_column("neurons", justify="right")
    for form, integrator in series:
        table.add_column(f"{form}\n{integrator}", justify="right")
    for n in result["steps_per_second"]["rate"]:
        table.add_row(n, *(f"{result['steps_per_second'][form][n][integrator]:,.0f}" for form, integrator in series))
    Console().print(table)


@app.command()
def engine(
    quick: Annotated[bool, typer.Option("--quick", help="Two sizes only, in seconds.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Steps per second of the engine's forms and integrators against size, beside the same step in plain numpy."""
    with only_json_on_stdout(as_json), one_clear_message():
        from elise_pynn.benchmark.engine import measure

        with screen.status("") as status:
            result = measure(quick, lambda what: status.update(what))
    if as_json:
        print_json(result)
    else:
        _show(result)


def _show_nest(result: dict[str, Any]) -> None:
    table = Table(title="time per plastic event on NEST, neurons included", title_justify="left")
    for title in ("presynaptic x postsynaptic", "elise", "static", "stdp", "urbanczik", "urbanczik / elise", "elise / static"):
        table.add_column(title, justify="left" if title.startswith("pre") else "right")
    rows = [*result["cases"].values(), *(row for rows in result.get("axes", {}).values() for row in rows)]
    for row in rows:
        case, ns = row["case"], row["ns_per_event"]
        name = f"{case['pre']} x {case['post']}, {case['rate']:g} Hz, {case['timestep']:g} ms"
        name += f", {case['threads']} threads" if case["threads"] > 1 else ""
        cells = (f"{ns[model]:.0f} ns" for model in ("elise", "static", "stdp", "urbanczik"))
        table.add_row(name, *cells, f"{row['speedup_vs_urbanczik']:.1f}", f"{row['overhead_vs_static']:.2f}")
    Console().print(table)
    for timestep, row in result["reference_network"].items():
        times = ", ".join(f"{kind} {ms:.1f} ms" for kind, ms in row["ms_per_cycle"].items())
        print_line(f"113 neurons at {timestep} ms: {times} per cycle of 250 ms, ratio {row['ratio']:.2f}")
    for model, size in result.get("bytes_per_synapse", {}).items():
        print_line(f"{model}: {size:.0f} bytes per synapse")
    for threads, row in result.get("large_network", {}).get("by_threads", {}).items():
        built = f"{row['synapses']:,} plastic synapses, {threads} threads: connected in {row['connect']:.0f} s, {row['peak_gib']:.1f} GiB"
        print_line(f"{built}; {row['simulate']:.1f} s for 0.2 s at {row['spikes_per_second']:.0f} spikes/s")


@app.command()
def nest(
    quick: Annotated[bool, typer.Option("--quick", help="The two main cases and the reference network only, within two minutes.")] = False,
    large: Annotated[bool, typer.Option("--large", help="Ten million plastic synapses, and memory, too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Plastic synapses on NEST beside static ones, NEST's own Urbanczik-Senn synapse and STDP, with the same spikes."""
    with only_json_on_stdout(as_json), one_clear_message():
        from elise_pynn.benchmark import large_network, reference_network
        from elise_pynn.benchmark.nest import MODELS, bytes_per_synapse, measure

        with screen.status("") as status:

            def told(what: str) -> None:
                status.update(what)

            result = measure(quick, told)
            result["reference_network"] = reference_network.measure(quick, told)
            if large:
                result["bytes_per_synapse"] = {model: bytes_per_synapse(model, told) for model in MODELS}
                result["large_network"] = large_network.measure(progress=told)
    if as_json:
        print_json(result)
    else:
        _show_nest(result)
