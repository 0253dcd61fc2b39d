// --input NAME=VALUE: what inputs of a network are in every run.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/model.h"

namespace flopmeter {

/// "sr=16000", "state=0" (every element), "lengths=3,5", "flag=true", "ids=ids.npy". Throws BadInput naming the option
/// and the accepted forms.
std::map<std::string, models::GivenInput, std::less<>> parse_given_inputs(
    const std::vector<std::string>& texts);

}  // namespace flopmeter
