// The language as a table for people and programs: what is known, since when, and what comes of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace img::kickstart {

struct OptionReference {
    std::string_view name;   ///< "--size"
    std::string_view value;  ///< "MIB"; empty: it takes none.
    bool may_be_empty = false;
    std::string_view history;  ///< As Command::history.
    std::string_view effect;   ///< "acts", "none" or "refused".
    std::string_view note;     ///< Why it does not act; empty where its command says so.
};

struct CommandReference {
    std::string_view name;   ///< "part"; of a section with its "%".
    std::string_view words;  ///< What it takes besides options, as Command::words.
    std::string_view history;
    std::string_view effect;
    std::string_view note;  ///< What it does to an image, or why nothing.
    bool any_options = false;
    std::vector<OptionReference> options;
};

/// By name.
std::vector<CommandReference> command_reference();
std::vector<CommandReference> section_reference();

/// Of a history such as "FC3-F28": the version that it begins with, and the last one, or "".
std::string_view since(std::string_view history);
std::string_view until(std::string_view history);

/// docs/kickstart.md
std::string reference_page();

}  // namespace img::kickstart
