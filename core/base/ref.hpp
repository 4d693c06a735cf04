// Counted references to objects that several threads share, with the count inside the object.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace octo {

// Derive as `class Batch : public Counted<Batch>`; the first reference is taken by Ref::adopt.
template <typename T>
class Counted {
 public:
  Counted(const Counted &) = delete;
  Counted &operator=(const Counted &) = delete;

  void retain() const noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  void release() const noexcept {
    if (count_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): nobody holds it any more
    T::let_go(const_cast<T *>(static_cast<const T *>(this)));
  }

 protected:
  // After the last release; a class whose memory is freed elsewhere hides this with its own.
  static void let_go(T *object) noexcept { delete object; }

  Counted() = default;
  ~Counted() = default;

 private:
  mutable std::atomic<std::uint32_t> count_{1};
};

template <typename T>
class Ref {
 public:
  Ref() = default;
  // Takes over the reference that the pointer already counts.
  static Ref adopt(T *object) noexcept {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  // Counts one more reference.
  static Ref share(T *object) noexcept {
    if (object != nullptr) object->retain();
    return adopt(object);
  }
  Ref(const Ref &other) noexcept : object_(other.object_) {
    if (object_ != nullptr) object_->retain();
  }
  Ref(Ref &&other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref &operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr) object_->release();
  }

  T *get() const noexcept { return object_; }
  T *operator->() const noexcept { return object_; }
  T &operator*() const noexcept { return *object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }
  // Gives the counted reference away.
  [[nodiscard]] T *leak() noexcept { return std::exchange(object_, nullptr); }

 private:
  T *object_ = nullptr;
};

}  // namespace octo
