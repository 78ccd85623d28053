#include "kickstart/reader.hpp"

#include "base/text.hpp"
#include "kickstart/bounds.hpp"
#include "kickstart/quote.hpp"

#include <algorithm>

namespace img::kickstart {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kNoIncludes =
    "is not supported in this version; paste the text of the file in its place";

/// The word that a line begins with, where it begins with "%": sections are recognised before
/// anything is lexed, because most of their lines are not ours to lex.
std::string_view directive_of(std::string_view line) {
    return line.starts_with('%') ? line.substr(0, line.find_first_of(" \t\r\n#")) : "";
}

bool is_include(std::string_view directive) {
    return directive == "%include" || directive == "%ksappend";
}

}  // namespace

void Reader::read(std::string_view text) {
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
        ++number_;
        read_line(line);
    }
}

void Reader::finish() {
    if (in_section_) {
        report_open_section();
    }
    wishes_.store(reading_.document.packages);
}

void Reader::read_line(std::string_view line) {
    if (in_section_) {
        read_section_line(line);
    } else {
        read_top_line(line);
    }
}

void Reader::read_top_line(std::string_view line) {
    const auto words = trim(line);
    if (words.empty() || words[0] == '#' || !fits(line)) {
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
        const auto text = trim(line.text);
        const auto directive = directive_of(text);
        if (directive.empty()) {
            return;
        }
        const auto start = static_cast<std::size_t>(text.data() - line.text.data());
        command.words.push_back(
            {.text = std::string(directive), .column = line.column(start), .columns = {}});
    }
    const auto& name = command.words.front().text;
    if (is_include(name)) {
        reading_.report.error(command.where(), "{} {}", name, kNoIncludes);
    } else if (name == "%end") {
        reading_.report.error(command.where(), "%end without a section before it; take it out");
    } else if (name.starts_with('%')) {
        begin_section(command);
    } else {
        read_command(command, reading_);
    }
}

void Reader::begin_section(const CommandLine& line) {
    const auto& name = line.words.front().text;
    in_section_ = true;
    section_ = find_section(name);
    section_name_ = section_ != nullptr ? std::string(section_->name) : in_quotes(name);
    section_where_ = line.where();
    script_ = nullptr;
    if (section_ == nullptr) {
        report_unknown_section(line, reading_.report);
        return;
    }
    switch (section_->effect) {
        case Effect::acts: break;
        case Effect::none:
            reading_.report.note(line.where(), "{} has no effect on an image: {}", name,
                                 section_->note);
            break;
        case Effect::dropped:
        case Effect::refused:
            reading_.report.error(line.where(), "{} is not possible: {}", name, section_->note);
            break;
    }
    auto& scripts = reading_.document.scripts;
    if (section_->lines == Lines::packages) {
        read_packages_header(line, reading_);
    } else if (section_->lines == Lines::script &&
               has_room(scripts.size(), kScriptsMax, "scripts", line.where(), reading_.report)) {
        scripts.push_back(read_script_header(line, *section_, reading_.report));
        script_ = &scripts.back();
    }
}

void Reader::read_section_line(std::string_view line) {
    const bool packages = section_ != nullptr && section_->lines == Lines::packages;
    // A script keeps its indentation, so only a "%" in its first column is ours.
    const auto directive = directive_of(packages ? trim(line) : line);
    if (directive == "%end") {
        end_section(line);
    } else if (is_include(directive)) {
        reading_.report.error(here(1), "{} {}", directive, kNoIncludes);
    } else if (find_section(directive) != nullptr) {
        report_open_section();
        in_section_ = false;
        read_top_line(line);
    } else if (packages) {
        if (fits(line)) {
            const CommandLine place{.file = file_, .number = number_, .words = {}};
            const auto text = expanded(line);
            if (!text.too_long && fits(text.text)) {
                read_package_line(place, text, wishes_, reading_.report);
            }
        }
    } else if (script_ != nullptr) {
        read_script_line(line);
    }
}

void Reader::read_script_line(std::string_view line) {
    if (line.contains('@')) {
        script_->body += expanded(line).text;
    } else {
        script_->body += line;
    }
    script_->body += '\n';
}

void Reader::end_section(std::string_view line) {
    in_section_ = false;
    script_ = nullptr;
    const auto rest = trim(trim(line).substr(std::string_view("%end").size()));
    if (!rest.empty() && rest[0] != '#') {
        const auto column = static_cast<unsigned>(rest.data() - line.data()) + 1;
        reading_.report.error(here(column), "%end stands alone on its line, without {}",
                              in_quotes(rest));
    }
}

void Reader::report_open_section() {
    reading_.report.error(section_where_, "{} has no %end; write it on a line of its own",
                          section_name_);
}

ExpandedLine Reader::expanded(std::string_view line) {
    auto out = expand(line, tokens_, kTextBytesMax - std::min(grown_bytes_, kTextBytesMax));
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
        reading_.report.error(here(1), "a line of {} bytes; at most {} are read", line.size(),
                              kLineBytesMax);
        return false;
    }
    return true;
}

CommandLine Reader::lexed(const ExpandedLine& line) {
    CommandLine command{.file = file_, .number = number_, .words = {}};
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
