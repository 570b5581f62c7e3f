#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>

#include <cuda_runtime_api.h>

#include <bytetrack/input_error.hpp>

/// Memory and a stream of the GPU that free themselves.
namespace bytetrack::cuda {

/// Throws InputError where a call failed; `cure` says what may mend it.
inline void check(cudaError_t status, const char* cure) {
  if (status == cudaSuccess) return;
  throw InputError(std::string("the GPU says: ") + cudaGetErrorString(status) + "; " + cure);
}

/// Where numbers lie: on the device, or on the host where the device reads and writes by itself.
struct Device {
  static cudaError_t allocate(void** memory, std::size_t bytes) {
    return cudaMalloc(memory, bytes);
  }
  void operator()(void* memory) const { cudaFree(memory); }
};
struct Pinned {
  static cudaError_t allocate(void** memory, std::size_t bytes) {
    return cudaMallocHost(memory, bytes);
  }
  void operator()(void* memory) const { cudaFreeHost(memory); }
};

/// Room for numbers.
template <typename Place>
class Array {
 public:
  /// Have room for `count` numbers; what was there is lost.
  void grow(std::size_t count) {
    if (count <= capacity_) return;
    memory_.reset();
    capacity_ = 0;
    void* memory = nullptr;
    check(Place::allocate(&memory, count * sizeof(float)),
          "free memory, or take a smaller input");
    memory_.reset(memory);
    capacity_ = count;
  }

  float* get() const { return static_cast<float*>(memory_.get()); }

 private:
  std::unique_ptr<void, Place> memory_;
  std::size_t capacity_ = 0;
};

struct DestroyStream {
  void operator()(cudaStream_t stream) const { cudaStreamDestroy(stream); }
};
using Stream = std::unique_ptr<std::remove_pointer_t<cudaStream_t>, DestroyStream>;

inline Stream make_stream() {
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking),
        "an NVIDIA GPU is needed, and a driver for this version of CUDA");
  return Stream(stream);
}

}  // namespace bytetrack::cuda
