#pragma once

#include <cmath>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <vector>

// All that the tests need of a framework: TEST, and checks that say where and what.

namespace check {

struct Test {
  const char* name;
  std::function<void()> body;
};

inline std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

struct Failure : std::exception {
  explicit Failure(std::string message) : message(std::move(message)) {}
  const char* what() const noexcept override { return message.c_str(); }
  std::string message;
};

inline int add(const char* name, std::function<void()> body) {
  tests().push_back({name, std::move(body)});
  return 0;
}

inline void that(bool right, const char* expression, int line) {
  if (!right) throw Failure("line " + std::to_string(line) + ": not " + expression);
}

inline void near(double found, double expected, const char* expression, int line) {
  if (std::abs(found - expected) <= 1e-9) return;
  throw Failure("line " + std::to_string(line) + ": " + expression + " is " +
                std::to_string(found) + ", not " + std::to_string(expected));
}

template <typename Error>
void throws(const std::function<void()>& body, const std::string& message, int line) {
  try {
    body();
  } catch (const Error& error) {
    if (error.what() == message) return;
    throw Failure("line " + std::to_string(line) + ": says '" + error.what() + "', not '" +
                  message + "'");
  }
  throw Failure("line " + std::to_string(line) + ": raises nothing, not '" + message + "'");
}

}  // namespace check

#define TEST(name)                                               \
  static void name();                                            \
  static const int added_##name = check::add(#name, name);       \
  static void name()
#define CHECK(expression) check::that((expression), #expression, __LINE__)
#define CHECK_NEAR(found, expected) check::near((found), (expected), #found, __LINE__)
#define CHECK_THROWS(error, message, ...) \
  check::throws<error>([&] { __VA_ARGS__; }, message, __LINE__)

int main() {
  int failed = 0;
  for (const auto& test : check::tests()) {
    try {
      test.body();
    } catch (const std::exception& error) {
      ++failed;
      std::printf("%s: %s\n", test.name, error.what());
    }
  }
  std::printf("%zu tests, %d failed\n", check::tests().size(), failed);
  return failed != 0;
}
