#include "kernels/benchdnn/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace flopmeter::benchdnn {
namespace {

/// What changes the arithmetic. All others change layouts, accuracy, or how long and what is run.
constexpr auto meaningful = std::to_array<std::string_view>({"alg",
                                                             "axis",
                                                             "bia-dt",
                                                             "bia_dt",
                                                             "bs",
                                                             "cfg",
                                                             "dir",
                                                             "direction",
                                                             "dt",
                                                             "flags",
                                                             "l",
                                                             "mb",
                                                             "p",
                                                             "prop",
                                                             "sdt",
                                                             "t",
                                                             "alpha",
                                                             "with-peephole",
                                                             "with-projection",
                                                             "activation",
                                                             "mask",
                                                             "grouped",
                                                             "encoding",
                                                             "attr-post-ops",
                                                             "scales"});

/// Begins one of them.
constexpr auto irrelevant = std::to_array<std::string_view>({"allow-enum-tags-only",
                                                             "attr-",
                                                             "beta",
                                                             "bia_mask",
                                                             "brgemm-attr",
                                                             "bs-",
                                                             "canonical",
                                                             "check-ref-impl",
                                                             "cold-cache",
                                                             "cpu-isa-hints",
                                                             "cross-engine",
                                                             "ctx-",
                                                             "ddt",
                                                             "debug-check-ws",
                                                             "dtag",
                                                             "engine",
                                                             "eps",
                                                             "fast-ref",
                                                             "fix-times-per-prb",
                                                             "global-impl",
                                                             "impl",
                                                             "inplace",
                                                             "ld",
                                                             "match",
                                                             "max-ms-per-prb",
                                                             "mem-check",
                                                             "memory-kind",
                                                             "mode",
                                                             "num-streams",
                                                             "oflag",
                                                             "perf-template",
                                                             "repeats-per-prb",
                                                             "reset",
                                                             "runtime",
                                                             "scaling",
                                                             "scales",
                                                             "skip-impl",
                                                             "skip-nonlinear",
                                                             "ss_dt",
                                                             "ss-dt",
                                                             "stag",
                                                             "start",
                                                             "stat_tag",
                                                             "strides",
                                                             "tag",
                                                             "test-start",
                                                             "trivial-strides",
                                                             "verbose",
                                                             "wtag",
                                                             "ptag",
                                                             "-v",
                                                             "bia-mask",
                                                             "wdt",
                                                             "scale",
                                                             "group",
                                                             "vdt"});

void add(std::vector<Pass>& passes, Pass pass) {
  if (std::ranges::find(passes, pass) == passes.end()) {
    passes.push_back(pass);
  }
}

/// "f32:s8:f32" is the type of the source.
std::string source_type(std::string_view text) {
  std::string type(text.substr(0, text.find(':')));
  for (const std::string_view known : {"bf16", "f16", "f32", "u8", "s8"}) {
    if (type.starts_with(known)) {
      return std::string(known);
    }
  }
  return type;
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    parts.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

Taken Options::take(std::string_view option) {
  option.remove_prefix(std::min<std::size_t>(option.find_first_not_of('-'), option.size()));
  const std::size_t equals = std::min(option.find('='), option.size());
  const std::string_view name = option.substr(0, equals);
  if (std::ranges::find(meaningful, name) != meaningful.end()) {
    values_.insert_or_assign(std::string(name),
                             std::string(option.substr(std::min(equals + 1, option.size()))));
    return Taken::kept;
  }
  const bool known = std::ranges::any_of(
      irrelevant, [&](std::string_view begin) { return name.starts_with(begin); });
  return known ? Taken::irrelevant : Taken::unknown;
}

std::vector<std::string> Options::list(std::string_view name, std::string_view otherwise) const {
  const auto found = values_.find(name);
  return split(found == values_.end() ? otherwise : std::string_view(found->second), ',');
}

std::string Options::first(std::string_view name) const { return list(name, "").front(); }

std::vector<Pass> Options::passes() const {
  std::vector<Pass> passes;
  for (const std::string_view name : {"dir", "prop"}) {
    for (const std::string& dir : list(name, "")) {
      if (dir.starts_with("FWD")) {
        add(passes, Pass::forward);
      } else if (dir == "BWD_D") {
        add(passes, Pass::backward_data);
      } else if (dir == "BWD_W" || dir == "BWD_WB") {
        add(passes, Pass::backward_weights);
      } else if (dir == "BWD_DW") {
        add(passes, Pass::backward_data);
        add(passes, Pass::backward_weights);
      }
    }
  }
  return passes.empty() ? std::vector{Pass::forward} : passes;
}

std::vector<Dtype> Options::dtypes() const {
  std::vector<Dtype> dtypes;
  for (const std::string_view name : {"dt", "sdt", "cfg"}) {
    for (const std::string& text : list(name, "")) {
      const std::string type = source_type(text);
      for (const Dtype dtype : {Dtype::f32, Dtype::bf16, Dtype::f16, Dtype::s8}) {
        const bool meant = type == to_string(dtype) || (dtype == Dtype::s8 && type == "u8");
        if (meant && std::ranges::find(dtypes, dtype) == dtypes.end()) {
          dtypes.push_back(dtype);
        }
      }
    }
  }
  return dtypes.empty() ? std::vector{Dtype::f32} : dtypes;
}

namespace {

bool has_bias(const std::string& dir) { return dir == "FWD_B" || dir == "BWD_WB" || dir.empty(); }

/// Those with a bias and those without; gradients of data are the same in both.
std::vector<std::string> grouped_directions(const std::vector<std::string>& dirs) {
  const bool some_with = std::ranges::any_of(dirs, has_bias);
  std::vector<std::string> with;
  std::vector<std::string> without;
  for (const std::string& dir : dirs) {
    (has_bias(dir) || (some_with && dir.starts_with("BWD_D")) ? with : without).push_back(dir);
  }
  std::vector<std::string> groups;
  for (const std::vector<std::string>& group : {with, without}) {
    if (!group.empty()) {
      groups.push_back(fmt::format("{}", fmt::join(group, ",")));
    }
  }
  return groups;
}

}  // namespace

std::vector<Options> Options::variants(const std::vector<std::string_view>& names) const {
  std::vector<Options> all{*this};
  for (const std::string_view name : names) {
    const auto found = values_.find(name);
    if (found == values_.end() || found->second.find(',') == std::string::npos) {
      continue;
    }
    std::vector<std::string> values = split(found->second, ',');
    values = name == "dir" ? grouped_directions(values) : values;
    std::vector<Options> more;
    for (const Options& one : all) {
      for (const std::string& value : values) {
        more.push_back(one);
        more.back().values_.insert_or_assign(std::string(name), value);
      }
    }
    all = std::move(more);
  }
  return all;
}

std::string Options::chosen(const Options& of, const std::vector<std::string_view>& names) const {
  std::string text;
  for (const std::string_view name : names) {
    if (of.list(name, "").size() > 1 && name != "dir") {
      text += fmt::format("{}--{}={}", text.empty() ? "" : " ", name, first(name));
    }
  }
  return text;
}

bool Options::bias() const {
  return std::ranges::any_of(list("dir", "FWD_B"),
                             [](const std::string& dir) { return has_bias(dir); });
}

}  // namespace flopmeter::benchdnn
