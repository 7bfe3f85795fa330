// SPDX-License-Identifier: Apache-2.0
// The command line, the loading of plugins, and the order of the checks.
#include "opcheck/program.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/exit_status.h"
#include "base/result.h"
#include "base/strings.h"
#include "engine/model/model.h"
#include "engine/plugin/plugin_host.h"
#include "opcheck/checks.h"
#include "opcheck/model_nodes.h"
#include "opcheck/report.h"

#ifndef GLIMPSE_VERSION
#error "GLIMPSE_VERSION comes from CMake"
#endif

namespace glimpse::opcheck {
namespace {

struct Options {
  std::string file;
  std::string against;
  std::vector<std::string> kernels;
  std::vector<std::string> checks;
  std::vector<std::string> models;
  uint32_t nodes = 200;
  uint32_t seed = 1;
  int timeout = 60;
  bool json = false;
  bool list = false;
};

constexpr const char* kFooter =
    "Exit status: 0 every check passed or was skipped, 1 a check failed, 2 usage, 6 only comparisons with the "
    "reference\n"
    "reference failed, 7 the plugin was refused.";

int Fail(ExitStatus status, const std::string& message) {
  std::cout.flush();
  std::cerr << "glimpse-op-check: " << Printable(message, 2000) << std::endl;
  return static_cast<int>(status);
}

// Loads one plugin as glimpsed does: judged by its owner and mode, by its ELF file, by what it says of itself.
// Errors: kPlugin with the reason for a refusal, without the path; those of PluginHost::Load().
Result<std::shared_ptr<PluginHost>> LoadFile(const std::string& file) {
  namespace fs = std::filesystem;
  const fs::path path(file);
  if (path.extension() != ".so") return Unexpected(ErrorCode::kPlugin, "is not named *.so, as plugins are");
  std::error_code error;
  if (!fs::exists(fs::symlink_status(path, error))) return Unexpected(ErrorCode::kIo, "there is no such file");
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  const std::string name = path.filename().string();
  GLIMPSE_ASSIGN_OR_RETURN(auto host,
                           PluginHost::Load({folder}, CpuInfo::Detect(),
                                            [&](const std::string& found, std::span<const std::byte>) -> Result<void> {
                                              if (fs::path(found).filename() == name) return {};
                                              return Unexpected(ErrorCode::kPlugin, "was not asked for");
                                            }));
  if (!host->plugins().empty()) return host;
  for (const PluginRefusal& refusal : host->refusals()) {
    if (fs::path(refusal.path).filename() == name) return Unexpected(ErrorCode::kPlugin, refusal.reason);
  }
  return Unexpected(ErrorCode::kPlugin, "is a hidden file");
}

// The reference plugin among those that glimpsed would load, or "".
std::string DefaultReference() {
  for (const std::string& folder : DefaultPluginFolders()) {
    const std::string path = StrCat(folder, "/libglimpse-ops-reference.so");
    if (std::filesystem::exists(path)) return path;
  }
  return "";
}

bool Chosen(const std::vector<std::string>& names, const std::string& name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

// Loads the plugin, and lets the process end, where nothing else is harmed. Skipped: it was refused, and why.
Verdict CheckLoad(const Options& options) {
  return RunInChild(
      [&]() -> Verdict {
        Doing("while the plugin was loaded");
        const auto host = LoadFile(options.file);
        if (!host) return Verdict::Skipped(host.error().message);
        return Verdict::Passed(0);
      },
      std::chrono::seconds(options.timeout), Ending::kOrderly);
}

// All checks of all chosen kernels.
void RunKernelChecks(const Options& options, const std::vector<std::shared_ptr<const Model>>& models,
                     const PluginHost& host, const Plugin* reference, Report& report) {
  const Plugin& plugin = *host.plugins()[0];
  for (uint32_t index = 0; index < plugin.descriptors().size(); ++index) {
    Subject subject{&plugin, index, reference, &host.host(), options.seed};
    for (const auto& model : models) {
      for (Node& node : NodesOfModel(*model, subject.offer())) subject.given.push_back(std::move(node));
    }
    subject.nodes = options.nodes + static_cast<uint32_t>(subject.given.size()) * kContents;
    const std::string impl = subject.offer().impl;
    if (!Chosen(options.kernels, impl)) continue;
    const std::vector<std::string> missing = MissingCpuFeatures(subject.offer(), host.host());
    for (const Check& check : KernelChecks()) {
      if (!Chosen(options.checks, check.name)) continue;
      Verdict verdict = missing.empty()
                            ? RunInChild([&] { return check.run(subject); }, std::chrono::seconds(options.timeout))
                            : Verdict::Skipped(StrCat("this processor lacks ", StrJoin(missing, ", ")));
      report.Add({impl, check.name, std::move(verdict)});
    }
  }
}

size_t CountChecks(const Options& options, const Plugin& plugin) {
  size_t kernels = 0;
  for (const glimpse_op_descriptor& offer : plugin.descriptors()) kernels += Chosen(options.kernels, offer.impl);
  size_t checks = 0;
  for (const Check& check : KernelChecks()) checks += Chosen(options.checks, check.name);
  return kernels * checks;
}

Result<void> CheckNames(const Options& options, const Plugin& plugin) {
  std::vector<std::string> kernels, checks;
  for (const glimpse_op_descriptor& offer : plugin.descriptors()) kernels.emplace_back(offer.impl);
  for (const Check& check : KernelChecks()) checks.emplace_back(check.name);
  const auto known = [](const char* option, const std::vector<std::string>& given,
                        const std::vector<std::string>& names) -> Result<void> {
    for (const std::string& each : given) {
      if (Chosen(names, each)) continue;
      const std::string nearest = NearestWord(each, names);
      return Unexpected(ErrorCode::kInvalidArgument, StrCat(option, ": there is no '", Printable(each), "'; ",
                                                            nearest.empty() ? StrCat("there are ", StrJoin(names, ", "))
                                                                            : StrCat("did you mean '", nearest, "'?")));
    }
    return {};
  };
  GLIMPSE_RETURN_IF_ERROR(known("--kernel", options.kernels, kernels));
  return known("--check", options.checks, checks);
}

int Run(const Options& options) {
  if (options.list) {
    for (const Check& check : KernelChecks()) std::cout << check.name << ": " << check.what << '\n';
    return 0;
  }
  if (options.file.empty()) return Fail(ExitStatus::kUsage, "a plugin is missing; see 'glimpse-op-check --help'");
  Report report(options.file, options.json);
  Verdict load = CheckLoad(options);
  if (load.result != Outcome::kPassed) {
    const bool refused = load.result == Outcome::kSkipped;
    const std::string why = StrCat(options.file, ": ", refused ? "refused: " : "", load.detail);
    load.result = Outcome::kFailed;
    report.Start(1);
    report.Add({"", "load", std::move(load)});
    report.Finish("", "");
    return Fail(refused ? ExitStatus::kPluginRefused : ExitStatus::kRuntimeFailure, why);
  }
  const auto host = LoadFile(options.file);
  if (!host) return Fail(ExitStatus::kPluginRefused, StrCat(options.file, ": refused: ", host.error().message));
  const Plugin& plugin = *(*host)->plugins()[0];
  if (const Result<void> named = CheckNames(options, plugin); !named)
    return Fail(ExitStatus::kUsage, named.error().message);

  std::shared_ptr<PluginHost> reference;
  const std::string against = options.against.empty() ? DefaultReference() : options.against;
  if (!against.empty() && against != "none") {
    auto loaded = LoadFile(against);
    if (!loaded) return Fail(ExitStatus::kPluginRefused, StrCat(against, ": refused: ", loaded.error().message));
    reference = std::move(loaded).value();
  }
  std::vector<std::shared_ptr<const Model>> models;
  for (const std::string& path : options.models) {
    auto model = Model::Load(path);
    if (!model) return Fail(ExitStatusFor(model.error().code), model.error().message);
    models.push_back(std::move(model).value());
  }
  report.Start(1 + CountChecks(options, plugin));
  report.Add({"", "load", std::move(load)});
  RunKernelChecks(options, models, **host, reference == nullptr ? nullptr : reference->plugins()[0].get(), report);
  report.Finish(plugin.name(), plugin.version());
  if (report.failed() == 0) return 0;
  return static_cast<int>(report.only_inexact() ? ExitStatus::kDifferent : ExitStatus::kRuntimeFailure);
}

void AddOptions(CLI::App& app, Options& options) {
  app.add_option("FILE", options.file, "The plugin, a file *.so");
  app.add_option("--against", options.against,
                 "The plugin whose results are right, or 'none'; default: reference, where glimpsed finds its plugins")
      ->type_name("FILE");
  app.add_option("--kernel", options.kernels, "Only the kernel with this name (impl); may be repeated")
      ->type_name("IMPL")
      ->allow_extra_args(false);
  app.add_option("--check", options.checks, "Only this check; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  app.add_option("--model", options.models,
                 "A model whose operators are nodes beside the generated ones; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--nodes", options.nodes, "Nodes that are generated for each kernel; default 200")
      ->type_name("N")
      ->check(CLI::Range(1, 1000000));
  app.add_option("--seed", options.seed, "Other nodes of the same kinds; default 1")->type_name("N");
  app.add_option("--timeout", options.timeout, "Seconds that one check may take; default 60")
      ->type_name("S")
      ->check(CLI::Range(1, 86400));
  app.add_flag("--list", options.list, "List the checks and what each is about");
  app.add_flag("--json", options.json, "Print one JSON object in place of lines");
}

}  // namespace

int Main(int argc, const char* const* argv) {
  Options options;
  CLI::App app{"Checks whether an operator plugin keeps to the contract, and computes what the reference does.",
               "glimpse-op-check"};
  app.set_version_flag("--version", StrCat("glimpse-op-check ", GLIMPSE_VERSION));
  app.footer(kFooter);
  AddOptions(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {
    return app.exit(done, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    return Fail(ExitStatus::kUsage, StrCat(error.what(), "; see 'glimpse-op-check --help'"));
  }
  try {
    const int status = Run(options);
    std::cout.flush();
    if (!std::cout) return Fail(ExitStatus::kRuntimeFailure, "stdout: cannot write; is the disk full?");
    return status;
  } catch (const std::exception& error) {
    return Fail(ExitStatus::kRuntimeFailure, StrCat("internal error: ", error.what()));
  }
}

}  // namespace glimpse::opcheck
