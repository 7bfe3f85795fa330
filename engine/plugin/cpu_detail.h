// SPDX-License-Identifier: Apache-2.0
// Parts of CPU detection: one file for each architecture implements DetectMachine().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/plugin/plugin_host.h"

namespace glimpse {

// Sets the features and the part of the machine that we run on.
void DetectMachine(CpuInfo& info);

// The name of the first processor in the text of an ARM /proc/cpuinfo, "cortex-a72"; "" when it is none that we know.
std::string ArmPartName(std::string_view cpuinfo);

// Bytes in "32K" or "1024K" or "1M", as the kernel writes cache sizes; 0 when it is neither.
uint32_t ParseCacheSize(std::string_view text);

// The bits that GLIMPSE_CPU_MASK clears: `text` is a hexadecimal number, with or without 0x. Null or empty: none. Text
// that is no such number: all, so that a mistake is seen and never runs what was to be excluded.
uint64_t ParseCpuMask(const char* text);

}  // namespace glimpse
