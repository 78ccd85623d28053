// The options of a command as a table: one row says the name, what it takes and where it goes.
//
//     static const OptionTable<Partition> table{
//         takes<&Partition::label, parse_label>("--label"),
//         flag<&Partition::grow>("--grow"),
//         ignored("--asprimary", Takes::nothing, "a GPT has only primary partitions"),
//     };
#pragma once

#include "base/result.hpp"
#include "kickstart/command_line.hpp"
#include "kickstart/reporter.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace img::kickstart {

enum class Takes { nothing, value, value_or_empty };

/// What an option or a command does to an image.
enum class Effect {
    acts,
    none,     ///< Accepted; a note says why nothing comes of it.
    dropped,  ///< Accepted, but its author may count on it: a warning.
    refused,  ///< An error: leaving it out would give another image than was asked for.
};

/// Why a value does not do, and at which byte of it.
struct Refusal {
    std::size_t offset = 0;
    std::string text;
};

struct OptionRow {
    std::string_view name;
    Takes takes = Takes::value;
    Effect effect = Effect::acts;
    std::string_view note;  ///< Of one that does not act: the reason.
    std::optional<Refusal> (*apply)(void* object, std::string_view value) = nullptr;
};

/// A row that only fits tables of T.
template <typename T>
struct Option {
    OptionRow row;
};

/// A row without effect, which fits every table.
struct InertOption {
    OptionRow row;
    template <typename T>
    operator Option<T>() const {
        return {row};
    }
};

/// What read_options() found besides the values it stored.
struct Given {
    std::vector<const Word*> positionals;
    std::vector<std::string_view> names;  ///< Of the options on the line, as the table spells them.
    bool clean = true;                    ///< Every option got a value that does.

    bool has(std::string_view name) const;
};

/// Stores each option of the line into `object`; reports what does not fit, and goes on. `line`
/// outlives the result.
Given read_options(const CommandLine& line,
                   const std::vector<OptionRow>& rows,
                   void* object,
                   Reporter& report);

template <typename T>
class OptionTable {
public:
    OptionTable(std::initializer_list<Option<T>> options) { add(options); }
    void add(std::initializer_list<Option<T>> options) {
        for (const auto& option : options) {
            rows_.push_back(option.row);
        }
    }
    Given read(const CommandLine& line, T& object, Reporter& report) const {
        return read_options(line, rows_, &object, report);
    }

private:
    std::vector<OptionRow> rows_;
};

template <typename Member>
struct MemberPointer;
template <typename Class, typename Type>
struct MemberPointer<Type Class::*> {
    using Owner = Class;
};
template <auto Member>
using OwnerOf = typename MemberPointer<decltype(Member)>::Owner;

/// The value, through its parser, into a member.
template <auto Member, auto Parse>
Option<OwnerOf<Member>> takes(std::string_view name, Takes takes = Takes::value) {
    const auto apply = [](void* object, std::string_view value) -> std::optional<Refusal> {
        auto parsed = Parse(value);
        if (!parsed) {
            return Refusal{.offset = 0, .text = std::move(parsed.error().message)};
        }
        static_cast<OwnerOf<Member>*>(object)->*Member = std::move(*parsed);
        return std::nullopt;
    };
    return {{.name = name, .takes = takes, .effect = Effect::acts, .note = {}, .apply = apply}};
}

/// Values with commas between, each through the parser.
template <auto Member, auto Parse>
Option<OwnerOf<Member>> takes_list(std::string_view name) {
    const auto apply = [](void* object, std::string_view value) -> std::optional<Refusal> {
        auto& list = static_cast<OwnerOf<Member>*>(object)->*Member;
        list.clear();
        for (std::size_t start = 0; start <= value.size();) {
            const auto end = std::min(value.find(',', start), value.size());
            const auto first = std::min(value.find_first_not_of(" \t", start), end);
            const auto last = value.substr(first, end - first).find_last_not_of(" \t");
            if (last != std::string_view::npos) {  // "a,,b" and "a, b" are a and b
                auto parsed = Parse(value.substr(first, last + 1));
                if (!parsed) {
                    return Refusal{.offset = first, .text = std::move(parsed.error().message)};
                }
                list.push_back(std::move(*parsed));
            }
            start = end + 1;
        }
        return std::nullopt;
    };
    return {{.name = name,
             .takes = Takes::value_or_empty,
             .effect = Effect::acts,
             .note = {},
             .apply = apply}};
}

template <typename Function>
struct SetterOf;
template <typename Object>
struct SetterOf<Result<void> (*)(Object&, std::string_view)> {
    using Owner = Object;
};

/// For what is not one member: a function Result<void>(T&, std::string_view).
template <auto Set>
Option<typename SetterOf<decltype(Set)>::Owner> calls(std::string_view name, Takes takes) {
    const auto apply = [](void* object, std::string_view value) -> std::optional<Refusal> {
        auto done = Set(*static_cast<typename SetterOf<decltype(Set)>::Owner*>(object), value);
        return done ? std::nullopt
                    : std::optional(Refusal{.offset = 0, .text = std::move(done.error().message)});
    };
    return {{.name = name, .takes = takes, .effect = Effect::acts, .note = {}, .apply = apply}};
}

/// A word that stands for itself.
template <auto Member, auto Value = true>
Option<OwnerOf<Member>> flag(std::string_view name) {
    const auto apply = [](void* object, std::string_view) -> std::optional<Refusal> {
        static_cast<OwnerOf<Member>*>(object)->*Member = Value;
        return std::nullopt;
    };
    return {{.name = name,
             .takes = Takes::nothing,
             .effect = Effect::acts,
             .note = {},
             .apply = apply}};
}

inline InertOption ignored(std::string_view name, Takes takes, std::string_view why) {
    return {{.name = name, .takes = takes, .effect = Effect::none, .note = why, .apply = nullptr}};
}
inline InertOption dropped(std::string_view name, Takes takes, std::string_view why) {
    return {
        {.name = name, .takes = takes, .effect = Effect::dropped, .note = why, .apply = nullptr}};
}
inline InertOption refused(std::string_view name, Takes takes, std::string_view why) {
    return {
        {.name = name, .takes = takes, .effect = Effect::refused, .note = why, .apply = nullptr}};
}

}  // namespace img::kickstart
