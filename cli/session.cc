// SPDX-License-Identifier: Apache-2.0
#include "cli/session.h"

#include <CLI/CLI.hpp>
#include <set>
#include <utility>

#include "base/strings.h"

namespace glimpse::cli {
namespace {

// Plugin names that a spec pins or prefers.
std::set<std::string> NamedPlugins(const KernelSpec& spec) {
  std::set<std::string> names{spec.use};
  for (const auto& [key, plugin] : spec.overrides) names.insert(plugin);
  names.erase("auto");
  return names;
}

// "/usr/lib/.../libglimpse-ops-avx2.so" for "avx2": a refused file has no name but its path.
bool IsFileOf(const std::string& path, const std::string& plugin) {
  const std::string file = path.substr(path.rfind('/') + 1);
  return file == StrCat("libglimpse-ops-", plugin, ".so") || file == StrCat(plugin, ".so");
}

Result<void> CheckNamedPlugins(const PluginHost& plugins, const KernelSpec& spec) {
  for (const std::string& name : NamedPlugins(spec)) {
    if (plugins.Find(name) != nullptr) continue;
    for (const PluginRefusal& refusal : plugins.refusals()) {
      if (IsFileOf(refusal.path, name)) {
        return Unexpected(ErrorCode::kPlugin, StrCat(refusal.path, ": plugin '", name,
                                                     "' that --kernels names was refused: ", refusal.reason));
      }
    }
  }
  return {};
}

std::string CheckNumericsName(const std::string& name) {
  for (const std::string& known : KnownNumerics()) {
    if (name == known) return "";
  }
  const std::string nearest = NearestWord(name, KnownNumerics());
  return StrCat("there is no profile '", Printable(name), "'",
                nearest.empty() ? "" : StrCat(", did you mean '", nearest, "'"),
                "; profiles: ", StrJoin(KnownNumerics(), ", "));
}

std::string CheckKernelSpec(const std::string& text) {
  const Result<KernelSpec> spec = KernelSpec::Parse(text);
  return spec ? "" : spec.error().message;
}

}  // namespace

void AddNumericsOption(CLI::App& command, std::string& numerics) {
  command
      .add_option("--numerics", numerics,
                  "The runtime to equal bit for bit: litert-reference, tflite-micro or\n"
                  "litert-xnnpack (default: litert-reference)")
      ->type_name("PROFILE")
      ->check(CheckNumericsName);
}

void AddEngineOptions(CLI::App& command, EngineOptions& options) {
  AddNumericsOption(command, options.numerics);
  command
      .add_option("--kernels", options.kernels,
                  "Kernels to use: auto, or a plugin's name, and overrides, such as\n"
                  "auto,CONV_2D=reference,conv2d_1=example,#3=reference")
      ->type_name("SPEC")
      ->check(CheckKernelSpec);
  command
      .add_option("--plugin-path", options.plugin_path,
                  "Folder of plugins, instead of the default one; may be repeated")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command
      .add_option_function<std::vector<std::string>>(
          "--limit",
          [&options](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) {
              if (const auto set = SetLimit(text, &options.limits); !set) {
                throw CLI::ValidationError("--limit", set.error().message);
              }
            }
          },
          "What a model may take, such as work=5000000000 or seconds=10; may be repeated. Names: file-bytes,\n"
          "tensors, operators, tensor-bytes, memory-bytes, work, loop-iterations, seconds")
      ->type_name("NAME=NUMBER")
      ->allow_extra_args(false);
}

void AddThreadsOption(CLI::App& command, uint32_t& threads) {
  command
      .add_option("--threads", threads,
                  "Threads that share the work of one inference (default: 1); results\nare the same with any number")
      ->type_name("N")
      ->check(CLI::Range(1U, WorkerPool::kMostWorkers));
}

void AddModelArgument(CLI::App& command, std::string& path) {
  command.add_option("MODEL", path, "The .tflite file")->required()->type_name("FILE");
}

Result<Session> OpenSession(std::shared_ptr<const Model> model, const EngineOptions& options, bool preserve_all_tensors,
                            bool warn) {
  Session session;
  session.model = std::move(model);
  InterpreterOptions wanted;
  wanted.numerics = options.numerics;
  wanted.limits = options.limits;
  wanted.preserve_all_tensors = preserve_all_tensors;
  GLIMPSE_ASSIGN_OR_RETURN(wanted.workers, WorkerPool::OfProcess(options.threads));
  GLIMPSE_ASSIGN_OR_RETURN(wanted.kernels, KernelSpec::Parse(options.kernels));
  GLIMPSE_ASSIGN_OR_RETURN(session.plugins,
                           PluginHost::Load(options.plugin_path, CpuInfo::Detect(), nullptr, PluginUse::kOnce));
  GLIMPSE_RETURN_IF_ERROR(CheckNamedPlugins(*session.plugins, wanted.kernels));
  auto interpreter = Interpreter::Create(session.model, session.plugins, wanted);
  const std::vector<PluginRefusal>& refusals = session.plugins->refusals();
  if (!interpreter) {
    Error error = interpreter.error();
    if (error.code == ErrorCode::kUnsupported && !refusals.empty()) {
      error.message += StrCat("; ", refusals.size(), " plugin(s) were refused, see 'glimpse plugins'");
    }
    return Unexpected(std::move(error));
  }
  if (warn) {
    for (const PluginRefusal& refusal : refusals) Warn(StrCat(refusal.path, ": refused: ", refusal.reason));
  }
  session.interpreter = *std::move(interpreter);
  return session;
}

Result<Session> OpenSession(const std::string& model_path, const EngineOptions& options, bool preserve_all_tensors) {
  GLIMPSE_ASSIGN_OR_RETURN(std::shared_ptr<const Model> model, Model::Load(model_path, options.limits));
  return OpenSession(std::move(model), options, preserve_all_tensors);
}

Outcome OpenFailure(Error error) {
  if (error.code == ErrorCode::kInvalidArgument) return UsageError(std::move(error.message));
  return error;
}

Result<const OperatorInfo*> FindOperator(const Model& model, int index) {
  const auto& operators = model.main().operators;
  if (index < 0 || static_cast<size_t>(index) >= operators.size()) {
    return Unexpected(ErrorCode::kInvalidArgument,
                      StrCat("--op ", index, ": ", model.path(), " has ", operators.size(), " operators, 0 to ",
                             static_cast<int64_t>(operators.size()) - 1, "; 'glimpse inspect' lists them"));
  }
  return &operators[static_cast<size_t>(index)];
}

}  // namespace glimpse::cli
