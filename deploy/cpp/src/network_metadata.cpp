#include "bytetrack/network_metadata.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "bytetrack/input_error.hpp"

namespace bytetrack {
namespace {

/// Reads the little of JSON that is needed: texts, whole numbers and what joins them.
class Json {
 public:
  explicit Json(std::string_view text) : text_(text) {}

  /// Take a sign, if it comes next.
  bool take(char sign) {
    blank();
    if (text_.empty() || text_.front() != sign) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool at_end() {
    blank();
    return text_.empty();
  }

  std::optional<std::string> text() {
    if (!take('"')) return std::nullopt;
    std::string found;
    while (!text_.empty()) {
      const char sign = next();
      if (sign == '"') return found;
      if (static_cast<unsigned char>(sign) < 0x20) return std::nullopt;
      if (sign != '\\') {
        found += sign;
      } else if (!escaped(found)) {
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

  std::optional<int> whole() {
    blank();
    int value = 0;
    const auto [stop, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (error != std::errc()) return std::nullopt;
    text_.remove_prefix(static_cast<std::size_t>(stop - text_.data()));
    return value;
  }

 private:
  void blank() {
    text_.remove_prefix(std::min(text_.find_first_not_of(" \t\r\n"), text_.size()));
  }

  char next() {
    const char sign = text_.front();
    text_.remove_prefix(1);
    return sign;
  }

  /// Append what stands after a backslash.
  bool escaped(std::string& found) {
    constexpr std::string_view kNames = "\"\\/bfnrt", kSigns = "\"\\/\b\f\n\r\t";
    if (text_.empty()) return false;
    const char name = next();
    if (name == 'u') return unicode(found);
    const std::size_t at = kNames.find(name);
    if (at == std::string_view::npos) return false;
    found += kSigns[at];
    return true;
  }

  /// Read four digits of base 16, −1 if they are none.
  long unit() {
    const std::string_view digits = text_.substr(0, 4);
    long value = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value, 16);
    if (error != std::errc() || stop != digits.data() + 4 || digits.front() == '-') return -1;
    text_.remove_prefix(4);
    return value;
  }

  /// Append as UTF-8 what stands after `\u`; beyond 16 bits it stands in two parts.
  bool unicode(std::string& found) {
    long point = unit();
    if (point >= 0xD800 && point < 0xDC00) {
      if (text_.substr(0, 2) != "\\u") return false;
      text_.remove_prefix(2);
      const long low = unit();
      if (low < 0xDC00 || low > 0xDFFF) return false;
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    } else if (point < 0 || (point >= 0xDC00 && point <= 0xDFFF)) {
      return false;
    }
    const auto add = [&](long bits) { found += static_cast<char>(bits); };
    const auto follow = [&](int shift) { add(0x80 | (point >> shift & 0x3F)); };
    if (point < 0x80) {
      add(point);
    } else if (point < 0x800) {
      add(0xC0 | point >> 6), follow(0);
    } else if (point < 0x10000) {
      add(0xE0 | point >> 12), follow(6), follow(0);
    } else {
      add(0xF0 | point >> 18), follow(12), follow(6), follow(0);
    }
    return true;
  }

  std::string_view text_;
};

/// Read a list, each item by a function of `Json`.
template <typename Item>
std::optional<std::vector<Item>> read_list(const std::string& text,
                                           std::optional<Item> (Json::*read)()) {
  Json json(text);
  std::vector<Item> items;
  if (!json.take('[')) return std::nullopt;
  if (!json.take(']')) {
    do {
      const std::optional<Item> item = (json.*read)();
      if (!item) return std::nullopt;
      items.push_back(*item);
    } while (json.take(','));
    if (!json.take(']')) return std::nullopt;
  }
  return json.at_end() ? std::optional(items) : std::nullopt;
}

/// The texts, each asked for by its name and understood or refused.
class Entries {
 public:
  Entries(const Texts& texts, const std::string& file) : texts_(texts), file_(file) {}

  const std::string& text(const std::string& name) const {
    const auto found = texts_.find(name);
    if (found == texts_.end()) {
      throw InputError(file_ + ": its metadata lack " + name + "; export it anew");
    }
    return found->second;
  }

  [[noreturn]] void refuse(const std::string& name) const {
    throw InputError(file_ + ": its metadata say that " + name + " is '" + text(name) +
                     "', unknown to this version; export it anew");
  }

  template <typename Choice, std::size_t N>
  Choice choice(const std::string& name,
                const std::array<std::pair<const char*, Choice>, N>& choices) const {
    const std::string& found = text(name);
    for (const auto& [called, choice] : choices) {
      if (found == called) return choice;
    }
    refuse(name);
  }

  std::vector<std::string> names(const std::string& name) const {
    const auto found = read_list(text(name), &Json::text);
    if (!found) refuse(name);
    return *found;
  }

  Size size(const std::string& name) const {
    const auto found = read_list(text(name), &Json::whole);
    if (!found || found->size() != 2 || (*found)[0] < 1 || (*found)[1] < 1) refuse(name);
    return {(*found)[0], (*found)[1]};
  }

  int whole(const std::string& name) const {
    Json json(text(name));
    const auto found = json.whole();
    if (!found || *found < 0 || !json.at_end()) refuse(name);
    return *found;
  }

  std::optional<double> share(const std::string& name) const {
    if (texts_.count(name) == 0) return std::nullopt;
    const std::string& found = text(name);
    double value = 0;
    const char* end = found.data() + found.size();
    const auto [stop, error] = std::from_chars(found.data(), end, value);
    if (error != std::errc() || stop != end || !(value >= 0 && value <= 1)) refuse(name);
    return value;
  }

 private:
  const Texts& texts_;
  const std::string& file_;
};

std::ifstream open(const std::string& path, const char* wanted) {
  std::ifstream file(path, std::ios::binary);
  file.peek();  // a folder can be opened, but not read
  if (!file.is_open() || file.bad()) {
    throw InputError(path + ": cannot be read; give " + wanted);
  }
  file.clear();
  return file;
}

}  // namespace

NetworkMetadata read_onnx_metadata(const std::string& path) {
  std::ifstream file = open(path, "an ONNX file of tools/export_onnx.py");
  return to_metadata(parse_onnx_texts(file, path), path);
}

NetworkMetadata read_json_metadata(const std::string& path) {
  std::ifstream file = open(path, "the metadata that this project's export tools write");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return to_metadata(parse_json_texts(text, path), path);
}

Texts parse_json_texts(const std::string& text, const std::string& name) {
  const auto refuse = [&]() -> InputError {
    return InputError(name + ": is no JSON object of texts; export it anew");
  };
  Json json(text);
  Texts texts;
  if (!json.take('{')) throw refuse();
  if (!json.take('}')) {
    do {
      const auto key = json.text();
      const bool joined = json.take(':');
      const auto value = json.text();
      if (!key || !joined || !value) throw refuse();
      texts[*key] = *value;
    } while (json.take(','));
    if (!json.take('}')) throw refuse();
  }
  if (!json.at_end()) throw refuse();
  return texts;
}

NetworkMetadata to_metadata(const Texts& texts, const std::string& name) {
  using Kind = std::pair<const char*, Preprocessing>;
  using Form = std::pair<const char*, Boxes>;
  if (texts.count("bytetrack_reid") == 0) {
    throw InputError(name + ": does not say what it is; write it with this project's export tools");
  }
  const Entries entries(texts, name);
  NetworkMetadata metadata;
  metadata.preprocessing = entries.choice<Preprocessing, 2>(
      "preprocessing",
      {Kind{"legacy", Preprocessing::kLegacy}, Kind{"current", Preprocessing::kCurrent}});
  metadata.class_names = entries.names("class_names");
  metadata.input_size = entries.size("input_size");
  metadata.boxes = entries.choice<Boxes, 3>(
      "boxes", {Form{"raw", Boxes::kRaw}, Form{"decoded", Boxes::kDecoded},
                Form{"suppressed", Boxes::kSuppressed}});
  metadata.embedding_dim = entries.whole("embedding_dim");
  metadata.weights_sha256 = entries.text("weights_sha256");
  metadata.score_thresh = entries.share("score_thresh");
  metadata.nms_thresh = entries.share("nms_thresh");
  metadata.version = entries.text("bytetrack_reid");
  return metadata;
}

}  // namespace bytetrack
