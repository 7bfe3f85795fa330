// SPDX-License-Identifier: Apache-2.0
#include "media/control_text.h"

#include "base/strings.h"

namespace glimpse::media {

std::optional<bool> ReadControlFlag(std::string_view text) {
  if (text == "true" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "no" || text == "off") return false;
  return std::nullopt;
}

Unexpected NoSuchControl(const std::string& name, const std::vector<std::string>& names) {
  const std::string nearest = NearestWord(name, names);
  return Unexpected(ErrorCode::kInvalidConfig,
                    StrCat("controls: no control '", Printable(name), "'; ",
                           nearest.empty() ? "known are " + StrJoin(names, ", ") : "did you mean '" + nearest + "'?"));
}

}  // namespace glimpse::media
