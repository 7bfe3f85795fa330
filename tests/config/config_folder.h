// SPDX-License-Identifier: Apache-2.0
// A folder of its own for each test, with a model and pictures for configurations to name.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "config/reader.h"

namespace glimpse::config {

class ConfigFolder {
 public:
  ConfigFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "glimpse-config-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
    std::filesystem::create_directory(folder_ / "pictures");
    Write("m.tflite", "model");
    Write("digits.idx", "idx");
  }
  ~ConfigFolder() { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  void Write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  Result<Config> Load(const std::string& text) const {
    Write("c.yaml", text);
    return LoadConfig(Path("c.yaml"), {{Path("data")}});
  }
  // The error, with the folder's name cut out; "accepted" when there is none.
  std::string ErrorOf(const std::string& text) const {
    const auto config = Load(text);
    if (config) return "accepted";
    EXPECT_EQ(config.error().code, ErrorCode::kInvalidConfig);
    EXPECT_EQ(config.error().message.find('\n'), std::string::npos);
    std::string message = config.error().message;
    const std::string prefix = folder_.string() + "/";
    for (size_t at; (at = message.find(prefix)) != std::string::npos;) message.erase(at, prefix.size());
    return message;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace glimpse::config
