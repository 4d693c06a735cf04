// Made once for build_information.hpp.
#include "client/build_information.hpp"

#include <new>
#include <string>

#include "transport/library_versions.hpp"

namespace octo {

const char *build_information() noexcept {
  // Leaked on purpose: a host may print it while it exits.
  static const std::string *const text = []() noexcept -> const std::string * {
    try {
      return new std::string("octofetch " OCTO_VERSION_TEXT " " + library_versions());
    } catch (const std::bad_alloc &) {
      return nullptr;
    }
  }();
  return text == nullptr ? "octofetch " OCTO_VERSION_TEXT : text->c_str();
}

}  // namespace octo
