#include "bytetrack/command_line.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "bytetrack/input_error.hpp"

namespace bytetrack {
namespace {

/// Read a number, whole or not, as the type of `value` wants it.
template <typename Number>
bool read(const std::string& text, Number& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end;
}

std::size_t count_values(const Option& option) {
  std::istringstream names(option.values);
  std::string name;
  std::size_t count = 0;
  while (names >> name) ++count;
  return count;
}

int parse_whole(const std::string& name, const std::string& text, int least) {
  int value = 0;
  if (!read(text, value) || value < least) {
    throw InputError(name + " is '" + text + "'; give a whole number of at least " +
                     std::to_string(least));
  }
  return value;
}

}  // namespace

std::string GivenOptions::text(const std::string& name, const std::string& otherwise) const {
  return has(name) ? given_.at(name).front() : otherwise;
}

double GivenOptions::number(const std::string& name, double otherwise, double least) const {
  if (!has(name)) return otherwise;
  const std::string& text = given_.at(name).front();
  double value = 0;
  if (!read(text, value) || !std::isfinite(value) || value < least) {
    std::ostringstream fault;
    fault << name << " is '" << text << "'; give a number of at least " << least;
    throw InputError(fault.str());
  }
  return value;
}

int GivenOptions::whole(const std::string& name, int otherwise, int least) const {
  return has(name) ? parse_whole(name, given_.at(name).front(), least) : otherwise;
}

std::vector<int> GivenOptions::wholes(const std::string& name, int least) const {
  std::vector<int> values;
  if (!has(name)) return values;
  for (const std::string& text : given_.at(name)) {
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');) {
      values.push_back(parse_whole(name, part, least));
    }
  }
  return values;
}

CommandLine CommandLine::parse(int count, const char* const* words,
                               const std::vector<Option>& known) {
  CommandLine line;
  for (int at = 1; at < count; ++at) {
    std::string word = words[at];
    if (word.rfind("--", 0) != 0) {
      line.words.push_back(word);
      continue;
    }
    const std::size_t equals = std::min(word.find('='), word.size());
    std::string name = word.substr(0, equals);
    std::replace(name.begin(), name.end(), '_', '-');
    const auto option = std::find_if(known.begin(), known.end(),
                                     [&](const Option& one) { return one.name == name; });
    if (option == known.end()) throw InputError("there is no option " + name + "; see --help");
    std::vector<std::string> values;
    if (equals < word.size()) values.push_back(word.substr(equals + 1));
    const std::size_t wanted = count_values(*option);
    while (values.size() < wanted && at + 1 < count) values.push_back(words[++at]);
    if (values.size() != wanted) {
      throw InputError(name + (wanted ? " lacks " + option->values : " takes no value") +
                       "; see --help");
    }
    line.options.given_[name] = values;
  }
  return line;
}

void print_options(const std::vector<Option>& options) {
  for (const auto& [name, values, help] : options) {
    std::printf("  %-24s%s\n", (name + " " + values).c_str(), help.c_str());
  }
}

}  // namespace bytetrack
