// SPDX-License-Identifier: Apache-2.0
// Lets exceptions out of the function that ZOO_THROWS_IN names: 1 init, 2 get_factory, 3 descriptor, 4 init, no
// std::exception.
#include <stdexcept>

#include "glimpse/op_abi.h"
#include "tests/plugins/strange_plugin.h"

namespace {

void ThrowIf(int place) {
  if (place == ZOO_THROWS_IN) throw std::runtime_error("the zoo is closed");
}

glimpse_status Init(const glimpse_host*) {
  ThrowIf(1);
  if (ZOO_THROWS_IN == 4) throw 42;
  return GLIMPSE_OK;
}

const glimpse_op_descriptor* Descriptor(const glimpse_op_factory*, uint32_t) {
  ThrowIf(3);
  return nullptr;
}

glimpse_status Create(const glimpse_op_factory*, uint32_t, glimpse_kernel**) { return GLIMPSE_INTERNAL; }

constexpr glimpse_op_factory kFactory{sizeof(glimpse_op_factory), 1, Descriptor, Create};

const void* GetFactory(const char*) {
  ThrowIf(2);
  return &kFactory;
}

}  // namespace

extern "C" {
extern __attribute__((visibility("default"))) const glimpse_op_plugin_entry glimpse_op_plugin;
constinit const glimpse_op_plugin_entry glimpse_op_plugin =
    glimpse::testkit::PluginEntry("throws", Init, nullptr, GetFactory);
}
