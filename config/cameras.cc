// SPDX-License-Identifier: Apache-2.0
// The section cameras, and how paths are found.
#include <filesystem>
#include <map>
#include <set>

#include "base/strings.h"
#include "config/schema.h"

namespace glimpse::config {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string>& SourceNames() {
  static const std::vector<std::string> names{"libcamera", "v4l2", "files", "idx", "video"};
  return names;
}

Result<void> ReadSource(const Node& node, Camera* camera) {
  GLIMPSE_ASSIGN_OR_RETURN(const size_t index, ReadWord(node, "source", SourceNames()));
  constexpr Camera::Source kSources[] = {Camera::Source::kLibcamera, Camera::Source::kV4l2, Camera::Source::kFiles,
                                         Camera::Source::kIdx, Camera::Source::kVideo};
  camera->source = kSources[index];
  return {};
}

Result<void> ReadSize(const Node& node, Camera* camera) {
  GLIMPSE_ASSIGN_OR_RETURN(const std::string text, ReadText(node, "size"));
  const std::vector<std::string> parts = StrSplit(text, 'x');
  Node number = node;
  number.plain = true;
  if (parts.size() == 2) {
    number.scalar = parts[0];
    const auto width = ReadInteger(number, "size", 16, 16384);
    number.scalar = parts[1];
    const auto height = ReadInteger(number, "size", 16, 16384);
    if (width && height) {
      camera->width = static_cast<uint32_t>(*width);
      camera->height = static_cast<uint32_t>(*height);
      return {};
    }
  }
  return ConfigError(node.place,
                     StrCat("'size' must be WIDTHxHEIGHT in pixels, each from 16 to 16384, such as 640x480, "
                            "not '",
                            Printable(text, 60), "'"));
}

Result<void> ReadControls(const Node& node, Camera* camera) {
  if (node.kind == Node::Kind::kNull) return {};
  if (node.kind != Node::Kind::kMap) return ConfigError(node.place, "'controls' must be a map of control: value");
  for (const Entry& entry : node.entries) {
    GLIMPSE_RETURN_IF_ERROR(CheckName(entry.key, entry.place, "a control"));
    GLIMPSE_ASSIGN_OR_RETURN(camera->controls[entry.key], ReadText(entry.value, entry.key));
  }
  return {};
}

bool FromFiles(const Camera& camera) {
  return camera.source == Camera::Source::kFiles || camera.source == Camera::Source::kIdx ||
         camera.source == Camera::Source::kVideo;
}

// The sources for which each key means something; those that are not listed are for all.
const std::map<std::string, std::set<Camera::Source>>& KeySources() {
  using S = Camera::Source;
  static const std::map<std::string, std::set<S>> sources{{"id", {S::kLibcamera, S::kV4l2}},
                                                          {"controls", {S::kLibcamera, S::kV4l2}},
                                                          {"size", {S::kLibcamera, S::kV4l2, S::kVideo}},
                                                          {"format", {S::kLibcamera, S::kV4l2, S::kVideo}},
                                                          {"range", {S::kLibcamera, S::kV4l2, S::kVideo}},
                                                          {"matrix", {S::kLibcamera, S::kV4l2, S::kVideo}},
                                                          {"timeout", {S::kLibcamera, S::kV4l2, S::kVideo}},
                                                          {"path", {S::kFiles, S::kIdx, S::kVideo}},
                                                          {"loop", {S::kFiles, S::kIdx, S::kVideo}},
                                                          {"realtime", {S::kFiles, S::kIdx, S::kVideo}}};
  return sources;
}

// Keys that would be silently without effect are errors: whoever wrote them meant something.
Result<void> CheckKeysFitSource(const Node& node, const Camera& camera) {
  const std::string& source = SourceNames()[static_cast<size_t>(camera.source)];
  for (const Entry& entry : node.entries) {
    const auto found = KeySources().find(entry.key);
    if (found == KeySources().end() || found->second.count(camera.source) > 0) continue;
    return ConfigError(entry.place, StrCat("'", entry.key, "' has no meaning for the source ", source, "; leave it out",
                                           entry.key == "path" ? ", or set source to files, idx or video" : ""));
  }
  return {};
}

const char* PathMeaning(Camera::Source source) {
  if (source == Camera::Source::kFiles) return "a folder of pictures";
  return source == Camera::Source::kIdx ? "an idx file" : "a video file or a FIFO";
}

Result<void> ReadCamera(const Entry& entry, const Scope& scope) {
  const std::string& name = entry.key;
  const std::string what = StrCat("cameras.", name);
  GLIMPSE_RETURN_IF_ERROR(CheckName(name, entry.place, "a camera"));
  scope.Remember(what, entry.place);
  Camera camera;
  camera.source = Camera::Source::kLibcamera;  // what a file that names no source means
  GLIMPSE_RETURN_IF_ERROR(ReadMap(entry.value, what, CameraFields(&camera, name, scope)));
  GLIMPSE_RETURN_IF_ERROR(CheckKeysFitSource(entry.value, camera));
  if (FromFiles(camera)) {
    if (camera.path.empty()) {
      return ConfigError(entry.place, StrCat(what, " needs a 'path': ", PathMeaning(camera.source)));
    }
    const bool folder = fs::is_directory(camera.path);
    const Place& place = entry.value.Find("path")->place;
    if (folder != (camera.source == Camera::Source::kFiles)) {
      return ConfigError(
          place, StrCat("'", camera.path, "' is ", folder ? "a folder" : "a file", ", the source ",
                        SourceNames()[static_cast<size_t>(camera.source)], " wants ", PathMeaning(camera.source)));
    }
  }
  scope.config->cameras[name] = std::move(camera);
  return {};
}

bool Exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

}  // namespace

