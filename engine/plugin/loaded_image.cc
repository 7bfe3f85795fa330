// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/loaded_image.h"

#include <dlfcn.h>
#include <link.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/strings.h"
#include "engine/plugin/offer_check.h"
#include "engine/plugin/refusal.h"

namespace glimpse {
namespace {

// Never destroyed: the images outlive every static object.
std::vector<std::unique_ptr<LoadedImage>>& Images() {
  static auto& images = *new std::vector<std::unique_ptr<LoadedImage>>();
  return images;
}

// Plugins whose init() succeeded and whose deinit() is still to run, in the order of their init().
std::vector<const glimpse_op_plugin_entry*>& Initialised() {
  static auto& entries = *new std::vector<const glimpse_op_plugin_entry*>();
  return entries;
}

// Registered once for each plugin, after its constructors ran: exit handlers run backwards, so it runs before the
// plugin's destructors.
void DeinitLast() {
  const glimpse_op_plugin_entry* entry = Initialised().back();
  Initialised().pop_back();
  entry->deinit();
}

// dlerror()'s text without the name of the descriptor, which means nothing to anybody.
std::string LinkerMessage(const std::string& opened) {
  const char* text = ::dlerror();
  std::string message = text == nullptr ? "the dynamic linker does not say why" : text;
  if (message.starts_with(opened + ": ")) message.erase(0, opened.size() + 2);
  return Printable(message, 500);
}

Result<const glimpse_op_plugin_entry*> FindEntry(void* handle, const ElfEntry& judged) {
  const void* symbol = ::dlsym(handle, GLIMPSE_OP_PLUGIN_SYMBOL);
  if (symbol == nullptr) return Refuse("the dynamic linker does not find glimpse_op_plugin in it");
  // dlsym() looks into the libraries that the plugin needs, too, and constructors could have written to the entry: what
  // is used has to be what was judged.
  const link_map* map = nullptr;
  if (::dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || map == nullptr ||
      map->l_addr + judged.address != reinterpret_cast<uintptr_t>(symbol)) {
    return Refuse("the dynamic linker finds another glimpse_op_plugin than the file holds");
  }
  decltype(judged.words) words;
  std::memcpy(words.data(), symbol, sizeof(words));
  if (words != judged.words) return Refuse("glimpse_op_plugin changed while it was loaded: it must be a constant");
  return static_cast<const glimpse_op_plugin_entry*>(symbol);
}

}  // namespace

LoadedImage::LoadedImage(UniqueFd copy, const glimpse_host* host) : copy_(std::move(copy)), host_(host) {}

Result<LoadedImage*> LoadedImage::Map(PrivateCopy copy, const ElfEntry& judged, const glimpse_host& host) {
  const auto sound = [](LoadedImage* image) -> Result<LoadedImage*> {
    if (image->entry_ == nullptr) return Unexpected(image->refusal_);
    return image;
  };
  for (const auto& image : Images()) {
    if (image->host_ == &host && SameContent(image->copy_.get(), copy.bytes())) return sound(image.get());
  }
  UniqueFd file = copy.TakeFile();
  const std::string opened = StrCat("/proc/self/fd/", file.get());
  void* handle = ::dlopen(opened.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return Refuse(StrCat("cannot be loaded: ", LinkerMessage(opened)));
  // From here on it stays mapped, sound or not: its constructors may have left pointers to it behind.
  Images().push_back(std::unique_ptr<LoadedImage>(new LoadedImage(std::move(file), &host)));
  LoadedImage* image = Images().back().get();
  if (const Result<void> read = image->ReadEntry(handle, judged); !read) {
    image->state_ = State::kRefused;
    image->refusal_ = read.error();
  }
  return sound(image);
}

Result<void> LoadedImage::ReadEntry(void* handle, const ElfEntry& judged) {
  GLIMPSE_ASSIGN_OR_RETURN(const auto* entry, FindEntry(handle, judged));
  GLIMPSE_RETURN_IF_ERROR(CheckEntry(*entry));
  entry_ = entry;
  name_ = entry->name;
  version_ = entry->version;
  return {};
}

Result<void> LoadedImage::Initialise() {
  if (state_ == State::kMapped) {
    const Result<void> done = RunInit();
    state_ = done ? State::kUsable : State::kRefused;
    if (!done) refusal_ = done.error();
  }
  if (state_ == State::kRefused) return Unexpected(refusal_);
  return {};
}

Result<void> LoadedImage::RunInit() {
  glimpse_status status = GLIMPSE_INTERNAL;
  GLIMPSE_RETURN_IF_ERROR(CallPlugin("init()", [&] { status = entry_->init(host_); }));
  if (status != GLIMPSE_OK) return Refuse(StrCat("init() failed with status ", status));
  if (entry_->deinit != nullptr) {
    Initialised().push_back(entry_);
    std::atexit(DeinitLast);
  }
  const void* factory = nullptr;
  GLIMPSE_RETURN_IF_ERROR(CallPlugin("get_factory()", [&] { factory = entry_->get_factory(GLIMPSE_OP_FACTORY_ID); }));
  factory_ = static_cast<const glimpse_op_factory*>(factory);
  GLIMPSE_ASSIGN_OR_RETURN(descriptors_, CheckFactory(factory_));
  return {};
}

}  // namespace glimpse
