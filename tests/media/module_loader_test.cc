// SPDX-License-Identifier: Apache-2.0
// The loader refuses what it should, and a module of ours is opened. Each case is a process of its own, because a
// module that was loaded once stays.
#include "media/module_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "tests/media/support.h"

namespace glimpse::media {
namespace {

using testing::HasSubstr;

std::string OpenWith(const std::string& folder) {
  EXPECT_EQ(::setenv("GLIMPSE_SOURCE_PATH", folder.c_str(), 1), 0);
  config::Camera camera;
  camera.source = config::Camera::Source::kLibcamera;
  const auto source = OpenSource(camera, "front");
  EXPECT_FALSE(source);
  if (source) return "";
  EXPECT_EQ(source.error().code, ErrorCode::kPlugin) << source.error().message;
  EXPECT_THAT(source.error().message, HasSubstr("camera 'front'"));
  return source.error().message;
}

class ModuleLoader : public testing::Test {
 protected:
  std::string Place(const std::string& built) const {
    const std::string path = folder_.path() + "/glimpse-source-libcamera.so";
    std::filesystem::copy_file(built, path, std::filesystem::copy_options::overwrite_existing);
    ::chmod(path.c_str(), 0644);
    return path;
  }
  TemporaryFolder folder_;
};

TEST_F(ModuleLoader, NamesThePackageOfAMissingModule) {
  EXPECT_THAT(OpenWith(folder_.path()), HasSubstr("install the package glimpsed-libcamera"));
  EXPECT_THAT(OpenWith("/nonexistent"), HasSubstr("install the package glimpsed-libcamera"));
}

TEST_F(ModuleLoader, RefusesAFileThatIsNoSharedObject) {
  folder_.Write("glimpse-source-libcamera.so", "hello");
  EXPECT_THAT(OpenWith(folder_.path()), HasSubstr("cannot be loaded"));
}

TEST_F(ModuleLoader, RefusesAFileOrFolderThatOthersMayWrite) {
  const std::string path = Place(OLD_MODULE);
  ::chmod(path.c_str(), 0666);
  EXPECT_THAT(OpenWith(folder_.path()), HasSubstr("written by everyone"));
  ::chmod(path.c_str(), 0644);
  ::chmod(folder_.path().c_str(), 0777);
  EXPECT_THAT(OpenWith(folder_.path()), HasSubstr("written by everyone"));
}

TEST_F(ModuleLoader, RefusesAnotherVersionNamingBoth) {
  Place(OLD_MODULE);
  const std::string message = OpenWith(folder_.path());
  EXPECT_THAT(message, HasSubstr("version 0.0.0-old"));
  EXPECT_THAT(message, HasSubstr(PROJECT_VERSION_TEXT));
}

TEST_F(ModuleLoader, OpensASourceThroughAModuleOfItsVersion) {
  Place(GOOD_MODULE);
  ASSERT_EQ(::setenv("GLIMPSE_SOURCE_PATH", folder_.path().c_str(), 1), 0);
  config::Camera camera;
  camera.source = config::Camera::Source::kLibcamera;
  camera.id = "test-camera";
  const auto source = OpenSource(camera, "front");
  ASSERT_TRUE(source) << source.error().message;
  const auto frame = (*source)->Next({});
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->origin, "test-camera");
}

}  // namespace
}  // namespace glimpse::media
