#include "kickstarter/repositories.hpp"

#include "kickstarter/known_keys.hpp"
#include "kickstarter/yaml_reader.hpp"

#include <array>

namespace img::kickstarter {
namespace {

using syntax::Reporter;
using Kind = YamlValue::Kind;

const std::string* text_of(const YamlValue& map, std::string_view key) {
    const auto* const member = map.find(key);
    return member != nullptr && member->value->kind == Kind::text ? &member->value->text : nullptr;
}

/// RFC 3986, section 2.3: what needs no escape in a URL.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                              (c >= 'A' && c <= 'Z') || std::string_view("-._~").contains(c);
        out += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

std::string with_account(const std::string& url, const YamlValue& map) {
    const auto* const user = text_of(map, "Username");
    const auto* const password = text_of(map, "Password");
    const auto scheme = url.find("://");
    if (user == nullptr || scheme == std::string::npos) {
        return url;
    }
    const auto secret =
        password == nullptr ? std::string() : fmt::format(":{}", escaped(*password));
    return fmt::format("{}{}{}@{}", url.substr(0, scheme + 3), escaped(*user), secret,
                       url.substr(scheme + 3));
}

void add(const YamlValue& map, std::vector<Repository>& repositories, Reporter& report) {
    if (map.kind != Kind::map) {
        report.error(map.where, "a repository is a map with Name and Url");
        return;
    }
    check_keys(map, repository_keys(), report);
    bool is_whole = true;
    for (const std::string_view key : {"Name", "Url"}) {
        const auto* const text = text_of(map, key);
        if (text == nullptr || text->empty()) {
            report.error(map.where, "this repository has no {}", key);
            is_whole = false;
        }
    }
    if (!is_whole) {
        return;
    }
    const auto* const options = text_of(map, "Options");
    repositories.push_back({.name = *text_of(map, "Name"),
                            .url = with_account(*text_of(map, "Url"), map),
                            .options = options == nullptr ? std::nullopt : std::optional(*options),
                            .where = map.where});
}

}  // namespace

std::vector<Repository> read_repositories(std::string_view text,
                                          const std::string& file,
                                          Reporter& report) {
    std::vector<Repository> repositories;
    const auto root = read_yaml(text, file, report);
    if (!root) {
        return repositories;
    }
    const auto* const list = root->find("Repositories");
    if (list == nullptr || list->value->kind == Kind::map || list->value->kind == Kind::text) {
        report.error(list == nullptr ? root->where : list->where,
                     "Repositories is missing: a list of maps with Name and Url");
        return repositories;
    }
    for (const auto& item : list->value->items) {
        add(*item, repositories, report);
    }
    return repositories;
}

}  // namespace img::kickstarter
