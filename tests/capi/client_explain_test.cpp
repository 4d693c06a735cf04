// octo_client_explain: the document says what is inside of a client, also while its I/O thread is at work, and is bounded.
#include <gtest/gtest.h>
#include <octofetch.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

using Json = nlohmann::json;

constexpr char kScript[] = R"({"default": {"size": 100},
    "paths": {"/slow*": {"delay_ms": 30000}, "/gone": {"status": 404}, "/broken*": {"status": 500}}})";
constexpr std::uint64_t kBudget_us = 20'000'000;

std::string explain_text(const Client &client) {
  std::string text(std::size_t{64} * 1024, '\0');
  std::size_t size = 0;
  EXPECT_EQ(octo_client_explain(client.get(), OCTO_EXPLAIN_JSON, text.data(), text.size(), &size), OCTO_OK);
  EXPECT_LT(size, text.size());
  text.resize(size);
  return text;
}

Json explain(const Client &client) { return Json::parse(explain_text(client)); }

// What the I/O thread does is told a moment later.
template <typename Condition>
Json explain_when(const Client &client, Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < end) {
    Json json = explain(client);
    if (condition(json)) return json;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ADD_FAILURE() << "it never came so far: " << explain_text(client);
  return explain(client);
}

class client_explain_test : public testing::Test {
 protected:
  const OriginProcess origin_{kScript};
};

TEST_F(client_explain_test, a_client_that_has_fetched_nothing_is_at_rest) {
  const Client client = open_client(origin_.url(), {{"name", "thumbs"}, {"queue.max", "500"}, {"memory.max", "4MiB"}});
  const Json json = explain(client);
  EXPECT_EQ(json["v"], 1);
  EXPECT_EQ(json["name"], "thumbs");
  EXPECT_NEAR(json["time_s"].get<double>(), static_cast<double>(std::time(nullptr)), 60);
  EXPECT_EQ(json["engine"], Json({{"state", "none"}, {"written_ago_us", nullptr}}));
  EXPECT_EQ(json["queue"], Json({{"length", 0}, {"limit", 500}}));
  EXPECT_EQ(json["slots"]["busy"], 0);
  EXPECT_EQ(json["slots"]["max"], 64);
  EXPECT_EQ(json["addresses"]["age_us"], nullptr);
  EXPECT_EQ(json["credentials"], nullptr);
  EXPECT_EQ(json["memory"]["max"], 4 << 20);
  EXPECT_EQ(json["worst"], Json::array());
}

TEST_F(client_explain_test, slots_and_queue_are_told_while_requests_wait) {
  const Client client = open_client(origin_.url(), {{"connections.max", "3"}});
  const Batch batch = submit(client, numbered_keys("slow", 5), {kBudget_us});
  const Json json = explain_when(client, [](const Json &now) { return now["slots"]["waiting"] == 3; });
  EXPECT_EQ(json["engine"]["state"], "running");
  EXPECT_LT(json["engine"]["written_ago_us"], 10'000'000);
  EXPECT_EQ(json["queue"]["length"], 2);
  EXPECT_EQ(json["slots"]["busy"], 3);
  EXPECT_EQ(json["connections"], Json({{"open", 3}, {"idle", 0}}));
  ASSERT_EQ(json["addresses"]["shown"].size(), 1U);
  const Json &address = json["addresses"]["shown"][0];
  EXPECT_EQ(address["address"], origin_.url().substr(std::string("http://").size()));
  EXPECT_EQ(address["connections_open"], 3);
  EXPECT_EQ(address["failures"], 0);
  EXPECT_EQ(address["set_aside_us"], 0);
  EXPECT_LT(json["addresses"]["age_us"], 20'000'000);
  EXPECT_EQ(json["worst"], Json::array()) << "an open batch is none yet";
}

TEST_F(client_explain_test, what_ended_is_told_once_the_loop_has_gone_to_sleep) {
  const Client client = open_client(origin_.url());
  EXPECT_EQ(count_status(fetch(client, numbered_keys("k", 20)), OCTO_OK), 20U);
  const Json json = explain_when(
      client, [](const Json &now) { return now["slots"]["busy"] == 0 && now["addresses"]["shown"].size() == 1; });
  ASSERT_EQ(json["addresses"]["shown"].size(), 1U);
  EXPECT_EQ(json["connections"]["open"], json["addresses"]["shown"][0]["connections_open"]);
  EXPECT_GT(json["addresses"]["shown"][0]["connections_idle"], 0);
  EXPECT_GT(json["estimate"]["service_us_p50"], 0);
  EXPECT_EQ(octo_shutdown(10'000'000), OCTO_OK);
  const Json asleep = explain(client);
  EXPECT_EQ(asleep["engine"], Json({{"state", "asleep"}, {"written_ago_us", nullptr}}));
  EXPECT_EQ(asleep["connections"]["open"], 0);
}

TEST_F(client_explain_test, an_address_that_takes_no_connection_is_told_with_its_failures) {
  const Client client = open_client("http://127.0.0.1:1");
  fetch(client, {"a", "b", "c"}, {kBudget_us});
  const Json json = explain_when(
      client, [](const Json &now) { return now["addresses"]["shown"].size() == 1 && now["slots"]["busy"] == 0; });
  ASSERT_EQ(json["addresses"]["shown"].size(), 1U);
  EXPECT_GE(json["addresses"]["shown"][0]["failures"], 2);
  ASSERT_EQ(json["worst"].size(), 1U);
  EXPECT_EQ(json["worst"][0]["line"].get<std::string>().substr(0, 10), "0 of 3 in ");
}

