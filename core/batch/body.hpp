// The bytes of an object: immutable, counted, alive as long as anyone holds them.
#pragma once

#include <utility>

#include "base/buffer.hpp"
#include "base/ledger.hpp"
#include "base/ref.hpp"
#include "base/returns.hpp"

namespace octo {

// The exchange charged the bytes to the ledger as active. A body that settles in a batch is delivered at the freeze,
// by the batch; one that came too late gives its charge back.
class Body final : public Counted<Body>, public Returned {
 public:
  Body(Buffer bytes, Ref<Ledger> ledger) : bytes_(std::move(bytes)), ledger_(std::move(ledger)) {}

  // The gauges know at once, the allocator when the I/O thread comes to it.
  static void let_go(Body *body) noexcept {
    Ledger &ledger = *body->ledger_;
    if (body->settled_) {
      ledger.forget_delivered(body->size());
    } else {
      ledger.discharge(body->size());
    }
    ledger.returns().give(body, sizeof(Body) + body->size());
  }

  const unsigned char *data() const noexcept { return bytes_.data(); }
  std::size_t size() const noexcept { return bytes_.size(); }

  // By the settling thread, before others see the body.
  void set_settled(bool settled) noexcept { settled_ = settled; }

 private:
  const Buffer bytes_;
  const Ref<Ledger> ledger_;
  bool settled_ = false;
};

}  // namespace octo
