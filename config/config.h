// SPDX-License-Identifier: Apache-2.0
// The daemon's configuration as plain data, with its defaults. config/reader.h fills it from YAML.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/preprocess_steps.h"

namespace glimpse::config {

// One UNIX stream socket.
struct Socket {
  std::string path;
  uint32_t mode = 0660;
  std::string group;             // "" keeps the process's own
  bool group_is_default = true;  // a missing default group is skipped with a note, a missing named one is an error

  bool operator==(const Socket&) const = default;
};

struct Sockets {
  Socket read{"/run/glimpsed/glimpsed.sock", 0660, "glimpsed", true};
  Socket control{"/run/glimpsed/control.sock", 0660, "glimpsed-admin", true};
  uint32_t max_clients = 256;              // on each socket
  uint32_t max_line_bytes = 1u << 20;      // one request line
  double max_line_s = 30;                  // key `max_line_time`: from a line's first byte to its end
  uint32_t max_pending_bytes = 16u << 20;  // lines without an end so far, of all clients together
  uint32_t max_queue_messages = 256;       // waiting for one client, the oldest go
  uint32_t max_answers = 64;               // waiting for one client, whose requests then wait too
  uint32_t max_answer_bytes = 1u << 20;    // the same in bytes
  uint32_t max_subscriptions = 16;         // of one client
  uint32_t max_requests = 16;              // that wait for the inference thread, of all clients
  uint32_t max_client_requests = 8;        // under way of one client, so that one cannot fill the queue of all
  uint32_t max_image_bytes = 512u << 10;   // picture or tensor of one classify request, decoded from base64
  double classify_rate_hz = 10;            // requests a second that one client may make
};

// Where frames come from.
struct Camera {
  enum class Source { kLibcamera, kV4l2, kFiles, kIdx, kVideo };
  Source source = Source::kFiles;
  std::string id = "auto";  // libcamera, v4l2
  std::string path;         // files, idx, video; absolute, or relative to the configuration file's folder
  bool loop = true;         // files, idx, video: start again at the end
  bool realtime = false;    // files, idx, video: drop frames as a camera would
  double fps = 30;          // > 0, <= 1000
  uint32_t width = 640;     // size: 640x480; libcamera, v4l2, and raw frames of a video
  uint32_t height = 480;
  std::string format = "auto";  // libcamera, v4l2, video: a word of CameraFormats()
  // libcamera, v4l2, video: what the numbers of luma and chroma mean; kAuto: as the source says.
  enum class Range { kAuto, kFull, kLimited } range = Range::kAuto;
  enum class Matrix { kAuto, kBt601, kBt709 } matrix = Matrix::kAuto;
  double timeout_s = 5;  // key `timeout`, libcamera, v4l2, FIFO: without a frame for so long it is restarted
  std::map<std::string, std::string> controls;

  bool operator==(const Camera&) const = default;
};

// What `format` may be: "auto", the pixel formats by their names in media/pixel_format.h, "mjpeg".
const std::vector<std::string>& CameraFormats();

// A rectangle of the frame, in pixels of the camera's picture.
struct Region {
  std::string name;
  int32_t x = 0, y = 0, width = 0, height = 0;

  bool operator==(const Region&) const = default;
};

// Which frames a pipeline looks at.
struct Trigger {
  enum class Kind { kEveryFrame, kEvery, kOnChange, kOnRequest } kind = Kind::kEveryFrame;
  double every_s = 0;   // kEvery: no sooner than that after the last; [0.001, 86400]
  int32_t change = 12;  // kOnChange: by how many of 255 levels something must have changed; [1, 255]

  bool operator==(const Trigger&) const = default;
};

struct Kernels {
  std::string use = "auto";
  std::map<std::string, std::string> overrides;  // key `override`
  bool at_run_time = false;                      // set by `kernels.set`, not by a file

