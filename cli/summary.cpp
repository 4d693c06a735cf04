// Groups the outcomes and words the summary.
#include "summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "escape.hpp"
#include "percentiles.hpp"
#include "units.hpp"

namespace octo::cli {
namespace {

constexpr std::size_t kNamedMax = 3;      // keys named without --verbose
constexpr std::size_t kAddressesMax = 2;  // addresses named for one reason

// Keys that ended alike: "waiting 3 (192.0.2.7:443)".
struct Reason {
  std::size_t count = 0;
  std::vector<std::string> addresses;
  std::size_t first_index = 0;
};

// The outcomes of one heading: "late 5: waiting 3 (192.0.2.7:443), queued 2".
struct Group {
  std::string_view heading;
  Colour colour;
  bool (*holds)(const Outcome &outcome);
};

bool is_missing(const Outcome &outcome) { return outcome.result.status == OCTO_NOT_FOUND; }
bool is_cancelled(const Outcome &outcome) { return outcome.result.status == OCTO_CANCELLED; }
bool is_late(const Outcome &outcome) { return outcome.is_late(); }
bool is_failed(const Outcome &outcome) {
  return !outcome.is_ok() && !is_late(outcome) && !is_missing(outcome) && !is_cancelled(outcome);
}

constexpr Group kGroups[] = {{"late", Colour::yellow, is_late},
                             {"cancelled", Colour::yellow, is_cancelled},
                             {"missing", Colour::red, is_missing},
                             {"failed", Colour::red, is_failed}};

// A key that did not settle is told by the phase it was in; the status is the group's.
std::string reason_name(const Outcome &outcome) {
  if (!outcome.is_settled() && !is_failed(outcome)) return octo_phase_name(outcome.result.phase);
  return octo_status_name(outcome.result.status);
}

std::string addresses_text(const std::vector<std::string> &addresses) {
  if (addresses.empty()) return "";
  const std::size_t shown = std::min(addresses.size(), kAddressesMax);
  std::string text =
      fmt::format(" ({}", fmt::join(addresses.begin(), addresses.begin() + static_cast<long>(shown), ", "));
  if (addresses.size() > shown) text += fmt::format(" and {} more", addresses.size() - shown);
  return text + ')';
}

std::string group_text(const Group &group, std::span<const Outcome> outcomes, const Paint &paint) {
  std::map<std::string, Reason> by_name;
  std::size_t count = 0;
  for (const Outcome &outcome : outcomes) {
    if (!group.holds(outcome)) continue;
    Reason &reason = by_name.try_emplace(reason_name(outcome), Reason{0, {}, count}).first->second;
    ++count;
    ++reason.count;
    const std::string address = escape_sentence(outcome.result.address);
    const bool is_new = std::find(reason.addresses.begin(), reason.addresses.end(), address) == reason.addresses.end();
    if (!address.empty() && is_new) reason.addresses.push_back(address);
  }
  if (count == 0) return "";
  std::vector<std::pair<std::string, Reason>> reasons(by_name.begin(), by_name.end());
  std::sort(reasons.begin(), reasons.end(), [](const auto &a, const auto &b) {
    return a.second.count != b.second.count ? a.second.count > b.second.count
                                            : a.second.first_index < b.second.first_index;
  });
  std::vector<std::string> parts;
  parts.reserve(reasons.size());
  for (const auto &[name, reason] : reasons) {
    parts.push_back(fmt::format("{} {}{}", name, format_count(reason.count), addresses_text(reason.addresses)));
  }
  const std::string heading = paint(group.colour, fmt::format("{} {}", group.heading, format_count(count)));
  if (group.holds == is_missing) return heading + '\n';  // of which there is one reason alone
  return fmt::format("{}: {}\n", heading, fmt::join(parts, ", "));
}

std::string first_line(const octo_batch_info &info, const Paint &paint) {
  const std::string in_time = fmt::format("{} of {}", format_count(info.ok_count), format_count(info.request_count));
  const Colour colour = info.ok_count == info.request_count ? Colour::green : Colour::bold;
  return fmt::format("{} in time, {}, {} of {}\n", paint(colour, in_time), format_size(info.body_size),
                     format_duration(info.frozen_us), format_duration(info.budget_us));
}

// Of the keys that were tried: those turned away at once would make any origin look quick.
std::string percentiles_line(std::span<const Outcome> outcomes) {
  std::vector<std::uint64_t> settled_us;
  for (const Outcome &outcome : outcomes) {
    const bool is_tried = outcome.is_ok() || outcome.result.attempts > 0;
    if (outcome.is_settled() && is_tried) settled_us.push_back(outcome.result.settled_us);
  }
  if (settled_us.size() < 2) return "";
  const Percentiles percentiles = percentiles_of(std::move(settled_us));
  return fmt::format("settled after: p50 {}, p90 {}, p99 {}, max {}\n", format_duration(percentiles.p50),
                     format_duration(percentiles.p90), format_duration(percentiles.p99),
                     format_duration(percentiles.max));
}

// Late and cancelled keys have no more to tell than their group says, so they are named in full only with --verbose.
std::string named_keys(std::span<const Outcome> outcomes, bool is_verbose) {
  std::string text;
  std::size_t named = 0;
  std::size_t unnamed = 0;
  for (const Outcome &outcome : outcomes) {
    const bool is_told = is_failed(outcome) || is_missing(outcome) || outcomes.size() == 1 || is_verbose;
    if (outcome.is_ok() || !is_told) continue;
    if (named == kNamedMax && !is_verbose) {
      ++unnamed;
      continue;
    }
    ++named;
    text += fmt::format("  {}: {}", escape_word(outcome.key()), octo_status_name(outcome.result.status));
    if (*outcome.result.message != '\0') text += fmt::format(": {}", escape_sentence(outcome.result.message));
    text += '\n';
  }
  if (unnamed > 0) text += fmt::format("  and {} more (--verbose names every one)\n", format_count(unnamed));
  return text;
}

std::string verbose_lines(std::span<const Outcome> outcomes, const octo_batch_info &info) {
  std::uint64_t attempts = 0;
  std::size_t reused = 0;
  for (const Outcome &outcome : outcomes) {
    attempts += outcome.result.attempts;
    if ((outcome.result.flags & OCTO_RESULT_REUSED) != 0) ++reused;
  }
  return fmt::format("{} attempts, {} keys over a reused connection, pickup lag {}\n", format_count(attempts),
                     format_count(reused), format_duration(info.pickup_lag_us));
}

}  // namespace

std::string summarise(std::span<const Outcome> outcomes, const octo_batch_info &info, const Paint &paint,
                      bool is_verbose) {
  std::string text = first_line(info, paint);
  text += percentiles_line(outcomes);
  for (const Group &group : kGroups) text += group_text(group, outcomes, paint);
  text += named_keys(outcomes, is_verbose);
  if (is_verbose) text += verbose_lines(outcomes, info);
  return text;
}

std::string output_errors(std::span<const Outcome> outcomes) {
  std::string text;
  for (const Outcome &outcome : outcomes) {
    if (outcome.output_error.empty()) continue;
    text += fmt::format("octofetch: {}: not written: {}\n", escape_word(outcome.key()), outcome.output_error);
  }
  return text;
}

}  // namespace octo::cli
