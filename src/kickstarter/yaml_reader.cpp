#include "kickstarter/yaml_reader.hpp"

#include "base/byte_size.hpp"
#include "base/printable.hpp"
#include "syntax/quote.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace img::kickstarter {
namespace {

using syntax::in_quotes;
using syntax::Reporter;
using Kind = YamlValue::Kind;

constexpr std::string_view kMerge = "<<";
// What PyYAML's safe loader knows and this subject needs. "?" and "!": no tag was written.
constexpr std::array<std::string_view, 10> kTags{"",
                                                 "?",
                                                 "!",
                                                 "tag:yaml.org,2002:str",
                                                 "tag:yaml.org,2002:int",
                                                 "tag:yaml.org,2002:float",
                                                 "tag:yaml.org,2002:bool",
                                                 "tag:yaml.org,2002:null",
                                                 "tag:yaml.org,2002:seq",
                                                 "tag:yaml.org,2002:map"};

/// Ends the reading from inside the parser; caught in read_yaml().
struct Refusal : std::runtime_error {
    Refusal(Location place, const std::string& sentence)
        : std::runtime_error(sentence), where(std::move(place)) {}
    Location where;
};

/// Makes values of the parser's events.
class Builder : public YAML::EventHandler {
public:
    Builder(const std::string& file, Reporter& report) : file_(file), report_(report) {}

