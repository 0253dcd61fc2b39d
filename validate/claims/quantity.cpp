#include "validate/claims/quantity.h"

#include <algorithm>
#include <array>

#include "counters/convention.h"

namespace flopmeter::claims {
namespace {

constexpr std::string_view training = "training_macs";
constexpr std::string_view backward = "backward_macs";  // the other reading of it

constexpr auto conventions_of_guides = std::to_array<std::string_view>({"exact", "flop2"});

const OpKind* find_kind(std::string_view quantity) {
  const std::string_view name = quantity == "muls" ? "multiplies" : quantity;
  const auto* const found = std::ranges::find(op_kinds, name, &OpKind::name);
  return found == op_kinds.end() ? nullptr : found;
}

std::vector<Measure> both_readings(std::string_view quantity, std::string_view convention) {
  return {{quantity, convention, PaddingReading::in_bounds},
          {quantity, convention, PaddingReading::dense}};
}

std::int64_t output_size(const CountedSums& measured, std::size_t along) {
  if (measured.output.size() <= along + 2) {
    bad_input("output_size: the output has {} dimensions, none of them spatial dimension {}",
              measured.output.size(), along + 1);
  }
  return measured.output[along + 2];  // behind samples and channels
}

}  // namespace

std::vector<Measure> measures_of(std::string_view quantity) {
  if (quantity == "params" || quantity == "bytes" || quantity == "output_size") {
    return {{quantity, "", PaddingReading::in_bounds, false}};
  }
  if (quantity == "flops") {
    std::vector<Measure> measures;
    for (const std::string_view convention : conventions_of_guides) {
      for (const Measure& measure : both_readings(quantity, convention)) {
        measures.push_back(measure);
      }
    }
    return measures;
  }
  if (quantity == training) {
    std::vector<Measure> measures = both_readings(training, "");
    for (const Measure& measure : both_readings(backward, "")) {
      measures.push_back(measure);
    }
    return measures;
  }
  if (find_kind(quantity) == nullptr) {
    bad_input(
        "unknown quantity '{}': macs, muls, adds, divides, ..., flops, params, bytes, output_size, "
        "training_macs",
        quantity);
  }
  return both_readings(quantity, "");
}

std::int64_t Measure::of(const CountedSums& measured, std::size_t along) const {
  if (quantity == "params") {
    return measured.parameters;
  }
  if (quantity == "bytes") {
    return measured.bytes.at(static_cast<std::size_t>(dtype));
  }
  if (quantity == "output_size") {
    return output_size(measured, along);
  }
  const OpCounts& counts = reading == PaddingReading::dense ? measured.dense : measured.in_bounds;
  if (quantity == training || quantity == backward) {
    const std::int64_t forward = quantity == training ? counts.macs : 0;
    return checked_add(forward, measured.backward[index(reading)].macs);
  }
  return convention.empty() ? counts.*(find_kind(quantity)->count)
                            : find_convention(convention).reduce(counts);
}

std::vector<Measure> without_padding(std::vector<Measure> measures) {
  std::erase_if(measures, [](const Measure& m) { return m.reading == PaddingReading::dense; });
  for (Measure& measure : measures) {
    measure.padding_matters = false;
  }
  return measures;
}

std::string_view reading_name(const Measure& measure) {
  if (!measure.padding_matters) {
    return "";
  }
  return measure.reading == PaddingReading::dense ? "dense" : "in bounds";
}

std::string_view passes_of(const Measure& measure) {
  return measure.quantity == training   ? "forward and backward together"
         : measure.quantity == backward ? "backward alone"
                                        : "";
}

std::string describe(const Measure& measure) {
  std::string text(reading_name(measure));
  text += text == "dense" ? " (padding computed as zeros)" : "";
  const std::string_view passes = passes_of(measure);
  text += fmt::format("{}{}", text.empty() || passes.empty() ? "" : ", ", passes);
  if (!measure.convention.empty()) {
    text += fmt::format("{}convention {}", text.empty() ? "" : ", ", measure.convention);
  }
  return text;
}

}  // namespace flopmeter::claims
