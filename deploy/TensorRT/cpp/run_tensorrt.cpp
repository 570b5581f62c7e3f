// Put one input through an engine:  run_tensorrt ENGINE INPUT HEIGHT WIDTH OUTPUT [RUNS]

#include <run_network.hpp>

#include "tensorrt_network.hpp"

int main(int count, char** words) {
  return bytetrack::run_network(count, words, bytetrack::open_tensorrt_network);
}
