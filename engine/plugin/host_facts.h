// SPDX-License-Identifier: Apache-2.0
// What plugins are told about the program and the machine, kept until the process ends.
#pragma once

#include "engine/plugin/plugin_host.h"
#include "glimpse/op_abi.h"

namespace glimpse {

// The facts for `cpu`; the same object for the same facts, never freed, since plugins keep the pointer they get in
// init(). [thread-safe]
const glimpse_host& HostFactsFor(const CpuInfo& cpu);

}  // namespace glimpse
