// SPDX-License-Identifier: Apache-2.0
#include "engine/run/kernel_selector.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/strings.h"

namespace glimpse {
namespace {

constexpr uint32_t kDefaultScore = 100;
constexpr int kNoPosition = -1;

std::vector<std::string> OutputNames(const OperatorInfo& op, const Subgraph& graph) {
  std::vector<std::string> names;
  for (const int index : op.outputs) names.push_back(graph.tensors[static_cast<size_t>(index)].name);
  return names;
}

bool HonoursProfile(const glimpse_op_descriptor& descriptor, const std::string& numerics) {
  if (descriptor.numerics == nullptr) return true;
  for (const char* const* name = descriptor.numerics; *name != nullptr; ++name) {
    if (numerics == *name) return true;
  }
  return false;
}

std::string MissingFeatures(const glimpse_op_descriptor& kernel, const glimpse_host& host) {
  return StrJoin(MissingCpuFeatures(kernel, host), ", ");
}

bool Outside(uint64_t value, uint64_t low, uint64_t high) { return value < low || value > high; }

// Why the kernel does not fit, or "".
std::string Misfit(const glimpse_op_descriptor& kernel, const glimpse_node& node, const glimpse_host& host) {
  const glimpse_operator& view = *node.operators[0];
  const uint32_t outputs = node.operators[node.operator_count - 1]->output_count;
  if (Outside(static_cast<uint64_t>(view.version), static_cast<uint64_t>(kernel.op_version_min),
              static_cast<uint64_t>(kernel.op_version_max))) {
    return StrCat("serves versions ", kernel.op_version_min, " to ", kernel.op_version_max, ", not ", view.version);
  }
  if (Outside(view.input_count, kernel.input_min, kernel.input_max)) {
    return StrCat("takes ", kernel.input_min, " to ", kernel.input_max, " inputs, not ", view.input_count);
  }
  if (Outside(outputs, kernel.output_min, kernel.output_max)) {
    return StrCat("makes ", kernel.output_min, " to ", kernel.output_max, " outputs, not ", outputs);
  }
  if (view.input_count > 0) {
    if (view.inputs[0] == nullptr) return "needs its first input";
    const glimpse_dtype type = view.inputs[0]->dtype;
    if ((kernel.input_types & GLIMPSE_DTYPE_BIT(type)) == 0) {
      return StrCat("does not take ", DTypeName(static_cast<DType>(type)), " input");
    }
  }
  if (!HonoursProfile(kernel, node.numerics)) return StrCat("does not compute profile ", node.numerics);
  if (const std::string missing = MissingFeatures(kernel, host); !missing.empty()) return StrCat("needs ", missing);
  return "";
}

// Whether the kernel is one for the operators of `chain` or its beginning. One for a chain that begins alike and goes
// on differently is none, and none worth a word; one that goes on where `chain` must end is, with `why`.
bool Computes(const glimpse_op_descriptor& kernel, const OperatorChain& chain, std::string* why) {
  const size_t common = std::min<size_t>(kernel.op_count, chain.operators.size());
  for (size_t i = 0; i < common; ++i) {
    if (chain.operators[i]->op != kernel.ops[i]) return false;
  }
  if (common < kernel.op_count) *why = StrCat("no chain: ", chain.end);
  return true;
}

std::vector<std::string> PluginNames(const PluginHost& plugins) {
  std::vector<std::string> names;
  for (const auto& plugin : plugins.plugins()) names.push_back(plugin->name());
  return names;
}

// Why no kernel of the plugin can run on this machine, or "".
std::string UnfitFor(const Plugin& plugin, const glimpse_host& host) {
  std::string missing;
  for (const glimpse_op_descriptor& kernel : plugin.descriptors()) {
    missing = MissingFeatures(kernel, host);
    if (missing.empty()) return "";
  }
  return missing;
}

Result<void> CheckPluginName(const std::string& name, const PluginHost& plugins) {
  if (const Plugin* plugin = plugins.Find(name)) {
    const std::string missing = UnfitFor(*plugin, plugins.host());
    if (missing.empty()) return {};
    return Unexpected(ErrorCode::kUnsupported, StrCat("kernels: plugin '", Printable(name), "' needs ", missing,
                                                      ", which this processor lacks; name another one, or 'auto'"));
  }
  const std::vector<std::string> names = PluginNames(plugins);
  const std::string nearest = NearestWord(name, names);
  return Unexpected(ErrorCode::kInvalidArgument, StrCat("kernels: no plugin named '", Printable(name), "' is loaded",
                                                        nearest.empty() ? "" : StrCat(", did you mean '", nearest, "'"),
                                                        "; loaded: ", names.empty() ? "none" : StrJoin(names, ", ")));
}

}  // namespace

std::string PinnedPlugin(const KernelSpec& spec, const OperatorInfo& op, const Subgraph& graph, bool is_main) {
  const int position = is_main ? op.index : kNoPosition;
  const std::string key = spec.MatchingKey(position, op.ShortName(), OutputNames(op, graph));
  return key.empty() ? "" : spec.overrides.at(key);
}

const glimpse_node& ChainViews::node(size_t operators) {
  std::unique_ptr<NodeView>& view = views_[operators - 1];
  if (!view) view = std::make_unique<NodeView>(std::span(chain_.operators).first(operators), states_, numerics_);
  return view->node();
}

Selection SelectKernels(ChainViews& views, const PluginHost& plugins, const KernelSpec& spec,
                        const std::string& pinned_plugin) {
  Selection selection;
  const glimpse_host& host = plugins.host();
  for (const auto& plugin : plugins.plugins()) {
    const auto& descriptors = plugin->descriptors();
    for (uint32_t index = 0; index < descriptors.size(); ++index) {
      const glimpse_op_descriptor& kernel = descriptors[index];
      std::string why_not;
      if (!Computes(kernel, views.chain(), &why_not)) continue;
      const auto reject = [&](const std::string& why) {
        selection.rejected.push_back(StrCat(plugin->name(), " (", kernel.impl, "): ", why));
      };
      if (!pinned_plugin.empty() && plugin->name() != pinned_plugin) {
        reject(StrCat("the operator is pinned to ", pinned_plugin));
        continue;
      }
      if (why_not.empty()) why_not = Misfit(kernel, views.node(kernel.op_count), host);
      if (!why_not.empty()) {
        reject(why_not);
        continue;
      }
      const glimpse_node& node = views.node(kernel.op_count);
      const uint32_t score = kernel.score == nullptr ? kDefaultScore : kernel.score(&host, &node);
      if (score == 0) {
        reject("declines by a score of 0");
        continue;
      }
      const std::string why = !pinned_plugin.empty()       ? "pinned"
                              : plugin->name() == spec.use ? "preferred set"
                                                           : StrCat("score ", score);
      selection.candidates.push_back({plugin.get(), index, kernel.op_count, score, why});
    }
  }
  std::stable_sort(selection.candidates.begin(), selection.candidates.end(),
                   [&](const Candidate& a, const Candidate& b) {
                     const auto rank = [&](const Candidate& c) {
                       return std::make_tuple(c.plugin->name() != spec.use, -int64_t{c.score}, c.plugin->name());
                     };
                     return rank(a) < rank(b);
                   });
  return selection;
}

Result<void> CheckKernelSpec(const KernelSpec& spec, const Model& model, const PluginHost& plugins) {
  if (spec.use != "auto") GLIMPSE_RETURN_IF_ERROR(CheckPluginName(spec.use, plugins));
  std::set<std::string> matched;
  std::set<std::string> types;
  for (const Subgraph& graph : model.subgraphs()) {
    const bool is_main = &graph == &model.main();
    for (const OperatorInfo& op : graph.operators) {
      matched.insert(spec.MatchingKey(is_main ? op.index : kNoPosition, op.ShortName(), OutputNames(op, graph)));
      types.insert(op.ShortName());
    }
  }
  for (const auto& [key, plugin] : spec.overrides) {
    GLIMPSE_RETURN_IF_ERROR(CheckPluginName(plugin, plugins));
    // A type whose operators are all pinned by layer or position is used up, not wrong.
    if (matched.contains(key) || types.contains(key)) continue;
    const std::string nearest = NearestWord(key, {types.begin(), types.end()});
    return Unexpected(
        ErrorCode::kInvalidArgument,
        StrCat("kernels: '", Printable(key), "' matches no operator type, layer or #position of the model",
               nearest.empty() ? "" : StrCat(", did you mean '", nearest, "'"), "; its types: ", StrJoin(types, ", ")));
  }
  return {};
}

}  // namespace glimpse
