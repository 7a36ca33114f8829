/* A network of IF_curr_exp cells, stepped as SpiNNaker steps it: in s16.15 where the compiler has it (ARM), in double elsewhere.
 *
 * network.h, which the test writes, has the sizes, the cell's constants, the synapses and the currents of the cue. In each step: what
 * arrives is taken from 16-bit ring buffers that saturate, scaled and added to the synaptic currents; the membrane moves under a constant
 * current; a cell at its threshold spikes, is reset and waits; the currents decay. Prints "step neuron" for each spike.
 */
#include <stdint.h>
#include <stdio.h>

#ifdef __arm__
typedef _Accum real;
typedef unsigned long _Fract share;
typedef uint32_t held;
#else
typedef double real;
typedef double share;
typedef double held;
#endif

#include "network.h"

static held ring[SLOTS][2][N];
static real current[2][N], v[N];
static int waits[N];

#ifdef __arm__
static real in_nA(held sum, int shift) {
    union {
        int32_t bits;
        real value;
    } input = {.bits = (int32_t)(sum > 65535u ? 65535u : sum) << shift};
    return input.value;
}
#else
static real in_nA(held sum, int shift) {
    (void)shift;
    return sum;
}
#endif

int main(void) {
    for (int i = 0; i < N; i++) {
        v[i] = INITIAL[i];
    }
    for (int t = 0; t < STEPS; t++) {
        held(*arrives)[N] = ring[t % SLOTS];
        for (int i = 0; i < N; i++) {
            for (int r = 0; r < 2; r++) {
                real input = in_nA(arrives[r][i], SHIFTS[i >= VISIBLE][r]);
                current[r][i] += input * (share)ARRIVES;
                arrives[r][i] = 0;
            }
            if (waits[i] > 0) {
                waits[i]--;
            } else {
                real offset = OFFSET;
                if (i < VISIBLE && t < CUE_STEPS) {
                    offset += CUE[i][t % PERIOD];
                }
                real goal = (current[0][i] - current[1][i] + offset) * RESISTANCE + V_REST;
                v[i] = goal - (goal - v[i]) * (share)KEEPS;
            }
            if (v[i] >= V_THRESH) {
                v[i] = V_RESET;
                waits[i] = REFRACTORY;
                printf("%d %d\n", t, i);
                for (int post = 0; post < N; post++) {
                    ring[(t + DELAYS[i]) % SLOTS][0][post] += EXCITATORY[i][post];
                    ring[(t + DELAYS[i]) % SLOTS][1][post] += INHIBITORY[i][post];
                }
            }
            current[0][i] = current[0][i] * (share)DECAYS;
            current[1][i] = current[1][i] * (share)DECAYS;
        }
    }
    return 0;
}
