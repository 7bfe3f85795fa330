// SPDX-License-Identifier: Apache-2.0
// Models of other people. GLIMPSE_ZOO names a folder with MODELS.tsv (columns `file`, `set`, `ref_kernels` among
// others) and the models it lists; nothing of it is in the repository.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/strings.h"
#include "engine/model/model.h"

namespace glimpse {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<Row> ReadTable(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::string line;
  std::vector<Row> rows;
  if (!std::getline(in, line)) return rows;
  const std::vector<std::string> columns = StrSplit(line, '\t');
  while (std::getline(in, line)) {
    const std::vector<std::string> cells = StrSplit(line, '\t');
    Row row;
    for (size_t i = 0; i < cells.size() && i < columns.size(); ++i) row[columns[i]] = cells[i];
    rows.push_back(row);
  }
  return rows;
}

class Zoo : public testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("GLIMPSE_ZOO");
    if (folder == nullptr) GTEST_SKIP() << "GLIMPSE_ZOO is not set: no models but those that the tests build";
    folder_ = folder;
  }
  std::filesystem::path folder_;
};

// The reader must not be stricter than the runtime whose results we reproduce.
TEST_F(Zoo, NoModelThatTheReferenceRuntimeRunsIsCalledInvalid) {
  const std::vector<Row> rows = ReadTable(folder_ / "MODELS.tsv");
  ASSERT_FALSE(rows.empty());
  size_t accepted = 0, unsupported = 0, refused = 0;
  for (const Row& row : rows) {
    const std::string path = folder_ / row.at("file");
    const auto model = Model::Load(path);
    if (model) {
      ++accepted;
      EXPECT_EQ((*model)->sha256(), "sha256:" + row.at("sha256")) << path;
      continue;
    }
    const Error& error = model.error();
    EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
    error.code == ErrorCode::kInvalidModel ? ++refused : ++unsupported;
    std::printf("%s\n", error.message.c_str());
    if (row.at("set") == "developers" && row.at("ref_kernels") == "ok") {
      EXPECT_TRUE(error.code == ErrorCode::kUnsupported || error.code == ErrorCode::kExhausted) << error.message;
    }
  }
  std::printf("%zu models: %zu accepted, %zu unsupported or too large, %zu invalid\n", rows.size(), accepted,
              unsupported, refused);
}

TEST_F(Zoo, EveryBenchmarkModelIsAccepted) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "bench")) {
    if (entry.path().extension() != ".tflite") continue;
    const auto model = Model::Load(entry.path());
    EXPECT_TRUE(model) << model.error().message;
    ++count;
  }
  EXPECT_GT(count, 0u);
}

}  // namespace
}  // namespace glimpse
