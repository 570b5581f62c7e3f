#include "bytetrack/command_line.hpp"

#include <vector>

#include "bytetrack/input_error.hpp"
#include "check.hpp"

using bytetrack::CommandLine;
using bytetrack::InputError;

namespace {

CommandLine parse(std::vector<const char*> words) {
  words.insert(words.begin(), "program");
  return CommandLine::parse(static_cast<int>(words.size()), words.data(),
                            {{"--size", "H W", ""}, {"--at-least", "X", ""}, {"--on", "", ""}});
}

}  // namespace

TEST(words_and_options_in_any_order) {
  const auto [words, given] = parse({"a", "--size", "3", "4", "--on", "b", "--at_least=0.5"});
  CHECK((words == std::vector<std::string>{"a", "b"}));
  CHECK((given.wholes("--size", 1) == std::vector<int>{3, 4}));
  CHECK(given.has("--on"));
  CHECK(given.number("--at-least", 1, 0) == 0.5);
}

TEST(what_is_not_given_is_otherwise) {
  const auto given = parse({}).options;
  CHECK(!given.has("--on"));
  CHECK(given.text("--at-least", "x") == "x");
  CHECK(given.number("--at-least", 7, 0) == 7);
  CHECK(given.whole("--at-least", 7, 0) == 7);
  CHECK(given.wholes("--size", 1).empty());
}

TEST(wrong_words_are_named) {
  CHECK_THROWS(InputError, "there is no option --off; see --help", parse({"--off"}));
  CHECK_THROWS(InputError, "--size lacks H W; see --help", parse({"--size", "3"}));
  CHECK_THROWS(InputError, "--on takes no value; see --help", parse({"--on=1"}));
  CHECK_THROWS(InputError, "--at-least is 'x'; give a number of at least 0.5",
               parse({"--at-least", "x"}).options.number("--at-least", 1, 0.5));
  CHECK_THROWS(InputError, "--at-least is '1.5'; give a whole number of at least 0",
               parse({"--at-least", "1.5"}).options.whole("--at-least", 1, 0));
}
