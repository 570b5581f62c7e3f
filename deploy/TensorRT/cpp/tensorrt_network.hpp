#pragma once

#include <memory>
#include <string>

#include <bytetrack/network.hpp>

namespace bytetrack {

/// Open an engine of `tools/trt.py`, with its metadata in `<path>.json` beside it.
///
/// Throws InputError where there is no GPU, a file cannot be read, or the engine was built by
/// another version of TensorRT, for another GPU, or for several images at once.
std::unique_ptr<Network> open_tensorrt_network(const std::string& path);

}  // namespace bytetrack