    YamlNode take() { return std::move(root_); }
    Location place(const YAML::Mark& mark) const {
        return {.file = file_,
                .line = static_cast<unsigned>(mark.line + 1),
                .column = static_cast<unsigned>(mark.column + 1)};
    }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        add(finish({.kind = Kind::null, .where = place(mark)}, anchor));
    }
    void OnScalar(const YAML::Mark& mark,
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  const std::string& value) override {
        check_tag(tag, mark);
        add(finish({.kind = Kind::text, .text = value, .where = place(mark)}, anchor));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto named = anchors_.find(anchor);
        if (named == anchors_.end()) {
            throw Refusal(place(mark), "an alias may not name the value that it is a part of");
        }
        add(named->second);
    }
    void OnSequenceStart(const YAML::Mark& mark,
                         const std::string& tag,
                         YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(Kind::list, tag, mark, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark,
                    const std::string& tag,
                    YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(Kind::map, tag, mark, anchor);
    }
    void OnMapEnd() override {
        merge(stack_.back());
        close();
    }

private:
    struct Open {
        YamlValue value{};
        YAML::anchor_t anchor{};
        std::unordered_map<std::string, std::size_t> places{};  ///< key → index in value.members
        std::optional<YamlValue::Member> key{};  ///< Read, while its value is yet to come.
    };

    void check_tag(const std::string& tag, const YAML::Mark& mark) const {
        if (std::ranges::find(kTags, tag) == kTags.end()) {
            throw Refusal(place(mark),
                          fmt::format("the tag {} means nothing here", in_quotes(tag)));
        }
    }

    void open(Kind kind, const std::string& tag, const YAML::Mark& mark, YAML::anchor_t anchor) {
        check_tag(tag, mark);
        if (stack_.size() == kYamlDepthMax) {
            throw Refusal(place(mark),
                          fmt::format("more than {} lists and maps in each other", kYamlDepthMax));
        }
        stack_.push_back({.value = {.kind = kind, .where = place(mark)}, .anchor = anchor});
    }

    void close() {
        Open done = std::move(stack_.back());
        stack_.pop_back();
        add(finish(std::move(done.value), done.anchor));
    }

    YamlNode finish(YamlValue value, YAML::anchor_t anchor) {
        auto node = std::make_shared<const YamlValue>(std::move(value));
        if (anchor != 0) {
            anchors_[anchor] = node;
        }
        return node;
    }

    void add(YamlNode node) {
        if (stack_.empty()) {
            root_ = std::move(node);
            return;
        }
        auto& open = stack_.back();
        auto& parent = open.value;
        parent.nodes += node->nodes;
        if (parent.nodes > kYamlNodesMax) {
            throw Refusal(node->where,
                          fmt::format("more than {} values, aliases written out", kYamlNodesMax));
        }
        if (parent.kind == Kind::list) {
            parent.items.push_back(std::move(node));
        } else if (!open.key) {
            if (node->kind != Kind::text) {
                throw Refusal(node->where, "the key of a map has to be a word");
            }
            open.key = {.key = node->text, .where = node->where, .value = nullptr};
        } else {
            open.key->value = std::move(node);
            put(open, *std::exchange(open.key, std::nullopt));
        }
    }

    void put(Open& map, YamlValue::Member member) {
        auto& members = map.value.members;
        const auto [place, is_new] = map.places.try_emplace(member.key, members.size());
        if (is_new) {
            members.push_back(std::move(member));
            return;
        }
        auto& same = members[place->second];
        report_.warning(member.where, "{} is said twice, first in line {}; the last one counts",
                        in_quotes(member.key), same.where.line);
        same = std::move(member);
    }

    /// "<<: *base" or "<<: [*one, *two]": what the map does not say itself, the earlier winning.
    static void merge(Open& map) {
        const auto sign = map.places.find(std::string(kMerge));
        if (sign == map.places.end()) {
            return;
        }
        auto& members = map.value.members;
        const auto at = members.begin() + static_cast<std::ptrdiff_t>(sign->second);
        const YamlValue::Member merged = std::move(*at);
        members.erase(at);
        const auto sources =
            merged.value->kind == Kind::list ? merged.value->items : std::vector{merged.value};
        for (const auto& source : sources) {
            if (source->kind != Kind::map) {
                throw Refusal(merged.where, "<< merges maps only");
            }
            for (const auto& member : source->members) {
                if (map.places.try_emplace(member.key, members.size()).second) {
                    members.push_back(member);
                }
            }
        }
    }

    const std::string& file_;
    Reporter& report_;
    std::vector<Open> stack_;
    std::map<YAML::anchor_t, YamlNode> anchors_;
    YamlNode root_;
};

/// The first byte that YAML does not allow, which yaml-cpp would not notice or stop at.
std::optional<Location> first_bad_byte(std::string_view text, const std::string& file) {
    Location where{.file = file, .line = 1, .column = 1};
    for (std::size_t at = 0; at < text.size();) {
        const auto length = syntax::utf8_length(text.substr(at));
        const char c = text[at];
        const bool is_blank = c == '\t' || c == '\n' || c == '\r';
        if (length == 0 || (length == 1 && !is_blank && syntax::has_control_characters({&c, 1}))) {
            return where;
        }
        at += length;
        where.column = c == '\n' ? 1 : where.column + 1;
        where.line += c == '\n' ? 1 : 0;
    }
    return std::nullopt;
}

YamlNode parse(std::string_view text, Builder& builder) {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder)) {
        throw Refusal(builder.place({}), "there is nothing in this file");
    }
    auto root = builder.take();
    if (parser.HandleNextDocument(builder)) {
        throw Refusal(builder.take()->where, "only one document is read, and here a second begins");
    }
    return root;
}

}  // namespace

YamlNode read_yaml(std::string_view text, const std::string& file, Reporter& report) {
    if (text.size() > kYamlBytesMax) {
        report.error({.file = file}, "the file is larger than {}", human_size(kYamlBytesMax));
        return nullptr;
    }
    if (const auto where = first_bad_byte(text, file)) {
        report.error(*where, "a byte that YAML does not allow; save the file as plain UTF-8");
        return nullptr;
    }
    Builder builder(file, report);
    try {
        return parse(text, builder);
    } catch (const Refusal& refusal) {
        report.error(refusal.where, "{}", refusal.what());
    } catch (const YAML::Exception& error) {
        report.error(builder.place(error.mark), "this is no YAML: {}", printable(error.msg));
    } catch (const std::exception& error) {  // what the library lets through of others'
        report.error({.file = file}, "this cannot be read as YAML: {}", printable(error.what()));
    }
    return nullptr;
}

}  // namespace img::kickstarter
