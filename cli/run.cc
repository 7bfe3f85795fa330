// SPDX-License-Identifier: Apache-2.0
// glimpse run: samples in, outputs (and every intermediate tensor) out, as .npy files.
#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/strings.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/samples.h"
#include "cli/session.h"

namespace glimpse::cli {
namespace {

struct RunOptions {
  std::string model;
  std::vector<std::string> inputs;
  std::string output;
  EngineOptions engine;
  bool dump = false;
  bool reset = false;
  bool json = false;
};

// The files that a run writes, open from the first sample to the last.
class Results {
 public:
  static Result<Results> Create(const std::string& folder, const Interpreter& interpreter, const SampleLayout& layout,
                                bool dump) {
    Results results;
    for (size_t i = 0; i < interpreter.outputs().size(); ++i) {
      GLIMPSE_RETURN_IF_ERROR(results.Add(StrCat(folder, "/output_", i, ".npy"), interpreter.outputs()[i], layout));
    }
    if (!dump) return results;
    std::set<int> produced;
    for (const OperatorInfo& op : interpreter.model().main().operators) {
      for (const int index : op.outputs) {
        // Handles of variables have no numpy type.
        if (index >= 0 && interpreter.tensor(index).info->type != DType::kResource) produced.insert(index);
      }
    }
    AllowOpenFiles(produced.size() + results.writers_.size());
    for (const int index : produced) {
      GLIMPSE_RETURN_IF_ERROR(
          results.Add(StrCat(folder, "/tensor_", index, ".npy"), interpreter.tensor(index), layout));
    }
    return results;
  }

  Result<void> Append() {
    for (TensorWriter& writer : writers_) GLIMPSE_RETURN_IF_ERROR(writer.Append());
    return {};
  }
  Result<void> Close() {
    for (TensorWriter& writer : writers_) GLIMPSE_RETURN_IF_ERROR(writer.Close());
    return {};
  }
  size_t count() const { return writers_.size(); }

 private:
  Result<void> Add(const std::string& path, const TensorView& tensor, const SampleLayout& layout) {
    GLIMPSE_ASSIGN_OR_RETURN(TensorWriter writer, TensorWriter::Create(path, tensor, layout));
    writers_.push_back(std::move(writer));
    return {};
  }
  std::vector<TensorWriter> writers_;
};

void Report(const RunOptions& options, const Interpreter& interpreter, const SampleLayout& layout, size_t files) {
  nlohmann::ordered_json report;
  report["samples"] = layout.count;
  report["numerics"] = interpreter.options().numerics;
  report["output"] = options.output;
  report["files"] = files;
  report["outputs"] = nlohmann::ordered_json::array();
  for (size_t i = 0; i < interpreter.outputs().size(); ++i) {
    const TensorView& tensor = interpreter.outputs()[i];
    report["outputs"].push_back({{"file", StrCat("output_", i, ".npy")},
                                 {"tensor", tensor.info->index},
                                 {"type", DTypeName(tensor.info->type)},
                                 {"shape", layout.FileShape(tensor.shape)}});
  }
  if (options.json) {
    std::cout << report.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) << '\n';
    return;
  }
  for (size_t i = 0; i < interpreter.outputs().size(); ++i) {
    const TensorView& tensor = interpreter.outputs()[i];
    std::cout << options.output << "/output_" << i << ".npy  " << DTypeName(tensor.info->type) << ' '
              << ShapeText(layout.FileShape(tensor.shape)) << '\n';
  }
  std::cout << layout.count << (layout.count == 1 ? " sample, " : " samples, ") << files << " files, numerics "
            << interpreter.options().numerics << '\n';
}

Outcome Run(const RunOptions& options) {
  auto session = OpenSession(options.model, options.engine, options.dump);
  if (!session) return OpenFailure(session.error());
  Interpreter& interpreter = *session->interpreter;
  GLIMPSE_ASSIGN_OR_RETURN(SampleSet samples, SampleSet::Open(options.inputs, interpreter));
  GLIMPSE_RETURN_IF_ERROR(MakeFolder(options.output));
  GLIMPSE_ASSIGN_OR_RETURN(Results results,
                           Results::Create(options.output, interpreter, samples.layout(), options.dump));
  Progress progress("sample", samples.count());
  for (uint64_t i = 0; i < samples.count(); ++i) {
    if (options.reset && i > 0) interpreter.ResetVariables();
    GLIMPSE_RETURN_IF_ERROR(samples.Load(i, interpreter));
    if (const auto invoked = interpreter.Invoke(); !invoked) {
      return Error{invoked.error().code, StrCat(invoked.error().message, " (sample ", i, ")")};
    }
    GLIMPSE_RETURN_IF_ERROR(results.Append());
    progress.Update(i + 1);
  }
  GLIMPSE_RETURN_IF_ERROR(results.Close());
  Report(options, interpreter, samples.layout(), results.count());
  return ExitStatus::kOk;
}

}  // namespace

void RegisterRun(CLI::App& app, Context& context) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Runs a model on samples from .npy files");
  AddModelArgument(*command, options->model);
  command
      ->add_option("--input", options->inputs,
                   "Samples for one input, in the model's order; repeat it for each input. The array has the\n"
                   "tensor's type and its shape, or one leading dimension more, or N in place of a batch of 1")
      ->required()
      ->type_name("IN.npy")
      ->allow_extra_args(false);
  command->add_option("--output", options->output, "Folder for output_<i>.npy, made when missing")
      ->required()
      ->type_name("DIR");
  command->add_flag("--dump", options->dump,
                    "Also write tensor_<index>.npy for every tensor that an operator of the main subgraph produces");
  command->add_flag("--reset", options->reset,
                    "Reset variable tensors before every sample; else they keep their state");
  AddThreadsOption(*command, options->engine.threads);
  AddEngineOptions(*command, options->engine);
  command->add_flag("--json", options->json, "Print what was written as JSON");
  command->callback([options, &context] { context.action = [options] { return Run(*options); }; });
}

}  // namespace glimpse::cli
