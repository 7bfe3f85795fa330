// SPDX-License-Identifier: Apache-2.0
#include <cpuid.h>

#include <cstring>

#include "bench/int8_peak.h"

namespace glimpse::bench {
namespace {

constexpr int kSums = 12;  // registers 0 to 11; 12 takes products, 13 and 14 are the factors

// Feature bits of leaf 7 that __builtin_cpu_supports of GCC 12 does not name.
bool Leaf7(unsigned subleaf, unsigned bit) {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid_count(7, subleaf, &eax, &ebx, &ecx, &edx) != 0 && (eax >> bit & 1) != 0;
}

bool HasAvx2() { return __builtin_cpu_supports("avx2") != 0; }
bool HasAvxVnni() { return HasAvx2() && Leaf7(1, 4); }
bool HasAvx512Bw() { return __builtin_cpu_supports("avx512bw") != 0; }
bool HasAvx512Vnni() { return __builtin_cpu_supports("avx512vnni") != 0; }

// One pass over all sums. Written as assembly so that no compiler can keep a sum anywhere but in its register.
#define FOR_EACH_SUM(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#define MADDWD_YMM(n) "vpmaddwd %%ymm13, %%ymm14, %%ymm12\n\tvpaddd %%ymm12, %%ymm" #n ", %%ymm" #n "\n\t"
#define MADDWD_ZMM(n) "vpmaddwd %%zmm13, %%zmm14, %%zmm12\n\tvpaddd %%zmm12, %%zmm" #n ", %%zmm" #n "\n\t"
#define DPBUSD_YMM(n) "%{vex%} vpdpbusd %%ymm13, %%ymm14, %%ymm" #n "\n\t"
#define DPBUSD_ZMM(n) "vpdpbusd %%zmm13, %%zmm14, %%zmm" #n "\n\t"
#define CLOBBERS                                                                                                      \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", \
      "xmm14", "cc"
#define PEAK_LOOP(name, step)                                                                                        \
  void name(int64_t turns) {                                                                                         \
    asm volatile("vzeroall\n1:\n\t" FOR_EACH_SUM(step) "dec %0\n\tjnz 1b\n\tvzeroupper" : "+r"(turns) : : CLOBBERS); \
  }
PEAK_LOOP(MaddwdYmm, MADDWD_YMM)
PEAK_LOOP(MaddwdZmm, MADDWD_ZMM)
PEAK_LOOP(DpbusdYmm, DPBUSD_YMM)
PEAK_LOOP(DpbusdZmm, DPBUSD_ZMM)

}  // namespace

// int16 products of widened int8 take half the width that int8 products take. vpmaddubsw is not here: it saturates.
const std::vector<PeakLoop>& PeakLoops() {
  static const std::vector<PeakLoop> loops{
      {"vpmaddwd + vpaddd, 256 bits", &HasAvx2, &MaddwdYmm, kSums * 16},
      {"vpdpbusd, 256 bits", &HasAvxVnni, &DpbusdYmm, kSums * 32},
      {"vpmaddwd + vpaddd, 512 bits", &HasAvx512Bw, &MaddwdZmm, kSums * 32},
      {"vpdpbusd, 512 bits", &HasAvx512Vnni, &DpbusdZmm, kSums * 64},
  };
  return loops;
}

std::string CpuName() {
  constexpr unsigned kBrand = 0x80000002;  // to ...4: 16 characters each
  char name[49] = {};
  for (unsigned part = 0; part < 3; ++part) {
    unsigned words[4] = {};
    if (__get_cpuid(kBrand + part, &words[0], &words[1], &words[2], &words[3]) == 0) return "unnamed x86 CPU";
    std::memcpy(name + 16 * part, words, sizeof(words));
  }
  unsigned signature = 0;
  unsigned ignored = 0;
  __get_cpuid(1, &signature, &ignored, &ignored, &ignored);
  // Hypervisors call every CPU alike; family and model tell more.
  const unsigned family = (signature >> 8 & 0xf) + (signature >> 20 & 0xff);
  const unsigned model = (signature >> 4 & 0xf) + (signature >> 12 & 0xf0);
  return std::string(name) + ", family " + std::to_string(family) + " model " + std::to_string(model);
}

std::vector<std::string> CpuFeatures() {
  std::vector<std::string> names;
  if (HasAvx2()) names.emplace_back("avx2");
  if (__builtin_cpu_supports("fma") != 0) names.emplace_back("fma");
  if (HasAvxVnni()) names.emplace_back("avxvnni");
  if (__builtin_cpu_supports("avx512f") != 0) names.emplace_back("avx512f");
  if (HasAvx512Bw()) names.emplace_back("avx512bw");
  if (HasAvx512Vnni()) names.emplace_back("avx512vnni");
  return names;
}

}  // namespace glimpse::bench
