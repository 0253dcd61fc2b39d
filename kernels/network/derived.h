// What follows from the nodes of a network, whatever it was made from.
#pragma once

#include <string_view>
#include <vector>

#include "kernels/network/network.h"

namespace flopmeter {

/// As a layer's: inputs, parameters, what is between nodes or saved, outputs, each in the order in
/// which nodes meet them. Names live as long as the program.
std::vector<Operand> operands_of(const Network& network);

/// The sum over the nodes; parameters are the constants that some layer calls parameters, each once.
/// Throws CountOverflow, and BadInput for a node without a layer, whose cost is not known.
Formula formula_of(const Network& network);

/// Each node's layer, in the order of computation. Throws BadInput as above.
std::vector<Component> components_of(const Network& network);

/// The definition of every node in turn, on tensors that have the network's names.
template <class T>
void run_reference(const Network& network, Tensors<T>& tensors);

/// The counted algorithm of every node in turn, and what it comes to.
void run_counted(const Network& network, std::string_view backend,
                 Tensors<Counted<float>>& tensors);
OpCounts stated_of(const Network& network, std::string_view backend);

/// The tensors of a node that it is bound to, which lie in those of the network.
template <class T>
Tensors<T> views_of(const Network& network, const Node& node, Tensors<T>& all);

}  // namespace flopmeter
