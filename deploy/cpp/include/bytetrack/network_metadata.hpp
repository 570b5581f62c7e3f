#pragma once

#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bytetrack/letterbox.hpp"

/// What an exported network says of itself, as `yolox/formats/network_metadata.py` defines it.
namespace bytetrack {

/// What input the weights expect: RGB / 255, less mean, over deviation; or BGR from 0 to 255.
enum class Preprocessing { kLegacy, kCurrent };

/// Raw offsets, decoded boxes of all places, or those that were not suppressed.
enum class Boxes { kRaw, kDecoded, kSuppressed };

struct NetworkMetadata {
  Preprocessing preprocessing = Preprocessing::kLegacy;
  std::vector<std::string> class_names;  ///< By class id; empty if unknown.
  Size input_size;                       ///< At the export.
  Boxes boxes = Boxes::kDecoded;
  int embedding_dim = 0;       ///< Length of an embedding, 0 without them.
  std::string weights_sha256;  ///< Of the file that the weights came from.
  std::optional<double> score_thresh, nms_thresh;  ///< By which boxes are suppressed.
  std::string version;         ///< Of the project that wrote the file.
};

/// Read what stands in an ONNX file, tensors skipped.
///
/// Throws InputError where the file cannot be read, is no ONNX file, or was not written by
/// `tools/export_onnx.py`.
NetworkMetadata read_onnx_metadata(const std::string& path);

/// Read a JSON object of texts, as it lies beside networks that hold none.
///
/// Throws InputError where the file cannot be read, or is something else.
NetworkMetadata read_json_metadata(const std::string& path);

/// Texts by name.
using Texts = std::map<std::string, std::string>;

/// Read the texts of an ONNX file; `name` is the file's, for errors.
Texts parse_onnx_texts(std::istream& file, const std::string& name);

/// Read a JSON object of texts.
Texts parse_json_texts(const std::string& text, const std::string& name);

/// Understand the texts.
NetworkMetadata to_metadata(const Texts& texts, const std::string& name);

}  // namespace bytetrack
