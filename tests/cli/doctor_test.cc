// SPDX-License-Identifier: Apache-2.0
// `glimpse doctor` on systems that are broken in one way each, made up in a folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "tests/cli/program.h"

namespace glimpse::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A healthy system: a user of the daemon in the group video, a camera and a heap that this group may open, a
// configuration of a libcamera camera. The group video has this process's number, since only root could give files
// away.
class DoctorTest : public testing::Test {
 protected:
  DoctorTest() {
    Write("/etc/passwd", "root:x:0:0::/root:/bin/sh\nglimpsed:x:4711:4711::/:/usr/sbin/nologin\n");
    WriteGroups("glimpsed");
    Device("/dev/video0");
    Device("/dev/media0");
    Device("/dev/dma_heap/system");
    fs::create_directories(At("/var/log"));
    fs::create_directories(At("/var/lib/glimpsed"));
    Write("/etc/glimpsed/glimpsed.yaml", StrCat("cameras: {front: {source: libcamera}}\n"
                                                "pipelines: {digits: {camera: front, model: ",
                                                DigitsModel(), "}}\n"));
  }

  std::string At(const std::string& path) const { return root_.path() + path; }
  void Write(const std::string& path, const std::string& content) const {
    fs::create_directories(fs::path(At(path)).parent_path());
    std::ofstream(At(path)) << content;
  }
  void WriteGroups(const std::string& members) const {
    Write("/etc/group", StrCat("root:x:0:\nvideo:x:", ::getgid(), ":", members, "\nglimpsed:x:4711:\n"));
  }
  void Device(const std::string& path) const {
    Write(path, "");
    ::chmod(At(path).c_str(), 0660);
  }

  struct Diagnosis {
    Ended ended;
    std::vector<std::string> problems;  // "CHECK: MESSAGE; REMEDY"
  };
  static Diagnosis Read(Ended ended) {
    Diagnosis diagnosis{std::move(ended), {}};
    const auto report = nlohmann::json::parse(diagnosis.ended.out, nullptr, false);
    EXPECT_TRUE(report.is_object()) << diagnosis.ended.out << diagnosis.ended.err;
    if (!report.is_object()) return diagnosis;
    for (const auto& finding : report["findings"]) {
      if (finding["level"] != "problem") continue;
      diagnosis.problems.push_back(StrCat(finding["check"].get<std::string>(), ": ",
                                          finding["message"].get<std::string>(), "; ",
                                          finding["remedy"].get<std::string>()));
    }
    EXPECT_EQ(report["problems"], diagnosis.problems.size());
    EXPECT_EQ(diagnosis.ended.status, diagnosis.problems.empty() ? 0 : 1);
    return diagnosis;
  }
  Diagnosis Examine(const std::vector<std::string>& environment = {}) const {
    return Read(Glimpse({"doctor", "--root", root_.path(), "--json"}, environment));
  }

  Folder root_;
};

TEST_F(DoctorTest, FindsNothingWrongWithAHealthySystem) {
  EXPECT_THAT(Examine().problems, testing::IsEmpty());
  const Ended text = Glimpse({"doctor", "--root", root_.path()});
  EXPECT_EQ(text.status, 0);
  EXPECT_THAT(text.out, HasSubstr("ok: groups: user 'glimpsed' has the cameras' group 'video'"));
}

TEST_F(DoctorTest, NamesTheGroupThatIsMissing) {
  WriteGroups("");
  EXPECT_THAT(Examine().problems,
              testing::Contains(AllOf(HasSubstr("groups: user 'glimpsed' is not in the group 'video'"),
                                      HasSubstr("usermod -aG video glimpsed"))));
  // The unit may give it without that.
  Write("/usr/lib/systemd/system/glimpsed.service", "[Service]\nUser=glimpsed\nSupplementaryGroups=video\n");
  EXPECT_THAT(Examine().problems, testing::IsEmpty());
}

TEST_F(DoctorTest, NamesADeviceThatItsGroupMayNotOpen) {
  ::chmod(At("/dev/video0").c_str(), 0600);
  EXPECT_THAT(Examine().problems, testing::ElementsAre(HasSubstr("devices: user 'glimpsed' may not open /dev/video0")));
}

TEST_F(DoctorTest, NamesThatThereIsNoDmaHeap) {
  fs::remove_all(At("/dev/dma_heap"));
  EXPECT_THAT(Examine().problems, testing::ElementsAre(HasSubstr("dma_heap: libcamera has no memory for frames")));
  Device("/dev/dma_heap/system");
  ::chmod(At("/dev/dma_heap/system").c_str(), 0600);
  EXPECT_THAT(Examine().problems, testing::ElementsAre(AllOf(HasSubstr("may open none of /dev/dma_heap/system"),
                                                             HasSubstr("SUBSYSTEM==\"dma_heap\""))));
  // Some kernels have this one only.
  fs::remove_all(At("/dev/dma_heap"));
  Device("/dev/udmabuf");
  ::chmod(At("/dev/udmabuf").c_str(), 0600);
  EXPECT_THAT(Examine().problems, testing::ElementsAre(AllOf(HasSubstr("may open none of /dev/udmabuf"),
                                                             HasSubstr("KERNEL==\"udmabuf\", OWNER=\"glimpsed\""))));
}

