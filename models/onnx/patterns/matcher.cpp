#include "models/onnx/patterns/matcher.h"

#include <fmt/format.h>

#include <algorithm>

namespace flopmeter::onnx {

Matcher::Matcher(Graph& graph)
    : graph_(graph), readers_(graph.tensors.size()), leaves_(graph.tensors.size(), false) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const int input : graph.nodes[i].inputs) {
      if (input != nobody) {
        readers_[static_cast<std::size_t>(input)].push_back(static_cast<int>(i));
      }
    }
  }
  for (const int output : graph.outputs) {
    leaves_[static_cast<std::size_t>(output)] = true;
  }
}

bool Matcher::is(int i, std::string_view op) const {
  if (i == nobody) {
    return false;
  }
  const GraphNode& n = node(i);
  return n.proto->domain.empty() && n.proto->op == op && !n.folded && n.into == nobody &&
         n.covers.empty() && n.lowered->reason.empty();
}

int Matcher::input(int i, std::size_t at) const {
  return at < node(i).inputs.size() ? node(i).inputs[at] : nobody;
}

int Matcher::output(int i) const { return node(i).outputs.empty() ? nobody : node(i).outputs[0]; }

int Matcher::writer(int tensor_at, std::string_view op) const {
  if (tensor_at == nobody) {
    return nobody;
  }
  const int made_by = graph_.tensors[static_cast<std::size_t>(tensor_at)].writer;
  return is(made_by, op) ? made_by : nobody;
}

std::size_t Matcher::readers(int tensor_at) const {
  return readers_[static_cast<std::size_t>(tensor_at)].size() +
         (leaves_[static_cast<std::size_t>(tensor_at)] ? 1 : 0);
}

int Matcher::reader(int i, std::vector<int>* through) const {
  for (;;) {
    const int result = output(i);
    if (result == nobody || readers(result) != 1 ||
        readers_[static_cast<std::size_t>(result)].empty()) {
      return nobody;
    }
    i = readers_[static_cast<std::size_t>(result)][0];
    const bool same = node(i).proto->op == "Identity" || node(i).proto->op == "Dropout" ||
                      (node(i).proto->op == "Cast" && through != nullptr);
    if (through == nullptr || !same) {
      return i;
    }
    through->push_back(i);
  }
}

int Matcher::behind_views(int tensor_at) const {
  while (tensor_at != nobody) {
    const int made_by = graph_.tensors[static_cast<std::size_t>(tensor_at)].writer;
    if (made_by == nobody || (node(made_by).proto->op != "Identity")) {
      return tensor_at;
    }
    tensor_at = input(made_by, 0);
  }
  return nobody;
}

std::optional<double> Matcher::scalar(int at) const {
  if (at == nobody || tensor(at).content == nullptr || tensor(at).content->size() != 1) {
    return std::nullopt;
  }
  const Content& content = *tensor(at).content;
  if (content.real) {
    return content.reals[0];
  }
  return content.integers[0].known()
             ? std::optional(static_cast<double>(content.integers[0].value()))
             : std::nullopt;
}

bool Matcher::is_constant(int at) const {
  return at != nobody && (tensor(at).constant || tensor(at).content != nullptr);
}

int Matcher::other_input(int i, int at) const {
  return input(i, 0) == at ? input(i, 1) : input(i, 1) == at ? input(i, 0) : nobody;
}

bool Matcher::merge(int last, std::vector<int> inner, Lowered lowered, std::string_view kind) {
  std::erase(inner, last);
  std::ranges::sort(inner);
  inner.erase(std::unique(inner.begin(), inner.end()), inner.end());
  for (const int i : inner) {
    if (node(i).uses != node(last).uses || node(i).into != nobody || node(i).folded) {
      return false;
    }
    for (const int result : node(i).outputs) {
      const auto& all = readers_[static_cast<std::size_t>(result)];
      const bool inside = std::ranges::all_of(all, [&](int reader) {
        return reader == last || std::ranges::find(inner, reader) != inner.end();
      });
      if (!inside || leaves_[static_cast<std::size_t>(result)]) {
        return false;
      }
    }
  }
  GraphNode& stands = graph_.nodes[static_cast<std::size_t>(last)];
  for (const int i : inner) {
    GraphNode& covered = graph_.nodes[static_cast<std::size_t>(i)];
    covered.into = last;
    if (covered.covers.empty()) {
      stands.covers.emplace_back(covered.name);
    }
    stands.covers.insert(stands.covers.end(), covered.covers.begin(), covered.covers.end());
  }
  stands.covers.emplace_back(stands.name);
  stands.lowered = std::move(lowered);
  auto& [times, nodes] = kinds_[std::string(kind)];
  ++times;
  nodes += inner.size() + 1;
  return true;
}

std::vector<std::string> Matcher::found() const {
  std::vector<std::string> lines;
  for (const auto& [kind, count] : kinds_) {
    lines.push_back(fmt::format("{} x {}, of {} nodes", count.first, kind, count.second));
  }
  return lines;
}

}  // namespace flopmeter::onnx
