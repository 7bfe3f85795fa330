// SPDX-License-Identifier: Apache-2.0
// Runs the built program `glimpse` as a user does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace glimpse::cli {

struct Ended {
  int status = -1;  // exit status; 128 + N for signal N
  std::string out;
  std::string err;
};

// Runs `program` with `arguments`, no shell between; standard input is empty. `environment` entries "NAME=value" are
// set.
Ended RunProgram(const std::string& program, const std::vector<std::string>& arguments,
                 const std::vector<std::string>& environment = {});
// The program under test.
Ended Glimpse(const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {});

// A folder that goes away with the object.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

void WriteBytes(const std::string& path, const std::vector<std::byte>& bytes);
void WriteInt8Npy(const std::string& path, const std::vector<int64_t>& shape, const std::vector<int8_t>& values);
// The elements of an int8 file, whatever its shape; empty when it cannot be read.
std::vector<int8_t> ReadInt8Npy(const std::string& path);
std::vector<int64_t> NpyShape(const std::string& path);
// `count` values over the whole range, the same for the same seed.
std::vector<int8_t> RandomInt8(size_t count, uint32_t seed);

// The shipped model.
std::string DigitsModel();

}  // namespace glimpse::cli
