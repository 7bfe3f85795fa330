// SPDX-License-Identifier: Apache-2.0
// glimpse diff: operator by operator against what another runtime computed from the same inputs.
#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/file.h"
#include "base/strings.h"
#include "cli/command.h"
#include "cli/explain.h"
#include "cli/layer_text.h"
#include "cli/progress.h"
#include "cli/rounding_trial.h"
#include "cli/runtime_of_dump.h"
#include "cli/samples.h"
#include "cli/session.h"
#include "cli/tensor_compare.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::ordered_json;

struct DiffOptions {
  std::string model;
  std::string against;
  std::vector<std::string> inputs;
  EngineOptions engine;
  bool json = false;
};

// What was found of one operator.
struct Finding {
  const OperatorInfo* op = nullptr;
  std::string not_compared;  // why; "" when it was
  TensorDifference difference;
  uint64_t elements = 0;
  uint64_t differing_samples = 0;
  // The first element that differs.
  uint64_t first_sample = 0;
  int first_tensor = -1;
  std::vector<int32_t> first_position;
  std::optional<RoundingTrial> trial;  // of a sum of products
};

// The dump of the other runtime, a file for each tensor, opened when an operator first asks for it.
class OtherRuntime {
 public:
  OtherRuntime(std::string folder, uint64_t samples) : folder_(std::move(folder)), samples_(samples) {}

  // The file of a tensor; null when the dump has none. Errors: of SampleFile::Open, or another number of samples.
  Result<SampleFile*> Find(const TensorView& tensor) {
    const int index = tensor.info->index;
    if (const auto known = files_.find(index); known != files_.end()) return known->second ? &*known->second : nullptr;
    auto& slot = files_[index];
    const std::string path = StrCat(folder_, "/tensor_", index, ".npy");
    if (!std::filesystem::exists(path)) return nullptr;
    GLIMPSE_ASSIGN_OR_RETURN(SampleFile file, SampleFile::Open(path, tensor));
    if (file.layout().count != samples_) {
      return Unexpected(ErrorCode::kInvalidArgument,
                        StrCat(path, ": holds ", file.layout().count, " samples, the inputs ", samples_,
                               "; all files must be of one dump"));
    }
    slot.emplace(std::move(file));
    return &*slot;
  }

 private:
  std::string folder_;
  uint64_t samples_;
  std::map<int, std::optional<SampleFile>> files_;
};

// Walks over samples and operators. Before each operator its input tensors hold the other runtime's values, since every
// output is overwritten with them after it was compared.
class Comparison {
 public:
  Comparison(Interpreter& interpreter, OtherRuntime& other) : interpreter_(interpreter), other_(other) {
    for (const OperatorInfo& op : interpreter.model().main().operators) {
      Finding finding;
      finding.op = &op;
      findings_.push_back(std::move(finding));
    }
  }

  // Finds out which operators can be compared, before the first sample.
  Result<void> Prepare();
  // REQUIRES: the model's inputs hold sample `sample`.
  Result<void> Sample(uint64_t sample);
  const std::vector<Finding>& findings() const { return findings_; }

 private:
  Result<void> CompareOutputs(uint64_t sample, Finding& finding);

  Interpreter& interpreter_;
  OtherRuntime& other_;
  std::vector<Finding> findings_;
  std::vector<std::byte> theirs_;
};

