"""What NESTML cannot say, added to the C++ code that it generates.

Six things, none of which changes what the models compute:

* The synapse reads no postsynaptic spike, so the neuron needs no spike history and the synapse need not walk it.
* ``Q_old``, the integral since a window more than four windows back, is one number in NESTML and right for a gap of five windows.
  Here the neuron keeps it for every past window (``past_integrals.h``), so that it is right after any silence.
* These integrals can be set as ``past_integrals``, and read when ``show_past_integrals`` is set, so that a checkpoint holds all of the
  neuron. They are thousands of numbers, which every look at a neuron's parameters would hand out otherwise.
* A synapse holds only what it reads: less to fetch at each spike.
* A connection to another kind of neuron is refused with an exception; NESTML's code ends the process.
* So is a delay other than one time step, at which the synapse would not read its neuron at arrival.

Each edit names the generated text that it replaces and must match as often as it says; a NESTML release that generates other
text stops the build instead of changing the model silently.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

NEURON = "elise_neuron__with_elise_synapse"
SYNAPSE = "elise_synapse__with_elise_neuron"


@dataclass(frozen=True)
class Edit:
    """One replacement in one generated file."""

    file: str
    why: str
    pattern: str
    replacement: str
    count: int = 1

    def apply(self, folder: Path) -> None:
        """Edit the file in `folder`; raise RuntimeError when the pattern does not match `count` times."""
        path = folder / self.file
        text, n = re.subn(self.pattern, self.replacement, path.read_text(), flags=re.DOTALL)
        if n != self.count:
            raise RuntimeError(
                f"cannot {self.why}: the code that NESTML generated for {self.file} has {n} matches of "
                f"{self.pattern!r}, expected {self.count}. Use NESTML 9.0, for which this was written."
            )
        path.write_text(text)


EDITS = (
    Edit(
        f"{SYNAPSE}.h",
        "refuse other neurons by an exception",
        r"std::cerr << \"wrong type of neuron connected![^;]*;\s*exit\(1\);",
        'throw IllegalConnection( "elise_synapse connects to elise_neuron only." );',
    ),
    Edit(
        f"{SYNAPSE}.h",
        "refuse delays, and spare the neuron its spike history",
        r"t\.register_stdp_connection\([^;]*\);",
        "if ( get_delay_steps() != 1 )\n    {\n"
        '      throw IllegalConnection( "elise_synapse learns exactly at a delay of one time step only; "\n'
        '        "put a longer delay on the connection to a parrot_neuron before it." );\n    }',
    ),
    Edit(
        f"{SYNAPSE}.h",
        "spare the synapse the walk through the spike history",
        r"double timestep = 0;\s*std::deque< histentry__\w+ >::iterator start;.*?"
        r"(?=const double _tr_t = __t_spike)",
        "",
    ),
    Edit(
        f"{SYNAPSE}.h",
        "drop the second read of the neuron",
        r"if \(pre_before_post_flag\)\s*\{.*?\n    \}\n",
        "",
    ),
    Edit(
        f"{SYNAPSE}.h",
        "read the integral of any past window",
        r"\(__Q_old - S_\.Q_last\)",
        "(__target->get_Q_old( gap, S_.Q_last ) - S_.Q_last)",
    ),
    Edit(
        f"{SYNAPSE}.h",
        "drop the unused read of the newest past window",
        r"const double __Q_old = [^;]*get_Q_old\(\);",
        "",
    ),
    Edit(
        f"{SYNAPSE}.h",
        "spare each synapse the time of its last spike, which nothing reads",
        r"\n  double t_lastspike_;|"
        r"if \(t_lastspike_ < 0\.\)\s*\{\s*__timestep = [^;]*;\s*\}\s*else\s*\{[^}]*\}|"
        r"if \(t_lastspike_ < 0\.\)\s*\{[^}]*t_lastspike_ = 0\.;\s*\}|"
        r"t_lastspike_ = [^;]*;",
        "",
        count=6,
    ),
    Edit(
        f"{SYNAPSE}.h",
        "spare each synapse the time step, which nothing reads",
        r"Variables_  V_;[^\n]*|V_\.__h = [^;]*;|assert\(V_\.__h > 0\);",
        "",
        count=7,
    ),
    Edit(
        f"{NEURON}.h",
        "declare the past integrals",
        r'(#include "archiving_node\.h")',
        r'\1\n#include "past_integrals.h"',
    ),
    Edit(
        f"{NEURON}.h",
        "give synapses access to the past integrals",
        r"(class " + NEURON + r" : public nest::ArchivingNode\s*\{\s*public:)",
        r"\1\n  elise::PastIntegrals past_integrals_;\n  bool show_past_integrals_ = false;\n"
        r"  double get_Q_old( const double gap, const double lost ) const { return past_integrals_.at( gap, lost ); }\n",
    ),
    Edit(
        f"{NEURON}.cpp",
        "keep the integral of each past window",
        r"(S_\.Q_old = S_\.Q_4 [^;]*;)",
        r"\1 past_integrals_.push( S_.Q_old );",
    ),
    Edit(
        f"{NEURON}.h",
        "show the past integrals, which a checkpoint keeps",
        r"(\n  ArchivingNode::get_status\( __d \);)",
        r"\n  if ( show_past_integrals_ )\n  {\n"
        r'    __d[ "past_integrals" ] = past_integrals_.values();\n  }\1',
    ),
    Edit(
        f"{NEURON}.h",
        "set the past integrals, which a checkpoint brings back",
        r"(\n  ArchivingNode::set_status\(__d\);)",
        r'\1\n\n  __d.update_value( "show_past_integrals", show_past_integrals_ );\n'
        r"  std::vector< double > past_integrals;\n"
        r'  if ( __d.update_value( "past_integrals", past_integrals ) )\n  {\n'
        r"    past_integrals_.set_values( past_integrals );\n  }",
    ),
)


def finish(folder: Path) -> None:
    """Apply all edits to the generated sources in `folder`."""
    for edit in EDITS:
        edit.apply(folder)
