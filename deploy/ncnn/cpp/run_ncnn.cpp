// Put one input through a network by ncnn:  run_ncnn FOLDER INPUT HEIGHT WIDTH OUTPUT [RUNS]

#include <run_network.hpp>

#include "ncnn_network.hpp"

int main(int count, char** words) {
  return bytetrack::run_network(
      count, words, [](const std::string& folder) { return bytetrack::open_ncnn_network(folder); });
}