Result<void> Comparison::Prepare() {
  const Subgraph& graph = interpreter_.model().main();
  std::vector<bool> known(graph.tensors.size());
  for (const TensorInfo& tensor : graph.tensors) {
    known[static_cast<size_t>(tensor.index)] = tensor.is_constant || tensor.is_variable;
  }
  for (const int index : graph.inputs) known[static_cast<size_t>(index)] = true;
  for (Finding& finding : findings_) {
    for (const int index : finding.op->inputs) {
      if (index >= 0 && !known[static_cast<size_t>(index)])
        finding.not_compared = StrCat("its input tensor ", index, " is not in the dump");
    }
    for (const int index : finding.op->outputs) {
      if (index < 0) continue;
      const TensorView& tensor = interpreter_.tensor(index);
      if (tensor.dynamic || tensor.info->type == DType::kResource) {
        known[static_cast<size_t>(index)] = tensor.constant;
        finding.not_compared = StrCat("its output tensor ", index, " has no shape before it runs, or is a handle");
        continue;
      }
      GLIMPSE_ASSIGN_OR_RETURN(SampleFile * file, other_.Find(tensor));
      // A constant that was folded here is known without the dump.
      known[static_cast<size_t>(index)] = file != nullptr || tensor.constant;
      if (file == nullptr) finding.not_compared = StrCat("its output tensor ", index, " is not in the dump");
    }
    if (!LinearLayer::Serves(*finding.op)) continue;
    const auto layer =
        LinearLayer::Create(interpreter_.model(), *finding.op, interpreter_.tensor(finding.op->inputs[0]).shape,
                            interpreter_.tensor(finding.op->outputs[0]).shape);
    if (layer) finding.trial.emplace(*layer, interpreter_.options().numerics);
  }
  return {};
}

Result<void> Comparison::Sample(uint64_t sample) {
  for (Finding& finding : findings_) {
    const PlannedOperator& planned = interpreter_.plan()[static_cast<size_t>(finding.op->index)];
    if (finding.not_compared.empty() && !planned.folded) {
      GLIMPSE_RETURN_IF_ERROR(interpreter_.InvokeOperator(finding.op->index));
    }
    GLIMPSE_RETURN_IF_ERROR(CompareOutputs(sample, finding));
  }
  return {};
}

Result<void> Comparison::CompareOutputs(uint64_t sample, Finding& finding) {
  bool differs = false;
  for (const int index : finding.op->outputs) {
    if (index < 0 || interpreter_.tensor(index).dynamic) continue;
    const TensorView& tensor = interpreter_.tensor(index);
    if (tensor.info->type == DType::kResource) continue;
    GLIMPSE_ASSIGN_OR_RETURN(SampleFile * file, other_.Find(tensor));
    if (file == nullptr) continue;
    theirs_.resize(tensor.data.size());
    GLIMPSE_RETURN_IF_ERROR(file->Load(sample, theirs_));
    if (finding.not_compared.empty()) {
      const TensorDifference difference =
          CompareTensors(tensor.info->type, tensor.data, theirs_, ElementCount(tensor.shape));
      finding.elements += ElementCount(tensor.shape);
      if (difference.count > 0) {
        if (finding.difference.count == 0) {
          finding.first_sample = sample;
          finding.first_tensor = index;
          finding.first_position = PositionOf(difference.first, tensor.shape);
        }
        finding.difference.Add(difference);
        differs = true;
        if (finding.trial) finding.trial->Add(interpreter_, tensor.data, theirs_);
      }
    }
    if (!tensor.constant) std::copy(theirs_.begin(), theirs_.end(), tensor.data.begin());
  }
  finding.differing_samples += differs;
  return {};
}

// ---- what is printed

struct Report {
  const DiffOptions* options = nullptr;
  const Interpreter* interpreter = nullptr;
  uint64_t samples = 0;
  Json runtime;  // runtime.json of the dump, or null
  const std::vector<Finding>* findings = nullptr;
};

// Whether a difference is explained, and in whose words.
std::string Explanation(const Finding& finding) {
  if (finding.difference.count == 0) return "";
  if (!finding.trial) {
    return StrCat("not explained: no other rounding of ", finding.op->ShortName(), " is known here");
  }
  if (const auto exact = finding.trial->Explaining(); !exact.empty()) {
    std::vector<std::string> names;
    names.reserve(exact.size());
    for (const Candidate* each : exact) names.push_back(StrCat(each->name, " (", each->rule, ")"));
    return StrCat("explained by ", StrJoin(names, " or "), ": all ", finding.difference.count,
                  " reproduced, no other element changed");
  }
  const Candidate* best = finding.trial->Best();
  if (best == nullptr) return "not explained";
  return StrCat("not explained: ", best->name, " reproduces ", best->reproduced, " of ", finding.difference.count,
                " and would change ", best->broken, " equal ones");
}

