// SPDX-License-Identifier: Apache-2.0
// What the server asks of the rest of the daemon.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "daemon/evidence.h"
#include "daemon/prediction.h"
#include "daemon/reload/reloader.h"
#include "daemon/worker.h"

namespace glimpse::daemon {

enum class SocketKind { kRead, kControl };

struct ClientCounts {
  size_t read = 0;
  size_t control = 0;
  uint64_t refused = 0;
  uint64_t dropped = 0;  // messages, because clients did not read
};

// Called on the asio thread; none waits.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string version() const = 0;
  virtual const config::Config& config() const = 0;
  // In the order of their names.
  virtual const std::vector<std::shared_ptr<const PipelineInfo>>& pipelines() const = 0;
  // The result of `status`, as JSON text.
  virtual std::string Status(const ClientCounts& clients) = 0;
  // The member `plugins` of the result of `describe`, as JSON text.
  virtual const std::string& plugins_description() const = 0;
  virtual bool TryClassify(ClassifyRequest&& request) = 0;
  // False when too many changes wait.
  virtual bool TryReload(ReloadRequest&& request) = 0;
  // What is kept of a pipeline's last frames. REQUIRES: a pipeline that exists.
  virtual std::shared_ptr<const EvidenceStore> Evidence(const std::string& pipeline) = 0;
  // Pauses pipelines that exist, or lets them go on. Tells whoever subscribed of those that changed.
  virtual void SetPaused(const std::vector<std::string>& pipelines, bool paused) = 0;
  // In the order of their names.
  virtual std::vector<std::string> paused() const = 0;
  // Has pipelines that exist look at the next frame, whatever their trigger says.
  virtual void Trigger(const std::vector<std::string>& pipelines) = 0;
};

}  // namespace glimpse::daemon
