// Reads a text line by line: which lines are commands, which name another file to read.
#pragma once

#include "kickstart/parse_options.hpp"
#include "kickstart/section_reader.hpp"
#include "syntax/tokens.hpp"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace img::kickstart {

/// Every line is read, however many are wrong.
class Reader {
public:
    /// The references outlive the reader.
    Reader(const ParseOptions& options, Reading reading)
        : options_(options), reading_(reading), section_(reading) {}

    /// Once. Gives back the text with what it includes in place; nothing where it includes none.
    std::string read(std::string_view text);

private:
    /// A file that is being read: one at the bottom, and above it what includes what.
    struct Frame {
        std::string file;
        unsigned line = 0;  // from 1
    };

    void read_text(std::string_view text);
    void read_line(std::string_view line);
    void read_top_line(std::string_view line);
    void read_command_line(const syntax::ExpandedLine& line);
    void read_section_line(std::string_view line);
    /// Reads the file that the line names in the line's place.
    void include(std::string_view line, std::string_view directive);
    /// Or why it cannot be included.
    std::expected<Included, std::string> find_included(const std::string& name);
    /// For print().
    void keep_include(std::string_view line, std::vector<std::string> words);
    /// Whether the file is one of those that are being read.
    bool is_open(const std::string& file) const;
    void read_included(const Included& included);
    /// " (included in a.ks:3)" behind what is said from now on.
    void tell_of_chain();

    /// The line with its tokens replaced, within what is left of kTextBytesMax.
    syntax::ExpandedLine expanded(std::string_view line);
    /// False, and an error: the line is longer than kLineBytesMax.
    bool fits(std::string_view line);
    /// The words of a line; none where it has none, or where an error says why.
    CommandLine lexed(const syntax::ExpandedLine& line);
    Location here(unsigned column) const {
        return {.file = frames_.back().file, .line = frames_.back().line, .column = column};
    }

    const ParseOptions& options_;
    Reading reading_;
    SectionReader section_;
    std::vector<Frame> frames_;
    std::size_t grown_bytes_ = 0;     // what tokens have made of the lines so far
    std::size_t included_bytes_ = 0;  // of all files but the first
    std::size_t includes_ = 0;
    std::size_t lookups_ = 0;  // found or not: each asks the disk
    bool keeps_text_ = false;  // only where something may be included
    std::string text_;         // what read() gives back
};

}  // namespace img::kickstart
