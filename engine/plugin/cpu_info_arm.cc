// SPDX-License-Identifier: Apache-2.0
// arm64 and armhf. Bits of the auxiliary vector are the kernel's, whose older headers lack the newer ones.
#include <sys/auxv.h>

#include <fstream>
#include <iterator>

#include "engine/plugin/cpu_detail.h"
#include "glimpse/cpu_features.h"

namespace glimpse {
namespace {

#if defined(__aarch64__)
constexpr unsigned long kNeon = 1ul << 1;      // HWCAP_ASIMD
constexpr unsigned long kDotprod = 1ul << 20;  // HWCAP_ASIMDDP
// HWCAP2_I8MM
bool HasI8mm() { return (::getauxval(AT_HWCAP2) & (1ul << 13)) != 0; }
#else
constexpr unsigned long kNeon = 1ul << 12;     // HWCAP_NEON
constexpr unsigned long kDotprod = 1ul << 24;  // HWCAP_ASIMDDP
// HWCAP_I8MM
bool HasI8mm() { return (::getauxval(AT_HWCAP) & (1ul << 27)) != 0; }
#endif

}  // namespace

void DetectMachine(CpuInfo& info) {
  const unsigned long bits = ::getauxval(AT_HWCAP);
  if ((bits & kNeon) != 0) info.features[0] |= GLIMPSE_CPU_NEON;
  if ((bits & kDotprod) != 0) info.features[0] |= GLIMPSE_CPU_DOTPROD;
  if (HasI8mm()) info.features[0] |= GLIMPSE_CPU_I8MM;
  std::ifstream file("/proc/cpuinfo");
  info.part = ArmPartName(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace glimpse
