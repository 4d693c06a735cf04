// What signs a request stands in no text that the library gives out: results, explanations, options, refusals.
#include <gtest/gtest.h>
#include <octofetch.h>

#include <string>
#include <utility>
#include <vector>

#include "support/fetching.hpp"
#include "support/origin_process.hpp"

namespace octo_test {
namespace {

constexpr char kId[] = "AKIDistinctive0";
constexpr char kSecret[] = "s3cret/Distinctive+1";
constexpr char kToken[] = "t0ken/Distinctive+2==";
constexpr char kHeader[] = "h3ader-Distinctive-3";
// A word alone of each counts as well: a text may be cut, or quote what stands between two slashes.
constexpr const char *kSought[] = {"AKIDist", "s3cret", "Distinctive", "t0ken", "h3ader"};

constexpr char kScript[] = R"({
  "signature": {"region": "us-east-1", "access_key_id": "AKIDistinctive0",
                "secret_access_key": "s3cret/Distinctive+1", "session_token": "t0ken/Distinctive+2=="},
  "default": {"size": 500},
  "paths": {"/bucket/cut": {"fault": {"type": "reset"}},
            "/bucket/elsewhere": {"status": 301, "headers": [["x-amz-bucket-region", "eu-west-1"]]},
            "/bucket/refused": {"status": 400, "body": "<Error><Code>ExpiredToken</Code></Error>"}}})";
constexpr std::uint64_t kBudget_us = 5'000'000;

void expect_no_secret(const std::string &text, const std::string &where) {
  for (const char *sought : kSought) EXPECT_EQ(text.find(sought), std::string::npos) << where << ": " << text;
}

octo_credentials credentials() {
  octo_credentials made{};
  made.size = sizeof made;
  made.flags = OCTO_CREDENTIALS_SESSION_TOKEN;
  made.access_key_id = kId;
  made.secret_access_key = kSecret;
  made.session_token = kToken;
  return made;
}

std::string explain(const Batch &batch, int format) {
  std::size_t size = 0;
  octo_batch_explain(batch.get(), format, nullptr, 0, &size);
  std::string text(size + 1, '\0');
  octo_batch_explain(batch.get(), format, text.data(), text.size(), &size);
  return text;
}

std::string explain(const Client &client) {
  std::string text(std::size_t{64} * 1024, '\0');
  std::size_t size = 0;
  EXPECT_EQ(octo_client_explain(client.get(), OCTO_EXPLAIN_JSON, text.data(), text.size(), &size), OCTO_OK);
  text.resize(size);
  EXPECT_NE(text.find("\"worst\":[{"), std::string::npos) << "the batches that failed are in it: " << text;
  return text;
}

void expect_no_secret_in(const octo_result &result) {
  for (const char *text :
       {result.message, result.address, result.error_code, result.request_id, result.extended_request_id}) {
    expect_no_secret(text, "a result");
  }
}

void expect_no_secret_in(const Batch &batch, std::size_t count) {
  for (const int format : {OCTO_EXPLAIN_LINE, OCTO_EXPLAIN_JSON, OCTO_EXPLAIN_SVG}) {
    expect_no_secret(explain(batch, format), "an explanation");
  }
  std::vector<octo_result> read(count);
  ASSERT_EQ(octo_batch_results(batch.get(), 0, read.data(), sizeof read[0], count), OCTO_OK);
  for (std::size_t index = 0; index < count; ++index) {
    expect_no_secret_in(read[index]);
    const char *name = nullptr;
    const char *value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; octo_result_header_at(batch.get(), index, i, &name, &value, &size) == OCTO_OK; ++i) {
      expect_no_secret(std::string(name) + ": " + std::string(value, size), "a header");
    }
  }
}

