#include "kickstart/reader.hpp"

#include "base/text.hpp"
#include "kickstart/bounds.hpp"
#include "kickstart/text_check.hpp"
#include "syntax/quote.hpp"

#include <algorithm>

namespace img::kickstart {
namespace {

using syntax::expand;
using syntax::ExpandedLine;
using syntax::in_quotes;
using syntax::lex;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// The word that a line begins with, where it begins with "%": sections are recognised before
/// anything is lexed, because most of their lines are not ours to lex.
std::string_view directive_of(std::string_view line) {
    line = trim(line);
    return line.starts_with('%') ? line.substr(0, line.find_first_of(" \t\r\n#")) : "";
}

bool is_include(std::string_view directive) {
    return directive == "%include" || directive == "%ksappend";
}

}  // namespace

std::string Reader::read(std::string_view text) {
    keeps_text_ = text.contains("%include") || text.contains("%ksappend");
    frames_.push_back({.file = options_.file});
    read_text(text);
    section_.finish();
    return includes_ == 0 ? std::string() : std::move(text_);
}

void Reader::read_text(std::string_view text) {
    if (text.starts_with(kByteOrderMark)) {
        text.remove_prefix(kByteOrderMark.size());
    }
    while (!text.empty()) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        while (line.ends_with('\r')) {  // files from elsewhere; a script with CRs does not run
            line.remove_suffix(1);
        }
        ++frames_.back().line;
        read_line(line);
    }
}

void Reader::read_line(std::string_view line) {
    const auto directive = directive_of(line);
    if (is_include(directive)) {
        include(line, directive);
        return;
    }
    if (keeps_text_) {
        text_ += line;
        text_ += '\n';
    }
    if (section_.is_open()) {
        read_section_line(line);
    } else {
        read_top_line(line);
    }
}

void Reader::read_top_line(std::string_view line) {
    // A page break too is a blank: old files have some.
    const auto start = line.find_first_not_of(" \t\r\n\v\f");
    if (start == std::string_view::npos || line[start] == '#' || !fits(line)) {
        return;
    }
    const auto text = expanded(line);
    if (fits(text.text)) {
        read_command_line(text);
    }
}

void Reader::read_command_line(const ExpandedLine& line) {
    auto command = lexed(line);
    if (command.words.empty()) {
        // A header that cannot be lexed opens its section all the same: what follows is no command.
        const auto directive = directive_of(line.text);
        if (directive.empty()) {
            return;
        }
        const auto start = static_cast<std::size_t>(directive.data() - line.text.data());
        command.words.push_back(
            {.text = std::string(directive), .column = line.column(start), .columns = {}});
    }
    const auto& name = command.words.front().text;
    if (name == "%end") {
        reading_.report.error(command.where(), "%end without a section before it; take it out");
    } else if (name.starts_with('%')) {
        section_.begin(command);
    } else {
        read_command(command, reading_);
    }
}

void Reader::read_section_line(std::string_view line) {
    const auto directive = directive_of(line);
    if (directive == "%end") {
        const auto rest = trim(trim(line).substr(directive.size()));
        section_.end(rest, here(static_cast<unsigned>(rest.data() - line.data()) + 1));
    } else if (find_section(directive) != nullptr) {
        section_.interrupt();
        read_top_line(line);
    } else if (!section_.has_names()) {
        section_.add(expanded(line), here(1));
    } else if (fits(line)) {
        const auto text = expanded(line);
        if (!text.too_long && fits(text.text)) {
            section_.add(text, here(1));
        }
    }
}

