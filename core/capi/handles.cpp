// The slab behind handles.hpp.
#include "capi/handles.hpp"

#include <array>
#include <atomic>
#include <new>

#include "base/os_generation.hpp"
#include "capi/objects.hpp"

namespace octo {
namespace {

static_assert(sizeof(std::uintptr_t) == 8, "handles need 64-bit pointers");

// A handle: 36 bits of generation, 4 of kind, 24 of slot number.
constexpr unsigned kKindShift = 24;
constexpr unsigned kGenerationShift = 28;
constexpr std::uint32_t kSlotMask = (1u << kKindShift) - 1;
constexpr std::uint64_t kGenerationMask = (std::uint64_t{1} << 36) - 1;

// A slot's state: 36 bits of generation, 1 "ended", 27 of pins. The handle itself is one pin until it ends.
constexpr unsigned kStateGenerationShift = 28;
constexpr std::uint64_t kEnded = std::uint64_t{1} << 27;
constexpr std::uint64_t kPinMask = kEnded - 1;

struct Slot {
  std::atomic<std::uint64_t> state{std::uint64_t{1} << kStateGenerationShift};
  std::atomic<void *> object{nullptr};
  std::atomic<std::uint64_t> process{0};  // process_generation() of whoever made the handle
  std::atomic<std::uint8_t> kind{0};
  std::atomic<std::uint32_t> next_free{0};  // slot number + 1
};

constexpr std::uint32_t kChunkSlots = 1024;
constexpr std::uint32_t kChunksMax = (kSlotMask + 1) / kChunkSlots;

struct Chunk {
  std::array<Slot, kChunkSlots> slots;
};

std::array<std::atomic<Chunk *>, kChunksMax> chunks{};
std::atomic<std::uint32_t> slots_used{0};
// Slot number + 1 in the low half, a count in the high half against the return of the same number (ABA).
std::atomic<std::uint64_t> free_list{0};

Slot *slot_at(std::uint32_t number) noexcept {
  Chunk *chunk = chunks[number / kChunkSlots].load(std::memory_order_acquire);
  return chunk == nullptr ? nullptr : &chunk->slots[number % kChunkSlots];
}

bool take_free(std::uint32_t &number) noexcept {
  std::uint64_t head = free_list.load(std::memory_order_acquire);
  while ((head & UINT32_MAX) != 0) {
    number = static_cast<std::uint32_t>(head & UINT32_MAX) - 1;
    const std::uint64_t next = slot_at(number)->next_free.load(std::memory_order_relaxed);
    const std::uint64_t after = ((head >> 32) + 1) << 32 | next;
    if (free_list.compare_exchange_weak(head, after, std::memory_order_acq_rel)) return true;
  }
  return false;
}

void give_free(std::uint32_t number) noexcept {
  Slot *slot = slot_at(number);
  std::uint64_t head = free_list.load(std::memory_order_acquire);
  std::uint64_t after = 0;
  do {
    slot->next_free.store(static_cast<std::uint32_t>(head & UINT32_MAX), std::memory_order_relaxed);
    after = ((head >> 32) + 1) << 32 | (number + 1);
  } while (!free_list.compare_exchange_weak(head, after, std::memory_order_acq_rel));
}

bool take_fresh(std::uint32_t &number) noexcept {
  number = slots_used.load(std::memory_order_relaxed);
  do {
    if (number > kSlotMask) return false;
  } while (!slots_used.compare_exchange_weak(number, number + 1, std::memory_order_relaxed));
  std::atomic<Chunk *> &place = chunks[number / kChunkSlots];
  if (place.load(std::memory_order_acquire) != nullptr) return true;
  auto *fresh = new (std::nothrow) Chunk;
  Chunk *none = nullptr;
  // A number lost for want of memory stays unused.
  if (fresh == nullptr) return place.load(std::memory_order_acquire) != nullptr;
  if (!place.compare_exchange_strong(none, fresh, std::memory_order_acq_rel)) delete fresh;
  return true;
}

std::uint64_t generation_of(std::uintptr_t handle) noexcept { return (handle >> kGenerationShift) & kGenerationMask; }

// The slot that `handle` names, or null when it never named one of that kind.
Slot *slot_of(std::uintptr_t handle, HandleKind kind) noexcept {
  const auto number = static_cast<std::uint32_t>(handle & kSlotMask);
  const std::uint64_t handle_kind = (handle >> kKindShift) & 0xf;
  if (handle_kind != static_cast<std::uint64_t>(kind) || generation_of(handle) == 0) return nullptr;
  if (number >= slots_used.load(std::memory_order_acquire)) return nullptr;
  Slot *slot = slot_at(number);
  if (slot == nullptr) return nullptr;
  const std::uint64_t state = slot->state.load(std::memory_order_acquire);
  return generation_of(handle) > state >> kStateGenerationShift ? nullptr : slot;
}

bool is_parents(const Slot &slot, HandleKind kind) noexcept {
  const bool is_shared = kind == HandleKind::batch || kind == HandleKind::queue;
  return is_shared && slot.process.load(std::memory_order_relaxed) != process_generation();
}

void unpin(Slot &slot, std::uint32_t number) noexcept {
  const std::uint64_t before = slot.state.fetch_sub(1, std::memory_order_acq_rel);
  if ((before & kPinMask) != 1) return;
  // The last pin of an ended handle: nobody else can reach the slot now.
  const auto kind = static_cast<HandleKind>(slot.kind.load(std::memory_order_relaxed));
  void *object = slot.object.exchange(nullptr, std::memory_order_relaxed);
  // A parent's object is not touched in a child.
  if (!is_parents(slot, kind)) release_object(kind, object);
  const std::uint64_t generation = ((before >> kStateGenerationShift) + 1) & kGenerationMask;
  slot.state.store((generation == 0 ? 1 : generation) << kStateGenerationShift, std::memory_order_release);
  give_free(number);
}

// True with one more pin.
bool pin(Slot &slot, std::uint64_t generation) noexcept {
  std::uint64_t state = slot.state.load(std::memory_order_acquire);
  while (state >> kStateGenerationShift == generation && (state & kEnded) == 0 && (state & kPinMask) != 0) {
    if (slot.state.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel)) return true;
  }
  return false;
}

}  // namespace

