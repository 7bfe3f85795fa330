// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/plugin_host.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "tests/plugins/plugin_folder.h"

namespace glimpse {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testkit::PluginFolder;

constexpr uid_t kNobody = 65534;

std::shared_ptr<PluginHost> MustLoad(const std::vector<std::string>& folders, const CpuInfo& cpu = {}) {
  auto host = PluginHost::Load(folders, cpu);
  if (!host) {
    ADD_FAILURE() << host.error().message;
    return nullptr;
  }
  return std::move(host).value();
}

// Why the only file of the folder is refused.
std::string ReasonIn(const PluginFolder& folder) {
  const auto host = MustLoad({folder.path()});
  if (host == nullptr) return "no host";
  if (host->refusals().empty()) return host->plugins().empty() ? "not found" : "accepted";
  EXPECT_EQ(host->refusals().size(), 1u);
  EXPECT_THAT(host->refusals()[0].path, StartsWith(folder.path() + "/"));
  EXPECT_EQ(host->refusals()[0].reason.find('\n'), std::string::npos);
  return host->refusals()[0].reason;
}

// What a copy of `animal` is refused for.
std::string Reason(const std::string& animal) {
  const PluginFolder folder;
  folder.Put(animal);
  return ReasonIn(folder);
}

// What the zoo's kernel tells through its score: mark * 1000 + first feature word % 100 * 10 + calls of init().
uint32_t Tell(const Plugin& plugin) { return plugin.descriptors()[0].score(nullptr, nullptr); }

TEST(PluginHost, ASoundPluginIsLoaded) {
  const PluginFolder folder;
  const std::string path = folder.Put("good");
  const auto host = MustLoad({folder.path()});
  ASSERT_NE(host, nullptr);
  EXPECT_THAT(host->refusals(), IsEmpty());
  const Plugin* plugin = host->Find("zoo");
  ASSERT_NE(plugin, nullptr);
  EXPECT_EQ(plugin->version(), "1.0");
  EXPECT_EQ(plugin->path(), path);
  ASSERT_EQ(plugin->descriptors().size(), 1u);
  EXPECT_STREQ(plugin->descriptors()[0].ops[0], "custom.Zoo");
  EXPECT_EQ(plugin->factory().count, 1u);
  glimpse_kernel* kernel = nullptr;
  EXPECT_EQ(plugin->factory().create(&plugin->factory(), 0, &kernel), GLIMPSE_OK);
  EXPECT_NE(kernel, nullptr);
  EXPECT_EQ(host->Find("nobody"), nullptr);
}

TEST(PluginHost, WithTheOlderHashTableToo) { EXPECT_EQ(Reason("sysv_hash"), "accepted"); }

TEST(PluginHost, TellsPluginsAboutProgramAndMachine) {
  CpuInfo cpu;
  cpu.features[0] = 6;
  cpu.part = "cortex-a72";
  cpu.l1d_bytes = 32768;
  const PluginFolder folder;
  folder.Put("good");
  const auto host = MustLoad({folder.path()}, cpu);
  EXPECT_EQ(host->host().struct_size, sizeof(glimpse_host));
  EXPECT_STREQ(host->host().name, "glimpsed");
  EXPECT_THAT(host->host().version, testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_STREQ(host->host().cpu_part, "cortex-a72");
  EXPECT_EQ(host->host().l1d_bytes, 32768u);
  EXPECT_EQ(host->host().get_extension(&host->host(), "glimpse.nothing/1"), nullptr);
  EXPECT_EQ(Tell(*host->plugins().at(0)), 7061u);
}

TEST(PluginHost, RefusesBeforeAnythingRuns) {
  // Their constructors would end this program.
  EXPECT_THAT(Reason("magic"), HasSubstr("not with the magic"));
  EXPECT_EQ(Reason("major"),
            "speaks plugin ABI 2.1, this program speaks 1.1: it needs a newer version of this program, "
            "or must be built against this version's headers");
  EXPECT_EQ(Reason("minor"),
            "speaks plugin ABI 1.99, this program speaks 1.1: it needs a newer version of this program, "
            "or must be built against this version's headers");
  EXPECT_THAT(Reason("entry_size"), HasSubstr("claims 24 bytes in struct_size"));
  EXPECT_THAT(Reason("entry_reserved"), HasSubstr("reserved word"));
  EXPECT_THAT(Reason("nothing"), HasSubstr("exports no symbol glimpse_op_plugin"));
  EXPECT_THAT(Reason("function"), HasSubstr("is no data object"));
  EXPECT_THAT(Reason("zeroed"), HasSubstr("is not in initialised data"));
}

TEST(PluginHostDeathTest, ThatConstructorWouldEndTheProgram) {
  // The proof that the test above tests something.
  EXPECT_DEATH(Reason("trap"), "");
}

TEST(PluginHost, RefusesWhatTheDynamicLinkerCannotLoad) {
  const std::string reason = Reason("nowhere");
  EXPECT_THAT(reason, StartsWith("cannot be loaded: "));
  EXPECT_THAT(reason, HasSubstr("glimpse_zoo_that_nobody_defines"));
  EXPECT_THAT(reason, testing::Not(HasSubstr("/proc/self/fd")));
}

TEST(PluginHost, RefusesAnEntryThatIsNotWhatWasJudged) {
  EXPECT_EQ(Reason("rewrites"), "glimpse_op_plugin changed while it was loaded: it must be a constant");
}

TEST(PluginHost, RefusesUnsoundEntries) {
  const std::string name = "the plugin's name is not 1 to 64 characters of a-z, 0-9, _ and -";
  EXPECT_EQ(Reason("name_null"), name);
  EXPECT_EQ(Reason("name_upper"), name);
  EXPECT_EQ(Reason("name_long"), name);
  EXPECT_EQ(Reason("name_auto"), "the plugin's name is auto, which means a choice among plugins");
  EXPECT_EQ(Reason("version_null"), "the plugin's version is not 1 to 64 printable characters without blanks");
  EXPECT_EQ(Reason("no_init"), "glimpse_op_plugin has no init()");
  EXPECT_EQ(Reason("no_get_factory"), "glimpse_op_plugin has no get_factory()");
}

TEST(PluginHost, RefusesAPluginWhoseInitFails) {
  EXPECT_EQ(Reason("init_fails"), "init() failed with status 3");
  EXPECT_EQ(Reason("init_odd"), "init() failed with status 99");
}

TEST(PluginHost, ExceptionsOfAPluginEndAsItsRefusal) {
  EXPECT_EQ(Reason("throws_init"), "init() threw an exception: the zoo is closed");
  EXPECT_EQ(Reason("throws_factory"), "get_factory() threw an exception: the zoo is closed");
  EXPECT_EQ(Reason("throws_descriptor"), "descriptor() threw an exception: the zoo is closed");
  EXPECT_EQ(Reason("throws_number"), "init() threw an exception: something that is no std::exception");
}

TEST(PluginHost, RefusesUnsoundFactories) {
  EXPECT_EQ(Reason("no_factory"), "get_factory(\"glimpse.op-factory/1\") returned no factory");
  EXPECT_THAT(Reason("factory_size"), StartsWith("its factory claims 8 bytes in struct_size, it needs "));
  EXPECT_EQ(Reason("no_descriptor"), "its factory has no descriptor()");
  EXPECT_EQ(Reason("no_create"), "its factory has no create()");
  EXPECT_EQ(Reason("no_kernels"), "it offers no kernels");
  EXPECT_EQ(Reason("many_kernels"), "it claims to offer 4294967295 kernels, 4096 are possible");
  EXPECT_EQ(Reason("lies_about_count"), "it claims to offer 2 kernels, but has no descriptor 1");
}

TEST(PluginHost, RefusesUnsoundDescriptors) {
  EXPECT_EQ(Reason("twice"), "descriptor 1: offers custom.Zoo as test.zoo a second time");
  EXPECT_THAT(Reason("descriptor_size"), StartsWith("descriptor 0: claims 16 bytes in struct_size, it needs "));
  EXPECT_EQ(Reason("flags"), "descriptor 0: flags holds 32768, which this program does not know and must");
  EXPECT_EQ(Reason("ops_null"), "descriptor 0: ops is null");
  EXPECT_EQ(Reason("op_null"), "descriptor 0: an entry of ops is null");
  const std::string op = "' is neither tflite.NAME (A-Z, 0-9, _) nor custom.NAME";
  EXPECT_EQ(Reason("op_name"), "descriptor 0: operator 'tflite.conv_2d" + op);
  EXPECT_EQ(Reason("op_prefix"), "descriptor 0: operator 'CONV_2D" + op);
  EXPECT_EQ(Reason("op_empty"), "descriptor 0: operator 'custom." + op);
  EXPECT_EQ(Reason("chain"), "descriptor 0: op_count is 5; a kernel computes 1 to 4 operators");
  EXPECT_EQ(Reason("descriptor_reserved"), "descriptor 0: reserved is 1, not 0");
  EXPECT_EQ(Reason("impl_null"), "descriptor 0: impl is not 1 to 256 printable characters without blanks");
  EXPECT_EQ(Reason("impl_version_null"), "descriptor 0: version is not 1 to 64 printable characters without blanks");
  EXPECT_EQ(Reason("op_versions"), "descriptor 0: operator versions 2 to 1 are no range from 1 up");
  EXPECT_EQ(Reason("op_version_zero"), "descriptor 0: operator versions 0 to 1 are no range from 1 up");
  EXPECT_EQ(Reason("inputs"), "descriptor 0: input counts 2 to 1 are no range");
  EXPECT_EQ(Reason("outputs"), "descriptor 0: output counts 1 to 0 are no range with an output in it");
  EXPECT_EQ(Reason("types"), "descriptor 0: input_types is 0, though it takes inputs");
  EXPECT_EQ(Reason("no_profiles"),
            "descriptor 0: its list of numerics is empty: name a profile, or leave the list out");
  EXPECT_EQ(Reason("bad_profiles"),
            "descriptor 0: entry 1 of its list of numerics is no profile name (a-z, 0-9, _, - and .)");
}

TEST(PluginHost, ARefusedFileDoesNotStopTheOthers) {
  const PluginFolder folder;
  folder.Put("minor", "a");
  folder.Put("good", "b");
  folder.Put("init_fails", "c");
  folder.Put("second", "d");
  const auto host = MustLoad({folder.path()});
  ASSERT_EQ(host->plugins().size(), 2u);
  EXPECT_EQ(host->plugins()[0]->path(), folder.File("b.so"));
  EXPECT_EQ(host->plugins()[1]->name(), "second");
  ASSERT_EQ(host->refusals().size(), 2u);
  EXPECT_EQ(host->refusals()[0].path, folder.File("a.so"));
  EXPECT_EQ(host->refusals()[1].path, folder.File("c.so"));
}

TEST(PluginHost, TheSecondPluginOfANameIsRefused) {
  const PluginFolder first, second;
  const std::string kept = first.Put("good", "z");
  second.Put("other_build", "a");
  const auto host = MustLoad({first.path(), second.path()});
  ASSERT_EQ(host->plugins().size(), 1u);
  EXPECT_EQ(host->plugins()[0]->path(), kept);
  ASSERT_EQ(host->refusals().size(), 1u);
  EXPECT_EQ(host->refusals()[0].reason, "a plugin named zoo is loaded already, from " + kept);
}

TEST(PluginHost, AFolderThatIsNamedTwiceIsReadOnce) {
  const PluginFolder folder;
  folder.Put("good");
  const auto host =
      MustLoad({folder.path(), folder.path() + "/../" + folder.path().substr(folder.path().rfind('/') + 1)});
  EXPECT_EQ(host->plugins().size(), 1u);
  EXPECT_THAT(host->refusals(), IsEmpty());
}

TEST(PluginHost, OnlyFilesThatEndInSoAreLookedAt) {
  const PluginFolder folder;
  std::filesystem::rename(folder.Put("magic"), folder.File("magic.so.1"));
  std::filesystem::rename(folder.Put("minor"), folder.File(".minor.so"));
  std::filesystem::create_directory(folder.File("deeper"));
  std::filesystem::rename(folder.Put("major"), folder.File("deeper/major.so"));
  EXPECT_EQ(ReasonIn(folder), "not found");
}

TEST(PluginHost, AnEmptyFolderIsNoError) {
  const PluginFolder folder;
  const auto host = MustLoad({folder.path()});
  EXPECT_THAT(host->plugins(), IsEmpty());
  EXPECT_THAT(host->refusals(), IsEmpty());
}

// Whether memory of this process is mapped from a file whose name holds `text`.
bool IsMapped(const std::string& text) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find(text) != std::string::npos) return true;
  }
  return false;
}

