// What published counters (thop, ptflops, fvcore, ...) print for a layer: their rules, as data.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flopmeter::published {

/// Symbols and their formulas, in the order in which they are evaluated.
using Settings = std::vector<std::pair<std::string, std::string>>;

/// A symbol of how a layer is written in PyTorch, and its value where nothing is said.
struct Symbol {
  std::string name;
  double value;
  std::string says;
};

/// One of the layers that a composite is made of. `shape` is a claims::ShapeTemplate.
struct Part {
  std::string layer;
  std::string shape;
  std::string when;  // a formula; empty: always
  std::int64_t times = 1;
  Settings set;
};

/// What is said of a number. `when`: a formula; empty: always.
struct Note {
  std::string when, says;
};

/// How a layer is read as PyTorch: the module, the first dimension of its input, what a counter
/// that is per sample divides by (empty: that dimension; not where a model has two inputs, given by
/// name), names that rules use, for composites what they are made of, and what a fused layer is
/// where a graph has it as primitives.
struct ModuleReading {
  std::string module;
  std::string batch;
  std::string samples;
  Settings set;
  std::vector<Note> unlike;  // what the module cannot be: no rule is known where one holds
  Settings names;
  std::vector<Part> parts;
  std::vector<Part> primitives;
};

/// What a counter prints for some layers: a formula for each quantity, or how it fails.
struct Rule {
  std::vector<std::string> layers;
  std::string when;                                          // a formula; empty: always
  std::map<std::string, std::string, std::less<>> formulas;  // by key(), see below
  std::string fails;
  std::string source;  // file: function
  std::vector<Note> notes;
};

/// A number that a counter prints: what it calls it, and the convention that it follows (mac,
/// flop2), or params.
struct Quantity {
  std::string name;
  std::string unit;
  std::string convention;
};

struct Counter {
  std::string name;
  std::string project, version, url, how, note;  // prose
  std::vector<Quantity> prints;
  std::string params, params_note;     // of rules that say nothing of parameters
  std::string fails_when, fails_says;  // for every layer
  std::vector<Rule> rules;             // the first that fits is taken
  Rule unseen;  // of functions within a network that nothing else is known of
};

struct Table {
  std::vector<Symbol> symbols;
  std::map<std::string, ModuleReading, std::less<>> readings;  // by layer
  std::vector<Counter> counters;

  /// Throws BadInput naming the known ones.
  const Counter& counter(std::string_view name) const;
  const ModuleReading& reading(std::string_view layer) const;
};

/// Under which a rule keeps its formula: "macs", and "backward_data flops" for other passes.
std::string key(std::string_view pass, std::string_view quantity);

/// `origin` names the file in messages. Throws BadInput.
Table read_table(std::string_view json, std::string_view origin);

/// The project's own table, read once.
const Table& table();

}  // namespace flopmeter::published
