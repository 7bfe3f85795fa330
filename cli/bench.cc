// SPDX-License-Identifier: Apache-2.0
// glimpse bench: how long one inference takes, and each operator of it.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <string_view>

#include "base/strings.h"
#include "cli/command.h"
#include "cli/layer_text.h"
#include "cli/samples.h"
#include "cli/session.h"

namespace glimpse::cli {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr size_t kMaxRuns = 4'000'000;  // durations kept for the percentiles

struct BenchOptions {
  std::vector<std::string> models;
  EngineOptions engine;
  double seconds = 2;
  bool per_op = false;
  bool json = false;
};

double MicrosecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

double Rounded(double value) { return std::round(value * 1000) / 1000; }

// A line of /proc/self/status in KiB, such as "VmRSS:" (resident now) or "VmHWM:" (the most so far); 0 when the system
// does not say. getrusage() is no substitute: its peak is that of the parent where the parent was larger before execve.
int64_t StatusKib(std::string_view key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) return std::strtoll(line.c_str() + key.size(), nullptr, 10);
  }
  return 0;
}

// The same values on every machine: time may depend on them where a kernel branches.
std::vector<std::vector<std::byte>> MakeInputs(const Interpreter& interpreter) {
  std::minstd_rand random(1);
  std::vector<std::vector<std::byte>> inputs;
  for (const TensorView& tensor : interpreter.inputs()) {
    std::vector<std::byte> bytes(tensor.data.size());
    if (tensor.info->type == DType::kFloat32) {
      for (size_t i = 0; i + sizeof(float) <= bytes.size(); i += sizeof(float)) {
        const float value = static_cast<float>(random() % 2001) / 1000.0f - 1.0f;
        std::memcpy(bytes.data() + i, &value, sizeof(value));
      }
    } else if (DTypeBits(tensor.info->type) <= 8) {
      const bool boolean = tensor.info->type == DType::kBool;
      for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() >> 8 & (boolean ? 1 : 0xff));
    }
    inputs.push_back(std::move(bytes));
  }
  return inputs;
}

void Fill(Interpreter& interpreter, const std::vector<std::vector<std::byte>>& inputs) {
  for (size_t i = 0; i < inputs.size(); ++i)
    std::copy(inputs[i].begin(), inputs[i].end(), interpreter.inputs()[i].data.begin());
}

// Durations in microseconds, sorted; percentile by the nearest rank.
struct Durations {
  std::vector<float> us;

  void Sort() { std::sort(us.begin(), us.end()); }
  double At(double part) const {
    const auto rank = static_cast<size_t>(std::ceil(part * static_cast<double>(us.size())));
    return Rounded(us[std::clamp<size_t>(rank, 1, us.size()) - 1]);
  }
};

Result<Durations> TimeInvokes(Interpreter& interpreter, const std::vector<std::vector<std::byte>>& inputs,
                              double seconds) {
  const auto warm_until = Clock::now() + std::chrono::duration<double>(std::min(0.2, seconds / 5));
  do {
    Fill(interpreter, inputs);
    GLIMPSE_RETURN_IF_ERROR(interpreter.Invoke());
  } while (Clock::now() < warm_until);
  Durations durations;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  do {
    Fill(interpreter, inputs);
    const auto start = Clock::now();
    GLIMPSE_RETURN_IF_ERROR(interpreter.Invoke());
    durations.us.push_back(static_cast<float>(MicrosecondsSince(start)));
  } while (Clock::now() < end && durations.us.size() < kMaxRuns);
  durations.Sort();
  return durations;
}

bool Runs(const PlannedOperator& planned) { return !planned.folded && planned.fused_into < 0; }

// Every kernel by itself, on an interpreter of its own.
Result<Json> TimeOperators(const Session& session, const BenchOptions& options,
                           const std::vector<std::vector<std::byte>>& inputs) {
  GLIMPSE_ASSIGN_OR_RETURN(Session apart, OpenSession(session.model, options.engine, false, false));
  Interpreter& interpreter = *apart.interpreter;
  const auto& plan = interpreter.plan();
  std::vector<Durations> durations(plan.size());
  const auto end = Clock::now() + std::chrono::duration<double>(options.seconds);
  do {
    Fill(interpreter, inputs);
    for (size_t i = 0; i < plan.size(); ++i) {
      if (!Runs(plan[i])) continue;
      const auto start = Clock::now();
      GLIMPSE_RETURN_IF_ERROR(interpreter.InvokeOperator(static_cast<int>(i)));
      durations[i].us.push_back(static_cast<float>(MicrosecondsSince(start)));
    }
  } while (Clock::now() < end && (durations.empty() || durations[0].us.size() < kMaxRuns / plan.size()));
  Json operators = Json::array();
  for (size_t i = 0; i < plan.size(); ++i) {
    Json entry{{"index", i},
               {"name", plan[i].info->ShortName()},
               {"kernel", plan[i].impl},
               {"folded", plan[i].folded},
               {"macs", plan[i].macs}};
    if (plan[i].fused_into >= 0) entry["fused_into"] = plan[i].fused_into;
    if (Runs(plan[i])) {
      durations[i].Sort();
      entry["min_us"] = durations[i].At(0);
      entry["p50_us"] = durations[i].At(0.5);
    }
    operators.push_back(std::move(entry));
  }
  return operators;
}

