// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: any bytes as a model file that is read, prepared with the reference kernels and run, under each
// profile. Run with a folder of seeds (write_seeds makes some):
//     fuzz_run -max_len=65536 SEEDS
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "engine/run/interpreter.h"

namespace {

using glimpse::Interpreter;

// Small, so that a model which asks for much is refused instead of run for long.
glimpse::Limits SmallLimits() {
  glimpse::Limits limits;
  limits.tensor_bytes = 1 << 20;
  limits.arena_bytes = 8 << 20;
  limits.work = 5'000'000;
  return limits;
}

std::shared_ptr<const glimpse::PluginHost> LoadPlugins() {
  const auto host = glimpse::PluginHost::Load({GLIMPSE_TEST_PLUGIN_DIR}, glimpse::CpuInfo::Detect());
  if (host && (*host)->Find("reference") != nullptr) return *host;
  std::fprintf(stderr, "the plugin reference is not in %s\n", GLIMPSE_TEST_PLUGIN_DIR);
  std::abort();
}

// Every refusal is one printable line, and none is a defect of ours.
void RequireSoundRefusal(const glimpse::Error& error) {
  if (error.code == glimpse::ErrorCode::kInternal || error.code == glimpse::ErrorCode::kPlugin) {
    std::fprintf(stderr, "a defect: %s\n", error.message.c_str());
    std::abort();
  }
  for (const char c : error.message) {
    if (c >= ' ' && c <= '~') continue;
    std::fprintf(stderr, "not one printable line: %s\n", error.message.c_str());
    std::abort();
  }
}

void Run(const std::shared_ptr<const glimpse::Model>& model, const std::shared_ptr<const glimpse::PluginHost>& plugins,
         const std::string& numerics) {
  glimpse::InterpreterOptions options;
  options.limits = SmallLimits();
  options.numerics = numerics;
  const auto interpreter = Interpreter::Create(model, plugins, options);
  if (!interpreter) return RequireSoundRefusal(interpreter.error());
  // Twice: what an invoke leaves in variables is the next one's input.
  for (int round = 0; round < 2; ++round) {
    for (const glimpse::TensorView& input : (*interpreter)->inputs()) {
      for (size_t i = 0; i < input.data.size(); ++i) input.data[i] = static_cast<std::byte>(i * 37 + 11);
    }
    const auto done = (*interpreter)->Invoke();
    if (!done) return RequireSoundRefusal(done.error());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto plugins = LoadPlugins();
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  const auto model = glimpse::Model::Parse({begin, begin + size}, "fuzz.tflite", SmallLimits());
  if (!model) {
    RequireSoundRefusal(model.error());
    return 0;
  }
  for (const std::string& numerics : glimpse::KnownNumerics()) Run(*model, plugins, numerics);
  return 0;
}
