// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>

#include "base/strings.h"
#include "engine/plugin/cpu_detail.h"
#include "glimpse/cpu_features.h"

namespace glimpse {
namespace {

struct FeatureName {
  uint64_t bit;
  const char* name;
};
constexpr FeatureName kFeatureNames[] = {
    {GLIMPSE_CPU_SSE4_1, "sse4.1"},
    {GLIMPSE_CPU_AVX2, "avx2"},
    {GLIMPSE_CPU_FMA, "fma"},
    {GLIMPSE_CPU_AVX_VNNI, "avx-vnni"},
    {GLIMPSE_CPU_AVX512_VNNI, "avx512-vnni"},
    {GLIMPSE_CPU_NEON, "neon"},
    {GLIMPSE_CPU_DOTPROD, "dotprod"},
    {GLIMPSE_CPU_I8MM, "i8mm"},
};

std::string NameOf(int word, int bit) {
  for (const FeatureName& feature : kFeatureNames) {
    if (word == 0 && feature.bit == uint64_t{1} << bit) return feature.name;
  }
  return StrCat("feature ", word * 64 + bit);  // of a newer header than ours
}

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// From the kernel's description of the first processor's caches.
uint32_t CacheFromSystem(const std::string& level, bool data_only) {
  for (int index = 0; index < 8; ++index) {
    const std::string folder = StrCat("/sys/devices/system/cpu/cpu0/cache/index", index, "/");
    const std::string type = FirstLine(folder + "type");
    if (type.empty()) break;
    if (FirstLine(folder + "level") != level || type == "Instruction" || (data_only && type == "Unified")) continue;
    return ParseCacheSize(FirstLine(folder + "size"));
  }
  return 0;
}

uint32_t CacheBytes(int sysconf_name, const std::string& level, bool data_only) {
  const long bytes = ::sysconf(sysconf_name);
  if (bytes > 0 && static_cast<uint64_t>(bytes) <= std::numeric_limits<uint32_t>::max()) {
    return static_cast<uint32_t>(bytes);
  }
  return CacheFromSystem(level, data_only);
}

}  // namespace

uint32_t ParseCacheSize(std::string_view text) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  const uint32_t factor = unit == "K" ? 1024 : unit == "M" ? 1024 * 1024 : unit.empty() ? 1 : 0;
  uint32_t bytes = 0;
  if (error != std::errc() || __builtin_mul_overflow(value, factor, &bytes)) return 0;
  return bytes;
}

uint64_t ParseCpuMask(const char* text) {
  std::string_view digits = text == nullptr ? "" : text;
  if (digits.empty()) return 0;
  if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
  uint64_t mask = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), mask, 16);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  return whole ? mask : std::numeric_limits<uint64_t>::max();
}

CpuInfo CpuInfo::Detect() {
  CpuInfo info;
  DetectMachine(info);
  info.features[0] &= ~ParseCpuMask(std::getenv("GLIMPSE_CPU_MASK"));
  info.l1d_bytes = CacheBytes(_SC_LEVEL1_DCACHE_SIZE, "1", true);
  info.l2_bytes = CacheBytes(_SC_LEVEL2_CACHE_SIZE, "2", false);
  return info;
}

std::vector<std::string> CpuFeatureNames(const uint64_t words[GLIMPSE_CPU_WORDS]) {
  std::vector<std::string> names;
  for (int word = 0; word < GLIMPSE_CPU_WORDS; ++word) {
    for (int bit = 0; bit < 64; ++bit) {
      if ((words[word] >> bit & 1) != 0) names.push_back(NameOf(word, bit));
    }
  }
  return names;
}

std::vector<std::string> MissingCpuFeatures(const glimpse_op_descriptor& kernel, const glimpse_host& host) {
  uint64_t missing[GLIMPSE_CPU_WORDS];
  for (int word = 0; word < GLIMPSE_CPU_WORDS; ++word) {
    missing[word] = kernel.cpu_features[word] & ~host.cpu_features[word];
  }
  return CpuFeatureNames(missing);
}

}  // namespace glimpse
