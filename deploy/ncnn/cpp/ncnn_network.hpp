#pragma once

#include <memory>
#include <string>

#include <bytetrack/network.hpp>

namespace bytetrack {

struct NcnnOptions {
  int threads = 0;     ///< 0: as many as the processor has large cores.
  bool fp16 = false;   ///< Let ncnn round to 16 bits where the processor is fast at it.
};

/// Open a folder of `tools/export_ncnn.py`, to be run by ncnn on the CPU.
///
/// Throws InputError where a file of it cannot be read or is something else.
std::unique_ptr<Network> open_ncnn_network(const std::string& folder,
                                           const NcnnOptions& options = {});

}  // namespace bytetrack
