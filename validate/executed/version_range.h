// For which versions of a library something was found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace flopmeter {

/// Bounds that all have to hold: ">=3", "<3", ">=3.7 <3.8". A bound's missing parts are 0.
class VersionRange {
 public:
  /// Every version, a library without one too.
  VersionRange() = default;
  /// Throws BadInput for what is no bound, and for no bound at all.
  explicit VersionRange(std::string_view text);

  /// `version`: "2.6.3". One that is not known, which is empty, is in no range with a bound.
  bool holds(std::string_view version) const;

 private:
  struct Bound {
    bool from = false;         // this version and younger ones, else the older ones
    std::vector<int> version;  // without zeros at the end
  };

  std::vector<Bound> bounds_;
};

}  // namespace flopmeter