void Reader::include(std::string_view line, std::string_view directive) {
    const auto text = expanded(line);
    const auto command = lexed(text);
    if (command.words.empty()) {
        return;  // which has been said
    }
    if (command.words.size() < 2 || command.words[1].text.empty()) {
        reading_.report.error(here(1), "{} needs the name of a file", directive);
        return;
    }
    const Word& name = command.words[1];
    const auto where = command.where(name);
    const auto included = find_included(name.text);
    if (included && is_open(included->file)) {
        reading_.report.error(where, "{} {}: the file includes itself", directive,
                              in_quotes(name.text));
    } else if (included) {
        read_included(*included);
    } else {
        reading_.report.refuse(where, "{} {}: {}", directive, in_quotes(name.text),
                               included.error());
        keep_include(text.text, {std::string(directive), name.text});
    }
}

void Reader::keep_include(std::string_view line, std::vector<std::string> words) {
    auto& kept = reading_.document.idle_commands;
    if (section_.is_open()) {
        section_.keep_line(line, here(1));
    } else if (kept.size() < kIdleCommandsMax) {
        kept.push_back({.words = std::move(words), .where = here(1)});
    }
}

bool Reader::is_open(const std::string& file) const {
    return std::ranges::find(frames_, file, &Frame::file) != frames_.end();
}

std::expected<Included, std::string> Reader::find_included(const std::string& name) {
    if (!options_.include) {
        return std::unexpected(
            "files are not looked for here; img submit puts them in place before it sends a "
            "kickstart");
    }
    if (frames_.size() > kIncludeDepthMax || lookups_ >= kIncludesMax) {
        return std::unexpected(
            fmt::format("at most {} files, one in the other at most {} deep, are included",
                        kIncludesMax, kIncludeDepthMax));
    }
    ++lookups_;
    auto included = options_.include(name, frames_.back().file);
    if (!included) {
        return std::unexpected(std::move(included.error().message));
    }
    if (auto wrong = why_unreadable(included->text)) {
        return std::unexpected(std::move(*wrong));
    }
    if (included_bytes_ + included->text.size() > kTextBytesMax) {
        return std::unexpected(
            fmt::format("the included files have more than {} MiB in all", kTextBytesMax >> 20));
    }
    return *std::move(included);
}

void Reader::read_included(const Included& included) {
    ++includes_;
    included_bytes_ += included.text.size();
    frames_.push_back({.file = included.file});
    tell_of_chain();
    read_text(included.text);
    frames_.pop_back();
    tell_of_chain();
}

void Reader::tell_of_chain() {
    std::string chain;
    for (auto frame = frames_.rbegin() + 1; frame != frames_.rend(); ++frame) {
        chain += fmt::format("{}{}:{}", chain.empty() ? " (included in " : ", in ", frame->file,
                             frame->line);
    }
    reading_.report.set_suffix(chain.empty() ? chain : chain + ")");
}

ExpandedLine Reader::expanded(std::string_view line) {
    auto out = expand(line, options_.tokens, kTextBytesMax - std::min(grown_bytes_, kTextBytesMax));
    if (out.too_long) {
        reading_.report.error(here(1),
                              "with its tokens replaced the text is larger than {} MiB; "
                              "shorten their values",
                              kTextBytesMax >> 20);
    }
    if (!out.columns.empty()) {
        grown_bytes_ += out.text.size();
    }
    return out;
}

bool Reader::fits(std::string_view line) {
    if (line.size() > kLineBytesMax) {
        reading_.report.refuse(here(1), "a line of {} bytes; at most {} are read", line.size(),
                               kLineBytesMax);
        return false;
    }
    return true;
}

CommandLine Reader::lexed(const ExpandedLine& line) {
    const auto& [file, number] = frames_.back();
    CommandLine command{.file = file, .number = number, .words = {}};
    if (line.too_long) {
        return command;
    }
    auto lexed_line = lex(line);
    if (!lexed_line) {
        reading_.report.error(here(lexed_line.error().column), "{}", lexed_line.error().text);
        return command;
    }
    command.words = std::move(lexed_line->words);
    if (lexed_line->comment_inside_word) {
        reading_.report.warning(here(*lexed_line->comment_inside_word),
                                "a comment begins here; put quotes around a word that holds #");
    }
    return command;
}

}  // namespace img::kickstart
