// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "engine/plugin/cpu_detail.h"
#include "glimpse/cpu_features.h"

namespace glimpse {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Names(uint64_t first, uint64_t second = 0) {
  const uint64_t words[GLIMPSE_CPU_WORDS] = {first, second};
  return CpuFeatureNames(words);
}

// Sets a variable of the environment for the life of the object.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Variable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

TEST(CpuFeatureNames, AreInBitOrder) {
  EXPECT_THAT(Names(0), IsEmpty());
  EXPECT_THAT(Names(GLIMPSE_CPU_AVX2 | GLIMPSE_CPU_SSE4_1 | GLIMPSE_CPU_AVX512_VNNI),
              ElementsAre("sse4.1", "avx2", "avx512-vnni"));
  EXPECT_THAT(Names(GLIMPSE_CPU_NEON | GLIMPSE_CPU_DOTPROD | GLIMPSE_CPU_I8MM), ElementsAre("neon", "dotprod", "i8mm"));
}

TEST(CpuFeatureNames, ABitThatWeDoNotKnowIsNamedByItsNumber) {
  // Or a kernel that needs it would look as if it needed nothing.
  EXPECT_THAT(Names(uint64_t{1} << 63, 1), ElementsAre("feature 63", "feature 64"));
}

TEST(CpuInfo, TheMaskClearsFeatures) {
  const CpuInfo all = CpuInfo::Detect();
  {
    const Variable mask("GLIMPSE_CPU_MASK", "0xffffffffffffffff");
    EXPECT_EQ(CpuInfo::Detect().features[0], 0u);
  }
  {
    const Variable mask("GLIMPSE_CPU_MASK", "3");
    EXPECT_EQ(CpuInfo::Detect().features[0], all.features[0] & ~uint64_t{3});
  }
  EXPECT_EQ(CpuInfo::Detect().features[0], all.features[0]);
}

TEST(CpuInfo, AMaskThatIsNoNumberClearsEverything) {
  EXPECT_EQ(ParseCpuMask(nullptr), 0u);
  EXPECT_EQ(ParseCpuMask(""), 0u);
  EXPECT_EQ(ParseCpuMask("0x1F"), 0x1fu);
  EXPECT_EQ(ParseCpuMask("1f"), 0x1fu);
  EXPECT_EQ(ParseCpuMask("avx2"), ~uint64_t{0});
  EXPECT_EQ(ParseCpuMask("0x"), ~uint64_t{0});
  EXPECT_EQ(ParseCpuMask("12 "), ~uint64_t{0});
  EXPECT_EQ(ParseCpuMask("11111111111111111"), ~uint64_t{0});
}

TEST(CpuInfo, KnowsThisMachine) {
  const CpuInfo info = CpuInfo::Detect();
  EXPECT_EQ(info.features[1], 0u);
#if defined(__x86_64__)
  EXPECT_EQ(info.part, "x86-64");
  EXPECT_EQ(info.features[0] & (GLIMPSE_CPU_NEON | GLIMPSE_CPU_DOTPROD | GLIMPSE_CPU_I8MM), 0u);
  // Every processor with the wider sets has the narrower ones.
  if ((info.features[0] & GLIMPSE_CPU_AVX2) != 0) {
    EXPECT_NE(info.features[0] & GLIMPSE_CPU_SSE4_1, 0u);
  }
#elif defined(__aarch64__)
  EXPECT_NE(info.features[0] & GLIMPSE_CPU_NEON, 0u);
#endif
}

TEST(ArmPartName, IsThatOfTheFirstProcessor) {
  EXPECT_EQ(ArmPartName("processor\t: 0\nBogoMIPS\t: 108.00\nCPU implementer\t: 0x41\nCPU architecture: 8\n"
                        "CPU variant\t: 0x0\nCPU part\t: 0xd08\nCPU revision\t: 3\n"),
            "cortex-a72");
  EXPECT_EQ(ArmPartName("CPU implementer\t: 0x41\nCPU part\t: 0xd0b\n\nCPU implementer\t: 0x41\nCPU part\t: 0xd03\n"),
            "cortex-a76");
  EXPECT_EQ(ArmPartName("CPU implementer\t: 0x41\nCPU part\t: 0xc07"), "cortex-a7");
}

TEST(ArmPartName, IsEmptyWhenUnknown) {
  EXPECT_EQ(ArmPartName(""), "");
  EXPECT_EQ(ArmPartName("CPU implementer\t: 0x51\nCPU part\t: 0xd08\n"), "");
  EXPECT_EQ(ArmPartName("CPU implementer\t: 0x41\nCPU part\t: 0xfff\n"), "");
  EXPECT_EQ(ArmPartName("model name : CPU implementer 0x41 CPU part 0xd08"), "");
  EXPECT_EQ(ArmPartName("CPU implementer\t: 0x41\nCPU part"), "");
}

TEST(ParseCacheSize, ReadsTheKernelsUnits) {
  EXPECT_EQ(ParseCacheSize("32K"), 32768u);
  EXPECT_EQ(ParseCacheSize("1M"), 1048576u);
  EXPECT_EQ(ParseCacheSize("512"), 512u);
  EXPECT_EQ(ParseCacheSize(""), 0u);
  EXPECT_EQ(ParseCacheSize("K"), 0u);
  EXPECT_EQ(ParseCacheSize("4294967295K"), 0u);
  EXPECT_EQ(ParseCacheSize("-3K"), 0u);
  EXPECT_EQ(ParseCacheSize("32 kB"), 0u);
}

}  // namespace
}  // namespace glimpse