// The access key id is an option like others, and is read back; it is no secret.
void expect_no_secret_in_options(const Client &client) {
  octo_option_info info{};
  for (std::size_t index = 0; octo_option_describe(index, &info, sizeof info) == OCTO_OK; ++index) {
    char value[600] = "";
    ASSERT_EQ(octo_client_get(client.get(), info.name, value, sizeof value, nullptr), OCTO_OK);
    if (std::string(info.name) != "s3.access_key_id") expect_no_secret(value, info.name);
  }
}

void fetch_and_look(const Client &client) {
  const std::vector<std::string> keys = {"whole", "cut", "elsewhere", "refused", ".."};
  const Batch batch = submit(client, keys, {kBudget_us});
  octo_batch_wait(batch.get(), OCTO_WAIT_FOREVER);
  expect_no_secret_in(batch, keys.size());
  expect_no_secret_in_options(client);
  expect_no_secret(explain(client), "an explanation of the client");
}

class secrets_test : public testing::Test {
 protected:
  OptionList with_secrets(OptionList others = {}) const {
    others.insert({{"s3.endpoint", origin_.url()},
                   {"s3.access_key_id", kId},
                   {"s3.secret_access_key", kSecret},
                   {"s3.session_token", kToken},
                   {"headers", std::string("X-Amz-Meta-Key: ") + kHeader}});
    return others;
  }
  // What opening says, where it is refused.
  static void expect_refused(const std::string &url, const OptionList &options) {
    try {
      open_client(url, options);
      ADD_FAILURE() << url << " was opened";
    } catch (const std::exception &refusal) {
      expect_no_secret(refusal.what(), "a refusal");
    }
  }

  const OriginProcess origin_{kScript};
};

TEST_F(secrets_test, row_80_options_that_sign_are_in_no_text) {
  fetch_and_look(open_client("s3://bucket", with_secrets()));
  const std::string report = origin_.control("GET", "/report");
  for (const char *sent : {kId, kToken, kHeader})
    EXPECT_NE(report.find(sent), std::string::npos) << "the origin has it";
  EXPECT_EQ(report.find(kSecret), std::string::npos) << "the secret itself never leaves";
}

TEST_F(secrets_test, row_80_credentials_that_are_set_later_are_in_no_text) {
  const Client client = open_client("s3://bucket", {{"s3.endpoint", origin_.url()}});
  octo_credentials given = credentials();
  EXPECT_EQ(octo_client_credentials_set(client.get(), &given, nullptr), OCTO_OK);
  fetch_and_look(client);
  given.flags |= OCTO_CREDENTIALS_EXPIRES_AT;
  given.expires_at_s = 1;
  EXPECT_EQ(octo_client_credentials_set(client.get(), &given, nullptr), OCTO_OK);
  fetch_and_look(client);
}

TEST_F(secrets_test, row_80_what_fails_on_the_way_does_not_repeat_them) {
  const std::string secure = "https" + origin_.url().substr(4);
  for (const std::string &endpoint : {std::string("http://127.0.0.1:1"), secure, std::string("http://localhost:2")}) {
    fetch_and_look(open_client("s3://bucket", with_secrets({{"s3.endpoint", endpoint}})));
  }
  for (const auto &[name, value] : OptionList{{"s3.region", "eu-west-1"}, {"object.size_max", "1B"}}) {
    fetch_and_look(open_client("s3://bucket", with_secrets({{name, value}})));
  }
}

TEST_F(secrets_test, row_80_no_refusal_to_open_repeats_them) {
  const std::string secret = kSecret;
  const std::string token = kToken;
  for (const auto &[name, value] : std::vector<std::pair<std::string, std::string>>{
           {"s3.secret_access_key", secret + " "},
           {"s3.secret_access_key", secret + std::string(300, 'x')},
           {"s3.session_token", token + "\n"},
           {"s3.session_token", token + std::string(9000, 'x')},
           {"s3.access_key_id", std::string(kId) + "/" + secret},
           {"s3.access_key_id", ""},
           {"s3.unsigned", "true"},
           {"s3.addressing", "dns"},
           {"headers", "X-Key " + secret},
           {"headers", "Authorization: " + secret},
           {"headers", "x-amz-security-token: " + token},
           {"headers", "x-amz-meta-key: " + secret + "\t" + token},
           {"s3.endpoint", "https://" + std::string(kId) + ":" + secret + "@host"},
           {"s3.endpoint", "https://" + token + "@host"},
       }) {
    OptionList options = with_secrets();
    options[name] = value;
    expect_refused("s3://bucket", options);
    options["s3.dual_stack"] = "true";
    expect_refused("s3://bucket", options);
  }
  expect_refused(origin_.url(), with_secrets());
}

