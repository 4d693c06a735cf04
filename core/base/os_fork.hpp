// What a fork must not copy: a thread of the library inside another library, whose locks would stay taken in the child.
//
// Whoever calls libcurl, OpenSSL or the C library's resolver does so during a LibraryVisit. A fork waits until nobody
// visits, but kForkPatience at most, however many visit; as long as it lasts nobody begins to.
#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace octo {

inline constexpr Duration kForkPatience = 20ms;

// Forks of this process wait from now on. The first call counts.
void await_visits_at_fork() noexcept;

// Forks that went on although a visit had not ended in time: their children may find a lock that nobody opens.
std::uint64_t forks_unawaited() noexcept;

// Whether a child may hold descriptors of this process as well, since none is closed for it.
bool has_forked() noexcept;

// In a child of fork: the parent's visits and forks are not its own.
void forget_visits() noexcept;

// One thread's stay in other libraries; used by that thread alone.
class LibraryVisit {
 public:
  LibraryVisit() noexcept { resume(); }
  ~LibraryVisit() { pause(); }
  LibraryVisit(const LibraryVisit &) = delete;
  LibraryVisit &operator=(const LibraryVisit &) = delete;

  // From here to resume() the thread is outside.
  void pause() noexcept;
  // Lets a fork that is under way or waits go first, also where the visit was not paused.
  void resume() noexcept;

 private:
  bool is_inside_ = false;
};

}  // namespace octo
