// SPDX-License-Identifier: Apache-2.0
// glimpse plugins: every shared object in the plugin folders, what it offers, or why it was refused.
#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "cli/command.h"
#include "cli/layer_text.h"
#include "engine/model/dtype.h"
#include "engine/plugin/plugin_host.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::ordered_json;

struct PluginsOptions {
  std::vector<std::string> plugin_path;
  bool json = false;
};

std::vector<std::string> Types(uint64_t mask) {
  std::vector<std::string> names;
  for (const DType type :
       {DType::kInt8, DType::kUint8, DType::kInt16, DType::kUint16, DType::kInt32, DType::kUint32, DType::kInt64,
        DType::kUint64, DType::kFloat16, DType::kFloat32, DType::kFloat64, DType::kBool, DType::kInt4}) {
    if ((mask & GLIMPSE_DTYPE_BIT(static_cast<uint32_t>(type))) != 0) names.emplace_back(DTypeName(type));
  }
  return names;
}

std::vector<std::string> Profiles(const glimpse_op_descriptor& kernel) {
  std::vector<std::string> names;
  for (const char* const* name = kernel.numerics; name != nullptr && *name != nullptr; ++name)
    names.emplace_back(*name);
  return names;
}

std::vector<std::string> Ops(const glimpse_op_descriptor& kernel) { return {kernel.ops, kernel.ops + kernel.op_count}; }

Json KernelJson(const glimpse_op_descriptor& kernel) {
  Json entry{{"ops", Ops(kernel)},
             {"kernel", kernel.impl},
             {"version", kernel.version},
             {"op_versions", {kernel.op_version_min, kernel.op_version_max}},
             {"types", Types(kernel.input_types)},
             {"numerics", nullptr},
             {"cpu_features", CpuFeatureNames(kernel.cpu_features)},
             {"score", kernel.score == nullptr ? Json(100) : Json("by node")}};
  if (kernel.numerics != nullptr) entry["numerics"] = Profiles(kernel);
  return entry;
}

void PrintJson(const PluginHost& host) {
  Json report{{"plugins", Json::array()}, {"refused", Json::array()}};
  for (const auto& plugin : host.plugins()) {
    Json kernels = Json::array();
    for (const glimpse_op_descriptor& kernel : plugin->descriptors()) kernels.push_back(KernelJson(kernel));
    report["plugins"].push_back({{"path", plugin->path()},
                                 {"name", plugin->name()},
                                 {"version", plugin->version()},
                                 {"kernels", std::move(kernels)}});
  }
  for (const PluginRefusal& refusal : host.refusals())
    report["refused"].push_back({{"path", refusal.path}, {"reason", refusal.reason}});
  report["cpu"] = {{"features", CpuFeatureNames(host.host().cpu_features)}, {"part", host.host().cpu_part}};
  std::cout << report.dump(-1, ' ', true, Json::error_handler_t::replace) << '\n';
}

void PrintText(const PluginHost& host) {
  for (const auto& plugin : host.plugins()) {
    std::cout << plugin->path() << ": plugin " << plugin->name() << " " << Printable(plugin->version(), 40) << "\n";
    std::vector<std::vector<std::string>> rows{
        {"  operator", "kernel", "version", "serves versions", "types", "profiles", "needs", "score"}};
    for (const glimpse_op_descriptor& kernel : plugin->descriptors()) {
      const std::vector<std::string> features = CpuFeatureNames(kernel.cpu_features);
      rows.push_back(
          {StrCat("  ", StrJoin(Ops(kernel), " + ")), kernel.impl, kernel.version,
           StrCat(kernel.op_version_min, " to ", kernel.op_version_max), StrJoin(Types(kernel.input_types), " "),
           kernel.numerics == nullptr ? "all" : StrJoin(Profiles(kernel), " "),
           features.empty() ? "any cpu" : StrJoin(features, " "), kernel.score == nullptr ? "100" : "by node"});
    }
    std::cout << TextTable(rows) << '\n';
  }
  if (host.plugins().empty() && host.refusals().empty()) std::cout << "no plugin found\n";
  for (const PluginRefusal& refusal : host.refusals())
    std::cout << refusal.path << ": refused: " << Printable(refusal.reason, 400) << "\n";
}

Outcome Plugins(const PluginsOptions& options) {
  GLIMPSE_ASSIGN_OR_RETURN(const std::shared_ptr<PluginHost> host,
                           PluginHost::Load(options.plugin_path, CpuInfo::Detect(), nullptr, PluginUse::kOnce));
  options.json ? PrintJson(*host) : PrintText(*host);
  const std::vector<PluginRefusal>& refusals = host->refusals();
  if (refusals.empty()) return ExitStatus::kOk;
  const std::string others = refusals.size() > 1 ? StrCat(" (and ", refusals.size() - 1, " more)") : "";
  return Error{ErrorCode::kPlugin, StrCat(refusals[0].path, ": refused: ", refusals[0].reason, others)};
}

}  // namespace

void RegisterPlugins(CLI::App& app, Context& context) {
  auto options = std::make_shared<PluginsOptions>();
  CLI::App* command = app.add_subcommand("plugins", "Lists kernel plugins, what they offer, and why one was refused");
  command
      ->add_option("--plugin-path", options->plugin_path,
                   "Folder of plugins, instead of the default one; may be repeated")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, &context] { context.action = [options] { return Plugins(*options); }; });
}

}  // namespace glimpse::cli