TEST(PluginHost, ForATaskThatEndsByItselfAFileOfRootIsMappedInPlace) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root has files of root's in a folder of its own";
  const auto load = [](const PluginFolder& folder, const std::string& name, uint64_t feature) {
    CpuInfo cpu;  // facts that no other test has: the same file for the same facts is loaded once
    cpu.features[0] = feature;
    const auto host = PluginHost::Load({folder.path()}, cpu, nullptr, PluginUse::kOnce);
    ASSERT_TRUE(host) << host.error().message;
    ASSERT_NE((*host)->Find("zoo"), nullptr) << name;
  };
  const PluginFolder safe, unsafe;
  safe.Put("good", "mapped_in_place");
  load(safe, "mapped_in_place", 71);
  EXPECT_TRUE(IsMapped(safe.path() + "/mapped_in_place.so"));
  EXPECT_FALSE(IsMapped("memfd:mapped_in_place.so"));
  // Its group, which is root alone, may write it.
  ASSERT_EQ(::chmod(unsafe.Put("good", "copied_all_the_same").c_str(), 0664), 0);
  load(unsafe, "copied_all_the_same", 72);
  EXPECT_FALSE(IsMapped(unsafe.path() + "/copied_all_the_same.so"));
  EXPECT_TRUE(IsMapped("memfd:copied_all_the_same.so"));
}

