#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bytetrack/network.hpp"

namespace bytetrack {

/// Opens a network by its path; throws InputError.
using OpenNetwork = std::function<std::unique_ptr<Network>(const std::string& path)>;

/// A program that puts one input through a network, without a video or OpenCV:
///
///   PROGRAM NETWORK INPUT HEIGHT WIDTH OUTPUT [RUNS]
///
/// All files hold bare float32 numbers. INPUT is 3 × HEIGHT × WIDTH of them, preprocessed; OUTPUT
/// gets the rows, and OUTPUT.embeddings the embeddings if there are any. With RUNS it runs that
/// often once more and says how long a run took.
///
/// Returns what main returns: 0, or 2 after a line on stderr that says what is wrong.
int run_network(int count, const char* const* words, const OpenNetwork& open);

}  // namespace bytetrack
