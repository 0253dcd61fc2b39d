// Closed forms of real layers, and of planted functions that are harder than those.
#include "validate/fit/fit.h"

#include <gmock/gmock.h>

#include "validate/claims/sweep_shapes.h"
#include "validate/fit/inference.h"
#include "validate/fit/powers.h"

namespace flopmeter::fit {
namespace {

using claims::parse_statement;
using testing::HasSubstr;

Fit fit_on(std::string_view layer, std::string_view statement, claims::Scale scale = {}) {
  scale.layer = &find_layer(layer);
  const claims::Statement parsed = parse_statement(statement);
  return parsed.formula.empty() ? fit(parsed, scale) : fit_difference(parsed, scale);
}

/// The closed form; empty unless it is one for all shapes and shown on 200 others at least.
std::string form(const Fit& fit) {
  const Form& first = fit.forms.front();
  const bool shown = fit.found() && fit.forms.size() == 1 && first.verified_on >= 200;
  return shown ? first.polynomial->text() : "";
}

TEST(Fit, RecoversTheClosedForms) {
  EXPECT_EQ(form(fit_on("matmul", "macs")), "m*k*n*batch");
  EXPECT_EQ(form(fit_on("matmul", "adds")), "m*n*batch*(k + bias - 1)");
  EXPECT_EQ(form(fit_on("linear", "macs")), "mb*ic*id*ih*iw*oc");
  EXPECT_EQ(form(fit_on("linear", "params")), "oc*(ic*id*ih*iw + bias)");
  EXPECT_EQ(form(fit_on("linear", "flops", {.passes = {Pass::backward_data}})),
            "mb*ic*id*ih*iw*(2*oc - 1)");
  EXPECT_EQ(form(fit_on("conv2d", "macs")), "mb*ic*oc*oh*ow*kh*kw/g");
  EXPECT_EQ(form(fit_on("conv2d", "adds")), "mb*oc*oh*ow*(ic*kh*kw/g + bias - 1)");
}

// batch is the larger of ba and bb, which are there as well.
TEST(Fit, DerivedVariablesStandBesideFields) {
  EXPECT_EQ(form(fit_on("matmul", "bytes")), "4*(ba*m*k + bb*k*n + m*n*batch + n*bias)");
}

TEST(Fit, ComparesFormulasAsPolynomials) {
  EXPECT_EQ(form(fit_on("conv2d", "macs = mb*ic*oc*oh*ow*kh*kw")),
            "mb*ic*oc*oh*ow*kh*kw*(1 - 1/g)");
  EXPECT_EQ(form(fit_on("linear", "macs = mb*features*oc")), "0");
  EXPECT_EQ(form(fit_on("linear", "macs = mb*features*(oc/2 + 1)")), "-mb*ic*id*ih*iw*(oc - 2)/2");
}

TEST(Fit, SaysWhereThereIsNone) {
  const Fit in_bounds = fit_on("conv2d", "macs", {.reading = claims::PaddingReading::in_bounds});
  EXPECT_FALSE(in_bounds.found());
  EXPECT_THAT(in_bounds.forms.front().refused, HasSubstr("no polynomial"));
}

/// A layer of these fields whose shapes cost nothing; `complete` derives.
AnyLayer planted(std::vector<FieldInfo> fields, std::function<Values(const Values&)> complete) {
  AnyLayer layer;
  layer.name = "planted";
  layer.fields = std::move(fields);
  layer.passes = {Pass::forward};
  layer.complete = std::move(complete);
  layer.variables = [](const Values&) { return std::vector<Variable>{}; };
  layer.padded_out = [](const Values& values) { return values; };
  layer.operands = [](const Values&, Pass) { return std::vector<Operand>{}; };
  layer.formula = [](const Values&, Pass) { return Formula{}; };
  layer.print = [](const Values& v) { return fmt::format("{}", fmt::join(v, " ")); };
  return layer;
}

FieldInfo size(std::string_view key, std::int64_t otherwise = 1) {
  return {key, otherwise, 1, 1, 9, ""};
}
FieldInfo flag(std::string_view key) { return {key, 0, 0, 0, 1, ""}; }

void demand(bool legal) {
  if (!legal) {
    bad_input("illegal");
  }
}

std::vector<Form> infer_on(const AnyLayer& layer,
                           const std::function<std::int64_t(const Values&)>& count) {
  const claims::Scale scale{.layer = &layer};
  const Function function = [&](const Values& values) { return Rational(count(values)); };
  std::vector<Measured> shapes;
  for (const Values& values : claims::sweep_shapes(layer)) {
    shapes.push_back({values, function(values)});
  }
  return infer_forms(scale, function, shapes);
}

// Two directions, of which later layers read both; a projection where dic is not dhc.
TEST(Infer, RecurrentLayersWithAndWithoutProjection) {
  const AnyLayer lstm = planted({size("l"),
                                 size("t"),
                                 size("mb"),
                                 size("slc"),
                                 size("dhc"),
                                 size("dic", unset),
                                 {"dir", 1, 1, 1, 2, ""}},
                                [](Values v) {
                                  demand(v[6] == 1 || v[6] == 2);
                                  v[5] = v[5] == unset ? v[4] : v[5];
                                  return v;
                                });
  const std::vector<Form> forms = infer_on(lstm, [](const Values& v) {
    const std::int64_t inputs = v[3] + (v[0] - 1) * v[6] * v[5];  // of all layers
    const std::int64_t projection = v[5] == v[4] ? 0 : v[4] * v[5];
    return v[1] * v[2] * v[6] * (4 * v[4] * (inputs + v[0] * v[5]) + v[0] * projection);
  });
  ASSERT_EQ(forms.size(), 2U);
  EXPECT_EQ(forms[0].when, "dic left out");
  EXPECT_EQ(forms[0].polynomial->text(), "4*t*mb*dhc*dir*(l*dhc*dir + l*dhc - dhc*dir + slc)");
  EXPECT_EQ(forms[1].when, "dic given");
  EXPECT_EQ(forms[1].polynomial->text(),
            "t*mb*dhc*dir*(4*l*dic*dir + 5*l*dic - 4*dic*dir + 4*slc)");
}

// A field that is 0 for none, so that what there is of it is no polynomial in it.
TEST(Infer, DefaultsThatMeanNone) {
  const AnyLayer lstm =
      planted({size("t"), size("dhc"), {"dic", 0, 0, 0, 9, ""}}, [](Values v) { return v; });
  const std::vector<Form> forms = infer_on(lstm, [](const Values& v) {
    return v[0] * (v[1] * (v[2] == 0 ? v[1] : v[2]) + v[1] * v[2]);
  });
  ASSERT_EQ(forms.size(), 2U);
  EXPECT_EQ(forms[0].when, "dic = 0");
  EXPECT_EQ(forms[0].polynomial->text(), "t*dhc^2");
  EXPECT_EQ(forms[1].when, "dic is not 0");
  EXPECT_EQ(forms[1].polynomial->text(), "2*t*dhc*dic");
}

// Keys of fewer heads, a mask that leaves out half, rows of another length.
TEST(Infer, AttentionWithFlags) {
  const AnyLayer attention =
      planted({size("mb"), size("l"), size("s", unset), size("e"), size("h"), size("hkv", unset),
               flag("bias"), flag("causal"), flag("cross")},
              [](Values v) {
                v[2] = v[2] == unset ? v[1] : v[2];
                v[5] = v[5] == unset ? v[4] : v[5];
                demand(v[3] % v[4] == 0 && v[4] % v[5] == 0 && (v[8] == 1 || v[2] == v[1]) &&
                       v[7] + v[8] < 2);
                return v;
              });
  const std::vector<Form> forms = infer_on(attention, [](const Values& v) {
    const std::int64_t pairs = v[7] == 1 ? v[1] * (v[1] + 1) / 2 : v[1] * v[2];
    const std::int64_t narrow = v[3] / v[4] * v[5];
    return v[0] * (2 * v[1] * v[3] * v[3] + 2 * v[2] * v[3] * narrow + 2 * pairs * v[3] +
                   3 * pairs * v[4] + v[6] * v[1] * v[3]);
  });
  ASSERT_EQ(forms.size(), 1U);
  ASSERT_TRUE(forms[0].polynomial) << forms[0].refused;
  EXPECT_GE(forms[0].verified_on, 200U);
}

TEST(PowersAlong, FindsPowersAndSaysWhereThereAreNone) {
  const auto along = [](const std::function<double(double)>& f) {
    Graph line;
    for (std::int64_t x = 1; x <= 6; ++x) {
      line[x] = Modular(static_cast<std::int64_t>(f(static_cast<double>(x))));
    }
    return powers_along(line);
  };
  EXPECT_EQ(along([](double x) { return 3 * x; }), std::set{1});
  EXPECT_EQ(along([](double x) { return x * x * x - 2; }), (std::set{0, 3}));
  EXPECT_EQ(along([](double x) { return 60 / x + 5; }), (std::set{-1, 0}));
  EXPECT_EQ(along([](double) { return 0; }), std::set<int>{});
  EXPECT_EQ(along([](double x) { return std::floor(x / 3); }), std::nullopt);
}

TEST(Polynomial, TextHasWhatIsSharedBeforeTheBracket) {
  const Polynomial sum{{"l", "h", "g"},
                       {{Rational(1, 2), {1, 1, -1}}, {Rational(3, 2), {1, 0, -1}}}};
  EXPECT_EQ(sum.text(), "l*(h + 3)/g/2");
  EXPECT_EQ(sum.at(std::vector<std::int64_t>{3, 2, 5}), Rational(3, 2));
  EXPECT_EQ((Polynomial{{"l"}, {}}.text()), "0");
  EXPECT_EQ((Polynomial{{"l"}, {{Rational(-2), {0}}}}.text()), "-2");
  EXPECT_EQ((Polynomial{{"l"}, {{Rational(1), {2}}, {Rational(-1), {0}}}}.text()), "l^2 - 1");
}

TEST(Rational, IsExactAndSaysWhenItOverflows) {
  EXPECT_EQ(Rational(1, 3) + Rational(1, 6), Rational(1, 2));
  EXPECT_EQ(to_rational(-2.5), Rational(-5, 2));
  EXPECT_EQ(to_rational(1.0 / 3), Rational(1, 3));
  EXPECT_EQ(to_rational(1.0 / 0.0), std::nullopt);
  EXPECT_THROW(power(1 << 30, 5), CountOverflow);
  EXPECT_EQ(Modular(Rational(-7, 12)).rational(), Rational(-7, 12));
}

}  // namespace
}  // namespace flopmeter::fit
