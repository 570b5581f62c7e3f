#pragma once

#include <memory>
#include <string>

#include <bytetrack/network.hpp>

namespace bytetrack {

/// Open an ONNX file of `tools/export_onnx.py` by OpenCV's DNN module.
///
/// Throws InputError where it cannot be read, or OpenCV does not know an operation in it.
std::unique_ptr<Network> open_opencv_network(const std::string& path);

}  // namespace bytetrack