Result<Json> BenchOne(const std::string& model, const BenchOptions& options) {
  const auto start = Clock::now();
  GLIMPSE_ASSIGN_OR_RETURN(Session session, OpenSession(model, options.engine, false));
  const double load_us = MicrosecondsSince(start);
  Interpreter& interpreter = *session.interpreter;
  const auto inputs = MakeInputs(interpreter);
  Fill(interpreter, inputs);
  const auto first = Clock::now();
  GLIMPSE_RETURN_IF_ERROR(interpreter.Invoke());
  const double first_us = MicrosecondsSince(first);
  GLIMPSE_ASSIGN_OR_RETURN(const Durations durations, TimeInvokes(interpreter, inputs, options.seconds));
  Json line{{"model", model},
            {"numerics", options.engine.numerics},
            {"kernels", options.engine.kernels},
            {"threads", options.engine.threads},
            {"runs", durations.us.size()},
            {"min_us", durations.At(0)},
            {"p50_us", durations.At(0.5)},
            {"p90_us", durations.At(0.9)},
            {"p99_us", durations.At(0.99)},
            {"load_ms", Rounded(load_us / 1000)},
            {"first_invoke_ms", Rounded(first_us / 1000)},
            {"rss_kib", StatusKib("VmRSS:")},
            {"peak_rss_kib", StatusKib("VmHWM:")},
            {"arena_bytes", interpreter.arena_bytes()},
            {"persistent_bytes", interpreter.persistent_bytes()},
            {"macs", interpreter.macs()}};
  if (options.per_op) {
    GLIMPSE_ASSIGN_OR_RETURN(line["operators"], TimeOperators(session, options, inputs));
  }
  return line;
}

void PrintText(const Json& line) {
  std::cout << line["model"].get<std::string>() << ": " << line["numerics"].get<std::string>() << ", kernels "
            << line["kernels"].get<std::string>() << ", " << line["runs"] << " runs on " << line["threads"]
            << (line["threads"] == 1 ? " thread\n" : " threads\n") << "  an inference: min " << line["min_us"]
            << ", median " << line["p50_us"] << ", p90 " << line["p90_us"] << ", p99 " << line["p99_us"]
            << " us; the first " << line["first_invoke_ms"] << " ms; load " << line["load_ms"] << " ms\n"
            << "  memory: resident " << line["rss_kib"] << " KiB (at most " << line["peak_rss_kib"] << "), arena "
            << line["arena_bytes"] << " bytes, kernels' own " << line["persistent_bytes"] << " bytes; " << line["macs"]
            << " multiply-accumulates\n";
  if (!line.contains("operators")) return;
  std::vector<std::vector<std::string>> rows{{"  operator", "name", "median us", "min us", "macs", "kernel"}};
  for (const Json& op : line["operators"]) {
    const bool folded = op["folded"].get<bool>();
    rows.push_back({StrCat("  ", op["index"]), op["name"].get<std::string>(), folded ? "folded" : op["p50_us"].dump(),
                    folded ? "-" : op["min_us"].dump(), op["macs"].dump(), op["kernel"].get<std::string>()});
  }
  std::cout << TextTable(rows);
}

Outcome Bench(const BenchOptions& options) {
  const bool text = !options.json && ::isatty(STDOUT_FILENO) == 1;
  for (const std::string& model : options.models) {
    auto line = BenchOne(model, options);
    if (!line) return OpenFailure(line.error());
    if (text) {
      PrintText(*line);
    } else {
      std::cout << line->dump(-1, ' ', true, Json::error_handler_t::replace) << '\n' << std::flush;
    }
  }
  return ExitStatus::kOk;
}

}  // namespace

void RegisterBench(CLI::App& app, Context& context) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = app.add_subcommand("bench", "Times inferences");
  command->add_option("MODEL", options->models, "The .tflite files")->required()->type_name("FILE");
  AddThreadsOption(*command, options->engine.threads);
  command->add_option("--seconds", options->seconds, "How long to measure each model (default: 2)")
      ->type_name("S")
      ->check(CLI::Range(0.001, 3600.0));
  command->add_flag("--per-op", options->per_op, "Also time every operator by itself");
  AddEngineOptions(*command, options->engine);
  command->add_flag("--json", options->json,
                    "Print JSON, one object a line, as is done anyway when the output is no terminal");
  command->callback([options, &context] { context.action = [options] { return Bench(*options); }; });
}

}  // namespace glimpse::cli
