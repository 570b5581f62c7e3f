#include "bytetrack/network.hpp"

#include <string>

#include "bytetrack/input_error.hpp"
#include "bytetrack/yolox_output.hpp"

namespace bytetrack {
namespace {

std::string text_of(Size size) {
  return std::to_string(size.height) + " × " + std::to_string(size.width);
}

}  // namespace

void check_size(const Network& network, Size size, const std::string& name) {
  const Size own = network.metadata().input_size;
  if (!network.takes_any_size() && (size.height != own.height || size.width != own.width)) {
    throw InputError(name + ": was exported for " + text_of(own) + ", not " + text_of(size) +
                     "; leave --tsize out, or export it anew");
  }
  if (size.height < 32 || size.width < 32 || size.height % 32 != 0 || size.width % 32 != 0) {
    throw InputError("input is " + text_of(size) + "; give multiples of 32");
  }
}

void check_output(const NetworkOutput& output, const NetworkMetadata& metadata, Size size,
                  const std::string& name) {
  const std::size_t count = yolox::Layout{size, 1, 0, false}.rows();
  const auto dim = static_cast<std::size_t>(metadata.embedding_dim);
  const std::size_t classes = metadata.class_names.size();
  const bool rows_fit = output.rows && output.count == count &&
                        (classes ? output.columns == 5 + classes : output.columns > 5);
  if (rows_fit && output.embedding_dim == dim && (output.embeddings != nullptr) == (dim > 0)) {
    return;
  }
  const std::string columns = classes ? std::to_string(5 + classes) : "5 + classes";
  throw InputError(name + ": puts out " + std::to_string(output.count) + " × " +
                   std::to_string(output.columns) + " and embeddings of " +
                   std::to_string(output.embedding_dim) + " numbers; by its metadata it is " +
                   std::to_string(count) + " × " + columns + " and " + std::to_string(dim) +
                   ": export it anew");
}

}  // namespace bytetrack
