// Runs a network on one backend.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "kernels/network/network.h"
#include "kernels/network/slot.h"

namespace flopmeter {

/// An input that lies so, whatever its first reader would like.
struct GivenLayout {
  std::string_view tensor;
  std::shared_ptr<const Layout> layout;
};

/// Every node by the backend of that name; unavailable where one of them is. `tensors` has the
/// network's inputs, constants and outputs under their names and must outlive what is returned, as
/// what is between nodes lies in memory of its own.
///
/// Constants are brought into the backend's layouts here, and again by `feed`, never by `run`. An
/// input lies as `given` says, else as its first reader takes it, any other tensor as its writer left
/// it, and where a reader takes it otherwise, a part of `run` brings it there; all are made here. The
/// implementation is that of the nodes, each once, and what was brought from one layout to another.
Preparation prepare_network(const Network& network, std::string_view backend, const Setup& setup,
                            Tensors<float>& tensors, std::span<const GivenLayout> given = {});

/// A way to run a node.
struct Way {
  std::string_view backend;
  Dtype dtype = Dtype::f32;
  int threads = 1;
};

/// Whether it reads or makes integers, as places in tensors are: it runs in f32, as number types of fewer bits cannot
/// tell them apart.
bool of_integers(const Network& network, const Node& node);

/// A part of a run: a node, by the way that was found for it, or what brings a tensor from one
/// layout to another for it, or copies it.
struct NetworkPart {
  RunPart what;
  std::size_t node;
  Way way;
};

/// As Prepared, with its parts. `arena_bytes`: of memory for what is between nodes, `between_nodes`: of each
/// tensor there.
struct PreparedNetwork {
  std::function<void()> run, feed, fetch;
  std::vector<NetworkPart> parts;
  std::size_t arena_bytes = 0;
  std::vector<std::span<const std::byte>> between_nodes = {};
};

/// Every node by the first of the ways that can do it; unavailable, naming the node, where none
/// can. Tensors as above. Layouts are those of one backend alone: of the ways, one at the most may
/// have some. `eight_bits`: of each node, none where it is computed in real numbers, or empty; ways in s8 are for
/// the others alone.
std::variant<PreparedNetwork, Unavailable> prepare_network(
    const Network& network, std::span<const Way> ways, Tensors<float>& tensors,
    std::span<const std::shared_ptr<const EightBits>> eight_bits = {});

}  // namespace flopmeter