TEST_F(client_explain_test, the_worst_batches_come_first_and_are_remembered_past_their_end) {
  const Client client = open_client(origin_.url());
  const Batch kept = submit(client, {"slow", "a", "secret-key", "gone"}, {200'000});
  octo_batch_wait(kept.get(), OCTO_WAIT_FOREVER);
  fetch(client, {"broken1", "broken2"}, {kBudget_us});
  fetch(client, {"a", "gone"}, {kBudget_us});
  octo_batch_cancel(submit(client, {"slow"}, {kBudget_us}).get());
  const Json worst = explain(client)["worst"];
  ASSERT_EQ(worst.size(), 2U) << worst;
  EXPECT_EQ(worst[0]["state"], "OK");
  EXPECT_EQ(worst[0]["counts"]["failed"], 2);
  EXPECT_EQ(worst[1]["state"], "DEADLINE");
  EXPECT_EQ(worst[1]["budget_us"], 200'000);
  EXPECT_EQ(worst[1]["frozen_us"], 200'000);
  EXPECT_LT(worst[1]["frozen_ago_us"], 100'000'000);
  EXPECT_EQ(worst[1]["counts"]["requests"], 4);
  EXPECT_EQ(worst[1]["counts"]["late"], 1);
  EXPECT_EQ(worst[1]["counts"]["missing"], 1);
  const std::string line = worst[1]["line"];
  EXPECT_EQ(line.substr(0, line.find('(')), "2 of 4 in 200 ms; late 1: waiting 1 ");
  EXPECT_EQ(explain_text(client).find("secret-key"), std::string::npos);
}

TEST_F(client_explain_test, it_stays_small_however_many_batches_go_wrong) {
  const Client client = open_client("http://127.0.0.1:1", {{"name", std::string(5000, '\x01')}});
  std::vector<Batch> kept;
  for (int i = 0; i < 100; ++i) {
    kept.push_back(submit(client, numbered_keys("k", 20), {1}));
    fetch(client, numbered_keys("k", 20), {1});
  }
  EXPECT_EQ(explain(client)["worst"].size(), 32U);
}

TEST_F(client_explain_test, the_credentials_given_last_are_told_by_their_end) {
  const OptionList options = {{"s3.endpoint", origin_.url()}};
  const Client client = open_client("s3://bucket", options);
  EXPECT_EQ(explain(client)["credentials"], Json({{"set", false}, {"expires_in_s", nullptr}}));
  octo_credentials given{};
  given.size = sizeof given;
  given.access_key_id = "AKID";
  given.secret_access_key = "secret";
  octo_client_credentials_set(client.get(), &given, nullptr);
  EXPECT_EQ(explain(client)["credentials"], Json({{"set", true}, {"expires_in_s", nullptr}}));
  given.flags = OCTO_CREDENTIALS_EXPIRES_AT;
  given.expires_at_s = static_cast<std::uint64_t>(std::time(nullptr)) + 900;
  octo_client_credentials_set(client.get(), &given, nullptr);
  EXPECT_NEAR(explain(client)["credentials"]["expires_in_s"].get<double>(), 900, 60);
  given.expires_at_s -= 1800;
  octo_client_credentials_set(client.get(), &given, nullptr);
  EXPECT_NEAR(explain(client)["credentials"]["expires_in_s"].get<double>(), -900, 60);
}

TEST_F(client_explain_test, a_child_of_fork_tells_of_its_own_engine) {
  const Client client = open_client(origin_.url());
  const Batch batch = submit(client, {"slow"}, {1});
  octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER);
  const pid_t child = fork();
  if (child == 0) {
    alarm(30);
    const bool is_fresh = explain(client)["engine"]["state"] == "none" && explain(client)["worst"].empty();
    const bool has_fetched = fetch(client, {"a"}, {kBudget_us})[0].status == OCTO_OK;
    _exit(is_fresh && has_fetched && explain(client)["engine"]["state"] == "running" ? 0 : 1);
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(explain(client)["worst"].size(), 1U);
}

TEST_F(client_explain_test, calls_that_cannot_be_answered_say_so) {
  const Client client = open_client(origin_.url());
  std::size_t size = 0;
  char buffer[8] = "";
  EXPECT_EQ(octo_client_explain(client.get(), OCTO_EXPLAIN_LINE, buffer, sizeof buffer, &size), OCTO_UNSUPPORTED);
  EXPECT_EQ(octo_client_explain(client.get(), OCTO_EXPLAIN_JSON, nullptr, 5, &size), OCTO_INVALID_ARGUMENT);
  EXPECT_EQ(octo_client_explain(nullptr, OCTO_EXPLAIN_JSON, buffer, sizeof buffer, &size), OCTO_INVALID_ARGUMENT);
  EXPECT_EQ(octo_client_explain(client.get(), OCTO_EXPLAIN_JSON, buffer, sizeof buffer, nullptr), OCTO_OK);
  EXPECT_STREQ(buffer, "{\"v\":1,");
  EXPECT_EQ(octo_client_explain(client.get(), OCTO_EXPLAIN_JSON, nullptr, 0, &size), OCTO_OK);
  EXPECT_GT(size, sizeof buffer);
  octo_client *closed = open_client(origin_.url()).release();
  octo_client_close(closed);
  EXPECT_EQ(octo_client_explain(closed, OCTO_EXPLAIN_JSON, buffer, sizeof buffer, &size), OCTO_CLOSED);
}

}  // namespace
}  // namespace octo_test
