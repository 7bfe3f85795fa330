// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>
#include <utility>

#include "base/strings.h"

namespace glimpse::config {
namespace {

// What the handler throws through yaml-cpp, caught in ParseYaml().
struct Refused {
  Place place;
  std::string message;
};

// Builds the tree from yaml-cpp's events. Its own Node type forgets repeated keys and expands aliases, so it is not
// used.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& file, std::string_view text) : file_(file), text_(text) {
    // yaml-cpp counts columns from behind a byte order mark.
    lines_.push_back(text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') lines_.push_back(i + 1);
    }
  }

  Node TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    CheckPlain(mark, "", anchor);
    Add(Make(Node::Kind::kNull, mark));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Refuse(mark, "aliases (*name) are not supported; write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    CheckPlain(mark, tag, anchor);
    if (tag == "!") CheckClosed(mark);
    Node node = Make(Node::Kind::kScalar, mark);
    node.scalar = value;
    node.plain = tag != "!";
    Add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    CheckPlain(mark, tag, anchor);
    Open(Make(Node::Kind::kSequence, mark));
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    CheckPlain(mark, tag, anchor);
    Open(Make(Node::Kind::kMap, mark));
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Level {
    Node node;
    bool has_key = false;
    std::string key;
    Place key_place;
  };

  Place PlaceOf(const YAML::Mark& mark) const {
    return {file_, mark.line < 0 ? 1 : mark.line + 1, mark.column < 0 ? 1 : mark.column + 1};
  }
  [[noreturn]] void Refuse(const YAML::Mark& mark, std::string message) const {
    throw Refused{PlaceOf(mark), std::move(message)};
  }
  Node Make(Node::Kind kind, const YAML::Mark& mark) const {
    Node node;
    node.kind = kind;
    node.place = PlaceOf(mark);
    return node;
  }
  void CheckPlain(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) const {
    if (anchor != 0) Refuse(mark, "anchors (&name) are not supported; write the value out where it is needed");
    if (!tag.empty() && tag != "?" && tag != "!") {
      Refuse(mark, StrCat("the tag '", Printable(tag, 60), "' is not supported; leave it out"));
    }
  }

  // yaml-cpp lets the end of the file close a quote.
  void CheckClosed(const YAML::Mark& mark) const {
    if (mark.line < 0 || static_cast<size_t>(mark.line) >= lines_.size() || mark.column < 0) return;
    size_t at = lines_[static_cast<size_t>(mark.line)] + static_cast<size_t>(mark.column);
    if (at >= text_.size()) return;
    const char quote = text_[at];
    if (quote != '"' && quote != '\'') return;  // a block scalar
    for (++at; at < text_.size(); ++at) {
      if (quote == '"' && text_[at] == '\\') {
        ++at;
      } else if (text_[at] == quote) {
        // Two single quotes stand for one, inside a text in single quotes.
        if (quote == '"' || at + 1 >= text_.size() || text_[at + 1] != quote) return;
        ++at;
      }
    }
    Refuse(mark, "the quote that is opened here is not closed");
  }

  void Open(Node node) {
    if (levels_.size() >= kMaxYamlDepth) {
      throw Refused{node.place, StrCat("is nested deeper than ", kMaxYamlDepth, " levels")};
    }
    // A key has to be a scalar: seen here so that the message has the place of the key.
    if (!levels_.empty() && levels_.back().node.kind == Node::Kind::kMap && !levels_.back().has_key) {
      throw Refused{node.place, "a key must be a single word, not a list or map"};
    }
    levels_.push_back({std::move(node), false, {}, {}});
  }
  void Close() {
    Node done = std::move(levels_.back().node);
    levels_.pop_back();
    Add(std::move(done));
  }
  void Add(Node node) {
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.kind == Node::Kind::kSequence) {
      level.node.items.push_back(std::move(node));
    } else if (!level.has_key) {
      TakeKey(level, std::move(node));
    } else {
      level.has_key = false;
      level.node.entries.push_back({std::move(level.key), level.key_place, std::move(node)});
    }
  }
  static void TakeKey(Level& level, Node node) {
    if (node.kind != Node::Kind::kScalar) throw Refused{node.place, "a key is missing before ':'"};
    if (const Node* before = level.node.Find(node.scalar)) {
      throw Refused{node.place, StrCat("the key '", Printable(node.scalar, 60),
                                       "' is given twice; the first is at line ", before->place.line)};
    }
    level.has_key = true;
    level.key = std::move(node.scalar);
    level.key_place = node.place;
  }

  std::string file_;
  std::string_view text_;
  std::vector<size_t> lines_;  // where each line begins
  Node root_;
  std::vector<Level> levels_;
};

}  // namespace

std::string Place::ToString() const { return StrCat(file, ":", line, ":", column); }

const Node* Node::Find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Unexpected ConfigError(const Place& place, std::string_view message) {
  return Unexpected(ErrorCode::kInvalidConfig, StrCat(place.ToString(), ": ", message));
}

Result<Node> ParseYaml(std::string_view text, const std::string& file) {
  if (text.size() > kMaxYamlBytes) {
    return ConfigError({file, 1, 1}, StrCat("is ", text.size(), " bytes long, the limit is ", kMaxYamlBytes));
  }
  // yaml-cpp passes control bytes through, and a NUL ends its input silently.
  int line = 1;
  for (const char c : text) {
    if (c == '\n') ++line;
    if (c == '\0') return ConfigError({file, line, 1}, "has a zero byte: this is no text file");
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(file, text);
    if (!parser.HandleNextDocument(builder)) return Node{Node::Kind::kNull, {file, 1, 1}, {}, true, {}, {}};
    Node root = builder.TakeRoot();
    TreeBuilder second(file, text);
    if (parser.HandleNextDocument(second)) {
      return ConfigError(second.TakeRoot().place, "a second document ('---') begins here; only one is read");
    }
    return root;
  } catch (const Refused& refused) {
    return ConfigError(refused.place, refused.message);
  } catch (const YAML::Exception& error) {
    const bool known = error.mark.line >= 0;
    return ConfigError({file, known ? error.mark.line + 1 : 1, known ? error.mark.column + 1 : 1},
                       StrCat("is not YAML: ", Printable(error.msg)));
  } catch (const std::exception& error) {
    return ConfigError({file, 1, 1}, StrCat("cannot be parsed: ", Printable(error.what())));
  }
}

void MergeYaml(Node over, Node* base) {
  if (over.kind == Node::Kind::kNull) return;
  if (over.kind != Node::Kind::kMap || base->kind != Node::Kind::kMap) {
    *base = std::move(over);
    return;
  }
  for (Entry& entry : over.entries) {
    Node* below = nullptr;
    for (Entry& candidate : base->entries) {
      if (candidate.key == entry.key) below = &candidate.value;
    }
    if (below != nullptr) {
      MergeYaml(std::move(entry.value), below);
    } else {
      base->entries.push_back(std::move(entry));
    }
  }
}

}  // namespace glimpse::config
