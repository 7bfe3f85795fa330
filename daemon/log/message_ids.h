// SPDX-License-Identifier: Apache-2.0
// MESSAGE_ID of what is logged (systemd.journal-fields(7)), so that `journalctl MESSAGE_ID=...` finds one kind of
// event.
#pragma once

#include <string_view>

namespace glimpse::daemon {

inline constexpr std::string_view kStartedId = "12b55d82639546a889af64c1e5a7ad1d";

// Of an event of docs/protocol.md; "" for one that has none. They are listed in glimpsed(8) and never change.
constexpr std::string_view MessageIdOf(std::string_view event) {
  if (event == "stopping") return "bfcb610ecbdd48b1b8de1824b5a175b5";
  if (event == "camera-ended") return "d0afb892aaf5490ab73dd9ad29b8bbb0";
  if (event == "camera-failed") return "f34f99ed96e74660a4acdc59998817a4";
  if (event == "camera-recovered") return "fd331cfed3614de9af281285c67aef08";
  if (event == "pipeline-failed") return "42aefb189b3541bd9ac7dff295d50bec";
  if (event == "pipeline-paused") return "2a96a21ded4c4faaaf7cff31fcf30588";
  if (event == "pipeline-resumed") return "7bffdd8c42f1426f91afec786fef2eeb";
  if (event == "reloaded") return "5a23cec9d87c414e9f10922fe65e0c26";
  if (event == "reload-refused") return "5c4e97558cb54eecbc86c9b90a1371d3";
  return "";
}

}  // namespace glimpse::daemon