TEST(PluginHost, ForAServiceEveryFileIsCopied) {
  const PluginFolder folder;
  folder.Put("good", "copied_for_a_service");
  CpuInfo cpu;
  cpu.features[0] = 73;
  const auto host = PluginHost::Load({folder.path()}, cpu);
  ASSERT_TRUE(host) << host.error().message;
  EXPECT_FALSE(IsMapped(folder.path() + "/copied_for_a_service.so"));
  EXPECT_TRUE(IsMapped("memfd:copied_for_a_service.so"));
}

TEST(PluginHost, AMissingFolderIsAnError) {
  const auto host = PluginHost::Load({"/nowhere/at/all"}, {});
  ASSERT_FALSE(host);
  EXPECT_EQ(host.error().code, ErrorCode::kIo);
  EXPECT_EQ(host.error().message, "/nowhere/at/all: cannot open the plugin folder: No such file or directory");
}

TEST(PluginHost, AFileInPlaceOfAFolderIsAnError) {
  const PluginFolder folder;
  const auto host = PluginHost::Load({folder.Put("good")}, {});
  ASSERT_FALSE(host);
  EXPECT_EQ(host.error().code, ErrorCode::kIo);
  EXPECT_THAT(host.error().message, HasSubstr("Not a directory"));
}

TEST(PluginHost, AFolderThatEverybodyMayWriteIsAnError) {
  const PluginFolder folder;
  folder.Put("good");
  for (const mode_t mode : {0777, 01777, 0757}) {
    ASSERT_EQ(::chmod(folder.path().c_str(), mode), 0);
    const auto host = PluginHost::Load({folder.path()}, {});
    ASSERT_FALSE(host);
    EXPECT_EQ(host.error().code, ErrorCode::kPlugin);
    EXPECT_THAT(host.error().message,
                StartsWith(folder.path() + ": the plugin folder is writable by everybody (mode "));
  }
}

