// SPDX-License-Identifier: Apache-2.0
// The process in which new plugins and graphs run for the first time.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/checked_math.h"
#include "base/strings.h"
#include "daemon/generation.h"
#include "daemon/reload/shadow.h"
#include "daemon/reload/trial.h"

namespace glimpse::daemon {
namespace {

constexpr uint64_t kOwnAddressSpace = uint64_t{1} << 30;  // what the program and its plugins are mapped in, and more
constexpr uint64_t kThreadAddressSpace = 16 << 20;        // a stack
constexpr uint64_t kLargestFile = uint64_t{512} << 20;    // sealed copies of plugins are files

// Lines for the daemon.
class Reporter {
 public:
  explicit Reporter(int fd) : fd_(fd) {}

  void At(const std::string& text) { Say({{"at", text}}); }
  void Say(const nlohmann::json& line) {
    const std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    for (size_t done = 0; done < text.size();) {
      const ssize_t put = ::write(fd_, text.data() + done, text.size() - done);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) ::_exit(1);  // nobody listens any more
      done += static_cast<size_t>(put);
    }
  }

 private:
  int fd_;
};

// Tells which operator runs, so that one which does not come back has a name.
class ReportOperators final : public golden::Watcher {
 public:
  ReportOperators(Reporter& reporter, std::string what, const Subgraph& graph, double seconds)
      : reporter_(reporter), what_(std::move(what)), graph_(graph), deadline_(seconds, {}) {}
  void Before(const PlannedOperator& op) override {
    reporter_.At(StrCat(what_, ": operator ", op.info->index, ", ", golden::LayerName(*op.info, graph_),
                        ", computed by ", golden::KernelName(op)));
  }
  bool Continue() override { return deadline_.Continue(); }

 private:
  Reporter& reporter_;
  std::string what_;
  const Subgraph& graph_;
  Deadline deadline_;
};

void Limit(__rlimit_resource resource, uint64_t value) {
  const rlimit limit{static_cast<rlim_t>(value), static_cast<rlim_t>(value)};
  // One that is set lower already stays; a failure leaves the time limit of the daemon.
  (void)::setrlimit(resource, &limit);
}

void LimitThisProcess(const TrialRequest& request) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_FSIZE, kLargestFile);
  const uint64_t threads = request.config.threads;
  Limit(RLIMIT_CPU, static_cast<uint64_t>(std::ceil(request.seconds)) * threads + 1);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  // Graphs are made one after the other; a file is read whole, and its memory for kernels comes on top.
  uint64_t largest = 0;
  for (const TrialGraph& graph : request.graphs) {
    const auto sum = CheckedAdd(graph.limits.file_bytes, graph.limits.memory_bytes);
    largest = std::max(largest, sum ? *sum : std::numeric_limits<uint64_t>::max());
  }
  if (const auto all = CheckedAdd(largest, kOwnAddressSpace + threads * kThreadAddressSpace);
      all && *all < std::numeric_limits<rlim_t>::max()) {
    Limit(RLIMIT_AS, *all);
  }
#endif
}

Result<void> TryGraph(const TrialGraph& wanted, const std::shared_ptr<PluginHost>& plugins, uint32_t threads,
                      double seconds, Reporter& reporter, WrongKernel* wrong) {
  reporter.At(StrCat("reading ", wanted.model));
  GraphPlan plan;
  plan.pipeline = wanted.pipeline;
  plan.limits = wanted.limits;
  plan.options.limits = LimitsOf(wanted.limits);
  plan.options.numerics = wanted.numerics;
  plan.options.kernels = wanted.kernels;
  GLIMPSE_ASSIGN_OR_RETURN(plan.options.workers, WorkerPool::OfProcess(threads));
  plan.kernels_place = wanted.kernels_place;
  GLIMPSE_ASSIGN_OR_RETURN(plan.model, Model::Load(wanted.model, plan.options.limits));
  if (plan.model->sha256() != wanted.sha256) {
    return Unexpected(ErrorCode::kIo, StrCat(wanted.model, ": changed while it was read; reload again"));
  }
  reporter.At(StrCat("preparing the kernels of pipeline '", wanted.pipeline, "'"));
  GLIMPSE_ASSIGN_OR_RETURN(const auto graph, BuildGraph(std::move(plan), plugins));
  for (const TrialVectors& each : wanted.vectors) {
    ReportOperators watcher(reporter, StrCat("pipeline '", wanted.pipeline, "', ", each.what),
                            graph->plan.model->main(), seconds);
    GLIMPSE_RETURN_IF_ERROR(ProveTrial(*graph, each, &watcher, wrong));
  }
  return {};
}

Result<void> TryAll(const TrialRequest& request, Reporter& reporter, WrongKernel* wrong) {
  LimitThisProcess(request);
  const PluginGate gate = [&](const std::string& path, std::span<const std::byte> bytes) -> Result<void> {
    reporter.Say({{"at", StrCat("loading plugin ", path)}, {"tried", ToHex(Sha256(bytes))}});
    return {};
  };
  GLIMPSE_ASSIGN_OR_RETURN(const auto plugins, LoadPlugins(request.config, gate));
  for (const TrialGraph& graph : request.graphs) {
    GLIMPSE_RETURN_IF_ERROR(TryGraph(graph, plugins, request.config.threads, request.vector_seconds, reporter, wrong));
  }
  return {};
}

std::string ReadInput() {
  std::string text;
  char block[65536];
  while (true) {
    const ssize_t got = ::read(0, block, sizeof(block));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(block, static_cast<size_t>(got));
  }
}

}  // namespace

int RunTrialHelper() {
  // A plugin that prints must not print into our answer.
  Reporter reporter(::fcntl(1, F_DUPFD_CLOEXEC, 3));
  ::dup2(2, 1);
  WrongKernel wrong;
  Result<void> done = [&]() -> Result<void> {
    GLIMPSE_ASSIGN_OR_RETURN(const TrialRequest request, ParseTrial(ReadInput()));
    return TryAll(request, reporter, &wrong);
  }();
  if (done) {
    reporter.Say({{"done", true}});
  } else {
    reporter.Say({{"error",
                   {{"code", static_cast<int>(done.error().code)},
                    {"message", done.error().message},
                    {"pipeline", wrong.pipeline},
                    {"operator", wrong.op},
                    {"layer", wrong.layer},
                    {"kernel", wrong.kernel},
                    {"plugin", wrong.plugin}}}});
  }
  // What was tried is not asked to end well, too.
  ::_exit(0);
}

}  // namespace glimpse::daemon
