// The C functions of option sets.
#include "client/options.hpp"

#include <memory>

#include "capi/boundary.hpp"
#include "capi/handles.hpp"

using octo::guarded;
using octo::HandleKind;
using octo::Pin;
using octo::refuse;
using octo::Status;
using octo::to_c;

octo_status octo_options_create(octo_options **options_out) noexcept {
  return guarded(nullptr, [&] {
    if (options_out == nullptr) return to_c(Status::invalid_argument);
    *options_out = nullptr;
    auto options = std::make_unique<octo::Options>();
    const std::uintptr_t handle = octo::handle_create(HandleKind::options, options.get());
    if (handle == 0) return to_c(Status::no_memory);
    static_cast<void>(options.release());
    *options_out = reinterpret_cast<octo_options *>(handle);
    return to_c(Status::ok);
  });
}

octo_status octo_options_set(octo_options *options, const char *name, const char *value, octo_error *error) noexcept {
  return guarded(error, [&] {
    const Pin pin(octo::value_of(options), HandleKind::options);
    if (!pin.is_ok()) return refuse(error, pin.status(), "options: not an open set of options");
    if (name == nullptr || value == nullptr) {
      return refuse(error, Status::invalid_argument, "name and value must not be NULL");
    }
    const auto set = pin.object<octo::Options>().set(name, value);
    return set.is_ok() ? to_c(Status::ok) : refuse(error, set.failure());
  });
}

octo_status octo_option_describe(size_t index, octo_option_info *info_out, size_t info_size) noexcept {
  const auto table = octo::option_table();
  if (info_out == nullptr) return to_c(Status::invalid_argument);
  if (index >= table.size()) return to_c(Status::end);
  const octo::OptionRow &row = table[index];
  octo_option_info info{};
  info.name = row.name;
  info.default_value = row.default_value;
  info.minimum = row.minimum;
  info.maximum = row.maximum;
  info.text = row.text;
  info.type = static_cast<int32_t>(row.type);
  info.unit = "";
  if (row.type == octo::OptionType::size) info.unit = "bytes";
  if (row.type == octo::OptionType::duration) info.unit = "time";
  if (row.is_reloadable) info.flags |= OCTO_OPTION_RELOADABLE;
  if (row.is_secret) info.flags |= OCTO_OPTION_SECRET;
  octo::copy_out(info, info_out, info_size);
  return to_c(Status::ok);
}

void octo_options_free(octo_options *options) noexcept {
  octo::handle_end(octo::value_of(options), HandleKind::options);
}