TEST(PluginHost, AFileThatEverybodyMayWriteIsRefused) {
  const PluginFolder folder;
  ::chmod(folder.Put("good").c_str(), 0666);
  EXPECT_EQ(ReasonIn(folder), "is writable by everybody (mode 0666): take that away with chmod o-w");
}

TEST(PluginHost, AFileOrFolderOfAStrangerIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const PluginFolder folder;
  const std::string file = folder.Put("good");
  ASSERT_EQ(::chown(file.c_str(), kNobody, static_cast<gid_t>(-1)), 0);
  EXPECT_THAT(ReasonIn(folder), StartsWith("belongs to user 65534, but must belong to root"));
  ASSERT_EQ(::chown(file.c_str(), 0, 1), 0);
  ASSERT_EQ(::chmod(file.c_str(), 0664), 0);
  EXPECT_EQ(ReasonIn(folder), "is writable by group 1 (mode 0664): take that away with chmod g-w");
  ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  EXPECT_EQ(ReasonIn(folder), "accepted");

  ASSERT_EQ(::chown(folder.path().c_str(), kNobody, static_cast<gid_t>(-1)), 0);
  const auto host = PluginHost::Load({folder.path()}, {});
  ASSERT_FALSE(host);
  EXPECT_EQ(host.error().code, ErrorCode::kPlugin);
  EXPECT_THAT(host.error().message, StartsWith(folder.path() + ": the plugin folder belongs to user 65534"));
}

