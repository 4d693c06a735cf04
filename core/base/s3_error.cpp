// One pass over the tags of a document for s3_error.hpp.
#include "base/s3_error.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.hpp"
#include "base/printable.hpp"

namespace octo {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

struct Field {
  std::string_view name;
  std::string S3Error::*text;
  std::size_t bytes_max;
};
constexpr std::array<Field, 5> kFields = {{
    {"Code", &S3Error::code, kS3ErrorTokenBytesMax},
    {"Message", &S3Error::message, kS3ErrorMessageBytesMax},
    {"RequestId", &S3Error::request_id, kS3ErrorTokenBytesMax},
    {"HostId", &S3Error::host_id, kS3ErrorTokenBytesMax},
    {"Region", &S3Error::region, kS3ErrorTokenBytesMax},
}};

enum class Kind : std::uint8_t { text, cdata, open, close, empty, ignored, end };

struct Token {
  Kind kind = Kind::end;
  std::string_view content;  // the text, or the name of the tag
};

// Reads tokens off the front of a document; a cut one is the end.
class Tokens {
 public:
  explicit Tokens(std::string_view rest) noexcept : rest_(rest) {}

  Token next() noexcept {
    if (rest_.empty()) return {};
    if (rest_.front() != '<') return text();
    if (rest_.starts_with("<!--")) return enclosed(Kind::ignored, "<!--", "-->");
    if (rest_.starts_with("<![CDATA[")) return enclosed(Kind::cdata, "<![CDATA[", "]]>");
    if (rest_.starts_with("<?")) return enclosed(Kind::ignored, "<?", "?>");
    if (rest_.starts_with("<!")) return {};  // a document type: S3 sends none, and it may define entities
    return tag();
  }

 private:
  Token text() noexcept { return {Kind::text, take(std::min(rest_.find('<'), rest_.size()))}; }

  Token enclosed(Kind kind, std::string_view begin, std::string_view end) noexcept {
    rest_.remove_prefix(begin.size());
    const std::size_t at = rest_.find(end);
    if (at == std::string_view::npos) return {};
    const Token token{kind, take(at)};
    rest_.remove_prefix(end.size());
    return token;
  }

  Token tag() noexcept {
    const std::size_t end = tag_end();
    if (end == std::string_view::npos) return {};
    std::string_view inside = take(end).substr(1);
    rest_.remove_prefix(1);
    Kind kind = Kind::open;
    if (inside.starts_with('/')) {
      kind = Kind::close;
      inside.remove_prefix(1);
    } else if (inside.ends_with('/')) {
      kind = Kind::empty;
      inside.remove_suffix(1);
    }
    return {kind, inside.substr(0, std::min(inside.find_first_of(kBlanks), inside.size()))};
  }

  // Of the '>' that is in no attribute's quotes.
  std::size_t tag_end() const noexcept {
    char quote = '\0';
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (quote != '\0') {
        if (c == quote) quote = '\0';
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '>') {
        return i;
      }
    }
    return std::string_view::npos;
  }

  std::string_view take(std::size_t count) noexcept {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::string_view rest_;
};

void append_utf8(std::uint32_t point, std::string &out) {
  const auto trail = [&](std::uint32_t bits) { out.push_back(static_cast<char>(0x80 | (bits & 0x3f))); };
  if (point < 0x80) {
    out.push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    out.push_back(static_cast<char>(0xc0 | (point >> 6)));
    trail(point);
  } else if (point < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | (point >> 12)));
    trail(point >> 6);
    trail(point);
  } else {
    out.push_back(static_cast<char>(0xf0 | (point >> 18)));
    trail(point >> 12);
    trail(point >> 6);
    trail(point);
  }
}

// "#10" or "#xA"; empty for what is no number of a code point.
std::optional<std::uint32_t> character_number(std::string_view name) noexcept {
  if (!name.starts_with('#')) return {};
  name.remove_prefix(1);
  const bool is_hex = name.starts_with('x');
  if (is_hex) name.remove_prefix(1);
  if (name.empty()) return {};
  std::uint32_t point = 0;
  for (const char c : name) {
    const std::size_t digit = std::string_view("0123456789abcdefABCDEF").find(c);
    if (digit == std::string_view::npos || (!is_hex && digit > 9)) return {};
    point = point * (is_hex ? 16 : 10) + static_cast<std::uint32_t>(digit > 15 ? digit - 6 : digit);
    if (point > 0x10ffff) return {};
  }
  return point;
}

