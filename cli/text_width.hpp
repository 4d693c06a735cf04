// How many columns of a terminal a text takes, and texts cut or filled to a width.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace octo::cli {

std::size_t text_width(std::string_view text) noexcept;

// Exactly `width` columns: filled with spaces, or with "~" for what is left out of its middle, since the keys of a batch
// differ at their ends more than at their beginnings.
std::string fitted(std::string_view text, std::size_t width);

}  // namespace octo::cli