TEST(PluginHost, AFileThatCannotBeReadIsRefused) {
  if (::geteuid() == 0) GTEST_SKIP() << "root can read every file";
  const PluginFolder folder;
  ::chmod(folder.Put("good").c_str(), 0000);
  EXPECT_EQ(ReasonIn(folder), "cannot open: Permission denied");
}

TEST(PluginHost, ASymbolicLinkIsRefused) {
  const PluginFolder folder, elsewhere;
  std::filesystem::create_symlink(elsewhere.Put("good"), folder.File("good.so"));
  EXPECT_EQ(ReasonIn(folder),
            "is a symbolic link: put the file itself into the folder, or name the link's folder instead");
}

TEST(PluginHost, ADanglingLinkIsRefused) {
  const PluginFolder folder;
  std::filesystem::create_symlink("/nowhere/at/all.so", folder.File("good.so"));
  EXPECT_THAT(ReasonIn(folder), StartsWith("is a symbolic link"));
}

TEST(PluginHost, AFifoIsRefusedAtOnce) {
  const PluginFolder folder;
  ASSERT_EQ(::mkfifo(folder.File("pipe.so").c_str(), 0600), 0);
  EXPECT_EQ(ReasonIn(folder), "is not a regular file");
}

TEST(PluginHost, AFolderWithThatNameIsRefused) {
  const PluginFolder folder;
  std::filesystem::create_directory(folder.File("folder.so"));
  EXPECT_EQ(ReasonIn(folder), "is not a regular file");
}

TEST(PluginHost, FilesThatAreNoElfAreRefused) {
  const PluginFolder folder;
  std::ofstream(folder.File("text.so")) << "INPUT(libother.so)\n";
  ::chmod(folder.File("text.so").c_str(), 0644);
  EXPECT_EQ(ReasonIn(folder), "is no ELF file");
  std::ofstream(folder.File("text.so")).close();
  EXPECT_EQ(ReasonIn(folder), "is empty");
}

TEST(PluginHost, ATruncatedPluginIsRefused) {
  const PluginFolder folder;
  const std::string file = folder.Put("good");
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  EXPECT_THAT(ReasonIn(folder), StartsWith("is truncated or damaged: "));
}

TEST(PluginHost, AHugeFileIsRefusedUnread) {
  const PluginFolder folder;
  const std::string file = folder.Put("good");
  std::filesystem::resize_file(file, uint64_t{1} << 40);  // sparse
  EXPECT_EQ(ReasonIn(folder), "is 1099511627776 bytes long, a plugin may have 268435456");
}

TEST(PluginHost, TheSameFileAgainIsTheSamePluginInitialisedOnce) {
  const PluginFolder folder;
  folder.Put("good");
  const auto first = MustLoad({folder.path()});
  const auto second = MustLoad({folder.path()});
  EXPECT_EQ(&first->plugins().at(0)->factory(), &second->plugins().at(0)->factory());
  EXPECT_EQ(Tell(*second->plugins().at(0)) % 10, 1u) << "calls of init()";
}

TEST(PluginHost, ARefusedFileStaysRefusedWithoutRunningAgain) {
  const PluginFolder folder;
  folder.Put("init_fails");
  const std::string reason = ReasonIn(folder);
  EXPECT_EQ(reason, ReasonIn(folder));
  EXPECT_EQ(reason, "init() failed with status 3");
}

