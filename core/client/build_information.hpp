// The one line that says which octofetch this is, and on what it runs.
#pragma once

namespace octo {

// Made at the first call, kept for ever.
const char *build_information() noexcept;

}  // namespace octo
