// Any bytes are the metadata of a network, or an InputError: those in an ONNX file, and as JSON.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "bytetrack/input_error.hpp"
#include "bytetrack/network_metadata.hpp"

namespace {

void require(bool right) {
  if (!right) std::abort();
}

template <typename Parse>
void try_to_read(Parse parse) {
  try {
    const bytetrack::NetworkMetadata metadata = bytetrack::to_metadata(parse(), "file");
    require(metadata.input_size.height >= 1 && metadata.input_size.width >= 1);
    require(metadata.embedding_dim >= 0);
    require(!metadata.score_thresh || (*metadata.score_thresh >= 0 && *metadata.score_thresh <= 1));
  } catch (const bytetrack::InputError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  std::istringstream file(bytes);
  try_to_read([&] { return bytetrack::parse_onnx_texts(file, "file"); });
  try_to_read([&] { return bytetrack::parse_json_texts(bytes, "file"); });
  // The reader of what stands in the texts, which few bytes would otherwise come to.
  bytetrack::Texts texts{{"preprocessing", "legacy"}, {"class_names", bytes},
                         {"input_size", "[1, 2]"},    {"boxes", "raw"},
                         {"embedding_dim", "0"},      {"weights_sha256", ""},
                         {"bytetrack_reid", "0"}};
  try_to_read([&] { return texts; });
  texts["class_names"] = "[]";
  texts["input_size"] = texts["embedding_dim"] = texts["nms_thresh"] = bytes;
  try_to_read([&] { return texts; });
  return 0;
}
