// Owners of the library's handles, which end them in the right way.
#pragma once

#include <memory>

#include "octofetch.h"

namespace octo::cli {

template <auto kEnd>
struct Ender {
  template <class Handle>
  void operator()(Handle *handle) const noexcept {
    kEnd(handle);
  }
};

using Options = std::unique_ptr<octo_options, Ender<octo_options_free>>;
using Client = std::unique_ptr<octo_client, Ender<octo_client_close>>;
using Batch = std::unique_ptr<octo_batch, Ender<octo_batch_free>>;

}  // namespace octo::cli
