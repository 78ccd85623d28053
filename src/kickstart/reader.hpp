// Reads a text line by line: which lines are commands, which belong to a section, where it ends.
#pragma once

#include "kickstart/command_table.hpp"
#include "kickstart/package_wishes.hpp"
#include "kickstart/section.hpp"
#include "kickstart/tokens.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace img::kickstart {

/// Call read() with the text, then finish(). Every line is read, however many are wrong.
class Reader {
public:
    /// The references outlive the reader.
    Reader(std::string file, const Tokens& tokens, Reading reading)
        : file_(std::move(file)), tokens_(tokens), reading_(reading) {}

    void read(std::string_view text);

    /// Reports a section without %end, and hands the packages over.
    void finish();

private:
    void read_line(std::string_view line);
    void read_top_line(std::string_view line);
    void read_command_line(const ExpandedLine& line);
    void begin_section(const CommandLine& line);
    void read_section_line(std::string_view line);
    void read_script_line(std::string_view line);
    void end_section(std::string_view line);
    void report_open_section();

    /// The line with its tokens replaced, within what is left of kTextBytesMax.
    ExpandedLine expanded(std::string_view line);
    /// False, and an error: the line is longer than kLineBytesMax.
    bool fits(std::string_view line);
    /// The words of a line; none where it has none, or where an error says why.
    CommandLine lexed(const ExpandedLine& line);
    Location here(unsigned column) const {
        return {.file = file_, .line = number_, .column = column};
    }

    std::string file_;
    const Tokens& tokens_;
    Reading reading_;
    PackageWishes wishes_;

    unsigned number_ = 0;          // of the line that is read, from 1
    std::size_t grown_bytes_ = 0;  // what tokens have made of the lines so far
    bool in_section_ = false;
    const Section* section_ = nullptr;  // nullptr inside a section that is not known
    std::string section_name_;
    Location section_where_;
    Script* script_ =
        nullptr;  // in the document; nullptr: the section is no script, or one too many
};

}  // namespace img::kickstart
