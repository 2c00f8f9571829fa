// Where the processor has wider vectors than every x86-64, a marked function uses them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#if defined(__x86_64__)
#define FEWBIT_WIDE_VECTORS __attribute__((target_clones("default", "arch=haswell")))
#else
#define FEWBIT_WIDE_VECTORS
#endif
