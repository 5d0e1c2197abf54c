// Which instruction sets there are, and which one is used.
//
// Each family of kernels (tokenize_kernels.h, minhash_kernels.h, ...) has one
// table of functions per Isa; the scalar table is the specification. A family's
// `Supported()` lists the tables that this machine can run, `Best()` chooses
// once. The environment variable PEAKTEXT_SIMD (scalar, avx2, avx512) forces
// one; an unknown or unsupported name is an error that `run_main` reports.
#pragma once

#include <string_view>

#include "base/status.h"

namespace peaktext {

enum class Isa {
  kScalar,
  kAvx2,    // AVX2, BMI1, BMI2, LZCNT, POPCNT
  kAvx512,  // the above and AVX-512 F, BW, DQ, VL, VBMI, VBMI2
};

std::string_view IsaName(Isa isa);

// True when this processor and its operating system run every feature that
// `isa` stands for.
bool IsaSupported(Isa isa);

// True when a gather takes less time than as many single loads: on Intel's
// processors since Sapphire Rapids. On AMD's it takes more, and on Intel's
// older ones since microcode guards them against the leak of CVE-2022-40982.
bool GathersFast();

// The set that PEAKTEXT_SIMD names, else the best that is supported.
Result<Isa> ChooseIsa();

// ChooseIsa() for code that runs after run_main has checked it; falls back to
// the best supported one on an error.
Isa BestIsa();

}  // namespace peaktext
