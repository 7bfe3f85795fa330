// SPDX-License-Identifier: Apache-2.0
// What plugins have in common that are written against the C header to do what plugins must not.
#pragma once

#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>

#include "glimpse/op_abi.h"

namespace glimpse::testkit {

// By a call: a store to nowhere has no effect that a compiler has to keep.
[[noreturn]] inline void Crash() {
  std::raise(SIGSEGV);
  std::abort();
}

// Never ends; leaves the processor to the other tests meanwhile.
[[noreturn]] inline void Hang() {
  static volatile uint64_t turns = 0;
  while (true) {
    turns = turns + 1;
    ::usleep(1000);
  }
}

// A sound entry: what is wrong is behind it.
constexpr glimpse_op_plugin_entry PluginEntry(const char* name, glimpse_status (*init)(const glimpse_host*),
                                              void (*deinit)(), const void* (*get_factory)(const char*)) {
  return {.magic = GLIMPSE_OP_PLUGIN_MAGIC,
          .abi_major = GLIMPSE_ABI_MAJOR,
          .abi_minor = GLIMPSE_ABI_MINOR,
          .abi_patch = GLIMPSE_ABI_PATCH,
          .struct_size = sizeof(glimpse_op_plugin_entry),
          .reserved = 0,
          .name = name,
          .version = "1.0",
          .init = init,
          .deinit = deinit,
          .get_factory = get_factory};
}

}  // namespace glimpse::testkit
