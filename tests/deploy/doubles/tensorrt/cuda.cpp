#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "queue.hpp"

namespace {

struct Block {
  std::size_t bytes;
  bool on_device;
};

std::map<const char*, Block> blocks;
int streams = 0;

struct AtTheEnd {
  ~AtTheEnd() {
    if (blocks.empty() && streams == 0) return;
    std::fprintf(stderr, "%zu blocks and %d streams are left\n", blocks.size(), streams);
    std::_Exit(3);
  }
} at_the_end;

bool fails(const char* call) {
  const char* named = std::getenv("CUDA_FAILS");
  return named && std::strcmp(named, call) == 0;
}

const Block* find(const void* memory, std::size_t bytes) {
  const auto* at = static_cast<const char*>(memory);
  auto block = blocks.upper_bound(at);
  if (block == blocks.begin()) return nullptr;
  --block;
  const bool inside = at + bytes <= block->first + block->second.bytes;
  return inside ? &block->second : nullptr;
}

cudaError_t allocate(void** memory, std::size_t bytes, bool on_device) {
  auto* block = new char[bytes];
  blocks[block] = {bytes, on_device};
  *memory = block;
  return cudaSuccess;
}

cudaError_t release(void* memory, bool on_device) {
  const auto block = blocks.find(static_cast<char*>(memory));
  require(block != blocks.end() && block->second.on_device == on_device, "freed what is not there");
  delete[] block->first;
  blocks.erase(block);
  return cudaSuccess;
}

}  // namespace

void require(bool right, const char* fault) {
  if (right) return;
  std::fprintf(stderr, "CUDA's double: %s\n", fault);
  std::_Exit(3);
}

bool is_on_device(const void* memory, std::size_t bytes) {
  const Block* block = find(memory, bytes);
  return block && block->on_device;
}

const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaErrorNoDevice ? "no CUDA-capable device is detected" : "out of memory";
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  if (fails("cudaStreamCreateWithFlags")) return cudaErrorNoDevice;
  ++streams;
  *stream = new CUstream_st;
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  for (const auto& work : stream->queue) work();
  stream->queue.clear();
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  --streams;
  delete stream;
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
  return fails("cudaMalloc") ? cudaErrorMemoryAllocation : allocate(memory, bytes, true);
}

cudaError_t cudaMallocHost(void** memory, std::size_t bytes) {
  return fails("cudaMallocHost") ? cudaErrorMemoryAllocation : allocate(memory, bytes, false);
}

cudaError_t cudaFree(void* memory) { return release(memory, true); }

cudaError_t cudaFreeHost(void* memory) { return release(memory, false); }

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  const bool in = kind == cudaMemcpyHostToDevice;
  require(is_on_device(in ? to : from, bytes), "a copy leaves the device's memory");
  const Block* host = find(in ? from : to, bytes);
  require(!host || !host->on_device, "a copy goes the other way");
  // What is not pinned is read at once, and waited for where it is written.
  if (in && !host) {
    const std::string staged(static_cast<const char*>(from), bytes);
    stream->queue.push_back([=] { std::memcpy(to, staged.data(), bytes); });
    return cudaSuccess;
  }
  stream->queue.push_back([=] { std::memcpy(to, from, bytes); });
  return in || host ? cudaSuccess : cudaStreamSynchronize(stream);
}
