// SPDX-License-Identifier: Apache-2.0
// The result of `describe` (docs/protocol.md).
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "engine/plugin/plugin_host.h"
#include "engine/run/interpreter.h"

namespace glimpse::daemon {

// One pipeline's member, as JSON text. Made once: nothing in it changes while the pipeline lives.
std::string DescribePipeline(const config::Pipeline& settings, const Interpreter& interpreter,
                             const std::vector<std::string>& labels, bool probabilities);

// The member `plugins`, as JSON text.
std::string DescribePlugins(const PluginHost& plugins);

}  // namespace glimpse::daemon