Json FindingJson(const Finding& finding) {
  Json entry{{"index", finding.op->index}, {"name", finding.op->ShortName()}, {"outputs", finding.op->outputs}};
  if (!finding.not_compared.empty()) {
    entry["compared"] = false;
    entry["why"] = finding.not_compared;
    entry["differing"] = nullptr;
    return entry;
  }
  entry["compared"] = true;
  entry["elements"] = finding.elements;
  entry["differing"] = finding.difference.count;
  entry["max_difference"] =
      finding.difference.integer ? Json(static_cast<int64_t>(finding.difference.max)) : Json(finding.difference.max);
  entry["differing_samples"] = finding.differing_samples;
  entry["explained_by"] = nullptr;
  if (finding.difference.count == 0) return entry;
  entry["first"] = {{"sample", finding.first_sample},
                    {"tensor", finding.first_tensor},
                    {"at", finding.first_position},
                    {"ours", finding.difference.ours},
                    {"theirs", finding.difference.theirs}};
  entry["explanation"] = Explanation(finding);
  if (!finding.trial) return entry;
  if (const auto exact = finding.trial->Explaining(); !exact.empty()) entry["explained_by"] = exact.front()->name;
  entry["candidates"] = Json::array();
  for (const Candidate& candidate : finding.trial->candidates()) {
    entry["candidates"].push_back({{"name", candidate.name},
                                   {"rule", candidate.rule},
                                   {"reproduced", candidate.reproduced},
                                   {"would_change", candidate.broken}});
  }
  return entry;
}

void PrintJson(const Report& report) {
  Json json{{"model", report.options->model},
            {"against", report.options->against},
            {"runtime", report.runtime},
            {"numerics", report.interpreter->options().numerics},
            {"samples", report.samples}};
  size_t differing = 0, skipped = 0;
  json["operators"] = Json::array();
  for (const Finding& finding : *report.findings) {
    differing += finding.difference.count > 0;
    skipped += !finding.not_compared.empty();
    json["operators"].push_back(FindingJson(finding));
  }
  json["differing_operators"] = differing;
  json["operators_not_compared"] = skipped;
  json["equal"] = differing == 0;
  std::cout << json.dump(-1, ' ', true, Json::error_handler_t::replace) << '\n';
}

void PrintText(const Report& report) {
  std::cout << report.options->model << ", " << report.interpreter->options().numerics << ", " << report.samples
            << (report.samples == 1 ? " sample" : " samples") << ", against " << report.options->against;
  if (report.runtime.is_object()) {
    std::cout << " (" << Printable(report.runtime.value("runtime", "?"), 80) << ", resolver "
              << Printable(report.runtime.value("resolver", "?"), 40) << ", "
              << Printable(report.runtime.value("machine", "?"), 40) << ")";
  }
  std::cout << "\neach operator was given the other runtime's own inputs\n\n";
  std::vector<std::vector<std::string>> rows{
      {"operator", "name", "output", "elements", "differ", "max", "explanation"}};
  size_t differing = 0, skipped = 0;
  for (const Finding& finding : *report.findings) {
    std::vector<std::string> row{StrCat(finding.op->index), Printable(finding.op->ShortName(), 40),
                                 StrJoin(finding.op->outputs, " ")};
    if (!finding.not_compared.empty()) {
      ++skipped;
      row.insert(row.end(), {"-", "-", "-", StrCat("not compared: ", finding.not_compared)});
    } else {
      differing += finding.difference.count > 0;
      row.insert(row.end(), {StrCat(finding.elements), StrCat(finding.difference.count),
                             ExactDouble(finding.difference.max), Explanation(finding)});
    }
    rows.push_back(std::move(row));
  }
  std::cout << TextTable(rows) << '\n';
  for (const Finding& finding : *report.findings) {
    if (finding.difference.count == 0) continue;
    std::cout << "operator " << finding.op->index << ": first at sample " << finding.first_sample << ", tensor "
              << finding.first_tensor << " [" << StrJoin(finding.first_position, ",") << "]: ours "
              << ExactDouble(finding.difference.ours) << ", theirs " << ExactDouble(finding.difference.theirs) << "\n";
  }
  const size_t compared = report.findings->size() - skipped;
  std::cout << (differing == 0 ? StrCat("all ", compared, " operators compared are equal")
                               : StrCat(differing, " of ", compared, " operators differ"));
  if (skipped > 0) std::cout << "; " << skipped << " were not compared";
  std::cout << "\n";
}