TEST(PluginHost, OtherFactsOfTheMachineGetACopyOfTheirOwn) {
  CpuInfo masked;
  masked.features[0] = 2;
  const PluginFolder folder;
  folder.Put("good");
  const auto plain = MustLoad({folder.path()});
  const auto other = MustLoad({folder.path()}, masked);
  EXPECT_EQ(Tell(*plain->plugins().at(0)), 7001u);
  EXPECT_EQ(Tell(*other->plugins().at(0)), 7021u);
}

TEST(PluginHost, AFileReplacedAtTheSamePathIsLoadedAsANewCopyBesideTheOld) {
  const PluginFolder folder;
  const std::string path = folder.Put("good");
  const auto before = MustLoad({folder.path()});
  folder.Replace("other_build", path);
  const auto after = MustLoad({folder.path()});
  EXPECT_EQ(before->plugins().at(0)->path(), after->plugins().at(0)->path());
  EXPECT_EQ(Tell(*before->plugins().at(0)) / 1000, 7u);
  EXPECT_EQ(Tell(*after->plugins().at(0)) / 1000, 8u);
}

TEST(PluginHost, AFileOverwrittenInPlaceDoesNotTouchTheCodeThatRuns) {
  const PluginFolder folder;
  const std::string path = folder.Put("good");
  const auto before = MustLoad({folder.path()});
  std::filesystem::resize_file(path, 0);
  EXPECT_EQ(Tell(*before->plugins().at(0)) / 1000, 7u);
  folder.Put("other_build", "good");
  const auto after = MustLoad({folder.path()});
  EXPECT_EQ(Tell(*before->plugins().at(0)) / 1000, 7u);
  EXPECT_EQ(Tell(*after->plugins().at(0)) / 1000, 8u);
}

TEST(PluginHost, APluginOutlivesItsFileAndItsHost) {
  glimpse_op_descriptor descriptor{};
  {
    const PluginFolder folder;
    folder.Put("good");
    descriptor = MustLoad({folder.path()})->plugins().at(0)->descriptors().at(0);
  }
  EXPECT_STREQ(descriptor.impl, "test.zoo");
  EXPECT_EQ(descriptor.score(nullptr, nullptr) / 1000, 7u);
}

TEST(PluginHostDeathTest, DeinitRunsOnceWhenTheProcessEnds) {
  const auto load_twice_and_exit = [] {
    const PluginFolder* folder = new PluginFolder();
    folder->Put("deinit");
    const bool loaded = MustLoad({folder->path()}) != nullptr && MustLoad({folder->path()})->plugins().size() == 1;
    delete folder;
    std::exit(loaded ? 0 : 1);
  };
  EXPECT_EXIT(load_twice_and_exit(), testing::ExitedWithCode(0), "^deinit of the zoo\n$");
}

TEST(DefaultPluginFolders, AreThoseOfTheEnvironmentWhenItNamesAny) {
  ::setenv("GLIMPSE_PLUGIN_PATH", "/a:relative/b::/c", 1);
  EXPECT_THAT(DefaultPluginFolders(), testing::ElementsAre("/a", "relative/b", "/c"));
  ::setenv("GLIMPSE_PLUGIN_PATH", "", 1);
  const auto unset = DefaultPluginFolders();
  ::unsetenv("GLIMPSE_PLUGIN_PATH");
  EXPECT_EQ(unset, DefaultPluginFolders());
}

TEST(DefaultPluginFolders, AreTheBuildTreesForAProgramThatRunsFromIt) {
  ::unsetenv("GLIMPSE_PLUGIN_PATH");
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  const auto folders = DefaultPluginFolders();
  ASSERT_EQ(folders.size(), 1u);
  EXPECT_THAT(folders[0], testing::EndsWith("/lib/glimpsed/kernels"));
  const std::string tree = folders[0].substr(0, folders[0].size() - std::strlen("lib/glimpsed/kernels"));
  EXPECT_THAT(program, StartsWith(std::filesystem::canonical(tree).string()));
}

TEST(DefaultPluginFolders, AreUsedWhenNoneAreGiven) {
  const PluginFolder folder;
  folder.Put("good");
  ::setenv("GLIMPSE_PLUGIN_PATH", folder.path().c_str(), 1);
  const auto host = MustLoad({});
  ::unsetenv("GLIMPSE_PLUGIN_PATH");
  EXPECT_NE(host->Find("zoo"), nullptr);
}

}  // namespace
}  // namespace glimpse
