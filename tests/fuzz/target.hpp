// What a file *_target.cpp defines, and what libFuzzer or the replay of recorded inputs calls.
#pragma once

#include "input.hpp"

namespace octo::fuzz {

// Ends the process when the library breaks a promise for this input.
void try_input(Input &input);

}  // namespace octo::fuzz