Outcome Diff(const DiffOptions& options) {
  auto session = OpenSession(options.model, options.engine, true);
  if (!session) return OpenFailure(session.error());
  Interpreter& interpreter = *session->interpreter;
  if (!std::filesystem::is_directory(options.against)) {
    return Error{ErrorCode::kIo, StrCat(options.against, ": is no folder; tools/litert_dump.py makes one")};
  }
  GLIMPSE_ASSIGN_OR_RETURN(Json runtime, ReadRuntimeOfDump(options.against, interpreter.model()));
  std::vector<std::string> inputs = options.inputs;
  if (inputs.empty()) {
    for (size_t i = 0; i < interpreter.inputs().size(); ++i)
      inputs.push_back(StrCat(options.against, "/input_", i, ".npy"));
  }
  GLIMPSE_ASSIGN_OR_RETURN(SampleSet samples, SampleSet::Open(inputs, interpreter));
  AllowOpenFiles(interpreter.model().main().tensors.size());
  OtherRuntime other(options.against, samples.count());
  Comparison comparison(interpreter, other);
  GLIMPSE_RETURN_IF_ERROR(comparison.Prepare());
  size_t compared = 0;
  for (const Finding& finding : comparison.findings()) compared += finding.not_compared.empty();
  if (compared == 0) {
    return Error{ErrorCode::kInvalidArgument,
                 StrCat(options.against,
                        ": has no tensor_<index>.npy that any operator could be compared with; make it with "
                        "tools/litert_dump.py")};
  }
  {
    Progress progress("sample", samples.count());
    for (uint64_t i = 0; i < samples.count(); ++i) {
      GLIMPSE_RETURN_IF_ERROR(samples.Load(i, interpreter));
      GLIMPSE_RETURN_IF_ERROR(comparison.Sample(i));
      progress.Update(i + 1);
    }
  }
  const Report report{&options, &interpreter, samples.count(), std::move(runtime), &comparison.findings()};
  options.json ? PrintJson(report) : PrintText(report);
  for (const Finding& finding : comparison.findings()) {
    if (finding.difference.count > 0) return ExitStatus::kDifferent;
  }
  return ExitStatus::kOk;
}

}  // namespace

void RegisterDiff(CLI::App& app, Context& context) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App* command = app.add_subcommand("diff", "Compares every operator with what another runtime computed");
  AddModelArgument(*command, options->model);
  command
      ->add_option("--against", options->against,
                   "Folder with input_<i>.npy and tensor_<index>.npy; tools/litert_dump.py makes it")
      ->required()
      ->type_name("DIR");
  command
      ->add_option("--input", options->inputs, "Inputs to use instead of DIR/input_<i>.npy; repeat it for each input")
      ->type_name("IN.npy")
      ->allow_extra_args(false);
  AddEngineOptions(*command, options->engine);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, &context] { context.action = [options] { return Diff(*options); }; });
}

}  // namespace glimpse::cli