// What stands between '&' and ';'. False for an entity that XML does not know of itself.
bool append_entity(std::string_view name, std::string &out) {
  struct Entity {
    std::string_view name;
    char character;
  };
  constexpr std::array<Entity, 5> kEntities = {{{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
  for (const Entity &entity : kEntities) {
    if (entity.name != name) continue;
    out.push_back(entity.character);
    return true;
  }
  const auto point = character_number(name);
  if (point) append_utf8(*point, out);
  return point.has_value();
}

// What is no entity stays as it is.
void append_decoded(std::string_view text, std::string &out) {
  constexpr std::size_t kNameBytesMax = 8;
  while (!text.empty()) {
    const std::size_t ampersand = std::min(text.find('&'), text.size());
    out.append(text.substr(0, ampersand));
    text.remove_prefix(ampersand);
    if (text.empty()) return;
    const std::size_t end = text.substr(0, kNameBytesMax + 2).find(';');
    if (end != std::string_view::npos && append_entity(text.substr(1, end - 1), out)) {
      text.remove_prefix(end + 1);
    } else {
      out.push_back('&');
      text.remove_prefix(1);
    }
  }
}

// The text of one field, collected until its end tag.
class Collector {
 public:
  // An element of the root begins; the first of a name counts.
  void begin(std::string_view name, const S3Error &error) {
    const auto *const found =
        std::find_if(kFields.data(), kFields.data() + kFields.size(), [&](const Field &f) { return f.name == name; });
    const bool is_wanted = found != kFields.data() + kFields.size() && (error.*found->text).empty();
    field_ = is_wanted ? found : nullptr;
    text_.clear();
  }

  void add(const Token &token) {
    if (field_ == nullptr || text_.size() > field_->bytes_max) return;
    // A byte more than fits, so that printable sees the cut.
    const std::string_view piece = token.content.substr(0, kRawBytesMax);
    if (token.kind == Kind::cdata) {
      text_.append(piece);
    } else {
      append_decoded(piece, text_);
    }
  }

  void end(S3Error &error) {
    if (field_ != nullptr) error.*field_->text = printable(trimmed(text_, kBlanks), field_->bytes_max);
    field_ = nullptr;
  }

 private:
  static constexpr std::size_t kRawBytesMax = 8 * kS3ErrorMessageBytesMax;

  const Field *field_ = nullptr;
  std::string text_;
};

bool is_blank(std::string_view text) noexcept { return text.find_first_not_of(kBlanks) == std::string_view::npos; }

// The tag of the root element, behind what may stand before it.
Token read_root(Tokens &tokens) noexcept {
  while (true) {
    const Token token = tokens.next();
    const bool is_prologue = token.kind == Kind::ignored || (token.kind == Kind::text && is_blank(token.content));
    if (!is_prologue) return token;
  }
}

}  // namespace

std::optional<S3Error> parse_s3_error(std::string_view document) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  document = document.substr(0, kS3ErrorBytesMax);
  if (document.starts_with(kByteOrderMark)) document.remove_prefix(kByteOrderMark.size());
  Tokens tokens(document);
  const Token root = read_root(tokens);
  if ((root.kind != Kind::open && root.kind != Kind::empty) || root.content != "Error") return {};
  S3Error error;
  Collector collector;
  // Of open elements: a count needs no stack, whatever a hostile document nests.
  std::size_t depth = root.kind == Kind::open ? 1 : 0;
  for (Token token = tokens.next(); token.kind != Kind::end && depth > 0; token = tokens.next()) {
    switch (token.kind) {
      case Kind::open:
        if (depth++ == 1) collector.begin(token.content, error);
        break;
      case Kind::close:
        if (--depth == 1) collector.end(error);
        break;
      case Kind::text:
      case Kind::cdata:
        if (depth == 2) collector.add(token);
        break;
      case Kind::empty:
      case Kind::ignored:
      case Kind::end: break;
    }
  }
  return error;
}

}  // namespace octo