  bool operator==(const Kernels&) const = default;
};

struct Decide {
  double margin = 0.0;  // smallest difference between best and second score, [0, 1]
  uint32_t vote = 1;    // majority of the last N frames, 1 to 99
  double blur_px = 0;   // key `blur`: an edge wider than so many pixels is blurred, 0 never; [0, 1000]
  double stale_s = 10;  // key `stale`: without a frame for so long the answer is "unknown", 0 never; [0, 86400]

  bool operator==(const Decide&) const = default;
};

// What a model may make the daemon hold or compute; the defaults are those of engine/model/limits.h.
struct ModelLimits {
  uint64_t file_bytes = 512u << 20;      // length of the file
  uint64_t tensors = 16384;              // in one subgraph
  uint64_t operators = 16384;            // in one subgraph
  uint64_t tensor_bytes = 256u << 20;    // one tensor
  uint64_t memory_bytes = 512u << 20;    // everything that one pipeline's model asks for
  uint64_t work = 20'000'000'000;        // multiply-accumulates and other steps of one inference
  uint64_t loop_iterations = 1'000'000;  // of one WHILE
  double seconds = 300;                  // of one inference, 0: no limit

  bool operator==(const ModelLimits&) const = default;
};

// What is kept of the last frames, for `why` and `snapshot`.
struct Keep {
  uint32_t frames = 16;       // with the model's input and output, [0, 1000]
  uint32_t bytes = 1u << 20;  // all of them together, pictures included; the newest is kept whatever it takes

  bool operator==(const Keep&) const = default;
};

struct Pipeline {
  std::string name;
  std::string camera;
  Trigger trigger;
  std::vector<Region> regions;  // none: the whole frame
  // In this order.
  std::vector<PreprocessStep> preprocess{GreyStep{}, ResizeStep{}, InvertStep{}, CentreStep{}};
  std::string model;   // resolved path
  std::string labels;  // resolved path, "" when none
  std::string numerics = "litert-reference";
  Kernels kernels;
  ModelLimits limits;
  Decide decide;
  Keep keep;
};

// Where counters are published; "" or port 0: nowhere.
struct Metrics {
  Socket socket{"", 0660, "glimpsed", true};  // HTTP on a UNIX socket
  std::string address;                        // HTTP on TCP, a loopback address
  uint16_t port = 0;
  std::string textfile;    // for node_exporter, ends in .prom
  double interval_s = 15;  // between two writes of the textfile, [1, 3600]

  bool operator==(const Metrics&) const = default;
};

// How a new state is tried before it serves (docs/adr/0007-reload-is-a-transaction.md).
struct Reload {
  uint32_t frames = 4;  // the last ones of each camera, kept to try it on; 0 to 64
  double time_s = 5;    // key `time`: the longest that these are run, each model for itself; [0.01, 3600]
  double trial_s = 30;  // key `trial`: the longest that the process may take which tries it first; [0.1, 3600]
};

struct Log {
  std::string level = "info";  // error, warning, notice, info, debug
  // Of each kind of message at most so many in an interval; 0: no limit.
  uint32_t rate_limit_burst = 50;
  double rate_limit_interval_s = 10;  // key `rate_limit_interval`
};

inline constexpr uint32_t kMostThreads = 64;

struct Config {
  std::vector<std::string> files;                 // what was read, in order
  std::string sha256;                             // "sha256:..." over their content
  std::chrono::system_clock::time_point read_at;  // when they were read
  Sockets sockets;
  std::map<std::string, Camera> cameras;
  std::map<std::string, Pipeline> pipelines;
  std::vector<std::string> plugin_path;  // plugins.path; empty: the folder compiled in
  uint32_t threads = 1;                  // that share the work of one inference, 1 to kMostThreads
  Metrics metrics;
  Reload reload;
  Log log;
  // Where each key of sockets, cameras, pipelines, plugins and metrics was written, for errors that are found out
  // later: "pipelines.digits.model" -> "/etc/glimpsed/glimpsed.yaml:12:12".
  std::map<std::string, std::string> places;

  // The place of the nearest key on the way up to `key` that was written, or the first file's name.
  std::string PlaceOf(std::string key) const;
};

}  // namespace glimpse::config
