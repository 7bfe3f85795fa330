// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervisor/journal.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

namespace glimpse::daemon {

std::string JournalDatagram(const LogFields& fields) {
  std::string datagram;
  for (const auto& [name, value] : fields) {
    datagram += name;
    if (value.find('\n') == std::string::npos) {
      datagram += '=';
    } else {
      // A line break would end the value: such a one goes behind its length, 64 bits little-endian.
      datagram += '\n';
      for (unsigned shift = 0; shift < 64; shift += 8)
        datagram += static_cast<char>(static_cast<uint64_t>(value.size()) >> shift & 0xFF);
    }
    datagram += value;
    datagram += '\n';
  }
  return datagram;
}

Journal::Journal(std::string path) : path_(std::move(path)) {
  if (path_.size() < sizeof(sockaddr_un::sun_path)) socket_ = UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

bool Journal::Send(const LogFields& fields) {
  if (!socket_.valid()) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path_.data(), path_.size());
  const std::string datagram = JournalDatagram(fields);
  // By address each time: journald may have been started anew since.
  ssize_t sent = 0;
  do {
    sent = ::sendto(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL,
                    reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  } while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

}  // namespace glimpse::daemon
