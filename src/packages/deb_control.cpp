#include "packages/deb_control.hpp"

#include "base/text.hpp"

#include <map>

namespace img::packages {
namespace {

/// Continuation lines are joined to their field.
std::map<std::string, std::string> read_fields(std::string_view text) {
    std::map<std::string, std::string> fields;
    std::string* last = nullptr;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (trim(line).empty()) {
            if (!fields.empty()) {
                break;
            }
        } else if (line.front() == ' ' || line.front() == '\t') {
            if (last != nullptr) {
                *last += line;
            }
        } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
            last = &fields[std::string(line.substr(0, colon))];
            *last = trim(line.substr(colon + 1));
        }
    }
    return fields;
}

}  // namespace

std::vector<Alternatives> parse_relations(std::string_view field) {
    std::vector<Alternatives> relations;
    for (const auto& relation : split(field, ",")) {
        Alternatives names;
        for (const auto& alternative : split(relation, "|")) {
            const std::string_view text = trim(alternative);
            if (const auto name = text.substr(0, text.find_first_of(" (:[<\t")); !name.empty()) {
                names.emplace_back(name);
            }
        }
        if (!names.empty()) {
            relations.push_back(std::move(names));
        }
    }
    return relations;
}

DebControl parse_control(std::string_view text) {
    auto fields = read_fields(text);
    DebControl control{.name = fields["Package"],
                       .version = fields["Version"],
                       .architecture = fields["Architecture"],
                       .essential = fields["Essential"] == "yes",
                       .pre_depends = parse_relations(fields["Pre-Depends"]),
                       .depends = parse_relations(fields["Depends"]),
                       .provides = {}};
    for (auto& provided : parse_relations(fields["Provides"])) {
        control.provides.push_back(std::move(provided.front()));
    }
    return control;
}

}  // namespace img::packages
