#include "models/plan/predict.h"

#include <algorithm>
#include <cmath>

namespace flopmeter::planner {
namespace {

// What a place is off by for each octave that it lies outside the grid, and a node that is taken for
// something else: beyond the interval, either way. Chosen, not measured.
constexpr double within_an_octave = 1.1;
constexpr double within_approximation = 1.5;
constexpr double within_unknown_class = 4;

double size_in(Dtype dtype) { return static_cast<double>(size_of(dtype)); }

const ClassModel* class_model(const Setting& setting, std::string_view kind) {
  for (const std::string_view name : {kind, std::string_view("*")}) {
    if (const auto found = setting.classes.find(name); found != setting.classes.end()) {
      return &found->second;
    }
  }
  return nullptr;
}

Reading reading_of(const ClassModel& model, const Place& at) {
  return model.cells.empty() ? Reading{.efficiency = model.constant}
                             : interpolate(model.cells, model.known, at);
}

/// Fills what the machine knows of the class.
void look_up(Term& term, const Setting& setting) {
  const std::string_view kind = term.located.kind->name;
  const ClassModel* const model = class_model(setting, kind);
  if (model != nullptr) {
    term.reading = reading_of(*model, term.located.at);
    term.within = model->within;
  }
  term.efficiency = term.reading.efficiency;
  if (term.efficiency <= 0) {
    term.efficiency = 0;
    term.within = within_unknown_class;
    term.remark = fmt::format("the machine file has no efficiency of {}: 1 is taken", kind);
  }
  term.within *= std::pow(within_an_octave, term.reading.octaves_outside);
  if (!term.located.approximation.empty()) {
    term.within *= within_approximation;
    term.remark = term.located.approximation;
  }
}

std::vector<Located> places_of(const Item& item) {
  return item.layer != nullptr ? locate(*item.layer, item.shape)
         : item.moved > 0      ? std::vector{located_copy(item.moved)}
                               : std::vector<Located>{};
}

struct Bytes {
  double weights, activations;
};

/// Of a node once, as a whole.
Bytes bytes_of(const Item& item, std::int64_t batch, Dtype dtype) {
  const double activations = static_cast<double>(
      item.layer != nullptr ? item.activations : checked_multiply(item.moved, 2));
  return {static_cast<double>(item.weights) * size_in(dtype),
          activations * static_cast<double>(batch) * size_in(dtype)};
}

ItemPrediction predict_item(const Item& item, std::int64_t batch, const Setting& setting) {
  ItemPrediction prediction{.item = &item};
  const Bytes bytes = bytes_of(item, batch, setting.dtype);
  const std::vector<Located> places = places_of(item);
  double work = 0;
  for (const Located& located : places) {
    work += located.work * located.repeat;
  }
  for (const Located& located : places) {
    // Of several parts each reads its share of the bytes.
    const double share = work > 0 ? located.work / work : 1 / located.repeat;
    Term term = predict_term(scaled(located, batch), bytes.weights * share,
                             bytes.activations * share, setting);
    term.times = located.repeat * static_cast<double>(item.uses);
    prediction.terms.push_back(std::move(term));
  }
  return prediction;
}

void add_shares(Prediction& all, const Term& term) {
  const double main = std::max(term.work_seconds, term.byte_seconds) * term.times;
  double& part = term.byte_seconds > term.work_seconds || term.located.kind->work == Work::bytes
                     ? all.memory
                     : all.compute;
  part += main;
  all.overhead += term.fixed_seconds * term.times;
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

double Term::seconds() const {
  return times * (std::max(work_seconds, byte_seconds) + fixed_seconds);
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

Term predict_term(const Located& located, double weight_bytes, double activation_bytes,
                  const Setting& setting) {
  Term term{.located = located};
  look_up(term, setting);
  const bool counts_bytes = located.kind->work == Work::bytes;
  term.work = located.work * (counts_bytes ? size_in(setting.dtype) : 1);
  const double roof =
      counts_bytes ? setting.rate.bytes_per_second : setting.rate.operations_per_second;
  term.work_seconds = term.work / roof / (term.efficiency > 0 ? term.efficiency : 1);
  const bool cold = setting.last_level_bytes > 0 && activation_bytes > setting.last_level_bytes;
  term.byte_seconds =
      (weight_bytes + (cold ? activation_bytes : 0)) / setting.rate.bytes_per_second;
  term.fixed_seconds = setting.rate.fixed_seconds;
  return term;
}

/// Nodes are off together as chains of random cases are; what is known less of a node widens that by
/// its share of the time.
Prediction predict(std::span<const Item> items, std::int64_t batch, const Setting& setting) {
  Prediction all;
  double wider = 0;  // logarithm, times seconds
  for (const Item& item : items) {
    all.missing += item.reason.empty() ? 0 : 1;
    ItemPrediction& one = all.items.emplace_back(predict_item(item, batch, setting));
    for (const Term& term : one.terms) {
      all.seconds += term.seconds();
      wider += term.seconds() * std::log(term.within);
      add_shares(all, term);
    }
    const Bytes bytes = bytes_of(item, batch, setting.dtype);
    all.weight_bytes += bytes.weights;
    all.activation_bytes = std::max(all.activation_bytes, bytes.activations);
  }
  name_bound(all);
  const double factor = setting.within * (all.seconds > 0 ? std::exp(wider / all.seconds) : 1);
  all.low = all.seconds / factor;
  all.high = all.seconds * factor;
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
    const Bytes bytes = bytes_of(item, batch, setting.dtype);
    const double compute = operations / setting.rate.operations_per_second;
    const double memory = (bytes.weights + bytes.activations) / setting.rate.bytes_per_second;
    rules.operations_over_peak += uses * compute;
    rules.bytes_over_bandwidth += uses * memory;
    rules.roofline += uses * std::max(compute, memory);
  }
  return rules;
}

}  // namespace flopmeter::planner
