// The rnn driver: l1t10mb32_sic16_slc16_dhc16_dic16, sizes that are left out as its manual derives
// them.
#include <array>
#include <charconv>

#include "kernels/bad_input.h"
#include "kernels/benchdnn/driver.h"
#include "kernels/field.h"

namespace flopmeter::benchdnn {
namespace {

constexpr auto fields = std::to_array<FieldInfo>({{"l", 1, 1, 1, 1, "layers"},
                                                  {"t", 1, 1, 1, 1, "time steps"},
                                                  {"mb", 2, 1, 1, 1, "samples"},
                                                  {"sic", unset, 1, 1, 1, "features of the state"},
                                                  {"slc", unset, 1, 1, 1, "input features"},
                                                  {"dhc", unset, 1, 1, 1, "hidden features"},
                                                  {"dic", unset, 1, 1, 1, "features passed on"}});

struct Sizes {
  std::int64_t l, t, mb, sic, slc, dhc, dic;
};

std::int64_t given(const Options& options, const char* name, std::int64_t otherwise) {
  const std::string text = options.first(name);
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value > 0 ? value : otherwise;
}

Sizes parse(const Request& r) {
  const Values v = parse_fields(fields, "rnn", r.shape);
  Sizes s{v[0], v[1], v[2], v[3], v[4], v[5], v[6]};
  // Own notation has no sic: the state is as wide as what is hidden, or projected.
  s.sic = s.sic != unset ? s.sic : s.dic != unset ? s.dic : s.dhc;
  if (s.sic == unset) {
    bad_input("rnn shape '{}' needs sic, as in l1t10mb32sic16slc16", r.shape);
  }
  s.slc = s.slc == unset ? s.sic : s.slc;
  s.dhc = s.dhc == unset ? s.sic : s.dhc;
  s.dic = s.dic == unset ? s.dhc : s.dic;
  s.l = given(r.options, "l", s.l);
  s.t = given(r.options, "t", s.t);
  s.mb = given(r.options, "mb", s.mb);
  return s;
}

struct Cell {
  std::string_view alg, layer, remark;
};

constexpr std::string_view attention =
    "counted as LBR_GRU: the factor of attention on a gate is not counted";

constexpr auto cells =
    std::to_array<Cell>({{"VANILLA_RNN", "rnn", ""},
                         {"VANILLA_LSTM", "lstm", ""},
                         {"LBR_GRU", "gru", ""},
                         {"VANILLA_GRU", "gru", "counted as LBR_GRU, which has as many products"},
                         {"VANILLA_AUGRU", "gru", attention},
                         {"LBR_AUGRU", "gru", attention}});

Cell cell_of(const Request& r, const Sizes& s) {
  const std::string alg = r.options.first("alg");
  for (const Cell& cell : cells) {
    if (r.layer.empty() ? cell.alg == alg : cell.layer == r.layer) {
      return cell.layer != r.layer || r.layer.empty() ? cell : Cell{cell.alg, cell.layer, ""};
    }
  }
  if (!alg.empty()) {
    bad_input("there is no layer of benchdnn's algorithm '{}'", alg);
  }
  return s.dic != s.dhc ? Cell{"", "lstm", "an LSTM, as no other cell has a projection"}
                        : cells.front();
}

}  // namespace

namespace {

/// Without a width of states it is no shape of benchdnn.
bool own_notation(const Request& r) { return r.shape.find("sic") == std::string_view::npos; }

/// What of the cell is counted otherwise.
std::string remark_of(const Request& r, const Cell& cell) {
  std::vector<std::string_view> remarks;
  const std::string activation = r.options.first("activation");
  const auto say = [&](bool where, std::string_view remark) {
    if (where) {
      remarks.push_back(remark);
    }
  };
  say(!cell.remark.empty(), cell.remark);
  say(cell.alg.find("LBR") != std::string_view::npos && r.layer.empty() && !own_notation(r),
      "two vectors of three biases, of benchdnn's four");
  say(cell.layer == "rnn" && !activation.empty() && activation != "TANH",
      "counted with tanh as its activation");
  say(cell.layer == "lstm" && r.options.first("with-peephole") == "true",
      "the products by peephole weights are not counted, as in benchdnn's own count");
  return fmt::format("{}", fmt::join(remarks, "; "));
}

void refuse_what_does_not_fit(const Request& r, const Sizes& s, const Cell& cell) {
  if (s.sic != s.dic && s.t > 1) {
    bad_input(
        "rnn shape '{}': a state of {} features goes in and one of {} comes out: so it is in "
        "one step alone",
        r.shape, s.sic, s.dic);
  }
  if (s.sic != s.dic && cell.layer == "gru") {
    bad_input("rnn shape '{}': the state of a GRU is added to the next one: one width, sic = dhc",
              r.shape);
  }
  if (s.dic != s.dhc && cell.layer != "lstm") {
    bad_input("rnn shape '{}': only LSTM has a projection", r.shape);
  }
  if (s.l > 1 && s.slc != s.dic && r.layer.empty() && !own_notation(r)) {
    bad_input("rnn shape '{}': layers above the first take {} features, of {} that come from below",
              r.shape, s.slc, s.dic);
  }
}

/// benchdnn's two directions meet behind the last layer, side by side or summed.
std::string directions(const Request& r, const Sizes& s) {
  const std::string direction = r.options.first("direction");
  if (direction == "sum") {
    return "dir2join2";
  }
  return direction != "concat" ? "" : s.l > 1 ? "dir2join1" : "dir2";
}

}  // namespace

Translation recurrent(const Request& r) {
  const Sizes s = parse(r);
  const Cell cell = cell_of(r, s);
  refuse_what_does_not_fit(r, s, cell);
  const bool one_vector =
      r.layer.empty() && !own_notation(r) && cell.alg.find("LBR") == std::string_view::npos;
  return {std::string(cell.layer),
          fmt::format("l{}t{}mb{}slc{}dhc{}{}{}{}{}", s.l, s.t, s.mb, s.slc, s.dhc,
                      s.dic != s.dhc ? fmt::format("dic{}", s.dic) : "",
                      s.sic != s.dic ? fmt::format("hin{}", s.sic) : "", directions(r, s),
                      one_vector ? "vectors1" : ""),
          remark_of(r, cell)};
}

}  // namespace flopmeter::benchdnn
