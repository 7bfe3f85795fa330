// SPDX-License-Identifier: Apache-2.0
// Names of ARM processors: feature bits cannot tell an in-order core from an out-of-order one, and kernels care.
#include <charconv>

#include "engine/plugin/cpu_detail.h"

namespace glimpse {
namespace {

constexpr uint32_t kArmLimited = 0x41;

struct Part {
  uint32_t number;
  const char* name;
};
// Main ID Register, part numbers of ARM Limited (implementer 0x41).
constexpr Part kParts[] = {
    {0xb76, "arm1176"},     {0xc05, "cortex-a5"},   {0xc07, "cortex-a7"},   {0xc08, "cortex-a8"},
    {0xc09, "cortex-a9"},   {0xc0f, "cortex-a15"},  {0xc0e, "cortex-a17"},  {0xd01, "cortex-a32"},
    {0xd03, "cortex-a53"},  {0xd04, "cortex-a35"},  {0xd05, "cortex-a55"},  {0xd07, "cortex-a57"},
    {0xd08, "cortex-a72"},  {0xd09, "cortex-a73"},  {0xd0a, "cortex-a75"},  {0xd0b, "cortex-a76"},
    {0xd0c, "neoverse-n1"}, {0xd0d, "cortex-a77"},  {0xd40, "neoverse-v1"}, {0xd41, "cortex-a78"},
    {0xd44, "cortex-x1"},   {0xd46, "cortex-a510"}, {0xd47, "cortex-a710"}, {0xd48, "cortex-x2"},
    {0xd49, "neoverse-n2"}, {0xd4d, "cortex-a715"}, {0xd4f, "neoverse-v2"}, {0xd80, "cortex-a520"},
    {0xd81, "cortex-a720"},
};

// The number after the colon of the first line that begins with `key`; 0 when there is none.
uint32_t NumberOf(std::string_view cpuinfo, std::string_view key) {
  for (size_t at = cpuinfo.find(key); at != std::string_view::npos; at = cpuinfo.find(key, at + 1)) {
    if (at != 0 && cpuinfo[at - 1] != '\n') continue;
    const std::string_view line = cpuinfo.substr(at, cpuinfo.find('\n', at) - at);
    const size_t value = line.find("0x");
    if (value == std::string_view::npos) return 0;
    uint32_t number = 0;
    std::from_chars(line.data() + value + 2, line.data() + line.size(), number, 16);
    return number;
  }
  return 0;
}

}  // namespace

std::string ArmPartName(std::string_view cpuinfo) {
  if (NumberOf(cpuinfo, "CPU implementer") != kArmLimited) return "";
  const uint32_t number = NumberOf(cpuinfo, "CPU part");
  for (const Part& part : kParts) {
    if (part.number == number) return part.name;
  }
  return "";
}

}  // namespace glimpse
