#include "kickstart/section_reader.hpp"

#include "base/text.hpp"
#include "kickstart/bounds.hpp"
#include "syntax/quote.hpp"
#include "syntax/values.hpp"

namespace img::kickstart {
namespace {

using syntax::ExpandedLine;
using syntax::in_quotes;
using syntax::kDiagnosticsMax;
using syntax::parse_attached_path;
using syntax::parse_package_name;
using syntax::Severity;

}  // namespace

bool SectionReader::has_names() const {
    return section_ != nullptr &&
           (section_->lines == Lines::packages || section_->lines == Lines::first_packages ||
            section_->lines == Lines::attachments);
}

void SectionReader::begin(const CommandLine& line) {
    const auto& name = line.words.front().text;
    open_ = true;
    section_ = find_section(name);
    here_ = {.name = section_ != nullptr ? std::string(section_->name) : in_quotes(name),
             .where = line.where()};
    body_ = nullptr;
    if (section_ == nullptr) {
        report_unknown_section(line, reading_.report);
    } else {
        begin_known(line);
    }
}

void SectionReader::begin_known(const CommandLine& line) {
    Document& document = reading_.document;
    Reporter& report = reading_.report;
    if (section_->effect == Effect::none) {
        report.note(line.where(), "{} has no effect on an image: {}", section_->name,
                    section_->note);
    }
    Reporter header;  // what is said of the header alone
    const auto is_refused = [&] {
        return header.has_said(Severity::refused) && !header.has_said(Severity::error);
    };
    const auto room = [&](std::size_t count, std::size_t most) {
        return has_room(count, most, "sections of this kind", line.where(), report);
    };
    switch (section_->lines) {
        case Lines::packages: read_packages_header(line, reading_); break;
        case Lines::first_packages:
        case Lines::attachments: {
            const auto given = read_options(line, options_of(*section_), nullptr, report);
            refuse_positionals(line, given, report);
            break;
        }
        case Lines::script:
            if (room(document.scripts.size(), kScriptsMax)) {
                auto script = read_script_header(line, *section_, header);
                if (!is_refused()) {
                    document.scripts.push_back(std::move(script));
                    body_ = &document.scripts.back().body;
                }
            }
            break;
        case Lines::certificate:
            if (room(document.certificates.size(), kSectionsMax)) {
                auto certificate = read_certificate_header(line, header);
                if (!is_refused()) {
                    document.certificates.push_back(std::move(certificate));
                    body_ = &document.certificates.back().body;
                }
            }
            break;
        case Lines::idle: keep(line); break;
    }
    if (is_refused()) {
        keep(line);  // half of its header would print as another one
    }
    report.take_over(header);
}

void SectionReader::keep(const CommandLine& line) {
    auto& kept = reading_.document.idle_sections;
    if (has_room(kept.size(), kSectionsMax, "sections of this kind", line.where(),
                 reading_.report)) {
        kept.push_back({.words = {}, .body = {}, .where = line.where()});
        for (const auto& word : line.words) {
            kept.back().words.push_back(word.text);
        }
        body_ = &kept.back().body;
    }
}

void SectionReader::add(const ExpandedLine& line, const Location& where) {
    if (body_ != nullptr) {
        *body_ += line.text;
        *body_ += '\n';
    } else if (has_names()) {
        const CommandLine place{.file = where.file, .number = where.line, .words = {}};
        switch (section_->lines) {
            case Lines::packages:
                read_package_line(place, line, wishes_, unread_, reading_.report);
                break;
            case Lines::first_packages:
                read_package_line(place, line, first_wishes_, unread_first_, reading_.report);
                break;
            default: add_attachment(line.text, where); break;
        }
    }
}

void SectionReader::add_attachment(std::string_view text, const Location& where) {
    const auto name = trim(text.substr(0, text.find('#')));
    auto& all = reading_.document.attachments;
    if (name.empty() ||
        !has_room(all.size(), kSectionsMax, "attachments", where, reading_.report)) {
        return;
    }
    const auto known = name.starts_with('/') ? parse_attached_path(name) : parse_package_name(name);
    if (known) {
        all.push_back({.text = *known, .where = where});
    } else {
        reading_.report.refuse(where, "%attachment: {}", known.error().message);
    }
}

void SectionReader::keep_line(std::string_view line, const Location& where) {
    if (body_ != nullptr) {
        body_->append(line).append("\n");
    } else if (has_names()) {
        auto& lines = section_->lines == Lines::packages ? unread_ : unread_first_;
        lines.push_back({.text = std::string(trim(line)), .where = where});
    }
}

void SectionReader::end(std::string_view rest, const Location& where) {
    open_ = false;
    any_ended_ = true;
    body_ = nullptr;
    if (!rest.empty() && rest[0] != '#') {
        reading_.report.warning(where, "%end stands alone on its line; {} is not read",
                                in_quotes(rest));
    }
    if (section_ != nullptr && section_->lines == Lines::certificate &&
        !reading_.document.certificates.empty() &&
        reading_.document.certificates.back().body.empty()) {
        reading_.report.refuse(here_.where, "%certificate is empty");
    }
}

void SectionReader::interrupt() {
    open_ = false;
    body_ = nullptr;
    if (unended_.size() <= kDiagnosticsMax) {  // more are never shown
        unended_.push_back(here_);
    }
}

void SectionReader::finish() {
    if (open_) {
        interrupt();
    }
    // Before Fedora 8 no section had an %end; a file that never says it is of that time.
    for (const auto& [name, where] : unended_) {
        if (any_ended_) {
            reading_.report.refuse(where,
                                   "{} has no %end, as the file's other sections have; write it "
                                   "before the next section or the end of the file",
                                   name);
        } else {
            reading_.report.warning(where,
                                    "{} has no %end, as before Fedora 8: it reaches to the next "
                                    "section or the end of the file",
                                    name);
        }
    }
    Packages& packages = reading_.document.packages;
    Packages first;
    first_wishes_.store(first);
    packages.first = std::move(first.names);
    std::ranges::move(unread_first_, std::back_inserter(packages.first));
    for (const auto* groups : {&first.excluded_groups, &first.excluded}) {
        for (const auto& name : *groups) {
            reading_.report.refuse(name.where, "%prepackages takes names only, not '-{}'",
                                   name.text);
        }
    }
    for (const auto& group : first.groups) {
        reading_.report.refuse(group.where, "%prepackages takes names only, not '@{}'", group.text);
    }
    wishes_.store(packages);
    packages.unread = std::move(unread_);
}

}  // namespace img::kickstart
