// benchdnn's notation of axes: how many there are follows from what is given.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "kernels/families/pooling/axis.h"
#include "kernels/field.h"

namespace flopmeter::pooling {

/// An axis of which nothing is said is like the next deeper one that something is said of: ih7 is
/// 7 x 7, id7 is 7 x 7 x 7. Where there is none, the axis is absent: iw7 has one axis. Of no axis
/// at all, the last one stays `unsaid`.
template <class A>
Space<A> spread(Space<A> axes, const A& unsaid, const A& absent) {
  auto& [d, h, w] = axes;
  w = w != unsaid ? w : h != unsaid ? h : d;
  h = h != unsaid ? h : d != unsaid ? d : absent;
  d = d != unsaid ? d : absent;
  return axes;
}

/// The letters of the axes that have to be written for `spread` to bring back the others.
template <class A>
std::string_view written_axes(const Space<A>& axes, const A& absent) {
  const auto& [d, h, w] = axes;
  if (d != absent) {
    return h != w ? "dhw" : d != h ? "dh" : "d";
  }
  if (h != absent) {
    return h != w ? "hw" : "h";
  }
  return "w";
}

/// "ih7iw5" for key "i" along "hw"; nothing where all have the usual value.
inline std::string print_key(std::string_view key, std::string_view axes,
                             const Space<std::int64_t>& values, std::int64_t usual = unset) {
  std::string text;
  bool needed = false;
  for (const char letter : axes) {
    const std::int64_t value = values.at(std::string_view("dhw").find(letter));
    text += fmt::format("{}{}{}", key, letter, value);
    needed = needed || value != usual;
  }
  return needed ? text : "";
}

}  // namespace flopmeter::pooling
