#include "models/plan/predict.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "models/plan/conformal.h"

namespace flopmeter::planner {
namespace {

// What a place is off by for each octave that it lies outside the points, and a node that is taken for
// something else: beyond the interval, either way. Chosen, not measured.
constexpr double within_an_octave = 1.1;
constexpr double within_approximation = 1.5;
constexpr double within_unknown_class = 4;
// What a network as a whole adds to its nodes: chosen so that about nine of ten of the runs in docs/plan.md lie
// within.
constexpr double within_network = 1.2;

double size_in(Dtype dtype) { return static_cast<double>(size_of(dtype)); }

const ClassModel* class_model(const Setting& setting, std::string_view kind) {
  // Machine files of before have GRUs among the others.
  const std::string_view before = kind == "gru" ? "recurrent" : kind;
  for (const std::string_view name : {kind, before, std::string_view("*")}) {
    if (const auto found = setting.classes.find(name); found != setting.classes.end()) {
      return &found->second;
    }
  }
  return nullptr;
}

/// One where nothing is known.
double efficiency_or_one(const GridReading& reading) {
  return reading.efficiency > 0 ? reading.efficiency : 1;
}

/// Fills what the machine knows of the class: the time, and how sure it is.
void look_up(Term& term, const NodeBytes& bytes, const WeightShares& shares,
             const Setting& setting) {
  const NodeClass& kind = *term.located.kind;
  const ClassModel* const model = class_model(setting, kind.name);
  ProfileRate rate = setting.rate;
  rate.fixed_seconds = term.fixed_seconds;
  double simple = 0;
  double largest = 0;
  for (const WeightsIn place : weight_places) {
    const double share = shares.at(static_cast<std::size_t>(place));
    if (share <= 0) {
      continue;
    }
    const GridReading reading =
        model != nullptr ? model->at(term.located, term.work, place) : GridReading{};
    const double roofline = roofline_seconds(kind, term.work, bytes, rate, place);
    simple += share * roofline;
    term.once += share * (reading.base > 0 ? reading.base : roofline) / efficiency_or_one(reading);
    if (share > largest) {
      largest = share;
      term.reading = reading;
    }
  }
  // Points are of shapes that caches hold; what is larger comes from memory, however efficient the kernel.
  const double spilled = term.spilled_seconds + term.fixed_seconds;
  simple = std::max(simple, spilled);
  term.once = std::max(term.once, spilled);
  term.efficiency = term.reading.efficiency > 0 ? simple / term.once : 0;
  if (term.efficiency <= 0) {
    term.within = within_unknown_class;
    term.remark = fmt::format("the machine file has no efficiency of {}: 1 is taken", kind.name);
  } else {
    term.within = model->within();
  }
  term.within *= std::pow(within_an_octave, term.reading.octaves_outside);
  if (!term.located.approximation.empty()) {
    term.within *= within_approximation;
    term.remark = term.located.approximation;
  }
}

std::int64_t results_of(const Item& item) {
  std::int64_t sum = 0;
  for (const Operand& operand : item.layer->operands(item.shape, Pass::forward)) {
    sum += operand.role == Role::output ? elements(operand) : 0;
  }
  return sum;
}

std::vector<Located> places_of(const Item& item) {
  if (item.layer == nullptr) {
    return item.moved > 0 ? std::vector{located_copy(item.moved)} : std::vector<Located>{};
  }
  std::vector<Located> all = locate(*item.layer, item.shape);
  for (const std::string& function : item.after) {
    if (auto more = located_after(function, results_of(item))) {
      all.push_back(std::move(*more));
    }
  }
  return all;
}

/// Of a node once, as a whole.
NodeBytes bytes_of(const Item& item, std::int64_t batch, Dtype dtype) {
  const double activations = static_cast<double>(
      item.layer != nullptr ? item.activations : checked_multiply(item.moved, 2));
  return {static_cast<double>(item.weights) * size_in(dtype),
          activations * static_cast<double>(batch) * size_in(dtype)};
}

ItemPrediction predict_item(const Item& item, std::int64_t batch, const WeightShares& shares,
                            const Setting& setting) {
  ItemPrediction prediction{.item = &item};
  const NodeBytes bytes = bytes_of(item, batch, setting.dtype);
  const std::vector<Located> places = places_of(item);
  double work = 0;
  for (const Located& located : places) {
    work += located.kind->work == Work::flops ? located.work * located.repeat : 0;
  }
  for (const Located& located : places) {
    // Of several parts each reads its share of the bytes.
    const double share = work <= 0                           ? 1 / located.repeat
                         : located.kind->work == Work::flops ? located.work / work
                                                             : 0;
    Term term = predict_term(scaled(located, batch), {bytes.weights * share, bytes.activations},
                             shares, setting);
    term.times = located.repeat * static_cast<double>(item.uses);
    prediction.terms.push_back(std::move(term));
  }
  return prediction;
}

/// Of the time each of the three has what the roofline gives it.
void add_shares(Prediction& all, const Term& term) {
  const double main = std::max(term.work_seconds, term.byte_seconds);
  const double whole = main + term.fixed_seconds;
  const double seconds = whole > 0 ? term.seconds() / whole : 0;
  double& part = term.byte_seconds > term.work_seconds || term.located.kind->work == Work::bytes
                     ? all.memory
                     : all.compute;
  part += main * seconds;
  all.overhead += term.fixed_seconds * seconds;
  all.outside += term.reading.octaves_outside > 0 ? term.seconds() : 0;
  all.approximated += !term.located.approximation.empty() ? term.seconds() : 0;
}

void name_bound(Prediction& all) {
  for (double* share :
       {&all.compute, &all.memory, &all.overhead, &all.outside, &all.approximated}) {
    *share = all.seconds > 0 ? *share / all.seconds : 0;
  }
  all.bound = all.compute >= std::max(all.memory, all.overhead) ? "compute"
              : all.memory >= all.overhead                      ? "memory"
                                                                : "overhead";
}

}  // namespace

WeightShares weight_shares(double bytes, const ProfileRate& rate) {
  constexpr double octaves = 2;  // from where cores' own caches hold all to where they hold nothing
  const double memory = share_from_memory(bytes, rate, 1);
  const auto own = static_cast<double>(rate.own_cache_bytes * rate.threads);
  const double near =
      own > 0 ? std::clamp(1 - std::log2(bytes / own) / octaves, 0.0, 1 - memory) : 0;
  return {memory, 1 - memory - near, near};
}

std::string_view Term::bound() const {
  return fixed_seconds > std::max(work_seconds, byte_seconds)               ? "overhead"
         : byte_seconds > work_seconds || located.kind->work == Work::bytes ? "memory"
                                                                            : "compute";
}

double ItemPrediction::seconds() const {
  double sum = 0;
  for (const Term& term : terms) {
    sum += term.seconds();
  }
  return sum;
}

Term predict_term(const Located& located, const NodeBytes& bytes, const WeightShares& shares,
                  const Setting& setting) {
  Term term{.located = located};
  const bool counts_bytes = located.kind->work == Work::bytes;
  term.work = located.work * (counts_bytes ? size_in(setting.dtype) : 1);
  const double roof =
      counts_bytes ? setting.rate.bytes_per_second : setting.rate.operations_per_second;
  term.work_seconds = term.work / roof;
  term.spilled_seconds = spilled_seconds(bytes, setting.rate);
  term.byte_seconds =
      shares.front() * bytes.weights / setting.rate.bytes_per_second + term.spilled_seconds;
  term.fixed_seconds =
      located.fused ? 0 : setting.rate.fixed_seconds * located.kind->parts(located.at);
  look_up(term, bytes, shares, setting);
  return term;
}

namespace {

/// Each node is off as the points of its class are when they are left out, nodes alike together; what is
/// known less of a node widens that by its share of the time.
void add_interval(Prediction& all, const Setting& setting) {
  std::map<std::pair<std::string_view, Place>, std::size_t> groups;
  std::vector<UncertainPart> parts;
  double wider = 0;  // logarithm, times seconds
  for (const ItemPrediction& item : all.items) {
    for (const Term& term : item.terms) {
      const std::string_view kind = term.located.kind->name;
      const ClassModel* const model = class_model(setting, kind);
      Place octaves;
      for (const double value : coordinates(*term.located.kind, term.located.at)) {
        octaves.push_back(std::llround(value));
      }
      const auto group = groups.try_emplace({kind, std::move(octaves)}, groups.size()).first;
      const std::span<const double> off =
          model != nullptr ? std::span<const double>(model->left_out()) : std::span<const double>();
      parts.push_back({term.seconds(), off, group->second, term.reading.deviation});
      wider += term.seconds() * std::log(term.within);
    }
  }
  const bool measured =
      std::ranges::any_of(parts, [](const UncertainPart& part) { return !part.off.empty(); });
  const double factor = (measured ? within_network : 1) * sum_factor(parts, setting.level) *
                        (all.seconds > 0 ? std::exp(wider / all.seconds) : 1);
  all.low = all.seconds / factor;
  all.high = all.seconds * factor;
}

}  // namespace

Prediction predict(std::span<const Item> items, std::int64_t batch, const Setting& setting) {
  Prediction all;
  for (const Item& item : items) {
    const NodeBytes bytes = bytes_of(item, batch, setting.dtype);
    all.weight_bytes += bytes.weights;
    all.activation_bytes = std::max(all.activation_bytes, bytes.activations);
  }
  const WeightShares shares = weight_shares(all.weight_bytes + all.activation_bytes, setting.rate);
  for (const Item& item : items) {
    all.missing += item.reason.empty() ? 0 : 1;
    const ItemPrediction& one = all.items.emplace_back(predict_item(item, batch, shares, setting));
    for (const Term& term : one.terms) {
      all.seconds += term.seconds();
      add_shares(all, term);
    }
  }
  name_bound(all);
  add_interval(all, setting);
  return all;
}

SimpleRules simple_rules(std::span<const Item> items, std::int64_t batch, const Setting& setting) {
  SimpleRules rules;
  for (const Item& item : items) {
    const auto uses = static_cast<double>(item.uses);
    double operations = 0;
    for (const Located& located : places_of(item)) {
      operations += located.kind->work == Work::flops
                        ? located.work * located.repeat * static_cast<double>(batch)
                        : 0;
    }
    const NodeBytes bytes = bytes_of(item, batch, setting.dtype);
    const double compute = operations / setting.rate.operations_per_second;
    const double memory = (bytes.weights + bytes.activations) / setting.rate.bytes_per_second;
    rules.operations_over_peak += uses * compute;
    rules.bytes_over_bandwidth += uses * memory;
    rules.roofline += uses * std::max(compute, memory);
  }
  return rules;
}

}  // namespace flopmeter::planner
