#pragma once

#include <cstddef>

#include "bytetrack/letterbox.hpp"
#include "bytetrack/network_metadata.hpp"

namespace bytetrack {

/// What a network says of one image. The numbers lie in its memory, good until its next run.
struct NetworkOutput {
  const float* rows = nullptr;        ///< N rows of box, objectness, C classes, without a gap.
  std::size_t count = 0;              ///< N.
  std::size_t columns = 0;            ///< 5 + C.
  const float* embeddings = nullptr;  ///< N rows of D numbers, without a gap; nullptr: none.
  std::size_t embedding_dim = 0;      ///< D, 0 without them.
};

/// A detector's network, whatever runs it. An instance is for one thread at a time.
class Network {
 public:
  virtual ~Network() = default;

  /// What its file says of it.
  virtual const NetworkMetadata& metadata() const = 0;

  /// Whether it may take any multiples of 32, and not only its metadata's `input_size`.
  virtual bool takes_any_size() const = 0;

  /// Put one image through.
  ///
  /// Args:
  ///   input: 3 × height × width numbers, preprocessed: channel by channel, row by row.
  ///   size: Height and width; `check_size` accepts it.
  ///
  /// Throws InputError where the network cannot be run, or puts out something else.
  virtual NetworkOutput run(const float* input, Size size) = 0;
};

/// Check that a network takes images of a size.
///
/// Throws InputError where it does not, or a side is no multiple of 32; `name` is the network's.
void check_size(const Network& network, Size size, const std::string& name);

/// Check that an output is a YOLOX's: a row for each place, and embeddings as the metadata say.
///
/// Throws InputError where it is not; `name` is the network's.
void check_output(const NetworkOutput& output, const NetworkMetadata& metadata, Size size,
                  const std::string& name);

}  // namespace bytetrack
