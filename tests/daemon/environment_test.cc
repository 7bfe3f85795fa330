// SPDX-License-Identifier: Apache-2.0
// Sockets and the watchdog's time as systemd hands them over.
#include "daemon/supervisor/environment.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

#include "base/strings.h"

namespace glimpse::daemon {
namespace {

using ::testing::HasSubstr;

// Runs `body` in a process of its own, whose descriptors from 3 on are free and whose environment nobody else reads.
void InAnotherProcess(const std::function<void()>& body) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    for (int fd = 3; fd < 16; ++fd) ::close(fd);
    body();
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "the other process failed";
}

void Pass(const std::string& pid, const std::string& count, const char* names) {
  ::setenv("LISTEN_PID", pid.c_str(), 1);
  ::setenv("LISTEN_FDS", count.c_str(), 1);
  if (names != nullptr) ::setenv("LISTEN_FDNAMES", names, 1);
}

int NewSocket(int type) { return ::socket(AF_UNIX, type, 0); }

TEST(PassedSockets, AreTakenOnceWithTheirNamesAndNotInherited) {
  InAnotherProcess([] {
    ASSERT_EQ(NewSocket(SOCK_STREAM), 3);
    ASSERT_EQ(NewSocket(SOCK_STREAM), 4);
    ASSERT_EQ(NewSocket(SOCK_STREAM), 5);
    Pass(StrCat(::getpid()), "3", "read:control");
    auto sockets = TakePassedSockets();
    ASSERT_TRUE(sockets) << sockets.error().message;
    ASSERT_EQ(sockets->size(), 3u);
    EXPECT_EQ((*sockets)[0].name, "read");
    EXPECT_EQ((*sockets)[1].name, "control");
    EXPECT_EQ((*sockets)[2].name, "unknown");
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ((*sockets)[static_cast<size_t>(i)].fd.get(), 3 + i);
      EXPECT_EQ(::fcntl(3 + i, F_GETFD), FD_CLOEXEC);
    }
    EXPECT_EQ(std::getenv("LISTEN_FDS"), nullptr);
    EXPECT_TRUE(TakePassedSockets()->empty());
  });
}

TEST(PassedSockets, MeantForAnotherProcessAreLeftAlone) {
  InAnotherProcess([] {
    ASSERT_EQ(NewSocket(SOCK_STREAM), 3);
    Pass(StrCat(::getppid()), "1", nullptr);
    EXPECT_TRUE(TakePassedSockets()->empty());
    EXPECT_EQ(::fcntl(3, F_GETFD), 0);
    EXPECT_EQ(std::getenv("LISTEN_FDS"), nullptr);
  });
}

TEST(PassedSockets, AWrongNumberIsSaid) {
  for (const char* count : {"", "x", "-1", "1x", "2147483645", "99999999999999999999"}) {
    InAnotherProcess([=] {
      Pass(StrCat(::getpid()), count, nullptr);
      const auto sockets = TakePassedSockets();
      ASSERT_FALSE(sockets) << count;
      EXPECT_THAT(sockets.error().message, HasSubstr("LISTEN_FDS is '"));
    });
  }
  InAnotherProcess([] {
    ASSERT_EQ(NewSocket(SOCK_STREAM), 3);
    Pass(StrCat(::getpid()), "1000000000", nullptr);
    EXPECT_THAT(TakePassedSockets().error().message, HasSubstr("promises 1000000000 sockets, but descriptor 4"));
  });
}

TEST(PassedSockets, OnlyAListeningStreamIsOne) {
  InAnotherProcess([] {
    const int datagram = NewSocket(SOCK_DGRAM);
    const int stream = NewSocket(SOCK_STREAM);
    EXPECT_FALSE(IsListeningUnixStream(datagram));
    EXPECT_FALSE(IsListeningUnixStream(stream));
    EXPECT_FALSE(IsListeningUnixStream(::open("/dev/null", O_RDONLY)));
    ASSERT_EQ(::listen(stream, 1), -1);  // has no name yet
    const sockaddr anonymous{AF_UNIX, {}};
    ASSERT_EQ(::bind(stream, &anonymous, sizeof(sa_family_t)), 0);
    ASSERT_EQ(::listen(stream, 1), 0);
    EXPECT_TRUE(IsListeningUnixStream(stream));
  });
}

TEST(WatchdogTime, IsThatOfThisProcess) {
  InAnotherProcess([] {
    ::unsetenv("WATCHDOG_USEC");
    ::unsetenv("WATCHDOG_PID");
    EXPECT_EQ(WatchdogTime(), std::nullopt);
    ::setenv("WATCHDOG_USEC", "1500000", 1);
    EXPECT_EQ(WatchdogTime(), std::chrono::microseconds(1500000));
    ::setenv("WATCHDOG_PID", StrCat(::getpid()).c_str(), 1);
    EXPECT_EQ(WatchdogTime(), std::chrono::microseconds(1500000));
    ::setenv("WATCHDOG_PID", StrCat(::getppid()).c_str(), 1);
    EXPECT_EQ(WatchdogTime(), std::nullopt);
    ::unsetenv("WATCHDOG_PID");
    for (const char* wrong : {"", "0", "soon", "-5"}) {
      ::setenv("WATCHDOG_USEC", wrong, 1);
      EXPECT_EQ(WatchdogTime(), std::nullopt) << wrong;
    }
  });
}

}  // namespace
}  // namespace glimpse::daemon
