// Handles each body as it arrives, until all have or 300 ms are over; handles own what they free.
#include <octofetch.h>

#include <cstdio>
#include <memory>
#include <string_view>
#include <vector>

namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T *handle) const {
    Free(handle);
  }
};
using Client = std::unique_ptr<octo_client, Freer<octo_client_close>>;
using Batch = std::unique_ptr<octo_batch, Freer<octo_batch_free>>;

void print(const octo_result &result) {
  const std::string_view key(static_cast<const char *>(result.key), result.key_size);
  std::printf("%.*s: %s after %llu us\n", static_cast<int>(key.size()), key.data(), octo_status_name(result.status),
              static_cast<unsigned long long>(result.settled_us));
}

}  // namespace

int main(int argc, char **argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: stream URL KEY...\n");
    return 1;
  }
  octo_error error = OCTO_ERROR_INIT;
  octo_client *opened = nullptr;
  if (octo_client_open(argv[1], nullptr, &opened, &error) != OCTO_OK) {
    std::fprintf(stderr, "stream: %s\n", error.text);
    return 1;
  }
  const Client client(opened);

  std::vector<octo_request> requests;
  for (int i = 2; i < argc; ++i) {
    octo_request request{};
    request.key = argv[i];
    request.key_size = std::string_view(argv[i]).size();
    requests.push_back(request);
  }
  octo_batch_options options = OCTO_BATCH_OPTIONS_INIT;
  options.flags = OCTO_BATCH_BUDGET;
  options.budget_us = 300'000;
  octo_batch *submitted = nullptr;
  if (octo_submit(client.get(), requests.data(), sizeof(octo_request), requests.size(), &options, &submitted, &error) !=
      OCTO_OK) {
    std::fprintf(stderr, "stream: %s\n", error.text);
    return 1;
  }
  const Batch batch(submitted);

  std::size_t index = 0;
  while (octo_batch_next(batch.get(), OCTO_WAIT_FOREVER, &index) == OCTO_OK) {
    octo_result result{};
    octo_batch_results(batch.get(), index, &result, sizeof result, 1);
    print(result);
  }
}
