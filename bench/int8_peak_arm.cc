// SPDX-License-Identifier: Apache-2.0
#include <sys/auxv.h>

#include <fstream>

#include "bench/int8_peak.h"

namespace glimpse::bench {
namespace {

constexpr int kSums = 12;  // v0 to v11; v12 takes products, v14 and v15 are the factors

// Bits of AT_HWCAP and AT_HWCAP2, as the kernel's arch/arm64/include/uapi/asm/hwcap.h numbers them.
bool HasNeon() { return (::getauxval(AT_HWCAP) & (1ul << 1)) != 0; }
bool HasDotprod() { return (::getauxval(AT_HWCAP) & (1ul << 20)) != 0; }
bool HasI8mm() { return (::getauxval(AT_HWCAP2) & (1ul << 13)) != 0; }

#define FOR_EACH_SUM(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
// Two products fit int16, since weights are at least -127; sadalp then adds neighbours into int32.
#define SADALP(n) "smull v12.8h, v14.8b, v15.8b\n\tsmlal v12.8h, v14.8b, v15.8b\n\tsadalp v" #n ".4s, v12.8h\n\t"
#define SDOT(n) "sdot v" #n ".4s, v14.16b, v15.16b\n\t"
#define SMMLA(n) "smmla v" #n ".4s, v14.16b, v15.16b\n\t"
#define CLOBBERS "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v14", "v15", "cc"
#define PEAK_LOOP(name, extension, step)                                                                      \
  void name(int64_t turns) {                                                                                  \
    asm volatile(".arch armv8.2-a" extension "\n\tmovi v14.16b, #0\n\tmovi v15.16b, #0\n1:\n\t" FOR_EACH_SUM( \
                     step) "subs %0, %0, #1\n\tb.ne 1b\n\t.arch armv8-a"                                      \
                 : "+r"(turns)                                                                                \
                 :                                                                                            \
                 : CLOBBERS);                                                                                 \
  }
PEAK_LOOP(Sadalp, "", SADALP)
PEAK_LOOP(Sdot, "+dotprod", SDOT)
PEAK_LOOP(Smmla, "+i8mm", SMMLA)

}  // namespace

const std::vector<PeakLoop>& PeakLoops() {
  static const std::vector<PeakLoop> loops{
      {"smull + smlal + sadalp, 128 bits", &HasNeon, &Sadalp, kSums * 16},
      {"sdot, 128 bits", &HasDotprod, &Sdot, kSums * 16},
      {"smmla, 128 bits", &HasI8mm, &Smmla, kSums * 32},
  };
  return loops;
}

// "CPU part" of /proc/cpuinfo tells cores apart; its number is in the core's manual (MIDR_EL1).
std::string CpuName() {
  std::ifstream file("/proc/cpuinfo");
  std::string name = "arm64 CPU";
  for (std::string line; std::getline(file, line) && !line.empty();) {
    const bool told = line.starts_with("CPU implementer") || line.starts_with("CPU part");
    if (told) name += (name.ends_with("CPU") ? ", implementer" : ", part") + line.substr(line.find(':') + 1);
  }
  return name;
}

std::vector<std::string> CpuFeatures() {
  std::vector<std::string> names;
  if (HasNeon()) names.emplace_back("asimd");
  if (HasDotprod()) names.emplace_back("dotprod");
  if (HasI8mm()) names.emplace_back("i8mm");
  return names;
}

}  // namespace glimpse::bench
