// SPDX-License-Identifier: Apache-2.0
// Checks what a mapped plugin says in its entry, factory and descriptors: all that the engine relies on afterwards.
#pragma once

#include <exception>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "glimpse/op_abi.h"

namespace glimpse {

// More kernels than any plugin has: a larger count is a defect.
inline constexpr uint32_t kMaxKernelsOfPlugin = 4096;

// All errors: kPlugin; the message is the reason alone, without the file's name.

// name and version are text of the allowed form, init and get_factory are there.
Result<void> CheckEntry(const glimpse_op_plugin_entry& entry);

// Asks the factory for all its descriptors, in order, checks each, and copies it; what a descriptor of an earlier
// version of the ABI is too short for is 0 in the copy. The plugin's functions are called: init() MUST have succeeded.
// Exceptions that they throw are errors. [control]
Result<std::vector<glimpse_op_descriptor>> CheckFactory(const glimpse_op_factory* factory);

// "tflite.CONV_2D+tflite.MAX_POOL_2D"
std::string ChainName(std::span<const char* const> ops);

// The error for an exception with the text `text`.
Error ThrownError(const char* what, const std::string& text);

// Calls `call` of the plugin; an exception that escapes from it is an error naming `what`, "init()" for instance.
template <typename Call>
Result<void> CallPlugin(const char* what, Call call) {
  try {
    call();
    return {};
  } catch (const std::exception& error) {
    return Unexpected(ThrownError(what, error.what()));
  } catch (...) {
    return Unexpected(ThrownError(what, "something that is no std::exception"));
  }
}

}  // namespace glimpse
