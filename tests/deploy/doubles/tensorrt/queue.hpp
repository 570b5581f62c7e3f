#pragma once

#include <functional>
#include <vector>

#include "cuda_runtime_api.h"

struct CUstream_st {
  std::vector<std::function<void()>> queue;
};

/// Ends the program where something is wrong.
void require(bool right, const char* fault);

bool is_on_device(const void* memory, std::size_t bytes);
