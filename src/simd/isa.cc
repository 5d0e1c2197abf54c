#include "simd/isa.h"

#include <fmt/core.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <array>
#include <cstdlib>

namespace peaktext {
namespace {

constexpr std::array kFastestFirst = {Isa::kAvx512, Isa::kAvx2, Isa::kScalar};

#if defined(__x86_64__)
// clang 14's __builtin_cpu_supports does not know "lzcnt" (AMD's ABM bit).
bool HasLzcnt() {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx) != 0 &&
         (ecx & bit_ABM) != 0;
}
#endif

Isa FastestSupported() {
  for (const Isa isa : kFastestFirst) {
    if (IsaSupported(isa)) return isa;
  }
  return Isa::kScalar;
}

}  // namespace

std::string_view IsaName(Isa isa) {
  switch (isa) {
    case Isa::kScalar:
      return "scalar";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
  }
  return "unknown";
}

bool IsaSupported(Isa isa) {
#if defined(__x86_64__)
  // Asked once: in a virtual machine CPUID costs microseconds.
  static const bool avx2 = __builtin_cpu_supports("avx2") &&
                           __builtin_cpu_supports("bmi") &&
                           __builtin_cpu_supports("bmi2") &&
                           __builtin_cpu_supports("popcnt") && HasLzcnt();
  switch (isa) {
    case Isa::kScalar:
      return true;
    case Isa::kAvx2:
      return avx2;
    case Isa::kAvx512:
      return avx2 && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512vbmi") &&
             __builtin_cpu_supports("avx512vbmi2");
  }
  return false;
#else
  return isa == Isa::kScalar;
#endif
}

bool GathersFast() {
#if defined(__x86_64__)
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  // AVX512-FP16, which came with them; clang 14 has no name for it.
  constexpr unsigned kFp16 = 1U << 23;
  return __builtin_cpu_is("intel") &&
         __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 &&
         (edx & kFp16) != 0;
#else
  return false;
#endif
}

Result<Isa> ChooseIsa() {
  const char* forced = std::getenv("PEAKTEXT_SIMD");
  if (forced == nullptr || *forced == '\0') return FastestSupported();
  for (const Isa isa : kFastestFirst) {
    if (IsaName(isa) != forced) continue;
    if (IsaSupported(isa)) return isa;
    return Fail(
        StatusCode::kInvalidArgument,
        fmt::format("PEAKTEXT_SIMD={}: this processor cannot run it", forced));
  }
  return Fail(
      StatusCode::kInvalidArgument,
      fmt::format("PEAKTEXT_SIMD={}: not one of scalar, avx2, avx512", forced));
}

Isa BestIsa() {
  const Result<Isa> chosen = ChooseIsa();
  return chosen ? *chosen : FastestSupported();
}

}  // namespace peaktext
