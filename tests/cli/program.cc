// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <random>

#include "base/strings.h"
#include "cli/npy.h"

namespace glimpse::cli {
namespace {

std::string Slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

Ended RunProgram(const std::string& program, const std::vector<std::string>& arguments,
                 const std::vector<std::string>& environment) {
  const Folder folder;
  const std::string out = folder / "out";
  const std::string err = folder / "err";
  const pid_t child = ::fork();
  if (child == 0) {
    for (const std::string& entry : environment) ::putenv(const_cast<char*>(entry.c_str()));
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    ::dup2(::open("/dev/null", O_RDONLY), 0);
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
    ::execvp(program.c_str(), argv.data());
    ::_exit(127);
  }
  int state = 0;
  ::waitpid(child, &state, 0);
  return {WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state), Slurp(out), Slurp(err)};
}

Ended Glimpse(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
  return RunProgram(GLIMPSE_PROGRAM, arguments, environment);
}

Folder::Folder() {
  std::string name = testing::TempDir() + "glimpse-cli-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}

Folder::~Folder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

void WriteBytes(const std::string& path, const std::vector<std::byte>& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

void WriteInt8Npy(const std::string& path, const std::vector<int64_t>& shape, const std::vector<int8_t>& values) {
  const auto written = WriteNpy(path, DType::kInt8, shape, std::as_bytes(std::span(values)));
  ASSERT_TRUE(written) << written.error().message;
}

std::vector<int8_t> ReadInt8Npy(const std::string& path) {
  const auto file = NpyFile::Open(path);
  if (!file || file->header().type != DType::kInt8) return {};
  std::vector<int8_t> values(static_cast<size_t>(file->content_bytes()));
  return file->Read(0, std::as_writable_bytes(std::span(values))) ? values : std::vector<int8_t>{};
}

std::vector<int64_t> NpyShape(const std::string& path) {
  const auto file = NpyFile::Open(path);
  return file ? file->header().shape : std::vector<int64_t>{-1};
}

std::vector<int8_t> RandomInt8(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<int8_t> values(count);
  for (int8_t& value : values) value = static_cast<int8_t>(random() >> 16);
  return values;
}

std::string DigitsModel() { return GLIMPSE_SOURCE_DIR "/config/models/digits-28x28.tflite"; }

}  // namespace glimpse::cli
