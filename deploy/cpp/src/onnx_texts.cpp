// The metadata of an ONNX file, which is a protocol buffer; all else in it is skipped unread.

#include <cstdint>
#include <istream>
#include <string>
#include <utility>

#include "bytetrack/input_error.hpp"
#include "bytetrack/network_metadata.hpp"

namespace bytetrack {
namespace {

// Of ONNX's ModelProto and StringStringEntryProto.
constexpr std::uint64_t kMetadataProps = 14, kKey = 1, kValue = 2;

/// A file in the wire format of protocol buffers, read from its begin to its end.
class Wire {
 public:
  Wire(std::istream& file, std::string name) : file_(file), name_(std::move(name)) {
    file_.seekg(0, std::ios::end);
    const auto end = static_cast<std::int64_t>(file_.tellg());
    file_.seekg(0);
    if (end < 0 || !file_) refuse();
    left_ = static_cast<std::uint64_t>(end);
  }

  [[noreturn]] void refuse() const {
    throw InputError(name_ + ": is no whole ONNX file; copy or export it anew");
  }

  std::uint64_t left() const { return left_; }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint64_t byte = static_cast<unsigned char>(text(1)[0]);
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    refuse();
  }

  std::string text(std::uint64_t length) {
    take(length);
    std::string bytes(static_cast<std::size_t>(length), '\0');
    if (!file_.read(bytes.data(), static_cast<std::streamsize>(length))) refuse();
    return bytes;
  }

  void skip(std::uint64_t length) {
    take(length);
    if (!file_.seekg(static_cast<std::streamoff>(length), std::ios::cur)) refuse();
  }

  /// Skip a field that nobody asked for, by the lowest three bits of its tag.
  void skip_field(std::uint64_t tag) {
    switch (tag & 7) {
      case 0: number(); break;
      case 1: skip(8); break;
      case 2: skip(number()); break;
      case 5: skip(4); break;
      default: refuse();
    }
  }

 private:
  void take(std::uint64_t length) {
    if (length > left_) refuse();
    left_ -= length;
  }

  std::istream& file_;
  std::string name_;
  std::uint64_t left_ = 0;
};

constexpr bool is_text(std::uint64_t tag, std::uint64_t field) { return tag == (field << 3 | 2); }

/// Read one entry of `length` bytes: a key and a value.
std::pair<std::string, std::string> read_entry(Wire& wire, std::uint64_t length) {
  if (length > wire.left()) wire.refuse();
  const std::uint64_t end = wire.left() - length;
  std::pair<std::string, std::string> entry;
  while (wire.left() > end) {
    const std::uint64_t tag = wire.number();
    if (is_text(tag, kKey)) {
      entry.first = wire.text(wire.number());
    } else if (is_text(tag, kValue)) {
      entry.second = wire.text(wire.number());
    } else {
      wire.skip_field(tag);
    }
  }
  if (wire.left() != end) wire.refuse();
  return entry;
}

}  // namespace

Texts parse_onnx_texts(std::istream& file, const std::string& name) {
  Wire wire(file, name);
  Texts texts;
  while (wire.left() > 0) {
    const std::uint64_t tag = wire.number();
    if (is_text(tag, kMetadataProps)) {
      auto [key, value] = read_entry(wire, wire.number());
      texts[key] = value;
    } else {
      wire.skip_field(tag);
    }
  }
  return texts;
}

}  // namespace bytetrack
