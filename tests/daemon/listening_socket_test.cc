// SPDX-License-Identifier: Apache-2.0
#include "daemon/server/listening_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace glimpse::daemon {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class ListeningSocketTest : public ::testing::Test {
 protected:
  ListeningSocketTest() {
    std::string name = (fs::temp_directory_path() / "glimpse-sock-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    socket_.path = (folder_ / "s").string();
    socket_.mode = 0640;
    socket_.group = "";
  }
  ~ListeningSocketTest() override { fs::remove_all(folder_); }

  bool CanConnect() const {
    const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, socket_.path.c_str());
    return ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }

  fs::path folder_;
  config::Socket socket_;
  std::vector<std::string> notes_;
};

TEST_F(ListeningSocketTest, ListensWithItsModeAndRemovesItsFile) {
  {
    const auto made = ListeningSocket::Make(socket_, &notes_);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_TRUE(CanConnect());
    struct stat info {};
    ASSERT_EQ(::lstat(socket_.path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777u, 0640u);
  }
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(ListeningSocketTest, RefusesWhereAnotherListens) {
  const auto first = ListeningSocket::Make(socket_, &notes_);
  ASSERT_TRUE(first);
  const auto second = ListeningSocket::Make(socket_, &notes_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kIo);
  EXPECT_THAT(second.error().message, HasSubstr("another daemon listens"));
  EXPECT_TRUE(CanConnect()) << "the first still serves";
}

TEST_F(ListeningSocketTest, ReplacesTheFileOfADaemonThatIsGone) {
  {
    const UniqueFd dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, socket_.path.c_str());
    ASSERT_EQ(::bind(dead.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  ASSERT_TRUE(fs::exists(socket_.path));
  const auto made = ListeningSocket::Make(socket_, &notes_);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(CanConnect());
}

TEST_F(ListeningSocketTest, LeavesAFileThatIsNoSocketAlone) {
  std::ofstream(socket_.path) << "precious";
  const auto made = ListeningSocket::Make(socket_, &notes_);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("is there and no socket"));
  EXPECT_EQ(fs::file_size(socket_.path), 8u);
}

TEST_F(ListeningSocketTest, LeavesTheFileOfItsSuccessorAlone) {
  {
    const auto made = ListeningSocket::Make(socket_, &notes_);
    ASSERT_TRUE(made);
    fs::remove(socket_.path);
    std::ofstream(socket_.path) << "another's";
  }
  EXPECT_TRUE(fs::exists(socket_.path));
}

TEST_F(ListeningSocketTest, MissingDefaultGroupIsANoteAMissingNamedOneAnError) {
  socket_.group = "no-such-group-here";
  socket_.group_is_default = true;
  EXPECT_TRUE(ListeningSocket::Make(socket_, &notes_));
  ASSERT_EQ(notes_.size(), 1u);
  EXPECT_THAT(notes_[0], HasSubstr("no-such-group-here"));
  socket_.group_is_default = false;
  const auto named = ListeningSocket::Make(socket_, &notes_);
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().code, ErrorCode::kInvalidConfig);
  EXPECT_TRUE(fs::is_empty(folder_)) << "nothing is left behind";
}

TEST_F(ListeningSocketTest, MissingFolderIsNamedWithTheRemedy) {
  socket_.path = (folder_ / "gone" / "s").string();
  const auto made = ListeningSocket::Make(socket_, &notes_);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("create it, or set sockets.read.path"));
}

}  // namespace
}  // namespace glimpse::daemon
