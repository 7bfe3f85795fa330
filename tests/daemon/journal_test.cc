// SPDX-License-Identifier: Apache-2.0
// What journald is sent, and what becomes of it when journald does not take it.
#include "daemon/supervisor/journal.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace glimpse::daemon {
namespace {

// As journald writes it in its description of the protocol.
TEST(JournalDatagram, PutsValuesWithLineBreaksBehindTheirLength) {
  EXPECT_EQ(JournalDatagram({{"PRIORITY", "6"}, {"MESSAGE", "a\nb"}, {"EMPTY", ""}}),
            std::string("PRIORITY=6\nMESSAGE\n\x03\0\0\0\0\0\0\0a\nb\nEMPTY=\n", 38));
}

class JournalSocket : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/journal_test.XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
    path_ = folder_ / "socket";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  UniqueFd Listen() const {
    UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path_.c_str());
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    return fd;
  }
  static std::string Take(const UniqueFd& fd) {
    char bytes[256];
    const ssize_t count = ::recv(fd.get(), bytes, sizeof(bytes), MSG_DONTWAIT);
    return count < 0 ? "" : std::string(bytes, static_cast<size_t>(count));
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
};

TEST_F(JournalSocket, IsFoundAgainAfterItWasMadeAnew) {
  Journal journal(path_);
  EXPECT_FALSE(journal.Send({{"MESSAGE", "nobody is there"}}));
  {
    const UniqueFd first = Listen();
    EXPECT_TRUE(journal.Send({{"MESSAGE", "one"}}));
    EXPECT_EQ(Take(first), "MESSAGE=one\n");
  }
  std::filesystem::remove(path_);
  EXPECT_FALSE(journal.Send({{"MESSAGE", "nobody is there"}}));
  const UniqueFd second = Listen();
  EXPECT_TRUE(journal.Send({{"MESSAGE", "two"}}));
  EXPECT_EQ(Take(second), "MESSAGE=two\n");
}

TEST_F(JournalSocket, AMessageLargerThanADatagramIsRefused) {
  Journal journal(path_);
  const UniqueFd listening = Listen();
  EXPECT_FALSE(journal.Send({{"MESSAGE", std::string(8 << 20, 'x')}}));
  EXPECT_TRUE(journal.Send({{"MESSAGE", "small"}}));
}

TEST(Journal, WithAPathTooLongForASocketTakesNothing) {
  EXPECT_FALSE(Journal("/" + std::string(200, 'x')).Send({{"MESSAGE", "a"}}));
}

}  // namespace
}  // namespace glimpse::daemon
