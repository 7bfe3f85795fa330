// SPDX-License-Identifier: Apache-2.0
// Where metrics can be had: HTTP on a UNIX socket or a loopback address, and a file for node_exporter.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>  // before asio: Boost 1.74 uses std::exchange without it
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace glimpse::daemon {

// On the asio thread, which never waits: files are written by a thread of their own.
class MetricsPublisher {
 public:
  using Render = std::function<std::string()>;

  // Opens what `config.metrics` names, which may be nothing. `render` is called on the asio thread, and like `io` must
  // outlive the publisher. `notes` gets what is worth a line in the log and no error. Errors, with the key's place: kIo
  // and kInvalidConfig of ListeningSocket::Make(); kIo when the address is taken or the textfile cannot be written.
  static Result<std::unique_ptr<MetricsPublisher>> Open(boost::asio::io_context& io, const config::Config& config,
                                                        Render render, std::vector<std::string>* notes);

  // Closes; removes its socket's file and the textfile: old counters would pass for new ones.
  virtual ~MetricsPublisher() = default;
};

}  // namespace glimpse::daemon