TEST_F(DoctorTest, CamerasOnUsbNeedNoDmaHeap) {
  fs::remove_all(At("/dev/dma_heap"));
  fs::create_directories(At("/sys/class/video4linux/video0/device"));
  fs::create_symlink("../../../../bus/usb/drivers/uvcvideo", At("/sys/class/video4linux/video0/device/driver"));
  EXPECT_THAT(Examine().problems, testing::IsEmpty());
  Device("/dev/video1");  // of another driver
  EXPECT_THAT(Examine().problems, testing::ElementsAre(HasSubstr("dma_heap: libcamera has no memory for frames")));
}

TEST_F(DoctorTest, NamesWhoHasTheCamera) {
  fs::create_directories(At("/proc/812/fd"));
  Write("/proc/812/comm", "motion\n");
  fs::create_symlink("/dev/video0", At("/proc/812/fd/5"));
  EXPECT_THAT(Examine().problems,
              testing::ElementsAre(HasSubstr("busy: /dev/video0 is in use by motion (process 812); end motion")));
  Write("/proc/812/comm", "glimpsed\n");
  EXPECT_THAT(Examine().problems, testing::IsEmpty()) << "that is the daemon itself";
}

TEST_F(DoctorTest, NamesPluginsThatAreMissing) {
  fs::create_directories(At("/empty"));
  EXPECT_THAT(Examine({"GLIMPSE_PLUGIN_PATH=" + At("/empty")}).problems,
              testing::Contains(HasSubstr("plugins: there is no kernel plugin")));
}

TEST_F(DoctorTest, NamesAClockThatIsBehind) {
  Write("/var/lib/systemd/timesync/clock", "");
  fs::last_write_time(At("/var/lib/systemd/timesync/clock"), fs::file_time_type::clock::now() + std::chrono::hours(48));
  EXPECT_THAT(Examine().problems, testing::ElementsAre(AllOf(HasSubstr("clock: the clock says "),
                                                             HasSubstr("/var/lib/systemd/timesync/clock is of "),
                                                             HasSubstr("timedatectl"))));
}

TEST_F(DoctorTest, NamesADiskThatIsFull) {
  // A disk of 128 KiB, in a mount namespace of the program's own.
  const std::string script =
      StrCat("mount -t tmpfs -o size=128k none ", At("/var/log"), " && (head -c 1M /dev/zero >", At("/var/log/x"),
             " 2>/dev/null; exec \"$0\" doctor --root ", root_.path(), " --json)");
  std::vector<std::string> command = {"-m", "sh", "-c", script, GLIMPSE_PROGRAM};
  if (::geteuid() != 0) command.insert(command.begin(), {"-U", "-r"});
  Ended ended = RunProgram("/usr/bin/unshare", command);
  if (ended.out.empty()) GTEST_SKIP() << "no mount namespace to be had here: " << ended.err;
  EXPECT_THAT(Read(std::move(ended)).problems,
              testing::Contains(AllOf(HasSubstr("disk: /var/log is full: 0 of 131072 bytes are free"),
                                      HasSubstr("journalctl --vacuum-size"))));
}

TEST_F(DoctorTest, NamesWhatIsWrongWithTheConfiguration) {
  Write("/etc/glimpsed/glimpsed.yaml", "camera: {}\n");
  EXPECT_THAT(Examine().problems, testing::Contains(HasSubstr("did you mean 'cameras'?")));
}

TEST_F(DoctorTest, WithoutACameraInTheConfigurationItsAbsenceIsNoProblem) {
  fs::remove_all(At("/dev"));
  EXPECT_THAT(Examine().problems, testing::Contains(HasSubstr("devices: there is no camera")));
  fs::create_directories(At("/pictures"));
  Write("/etc/glimpsed/glimpsed.yaml",
        StrCat("cameras: {shelf: {source: files, path: ", At("/pictures"),
               "}}\npipelines: {digits: {camera: shelf, model: ", DigitsModel(), "}}\n"));
  EXPECT_THAT(Examine().problems, testing::IsEmpty());
}

TEST(Cameras, SaysWhatThereIsOrThatThereIsNothing) {
  const Ended json = Glimpse({"cameras", "--source", "v4l2", "--json"});
  EXPECT_EQ(json.status, 0) << json.err;
  const auto report = nlohmann::json::parse(json.out, nullptr, false);
  ASSERT_TRUE(report.is_object()) << json.out;
  ASSERT_TRUE(report["cameras"].is_array());
  const Ended text = Glimpse({"cameras", "--source", "v4l2"});
  EXPECT_EQ(text.status, 0);
  if (report["cameras"].empty()) {
    EXPECT_THAT(text.out, HasSubstr("no camera found; 'glimpse doctor'"));
  }
}

}  // namespace
}  // namespace glimpse::cli
