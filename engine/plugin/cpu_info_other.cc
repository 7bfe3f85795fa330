// SPDX-License-Identifier: Apache-2.0
// Machines that no kernel is tuned for: nothing is known of them.
#include "engine/plugin/cpu_detail.h"

namespace glimpse {

void DetectMachine(CpuInfo&) {}

}  // namespace glimpse
