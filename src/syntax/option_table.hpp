// The options of a command as a table: one row says the name, what it takes and where it goes.
//
//     static const OptionTable<Partition> table{
//         takes<&Partition::size_mib, parse_mebibytes>("--size=MIB"),
//         takes<&Partition::label, parse_label>("--label=[TEXT]", "F7"),
//         flag<&Partition::grow>("--grow"),
//         ignored("--noformat", "partitions of an image are always new"),
//     };
//
// Behind the "=" stands what the option takes, as the reference prints it. Some of these words are
// rules of the language: "{gpt,msdos}" takes one of these, "N" "MIB" "KIB" "SECONDS" "ID" "PERCENT"
// a whole number. Others are for the reader's eye. In [brackets]: may be empty.
//
// The last word of a row is the option's history where it differs from its command's: see Command.
#pragma once

#include "base/result.hpp"
#include "syntax/command_line.hpp"
#include "syntax/reporter.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace img::syntax {

enum class Takes { nothing, value, value_or_empty };

/// What an option or a command does to an image.
enum class Effect {
    acts,
    none,     ///< Accepted; a note says why nothing comes of it.
    dropped,  ///< Accepted, but its author may count on it: a warning.
    refused,  ///< No image is built: leaving it out would give another one than was asked for.
};

/// Why a value does not do, and at which byte of it.
struct Refusal {
    std::size_t offset = 0;
    std::string text;
};

struct OptionRow {
    std::string_view name{};   ///< "--size"
    std::string_view value{};  ///< "MIB"; empty: it takes none.
    Takes takes = Takes::value;
    Effect effect = Effect::acts;
    std::string_view note{};     ///< Of one that does not act: the reason.
    std::string_view history{};  ///< Empty: its command's.
    bool accumulates = false;    ///< Given twice on a line, both count.
    std::optional<Refusal> (*apply)(void* object, std::string_view value) = nullptr;
};

/// A row of "--name", "--name=VALUE" or "--name=[VALUE]".
OptionRow spelled(std::string_view spelling, std::string_view history);

/// What is wrong with a value by the rules of the language, for a row that takes `kind`.
std::optional<std::string> against_the_language(std::string_view kind, std::string_view value);

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
    bool clean = true;                    ///< Every option is one, and got a value that does.

    bool has(std::string_view name) const;
    /// As has(), and it got a value that is not empty.
    bool says(std::string_view name) const;

    std::vector<std::string_view> empty;  ///< Of `names`: those with an empty value.
};

/// Stores each option of the line into `object`; reports what does not fit, and goes on. `line`
/// outlives the result.
Given read_options(const CommandLine& line,
                   std::span<const OptionRow> rows,
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
    std::span<const OptionRow> rows() const { return rows_; }

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

using Apply = std::optional<Refusal> (*)(void* object, std::string_view value);

inline OptionRow acting(std::string_view spelling, std::string_view history, Apply apply) {
    OptionRow row = spelled(spelling, history);
    row.apply = apply;
    return row;
}

/// The value, through its parser, into a member.
template <auto Member, auto Parse>
Option<OwnerOf<Member>> takes(std::string_view spelling, std::string_view history = {}) {
    const auto apply = [](void* object, std::string_view value) -> std::optional<Refusal> {
        auto parsed = Parse(value);
        if (!parsed) {
            return Refusal{.offset = 0, .text = std::move(parsed.error().message)};
        }
        static_cast<OwnerOf<Member>*>(object)->*Member = std::move(*parsed);
        return std::nullopt;
    };
    return {acting(spelling, history, apply)};
}

/// Values with commas between, each through the parser. Given twice on a line, both count.
template <auto Member, auto Parse>
Option<OwnerOf<Member>> takes_list(std::string_view spelling, std::string_view history = {}) {
    const auto apply = [](void* object, std::string_view value) -> std::optional<Refusal> {
        auto& list = static_cast<OwnerOf<Member>*>(object)->*Member;
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
    Option<OwnerOf<Member>> option{acting(spelling, history, apply)};
    option.row.accumulates = true;
    return option;
}

template <typename Function>
struct SetterOf;
template <typename Object>
struct SetterOf<Result<void> (*)(Object&, std::string_view)> {
    using Owner = Object;
};

/// For what is not one member: a function Result<void>(T&, std::string_view).
template <auto Set>
Option<typename SetterOf<decltype(Set)>::Owner> calls(std::string_view spelling,
                                                      std::string_view history = {}) {
    const auto apply = [](void* object, std::string_view value) -> std::optional<Refusal> {
        auto done = Set(*static_cast<typename SetterOf<decltype(Set)>::Owner*>(object), value);
        return done ? std::nullopt
                    : std::optional(Refusal{.offset = 0, .text = std::move(done.error().message)});
    };
    return {acting(spelling, history, apply)};
}

/// A word that stands for itself.
template <auto Member, auto Value = true>
Option<OwnerOf<Member>> flag(std::string_view spelling, std::string_view history = {}) {
    const auto apply = [](void* object, std::string_view) -> std::optional<Refusal> {
        static_cast<OwnerOf<Member>*>(object)->*Member = Value;
        return std::nullopt;
    };
    return {acting(spelling, history, apply)};
}

/// Kept in the Document, though nothing comes of it, or not what its author may count on.
template <typename T>
Option<T> without(Effect effect, Option<T> option, std::string_view why) {
    option.row.effect = effect;
    option.row.note = why;
    return option;
}

inline InertOption inert(std::string_view spelling,
                         Effect effect,
                         std::string_view why,
                         std::string_view history) {
    InertOption option{spelled(spelling, history)};
    option.row.effect = effect;
    option.row.note = why;
    return option;
}
inline InertOption ignored(std::string_view spelling,
                           std::string_view why,
                           std::string_view history = {}) {
    return inert(spelling, Effect::none, why, history);
}
inline InertOption dropped(std::string_view spelling,
                           std::string_view why,
                           std::string_view history = {}) {
    return inert(spelling, Effect::dropped, why, history);
}
inline InertOption refused(std::string_view spelling,
                           std::string_view why,
                           std::string_view history = {}) {
    return inert(spelling, Effect::refused, why, history);
}

}  // namespace img::syntax
