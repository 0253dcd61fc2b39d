// The page of a network that ran: where its time goes, and why it is not less.
#pragma once

#include <string>

#include "results/report/network_times.h"

namespace flopmeter::report {

std::string network_page(const NetworkTimes& network);

/// The charts of its sections, by their ids: what figures.js draws.
Json network_figures(const NetworkTimes& network);

/// Layer types of all runs: those that take most time have a series of their own, the rest the last one.
std::vector<std::string> named_layers(const NetworkTimes& network);

/// The module that a node belongs to: what its name has before the last "/" (or "."), without what is empty.
std::vector<std::string> module_of(const std::string& name);

}  // namespace flopmeter::report
