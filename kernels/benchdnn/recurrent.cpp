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

constexpr auto cells =
    std::to_array<Cell>({{"VANILLA_RNN", "rnn", ""},
                         {"VANILLA_LSTM", "lstm", ""},
                         {"LBR_GRU", "gru", ""},
                         {"VANILLA_GRU", "gru", "counted as LBR_GRU, which has as many products"}});

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

Translation recurrent(const Request& r) {
  const Sizes s = parse(r);
  const Cell cell = cell_of(r, s);
  const std::string direction = r.options.first("direction");
  if (s.sic != s.dic) {
    bad_input(
        "rnn shape '{}': a state of {} features going in and of {} coming out: here a state "
        "has one width",
        r.shape, s.sic, s.dic);
  }
  if (direction == "sum") {
    bad_input("rnn shape '{}': directions that are summed up are no layer here", r.shape);
  }
  if (s.dic != s.dhc && cell.layer != "lstm") {
    bad_input("rnn shape '{}': only LSTM has a projection", r.shape);
  }
  return {std::string(cell.layer),
          fmt::format("l{}t{}mb{}slc{}dhc{}{}{}", s.l, s.t, s.mb, s.slc, s.dhc,
                      s.dic != s.dhc ? fmt::format("dic{}", s.dic) : "",
                      direction == "concat" ? "dir2" : ""),
          std::string(cell.remark)};
}

}  // namespace flopmeter::benchdnn
