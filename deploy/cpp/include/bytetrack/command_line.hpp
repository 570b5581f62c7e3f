#pragma once

#include <map>
#include <string>
#include <vector>

namespace bytetrack {

/// An option of a program: `--name` and its values, as many as `values` names.
struct Option {
  std::string name;    ///< With its dashes: `--threads`.
  std::string values;  ///< As the help shows them: `N`, `H W`; empty for a switch.
  std::string help;
};

/// The options that were given.
class GivenOptions {
 public:
  /// Whether an option was given.
  bool has(const std::string& name) const { return given_.count(name) != 0; }

  /// Its first value, or `otherwise`.
  std::string text(const std::string& name, const std::string& otherwise) const;

  /// Its first value, or `otherwise`. Throws InputError where it is no finite number from `least`.
  double number(const std::string& name, double otherwise, double least) const;

  /// The same for whole numbers.
  int whole(const std::string& name, int otherwise, int least) const;

  /// All its values, split at commas, as whole numbers; none if it was not given.
  std::vector<int> wholes(const std::string& name, int least) const;

 private:
  friend struct CommandLine;
  std::map<std::string, std::vector<std::string>> given_;
};

/// Words without a name before them, and options.
struct CommandLine {
  std::vector<std::string> words;
  GivenOptions options;

  /// Read a command line; underscores in names count as dashes, and `--name=value` as two words.
  ///
  /// Throws InputError where an option is unknown or lacks a value.
  static CommandLine parse(int count, const char* const* words, const std::vector<Option>& known);
};

/// Print what the options are, a line each.
void print_options(const std::vector<Option>& options);

}  // namespace bytetrack
