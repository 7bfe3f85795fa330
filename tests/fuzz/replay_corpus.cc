// SPDX-License-Identifier: Apache-2.0
// replay_corpus FOLDER...: runs a fuzz target on every file of the folders, in the order of their names. The same
// source as the libFuzzer target, in builds of any compiler. A finding ends the program.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "base/file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int main(int argc, char** argv) {
  constexpr size_t kLargest = 1 << 20;
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) files.push_back(entry.path());
  }
  if (files.empty()) {
    std::fprintf(stderr, "usage: replay_corpus FOLDER...; the folders hold files\n");
    return 2;
  }
  std::sort(files.begin(), files.end());
  for (const auto& path : files) {
    const auto content = glimpse::ReadFile(path.string(), kLargest);
    if (!content) {
      std::fprintf(stderr, "%s\n", content.error().message.c_str());
      return 1;
    }
    std::printf("%s\n", path.filename().c_str());
    std::fflush(stdout);  // the last line names the file of a finding
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(content->data()), content->size());
  }
  std::printf("%zu passed, 0 failed\n", files.size());
  return 0;
}