std::uintptr_t handle_create(HandleKind kind, void *object) noexcept {
  std::uint32_t number = 0;
  if (!take_free(number) && !take_fresh(number)) return 0;
  Slot &slot = *slot_at(number);
  slot.object.store(object, std::memory_order_relaxed);
  slot.kind.store(static_cast<std::uint8_t>(kind), std::memory_order_relaxed);
  slot.process.store(process_generation(), std::memory_order_relaxed);
  const std::uint64_t state = slot.state.load(std::memory_order_relaxed);
  slot.state.store(state + 1, std::memory_order_release);
  return (state >> kStateGenerationShift) << kGenerationShift | static_cast<std::uintptr_t>(kind) << kKindShift |
         number;
}

Status handle_end(std::uintptr_t handle, HandleKind kind) noexcept {
  Slot *slot = slot_of(handle, kind);
  if (slot == nullptr) return Status::invalid_argument;
  std::uint64_t state = slot->state.load(std::memory_order_acquire);
  do {
    const bool is_live =
        state >> kStateGenerationShift == generation_of(handle) && (state & kEnded) == 0 && (state & kPinMask) != 0;
    if (!is_live) return Status::closed;
  } while (!slot->state.compare_exchange_weak(state, state | kEnded, std::memory_order_acq_rel));
  // Nobody else ends it, and its own pin keeps the object here.
  if (!is_parents(*slot, kind)) end_object(kind, slot->object.load(std::memory_order_acquire));
  unpin(*slot, static_cast<std::uint32_t>(handle & kSlotMask));
  return Status::ok;
}

Pin::Pin(std::uintptr_t handle, HandleKind kind) noexcept : handle_(handle) {
  Slot *slot = slot_of(handle, kind);
  if (slot == nullptr) return;
  status_ = Status::closed;
  if (!pin(*slot, generation_of(handle))) return;
  object_ = slot->object.load(std::memory_order_acquire);
  status_ = is_parents(*slot, kind) ? Status::forked : Status::ok;
}

Pin::~Pin() {
  const auto number = static_cast<std::uint32_t>(handle_ & kSlotMask);
  if (object_ != nullptr) unpin(*slot_at(number), number);
}

bool Pin::has_ended() const noexcept {
  const Slot *slot = slot_at(static_cast<std::uint32_t>(handle_ & kSlotMask));
  return (slot->state.load(std::memory_order_acquire) & kEnded) != 0;
}

void for_each_handle(HandleKind kind, void (*visit)(void *object)) noexcept {
  const std::uint32_t used = slots_used.load(std::memory_order_acquire);
  for (std::uint32_t number = 0; number < used; ++number) {
    Slot *slot = slot_at(number);
    if (slot == nullptr) continue;
    const std::uint64_t generation = slot->state.load(std::memory_order_acquire) >> kStateGenerationShift;
    if (!pin(*slot, generation)) continue;
    if (slot->kind.load(std::memory_order_relaxed) == static_cast<std::uint8_t>(kind)) {
      visit(slot->object.load(std::memory_order_acquire));
    }
    unpin(*slot, number);
  }
}

}  // namespace octo
