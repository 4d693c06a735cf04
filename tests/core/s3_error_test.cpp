// What is read of S3's error documents, and that no bytes make the reader stumble.
#include "base/s3_error.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace octo {
namespace {

constexpr std::string_view kNoSuchKey =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a&amp;b</Key>"
    "<RequestId>4442587FB7D0A2F9</RequestId><HostId>abc+/=</HostId></Error>";

S3Error read(std::string_view document) {
  const auto error = parse_s3_error(document);
  EXPECT_TRUE(error.has_value()) << document.substr(0, 200);
  return error.value_or(S3Error{});
}

std::string code_of(std::string_view content) {
  return read("<Error><Code>" + std::string(content) + "</Code></Error>").code;
}

TEST(S3Error, reads_what_s3_says) {
  const S3Error error = read(kNoSuchKey);
  EXPECT_EQ(error.code, "NoSuchKey");
  EXPECT_EQ(error.message, "The specified key does not exist.");
  EXPECT_EQ(error.request_id, "4442587FB7D0A2F9");
  EXPECT_EQ(error.host_id, "abc+/=");
  EXPECT_EQ(error.region, "");
}

TEST(S3Error, reads_the_region_of_a_wrongly_signed_request) {
  const S3Error error = read(
      "<Error>\n  <Code>AuthorizationHeaderMalformed</Code>\n  <Message>the region 'us-east-1' is wrong; expecting "
      "'eu-west-1'</Message>\n  <Region> eu-west-1 </Region>\n</Error>\n");
  EXPECT_EQ(error.code, "AuthorizationHeaderMalformed");
  EXPECT_EQ(error.region, "eu-west-1");
}

TEST(S3Error, takes_the_forms_that_xml_allows) {
  EXPECT_EQ(read("\xef\xbb\xbf<!-- <Error> -->\r\n<?a?><Error xmlns=\"http://a/>\"><Code>A</Code></Error>").code, "A");
  EXPECT_EQ(read("<Error ><Key/><Code\n>A</Code ></Error>").code, "A");
  EXPECT_EQ(read("<Error><Code a='1>2'>A</Code></Error>").code, "A");
  EXPECT_EQ(read("<Error><Code/><Code>A</Code></Error>").code, "A");
  EXPECT_EQ(code_of("<![CDATA[a<b&amp;]]>"), "a<b&amp;");
  EXPECT_EQ(code_of("a<!-- > -->b"), "ab");
  EXPECT_EQ(read("<Error/><Code>A</Code>").code, "");
}

TEST(S3Error, decodes_the_entities_of_xml_and_no_others) {
  EXPECT_EQ(code_of("&lt;&gt;&amp;&apos;"), "<>&'");
  EXPECT_EQ(code_of("&#65;&#x42;&#xe4;&#x20AC;&#x1F600;"), "AB\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(code_of("a&b;&;&#;&#x;&#xg;&#1a;&#1114112;&#99999999999;&"),
            "a&b;&;&#;&#x;&#xg;&#1a;&#1114112;&#99999999999;&");
  EXPECT_EQ(code_of("&amp;lt;"), "&lt;");
  EXPECT_EQ(code_of("&#0;&#10;&#xd800;"), "\\x00\\x0a\\xed\\xa0\\x80");
  EXPECT_FALSE(parse_s3_error("<!DOCTYPE e [<!ENTITY a 'b'>]><Error><Code>&a;</Code></Error>"));
}

TEST(S3Error, reads_children_of_the_root_alone_and_the_first_of_a_name) {
  EXPECT_EQ(read("<Error><Code>A</Code><Code>B</Code></Error>").code, "A");
  EXPECT_EQ(read("<Error><Detail><Code>B</Code></Detail><Code>A</Code></Error>").code, "A");
  EXPECT_EQ(read("<Error><Code>A<b>B<c>C</c></b>D</Code></Error>").code, "AD");
  EXPECT_EQ(read("<Error></Error><Code>A</Code>").code, "");
  EXPECT_EQ(read("<Error><code>A</code></Error>").code, "");
}

TEST(S3Error, is_none_where_the_root_is_another) {
  for (const std::string_view document :
       {"", " ", "NoSuchKey", "{\"Error\": 1}", "<", "<Error", "<Errors><Code>A</Code></Errors>",
        "<html><Error><Code>A</Code></Error></html>", "</Error>", "x<Error><Code>A</Code></Error>", "<!-- <Error>",
        "<?xml <Error>", "<![CDATA[<Error>]]>", "<ListBucketResult/>", "\xff\xfe<\0E\0r\0"}) {
    EXPECT_FALSE(parse_s3_error(document).has_value()) << document;
  }
}

TEST(S3Error, reads_a_cut_document_up_to_its_last_whole_field) {
  const S3Error whole = read(kNoSuchKey);
  const std::size_t code_end = kNoSuchKey.find("</Code>") + 7;
  for (std::size_t size = 0; size < kNoSuchKey.size(); ++size) {
    const auto cut = parse_s3_error(kNoSuchKey.substr(0, size));
    const S3Error error = cut.value_or(S3Error{});
    EXPECT_EQ(error.code, size < code_end ? "" : whole.code) << size;
    EXPECT_TRUE(error.host_id.empty() || error.host_id == whole.host_id) << size;
  }
}

TEST(S3Error, bounds_what_it_reads_and_keeps) {
  const S3Error error =
      read("<Error><Code>" + std::string(5000, 'c') + "</Code><Message>" + std::string(60'000, 'm') +
           "</Message><Pad>" + std::string(5000, 'p') + "</Pad><Region>behind the end</Region></Error>");
  EXPECT_EQ(error.code, std::string(kS3ErrorTokenBytesMax, 'c') + "...");
  EXPECT_EQ(error.message, std::string(kS3ErrorMessageBytesMax, 'm') + "...");
  EXPECT_EQ(error.region, "");
}

TEST(S3Error, survives_any_depth) {
  std::string deep = "<Error>";
  for (int i = 0; i < 10'000; ++i) deep += "<a>";
  EXPECT_EQ(read(deep + "<Code>A</Code>").code, "");
  std::string closed = "<Error>";
  for (int i = 0; i < 5'000; ++i) closed += "<a>";
  for (int i = 0; i < 5'000; ++i) closed += "</a>";
  EXPECT_EQ(read(closed + "<Code>A</Code></Error>").code, "A");
}

TEST(S3Error, shows_no_byte_that_harms_a_terminal) { EXPECT_EQ(code_of("a\x1b[31m\xff"), "a\\x1b[31m\\xff"); }

RC_GTEST_PROP(S3ErrorProperty, any_text_between_the_tags_is_bounded_and_printable, (const std::string &content)) {
  const auto error = parse_s3_error("<Error><Message>" + content + "</Message></Error>");
  RC_ASSERT(error.has_value());
  RC_ASSERT(error->message.size() <= kS3ErrorMessageBytesMax + 3);
  for (const char c : error->message) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20);
}

// Pieces that mean something to the reader, in any order.
RC_GTEST_PROP(S3ErrorProperty, any_order_of_tags_is_survived, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "<Error>", "</Error>", "<Code>", "</Code>", "<a/>", "<", ">", "/", "\"", "'", "&", ";", "&#x41;", "<!--", "-->",
      "<![CDATA[", "]]>", "<?", "?>", "<!", "x", " ", "Message"));
  std::string document = "<Error>";
  for (const std::string &piece : pieces) document += piece;
  RC_ASSERT(parse_s3_error(document).has_value());
}

}  // namespace
}  // namespace octo
