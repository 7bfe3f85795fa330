// SPDX-License-Identifier: Apache-2.0
#include "cli/runtime_of_dump.h"

#include <cstddef>
#include <filesystem>
#include <vector>

#include "base/file.h"
#include "base/strings.h"

namespace glimpse::cli {

using Json = nlohmann::ordered_json;

Result<Json> ReadRuntimeOfDump(const std::string& folder, const Model& model) {
  const std::string path = folder + "/runtime.json";
  if (!std::filesystem::exists(path)) return Json();
  GLIMPSE_ASSIGN_OR_RETURN(const std::vector<std::byte> bytes, ReadFile(path, 1 << 20));
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  Json runtime = Json::parse(text, text + bytes.size(), nullptr, false);
  if (!runtime.is_object())
    return Unexpected(ErrorCode::kInvalidArgument, StrCat(path, ": is not a JSON object; dump again"));
  for (const char* key : {"runtime", "resolver", "machine", "model"}) {
    if (runtime.contains(key) && !runtime[key].is_string()) {
      return Unexpected(ErrorCode::kInvalidArgument, StrCat(path, ": '", key, "' is not a text; dump again"));
    }
  }
  if (runtime.contains("model") && runtime["model"] != model.sha256()) {
    return Unexpected(ErrorCode::kInvalidArgument,
                      StrCat(path, ": the dump is of another model (", Printable(runtime.value("model", ""), 80), "), ",
                             model.path(), " is ", model.sha256()));
  }
  return runtime;
}

}  // namespace glimpse::cli
