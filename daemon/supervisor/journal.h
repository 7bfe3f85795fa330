// SPDX-License-Identifier: Apache-2.0
// journald's native protocol: one message with named fields is one datagram.
// Source: "Native Journal Protocol", systemd.io/JOURNAL_NATIVE_PROTOCOL.
#pragma once

#include <string>
#include <string_view>

#include "base/log.h"
#include "base/unique_fd.h"

namespace glimpse::daemon {

inline constexpr const char* kJournalSocket = "/run/systemd/journal/socket";

// The datagram of these fields. Names are those of journald (A-Z, 0-9, _); values may hold anything. Reentrant.
std::string JournalDatagram(const LogFields& fields);

// For one thread.
class Journal {
 public:
  explicit Journal(std::string path = kJournalSocket);

  // False when journald did not take it: it is not there, or the message is larger than a datagram may be. Waits while
  // journald's queue is full.
  bool Send(const LogFields& fields);

 private:
  std::string path_;
  UniqueFd socket_;
};

}  // namespace glimpse::daemon