TEST_F(secrets_test, row_80_credentials_in_a_url_are_refused_and_not_repeated) {
  for (const std::string &user : {std::string(kId) + ":" + kSecret, std::string(kId) + ":" + kToken,
                                  std::string("user:s3cret"), std::string("s3cret")}) {
    for (const char *scheme : {"s3://", "S3://", "https://", "http://", "ftp://", ""}) {
      expect_refused(scheme + user + "@bucket/prefix", {{"s3.region", "us-east-1"}});
      expect_refused(scheme + user + "@bucket/prefix?versionId=1", {{"s3.endpoint", origin_.url()}});
    }
  }
}

TEST_F(secrets_test, row_80_calls_that_are_refused_do_not_repeat_them) {
  octo_error error = OCTO_ERROR_INIT;
  const auto expect_refusal = [&](octo_status status) {
    EXPECT_NE(status, OCTO_OK);
    EXPECT_STRNE(error.text, "");
    expect_no_secret(error.text, "a refusal");
    error = OCTO_ERROR_INIT;
  };
  octo_options *raw = nullptr;
  ASSERT_EQ(octo_options_create(&raw), OCTO_OK);
  const Options options(raw);
  expect_refusal(octo_options_set(raw, "s3.secret_acces_key", kSecret, &error));
  expect_refusal(octo_options_set(raw, "session_token", kToken, &error));
  const Client client = open_client("s3://bucket", with_secrets());
  expect_refusal(octo_client_set(client.get(), "s3.secret_access_key", kSecret, &error));
  expect_refusal(octo_client_set(client.get(), "headers", kHeader, &error));
  const octo_credentials given = credentials();
  const Client plain = open_client(origin_.url());
  expect_refusal(octo_client_credentials_set(plain.get(), &given, &error));
  octo_credentials broken = given;
  const std::string cut = std::string(kSecret) + "\r";
  broken.secret_access_key = cut.c_str();
  expect_refusal(octo_client_credentials_set(client.get(), &broken, &error));
  broken = given;
  broken.flags |= 1u << 30;
  expect_refusal(octo_client_credentials_set(client.get(), &broken, &error));
}

TEST_F(secrets_test, row_80_a_header_of_a_batch_that_is_refused_is_not_repeated) {
  const Client client = open_client("s3://bucket", with_secrets());
  octo_request request{};
  request.key = "key";
  request.key_size = 3;
  for (const char *name : {"Authorization", "X-Amz-Security-Token", "Host", "x key", "x-amz-meta-tab"}) {
    const std::string value = std::string(kSecret) + "\t" + kToken;
    const octo_header header{name, value.c_str(), 0};
    octo_batch_options how = OCTO_BATCH_OPTIONS_INIT;
    how.flags = OCTO_BATCH_BUDGET | OCTO_BATCH_HEADERS;
    how.budget_us = kBudget_us;
    how.headers = &header;
    how.header_count = 1;
    octo_batch *batch = nullptr;
    octo_error error = OCTO_ERROR_INIT;
    EXPECT_EQ(octo_submit(client.get(), &request, sizeof request, 1, &how, &batch, &error), OCTO_INVALID_ARGUMENT);
    expect_no_secret(error.text, name);
    octo_batch_free(batch);
  }
}

}  // namespace
}  // namespace octo_test
