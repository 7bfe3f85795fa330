// SPDX-License-Identifier: Apache-2.0
#include "media/replay.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/strings.h"
#include "media/picture.h"

namespace glimpse::media {

ReplaySource::ReplaySource(const config::Camera& camera, std::string what, uint64_t count, Clock& clock)
    : what_(std::move(what)),
      count_(count),
      loop_(camera.loop),
      clock_(&clock),
      pacer_(camera.fps, camera.realtime, clock) {}

SourceStats ReplaySource::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

void ReplaySource::Advance(uint64_t by) {
  position_ = loop_ ? (position_ + by) % count_ : std::min(count_, position_ + by);
}

void ReplaySource::CountSkipped(const Error& error) {
  const std::lock_guard lock(mutex_);
  ++stats_.skipped;
  stats_.last_error = error.message;
}

Result<bool> ReplaySource::LoadPending() {
  while (position_ < count_) {
    auto loaded = Load(static_cast<size_t>(position_));
    Advance(1);
    if (loaded) {
      failed_in_a_row_ = 0;
      pending_ = std::move(loaded).value();
      return true;
    }
    CountSkipped(loaded.error());
    // A whole round without a picture: the next one would fare no better, and nobody would ever wait.
    if (++failed_in_a_row_ >= count_) {
      return Unexpected(ErrorCode::kIo, StrCat(what_, ": none of its ", count_,
                                               " pictures can be decoded, the last: ", loaded.error().message));
    }
  }
  return false;
}

Result<std::optional<Frame>> ReplaySource::Next(std::stop_token stop) {
  if (stop.stop_requested()) return std::optional<Frame>();
  uint64_t overdue = pacer_.Overdue();
  if (overdue > 0) {
    if (!loop_) overdue = std::min(overdue, count_ - position_ + (pending_ ? 1 : 0));
    {
      const std::lock_guard lock(mutex_);
      stats_.dropped += overdue;
    }
    sequence_ += overdue;
    Advance(overdue - (pending_ ? 1 : 0));
    pending_.reset();
  }
  if (!pending_) {
    GLIMPSE_ASSIGN_OR_RETURN(const bool more, LoadPending());
    if (!more) return std::optional<Frame>();
  }
  if (!pacer_.Wait(stop)) return std::optional<Frame>();
  std::optional<Frame> frame = std::exchange(pending_, std::nullopt);
  frame->sequence = sequence_++;
  frame->time = clock_->WallNow();
  frame->captured = clock_->Now();
  const std::lock_guard lock(mutex_);
  ++stats_.frames;
  return frame;
}

namespace {

class FilesSource : public ReplaySource {
 public:
  FilesSource(const config::Camera& camera, std::string what, std::vector<std::string> files, const Limits& limits,
              Clock& clock)
      : ReplaySource(camera, std::move(what), files.size(), clock),
        folder_(camera.path),
        files_(std::move(files)),
        limits_(limits) {}

 private:
  Result<Frame> Load(size_t i) override {
    const std::string& file = files_[i];
    GLIMPSE_ASSIGN_OR_RETURN(Frame frame, ReadPicture((std::filesystem::path(folder_) / file).string(), limits_));
    frame.origin = file;
    return frame;
  }

  const std::string folder_;
  const std::vector<std::string> files_;
  const Limits limits_;
};

class IdxSource : public ReplaySource {
 public:
  IdxSource(const config::Camera& camera, std::string what, IdxImages images, Clock& clock)
      : ReplaySource(camera, std::move(what), images.count, clock),
        width_(static_cast<int>(images.width)),
        height_(static_cast<int>(images.height)),
        pixels_(std::make_shared<const std::vector<uint8_t>>(std::move(images.pixels))) {}

 private:
  // Frames share the file's pixels: nothing is copied.
  Result<Frame> Load(size_t i) override {
    Frame frame;
    frame.width = width_;
    frame.height = height_;
    const size_t size = static_cast<size_t>(width_) * static_cast<size_t>(height_);
    frame.planes[0] = {static_cast<size_t>(i) * size, static_cast<size_t>(width_)};
    frame.storage = pixels_;
    frame.origin = StrCat("idx:", i);
    return frame;
  }

  const int width_;
  const int height_;
  const std::shared_ptr<const std::vector<uint8_t>> pixels_;
};

bool HasPictureName(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::string_view kKnown[] = {".png", ".jpg", ".jpeg", ".pgm", ".ppm", ".pnm"};
  return std::find(std::begin(kKnown), std::end(kKnown), extension) != std::end(kKnown);
}

Result<std::vector<std::string>> ListPictures(const std::string& folder, const std::string& what,
                                              const Limits& limits) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return Unexpected(ErrorCode::kInvalidConfig,
                      StrCat(what, ": ", error ? error.message() : "is not a folder", "; give a folder of pictures"));
  }
  std::vector<std::string> files;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;  // an entry that vanishes is no picture
    if (!HasPictureName(entry->path()) || !entry->is_regular_file(ignored)) continue;
    files.push_back(entry->path().filename().string());
    if (files.size() > limits.max_folder_files) {
      return Unexpected(ErrorCode::kExhausted,
                        StrCat(what, ": more pictures than the limit of ", limits.max_folder_files));
    }
  }
  if (error) return Unexpected(ErrorCode::kIo, StrCat(what, ": cannot list it: ", error.message()));
  if (files.empty()) {
    return Unexpected(ErrorCode::kInvalidConfig, StrCat(what, ": no .png, .jpg, .jpeg, .pgm, .ppm or .pnm file in it"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string Describe(const config::Camera& camera, const std::string& name) {
  return StrCat("camera '", Printable(name), "': ", Printable(camera.path));
}

}  // namespace

Result<std::unique_ptr<Source>> OpenFiles(const config::Camera& camera, const std::string& name,
                                          const SourceOptions& options, Clock& clock) {
  const std::string what = Describe(camera, name);
  GLIMPSE_ASSIGN_OR_RETURN(auto files, ListPictures(camera.path, what, options.limits));
  return std::unique_ptr<Source>(std::make_unique<FilesSource>(camera, what, std::move(files), options.limits, clock));
}

Result<std::unique_ptr<Source>> OpenIdx(const config::Camera& camera, const std::string& name,
                                        const SourceOptions& options, Clock& clock) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(camera.path, error)) {
    return Unexpected(ErrorCode::kInvalidConfig,
                      StrCat(Describe(camera, name), ": ", error ? error.message() : "is not a file",
                             "; give an idx3-ubyte file of images"));
  }
  auto images = ReadIdxImages(camera.path, options.limits);
  if (!images) {
    return Unexpected(images.error().code, StrCat("camera '", Printable(name), "': ", images.error().message));
  }
  return std::unique_ptr<Source>(
      std::make_unique<IdxSource>(camera, Describe(camera, name), std::move(images).value(), clock));
}

}  // namespace glimpse::media