const std::vector<std::string>& CameraFormats() {
  static const std::vector<std::string> names{"auto", "grey8", "rgb24",  "bgr24",  "xrgb32", "xbgr32", "yuyv",
                                              "uyvy", "nv12",  "yuv420", "yuv422", "yuv444", "mjpeg"};
  return names;
}

Result<std::string> ReadPath(const Node& node, const std::string& key, PathKind kind, const Scope& scope) {
  GLIMPSE_ASSIGN_OR_RETURN(const std::string text, ReadText(node, key));
  const fs::path path(text);
  if (path.is_absolute()) {
    if (Exists(path)) return text;
    return ConfigError(node.place, StrCat("'", key, "': there is no '", Printable(text), "'"));
  }
  std::vector<fs::path> tried;
  const auto add = [&](const fs::path& candidate) {
    for (const fs::path& before : tried) {
      if (before == candidate) return;
    }
    tried.push_back(candidate);
  };
  for (const std::string& folder : {fs::path(node.place.file).parent_path().string(), scope.main_folder}) {
    add(fs::path(folder) / path);
    if (kind == PathKind::kModelFile) add(fs::path(folder) / "models" / path);
  }
  for (const std::string& folder : scope.options.data_folders) {
    add(kind == PathKind::kModelFile ? fs::path(folder) / "models" / path : fs::path(folder) / path);
  }
  std::vector<std::string> names;
  for (const fs::path& candidate : tried) {
    if (Exists(candidate)) return candidate.lexically_normal().string();
    names.push_back(candidate.lexically_normal().string());
  }
  return ConfigError(node.place, StrCat("'", key, "': there is no '", Printable(text), "'; looked for ",
                                        Printable(StrJoin(names, ", "), 600)));
}

std::vector<Field> CameraFields(Camera* camera, const std::string& name, const Scope& scope) {
  const auto remember = [scope, name](const char* key, const Node& node) {
    scope.Remember(StrCat("cameras.", name, ".", key), node.place);
  };
  return {{"source", [=](const Node& node) { return ReadSource(node, camera); }},
          {"id",
           [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(camera->id, ReadText(node, "id"));
             remember("id", node);
             return {};
           }},
          {"size", [=](const Node& node) { return ReadSize(node, camera); }},
          {"fps",
           [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(camera->fps, ReadNumber(node, "fps", 0.001, 1000));
             return {};
           }},
          {"format",
           [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(const size_t index, ReadWord(node, "format", CameraFormats()));
             camera->format = CameraFormats()[index];
             return {};
           }},
          {"range",
           [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(const size_t index, ReadWord(node, "range", {"auto", "full", "limited"}));
             camera->range = static_cast<Camera::Range>(index);
             return {};
           }},
          {"matrix",
           [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(const size_t index, ReadWord(node, "matrix", {"auto", "bt601", "bt709"}));
             camera->matrix = static_cast<Camera::Matrix>(index);
             return {};
           }},
          {"timeout",
           [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(camera->timeout_s, ReadDuration(node, "timeout", 0.1, 3600));
             return {};
           }},
          {"controls",
           [=](const Node& node) {
             remember("controls", node);
             return ReadControls(node, camera);
           }},
          {"path",
           [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(camera->path, ReadPath(node, "path", PathKind::kPicturesOrFile, scope));
             remember("path", node);
             return {};
           }},
          {"loop",
           [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(camera->loop, ReadBool(node, "loop"));
             return {};
           }},
          {"realtime", [=](const Node& node) -> Result<void> {
             GLIMPSE_ASSIGN_OR_RETURN(camera->realtime, ReadBool(node, "realtime"));
             return {};
           }}};
}

Result<void> ReadCameras(const Node& node, const Scope& scope) {
  if (node.kind == Node::Kind::kNull) return {};
  if (node.kind != Node::Kind::kMap) return ConfigError(node.place, "'cameras' must be a map of NAME: {source: ...}");
  for (const Entry& entry : node.entries) GLIMPSE_RETURN_IF_ERROR(ReadCamera(entry, scope));
  return {};
}

}  // namespace glimpse::config
