// SPDX-License-Identifier: Apache-2.0
// x86-64. The compiler's run-time check asks the operating system too, whether it saves the wide registers.
#include <cpuid.h>

#include "engine/plugin/cpu_detail.h"
#include "glimpse/cpu_features.h"

namespace glimpse {
namespace {

// AVX-VNNI uses the registers of AVX2, so the system saves them where AVX2 is usable. Clang 14 knows no name for it.
bool HasAvxVnni() {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  constexpr unsigned kExtendedFeatures = 7;
  constexpr unsigned kAvxVnniBit = 1U << 4;  // of EAX, subleaf 1 (Intel SDM, volume 2, CPUID)
  if (!__builtin_cpu_supports("avx2") || __get_cpuid_count(kExtendedFeatures, 0, &eax, &ebx, &ecx, &edx) == 0 ||
      eax < 1) {
    return false;
  }
  return __get_cpuid_count(kExtendedFeatures, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax & kAvxVnniBit) != 0;
}

}  // namespace

void DetectMachine(CpuInfo& info) {
  __builtin_cpu_init();
  const auto set = [&](bool present, uint64_t bit) {
    if (present) info.features[0] |= bit;
  };
  set(__builtin_cpu_supports("sse4.1"), GLIMPSE_CPU_SSE4_1);
  set(__builtin_cpu_supports("avx2"), GLIMPSE_CPU_AVX2);
  set(__builtin_cpu_supports("fma"), GLIMPSE_CPU_FMA);
  set(HasAvxVnni(), GLIMPSE_CPU_AVX_VNNI);
  set(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
          __builtin_cpu_supports("avx512vnni"),
      GLIMPSE_CPU_AVX512_VNNI);
#if defined(__x86_64__)
  info.part = "x86-64";
#endif
}

}  // namespace glimpse
