// The origin of the core benchmark: nginx with a configuration, a folder, a certificate and ports of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/child.hpp"

namespace octo_bench {

// An object ends in the only zero it has, so that one look tells a whole body from another.
inline constexpr std::size_t kObjectBytes = 10 * 1024;
inline constexpr std::size_t kObjects = 1000;

// Where a client of S3 finds the objects, in path style; others find them at the root.
inline constexpr char kBucket[] = "bucket";

class Nginx {
 public:
  // Serves once this returns.
  explicit Nginx(std::optional<int> core);
  ~Nginx();
  Nginx(const Nginx &) = delete;
  Nginx &operator=(const Nginx &) = delete;

  std::string url(bool is_secure) const;
  std::string ca_file() const { return (folder_ / "certificate.pem").string(); }
  // The sum of the bytes of any object: all have the same ones, each in another order.
  std::uint64_t object_byte_sum() const noexcept { return object_byte_sum_; }

  // "1.22.1"
  static std::string version();

 private:
  void write_objects();
  void write_configuration() const;

  std::filesystem::path folder_;
  std::uint16_t port_ = 0;
  std::uint16_t secure_port_ = 0;
  std::uint64_t object_byte_sum_ = 0;
  std::unique_ptr<Child> process_;
};

}  // namespace octo_bench
