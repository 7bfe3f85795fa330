// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics/metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "base/strings.h"
#include "daemon/metrics/exposition.h"
#include "daemon/metrics/operator_timer.h"

namespace glimpse::daemon {
namespace {

double Seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

void WriteInfo(const MetricsInput& input, Exposition* out) {
  out->Family("glimpsed_build_info", "gauge", "The running version; always 1.");
  out->Sample({{"version", input.version}, {"git", GLIMPSE_GIT_COMMIT}}, 1);
  out->Family("glimpsed_model_info", "gauge", "The model of each pipeline; always 1.");
  for (const PipelineMetrics& each : input.pipelines) {
    out->Sample(
        {{"pipeline", each.info->name}, {"name", each.info->model_name}, {"sha256", each.info->model_sha256.substr(7)}},
        1);
  }
  out->Family("glimpsed_kernel_info", "gauge", "Which plugin computes each type of operator; always 1.");
  for (const PipelineMetrics& each : input.pipelines) {
    for (const KernelUse& kernel : each.info->kernels) {
      out->Sample({{"pipeline", each.info->name},
                   {"op", kernel.op},
                   {"plugin", kernel.plugin},
                   {"version", kernel.version},
                   {"rounding", each.info->numerics}},
                  1);
    }
  }
  out->Family("glimpsed_config_last_reload_successful", "gauge",
              "Whether the last reading of the configuration was taken.");
  out->Sample({}, input.last_reload_good ? 1 : 0);
  out->Family("glimpsed_config_last_reload_success_timestamp_seconds", "gauge",
              "When the configuration that serves was read.");
  out->Sample({}, Seconds(input.loaded));
}

void WriteClients(const ClientCounts& clients, Exposition* out) {
  out->Family("glimpsed_clients", "gauge", "Connections on each socket.");
  out->Sample({{"socket", "read"}}, static_cast<double>(clients.read));
  out->Sample({{"socket", "control"}}, static_cast<double>(clients.control));
  out->Family("glimpsed_clients_refused_total", "counter", "Connections beyond max_clients.");
  out->Sample({}, static_cast<double>(clients.refused));
  out->Family("glimpsed_messages_dropped_total", "counter",
              "Messages thrown away because clients did not read in time.");
  out->Sample({}, static_cast<double>(clients.dropped));
}

void WriteCameras(const MetricsInput& input, Exposition* out) {
  out->Family("glimpsed_frames_total", "counter",
              "Frames taken from a camera, dropped for newer ones, or not readable.");
  for (const CameraMetrics& camera : input.cameras) {
    const CameraCounts& counts = camera.counts;
    out->Sample({{"camera", camera.name}, {"result", "ok"}}, static_cast<double>(counts.frames));
    out->Sample({{"camera", camera.name}, {"result", "dropped"}}, static_cast<double>(counts.dropped));
    out->Sample({{"camera", camera.name}, {"result", "error"}}, static_cast<double>(counts.skipped));
  }
  out->Family("glimpsed_camera_up", "gauge", "1 while a camera gives frames, 0 when it failed or came to its end.");
  for (const CameraMetrics& camera : input.cameras) {
    out->Sample({{"camera", camera.name}}, camera.counts.state == CameraState::kRunning ? 1 : 0);
  }
  out->Family("glimpsed_camera_recoveries_total", "counter",
              "Attempts to recover a camera that failed: its stream restarted, or the camera opened anew.");
  for (const CameraMetrics& camera : input.cameras) {
    out->Sample({{"camera", camera.name}, {"by", "restart"}}, static_cast<double>(camera.counts.restarts));
    out->Sample({{"camera", camera.name}, {"by", "reopen"}}, static_cast<double>(camera.counts.reopens));
  }
  out->Family("glimpsed_last_frame_timestamp_seconds", "gauge", "When a camera's last frame was taken.");
  for (const CameraMetrics& camera : input.cameras) {
    if (!camera.counts.last_frame) continue;
    const std::chrono::duration<double> age = input.now - *camera.counts.last_frame;
    out->Sample({{"camera", camera.name}}, Seconds(input.wall_now) - age.count());
  }
}

void WritePipelines(const MetricsInput& input, Exposition* out) {
  out->Family("glimpsed_predictions_total", "counter", "Answers of each class; a class is here once it was answered.");
  for (const PipelineMetrics& each : input.pipelines) {
    for (const auto& [label, count] : each.totals.by_label) {
      out->Sample({{"pipeline", each.info->name}, {"label", label}}, static_cast<double>(count));
    }
  }
  out->Family("glimpsed_rejects_total", "counter", "Answers that were 'unknown', by reason.");
  for (const PipelineMetrics& each : input.pipelines) {
    for (const auto& [reason, count] : each.totals.by_reason) {
      out->Sample({{"pipeline", each.info->name}, {"reason", reason}}, static_cast<double>(count));
    }
  }
  out->Family("glimpsed_pipeline_errors_total", "counter", "Frames that a pipeline could not process.");
  for (const PipelineMetrics& each : input.pipelines) {
    out->Sample({{"pipeline", each.info->name}}, static_cast<double>(each.counts.errors));
  }
  out->Family("glimpsed_pipeline_paused", "gauge", "1 while a pipeline is paused.");
  for (const PipelineMetrics& each : input.pipelines) {
    out->Sample({{"pipeline", each.info->name}}, each.paused ? 1 : 0);
  }
  out->Family("glimpsed_preprocess_duration_seconds", "histogram", "Preprocessing of one region.");
  for (const PipelineMetrics& each : input.pipelines) out->Add({{"pipeline", each.info->name}}, each.totals.preprocess);
  out->Family("glimpsed_inference_duration_seconds", "histogram", "One inference.");
  for (const PipelineMetrics& each : input.pipelines) out->Add({{"pipeline", each.info->name}}, each.totals.inference);
  out->Family("glimpsed_op_duration_seconds", "summary",
              StrCat("One operator, in one of ", OperatorTimer::kEvery, " inferences."));
  for (const PipelineMetrics& each : input.pipelines) {
    for (const OperatorTime& time : each.totals.operators)
      out->Add({{"pipeline", each.info->name}, {"op", time.op}}, time.seconds, time.count);
  }
}

// By the names that client libraries of Prometheus use.
void WriteProcess(Exposition* out) {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    out->Family("process_cpu_seconds_total", "counter", "Time on the processor.");
    out->Sample({}, seconds(usage.ru_utime) + seconds(usage.ru_stime));
  }
  std::ifstream statm("/proc/self/statm");
  uint64_t all = 0, resident = 0;
  if (statm >> all >> resident) {
    out->Family("process_resident_memory_bytes", "gauge", "Memory in use.");
    out->Sample({}, static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  }
}

}  // namespace

std::string MetricsText(const MetricsInput& input) {
  Exposition out;
  WriteInfo(input, &out);
  WriteClients(input.clients, &out);
  WriteCameras(input, &out);
  WritePipelines(input, &out);
  WriteProcess(&out);
  return out.Take();
}

}  // namespace glimpse::daemon
