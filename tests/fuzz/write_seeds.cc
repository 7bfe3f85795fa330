// SPDX-License-Identifier: Apache-2.0
// write_seeds FOLDER: the small sound models of the tests as files, for fuzz_model to start from.
#include <cstdio>
#include <string>

#include "base/file.h"
#include "tests/support/packed_models.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_seeds FOLDER\n");
    return 2;
  }
  using glimpse::testkit::ModelBuilder;
  const std::pair<const char*, ModelBuilder (*)()> models[] = {{"cnn", glimpse::testkit::TinyCnn},
                                                               {"custom", glimpse::testkit::TinyCustom},
                                                               {"shapes", glimpse::testkit::TinyShapes},
                                                               {"ops", glimpse::testkit::TinyOps},
                                                               {"flow", glimpse::testkit::TinyFlow}};
  for (const auto& [name, make] : models) {
    const std::string path = std::string(argv[1]) + "/" + name;
    for (const auto& [suffix, bytes] :
         {std::pair(".tflite", make().Build()), std::pair("-behind.tflite", make().BuildWithDataBehind())}) {
      const auto written = glimpse::WriteFile(path + suffix, bytes);
      if (written) continue;
      std::fprintf(stderr, "write_seeds: %s\n", written.error().message.c_str());
      return 1;
    }
  }
  const auto packed =
      glimpse::WriteFile(std::string(argv[1]) + "/packed.tflite",
                         glimpse::testkit::TinyCnnPacked(glimpse::testkit::Describe({127.5f}, {64}, "names.txt"),
                                                         {{"names.txt", "a\nb\nc\n"}}));
  if (packed) return 0;
  std::fprintf(stderr, "write_seeds: %s\n", packed.error().message.c_str());
  return 1;
}
