// The options of a benchdnn command line or file, as far as they change what is computed.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/dtype.h"

namespace flopmeter::benchdnn {

/// What became of an option: kept, known to say nothing about what is computed (layouts, accuracies,
/// ways to measure), or none that benchdnn has.
enum class Taken { kept, irrelevant, unknown };

/// "--dir=FWD_B,BWD_D": the name and what it lists, which benchdnn runs one after another.
class Options {
 public:
  /// Takes one option of the form --name=value.
  Taken take(std::string_view option);
  void reset() { values_.clear(); }
  bool empty() const { return values_.empty(); }

  /// What was given, or the default.
  std::vector<std::string> list(std::string_view name, std::string_view otherwise) const;
  /// The first that was given; empty when none was.
  std::string first(std::string_view name) const;

  /// What benchdnn runs one after another, as far as it differs in these options: each of the
  /// combinations of what they list. A --dir stays a list of all that have a bias, or have none.
  std::vector<Options> variants(const std::vector<std::string_view>& names) const;
  /// The values of these options where more than one is listed in `of`: "--alg=MAX --mb=3".
  std::string chosen(const Options& of, const std::vector<std::string_view>& names) const;

  /// The passes that --dir or --prop ask for; forward when neither does.
  std::vector<Pass> passes() const;
  /// Number types of the source that --dt, --sdt or --cfg ask for and that there are; f32 when none
  /// does.
  std::vector<Dtype> dtypes() const;
  /// Whether --dir has a bias: benchdnn's default does.
  bool bias() const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

/// "a,b" in parts.
std::vector<std::string> split(std::string_view text, char separator);

}  // namespace flopmeter::benchdnn
