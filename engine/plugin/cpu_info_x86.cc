// SPDX-License-Identifier: Apache-2.0
// x86-64. The compiler's run-time check asks the operating system too, whether it saves the wide registers.
#include "engine/plugin/cpu_detail.h"
#include "glimpse/cpu_features.h"

namespace glimpse {

void DetectMachine(CpuInfo& info) {
  __builtin_cpu_init();
  const auto set = [&](bool present, uint64_t bit) {
    if (present) info.features[0] |= bit;
  };
  set(__builtin_cpu_supports("sse4.1"), GLIMPSE_CPU_SSE4_1);
  set(__builtin_cpu_supports("avx2"), GLIMPSE_CPU_AVX2);
  set(__builtin_cpu_supports("fma"), GLIMPSE_CPU_FMA);
  set(__builtin_cpu_supports("avxvnni"), GLIMPSE_CPU_AVX_VNNI);
  set(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
          __builtin_cpu_supports("avx512vnni"),
      GLIMPSE_CPU_AVX512_VNNI);
#if defined(__x86_64__)
  info.part = "x86-64";
#endif
}

}  // namespace glimpse
