// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/folder_trust.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>

#include "base/build_tree.h"
#include "tests/plugins/plugin_folder.h"

namespace glimpse {
namespace {

using testing::HasSubstr;

constexpr uid_t kStranger = 54321;  // no such user is needed
const TrustedOwners kUser1000{1000, std::nullopt};

std::string Judge(uid_t uid, gid_t gid, mode_t mode, const TrustedOwners& owners = kUser1000) {
  struct stat info {};
  info.st_uid = uid;
  info.st_gid = gid;
  info.st_mode = S_IFREG | mode;
  return ReasonForDistrust(-1, info, owners);
}

TEST(FolderTrust, RootAndTheUserWhoRunsTheProgramAreTrusted) {
  EXPECT_EQ(Judge(0, 0, 0644), "");
  EXPECT_EQ(Judge(1000, 1000, 0644), "");
  EXPECT_EQ(Judge(1000, kStranger, 0755), "");
}

TEST(FolderTrust, AnybodyElseIsNot) {
  EXPECT_EQ(
      Judge(kStranger, 0, 0600),
      "belongs to user 54321, but must belong to root or to user 1000, who runs this program: change its owner with "
      "chown");
}

TEST(FolderTrust, TheOwnerOfAProgramInABuildTreeIsTrusted) {
  const TrustedOwners root_runs_a_build{0, kStranger};
  EXPECT_EQ(Judge(kStranger, 0, 0644, root_runs_a_build), "");
  EXPECT_THAT(Judge(kStranger + 1, 0, 0644, root_runs_a_build), HasSubstr("or to the owner of the program"));
}

TEST(FolderTrust, NobodyElseMayWrite) {
  EXPECT_EQ(Judge(0, 0, 0646), "is writable by everybody (mode 0646): take that away with chmod o-w");
  EXPECT_EQ(Judge(0, 0, 01777), "is writable by everybody (mode 1777): take that away with chmod o-w");
  EXPECT_EQ(Judge(0, kStranger, 0664), "is writable by group 54321 (mode 0664): take that away with chmod g-w");
}

TEST(FolderTrust, AGroupThatHoldsTheOwnerAloneMayWrite) {
  ASSERT_TRUE(IsPrivateGroup(0, 0)) << "root's group has no other members on any system we support";
  EXPECT_EQ(Judge(0, 0, 0664), "");
  EXPECT_EQ(Judge(0, 0, 0775), "");
}

TEST(FolderTrust, AGroupIsPrivateOnlyToTheUserWhoseNameItBears) {
  EXPECT_FALSE(IsPrivateGroup(kStranger, 0));
  EXPECT_FALSE(IsPrivateGroup(0, kStranger));
  const struct group* daemon = ::getgrnam("daemon");
  if (daemon == nullptr) GTEST_SKIP() << "there is no group daemon here";
  EXPECT_FALSE(IsPrivateGroup(daemon->gr_gid, 0));
}

TEST(FolderTrust, ThisTestRunsFromABuildTree) {
  EXPECT_NE(BuildTreeOfThisProgram(), "");
  EXPECT_TRUE(TrustedOwners::OfThisProcess().program_owner.has_value());
  EXPECT_EQ(TrustedOwners::OfThisProcess().effective_user, ::geteuid());
}

}  // namespace
}  // namespace glimpse
