// What files of AVX-512 kernels begin with: its intrinsics, and the attribute
// of functions that use them. For .cc files only, within their #if for x86-64.
#pragma once

// g++ 12 warns of the registers that its own header leaves undefined on purpose
// (GCC bug 105593), at the places that use it.
#pragma GCC diagnostic ignored "-Wuninitialized"
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#define PEAKTEXT_AVX512                                \
  [[gnu::target(                                       \
      "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi," \
      "avx512vbmi2,avx2,bmi,bmi2,lzcnt,popcnt")]]
