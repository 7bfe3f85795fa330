// SPDX-License-Identifier: Apache-2.0
// The result of `describe` (docs/protocol.md).
#pragma once

#include <string>
#include <vector>

#include "classifier/labels.h"
#include "config/config.h"
#include "daemon/graph.h"
#include "engine/plugin/plugin_host.h"
#include "engine/run/interpreter.h"
#include "media/preprocess.h"

namespace glimpse::daemon {

// What was found out about a pipeline beyond its settings.
struct PipelineFacts {
  std::vector<media::Affine> normalisation;  // of the model's metadata, empty when it has none
  std::vector<std::string> labels;
  classifier::LabelSource label_source = classifier::LabelSource::kNumbers;
  bool probabilities = false;  // the model ends in them
};

// One pipeline's member, as JSON text. Made once: nothing in it changes while the pipeline lives.
std::string DescribePipeline(const config::Pipeline& settings, const Graph& graph, const PipelineFacts& facts);

// The member `plugins`, as JSON text.
std::string DescribePlugins(const PluginHost& plugins);

}  // namespace glimpse::daemon
