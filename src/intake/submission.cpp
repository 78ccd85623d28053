#include "intake/submission.hpp"

#include "base/digest.hpp"
#include "base/nearest.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "kickstart/kickstart.hpp"
#include "kickstart/metadata.hpp"
#include "kickstart/overlay.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::intake {

namespace {

// RFC 5321, section 4.5.3.1.3: a path has 256 octets, two of them brackets.
constexpr std::size_t kEmailMax = 254;
constexpr std::size_t kFindingsSaid = 5;  // the page shows all of them

/// What mail programs agree on; whether somebody reads it there, only a mail can tell.
bool is_email(std::string_view text) {
    const auto at = text.find('@');
    const auto is_trouble = [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == '<' || c == '>' ||
               c == ',' || c == ';' || c == '"' || c == '\\';
    };
    return text.size() <= kEmailMax && at != std::string_view::npos && at > 0 &&
           at + 1 < text.size() && text.find('@', at + 1) == std::string_view::npos &&
           !text.starts_with('-') && std::ranges::none_of(text, is_trouble);
}

void check_type(Submission& submission, const std::vector<std::string>& image_types) {
    const auto& type = submission.request.image_type;
    if (std::ranges::find(image_types, type) != image_types.end()) {
        return;
    }
    const auto near = nearest(type, image_types);
    submission.complaints.push_back(
        {.field = "type",
         .code = "unknown-type",
         .text = type.empty() ? "choose an image type: " + join(image_types, ", ")
                 : near.empty()
                     ? fmt::format("there is no image type \"{}\"; there are {}",
                                   printable(type.substr(0, 100)), join(image_types, ", "))
                     : fmt::format("there is no image type \"{}\"; did you mean \"{}\"?",
                                   printable(type.substr(0, 100)), near)});
}

void complain(Submission& submission, std::string field, std::string code, std::string text) {
    submission.complaints.push_back(
        {.field = std::move(field), .code = std::move(code), .text = std::move(text)});
}

/// Puts the template's text in place of a kickstart; false where that cannot be.
bool take_template(Submission& submission, const Rules& rules) {
    auto& asked = submission.request;
    if (asked.template_name.empty()) {
        return true;
    }
    if (!trim(asked.kickstart).empty()) {
        complain(submission, "template", "two-kickstarts",
                 "choose a template or give a kickstart, not both");
        return false;
    }
    auto found =
        rules.templates == nullptr
            ? Result<kickstarter::Template>(fail(Fault::missing, "this service has no templates"))
            : rules.templates->find(asked.template_name);
    if (!found) {
        complain(submission, "template", "unknown-template", found.error().message);
        return false;
    }
    asked.kickstart = std::move(found->text);
    return true;
}

/// What the kickstart's comments suggest, else the rules' default.
std::string type_of(const std::string& kickstart, const Rules& rules) {
    const auto said = kickstart::read_metadata(kickstart, "");
    const auto& suggested = said.suggested_image_type;
    const auto& type = suggested.empty() && said.mic2 ? said.mic2->format : suggested;
    return type.empty() ? rules.default_type : type;
}

/// Two jobs of one template are told apart by what was laid over it.
std::string name_of(const jobs::JobRequest& request) {
    const auto base = name_of_file(request.template_name);
    if (base.empty()) {
        return "image-" + sha256_hex(request.kickstart).substr(0, 8);
    }
    auto name = request.overlay.empty()
                    ? base
                    : fmt::format("{}-{}", base, sha256_hex(request.overlay).substr(0, 8));
    return jobs::is_job_name(name) ? name : base;
}

std::ptrdiff_t count_of(const Submission& submission, std::string_view severity) {
    return std::ranges::count(submission.findings, severity, &api::Finding::severity);
}

/// "1 error", "3 errors"
std::string amount(std::ptrdiff_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

void check_kickstart(Submission& submission, const Rules& rules) {
    const auto& request = submission.request;
    if (trim(request.kickstart).empty()) {
        complain(submission, "kickstart", "empty-kickstart",
                 rules.templates == nullptr
                     ? "choose a kickstart file or paste its text"
                     : "choose a kickstart file, paste its text or choose a template");
        return;
    }
    submission.findings = findings_of(request.kickstart, request.name, rules);
    // What is refused is a kickstart, but none that a build could begin with.
    const auto errors = count_of(submission, "error");
    const auto refused = count_of(submission, "refused");
    if (errors + refused > 0) {
        complain(submission, "kickstart", "bad-kickstart",
                 refused == 0  ? fmt::format("the kickstart has {}", amount(errors, "error"))
                 : errors == 0 ? fmt::format("the kickstart has {}", amount(refused, "refusal"))
                               : fmt::format("the kickstart has {} and {}", amount(errors, "error"),
                                             amount(refused, "refusal")));
    }
}

}  // namespace

std::string name_of_file(std::string_view file) {
    std::string name(file.substr(0, file.ends_with(".ks") ? file.size() - 3 : file.size()));
    std::ranges::replace(name, ' ', '-');
    return jobs::is_job_name(name) ? name : std::string();
}

Submission check(jobs::JobRequest request, const Rules& rules) {
    Submission submission{.request = std::move(request), .complaints = {}, .findings = {}};
    auto& asked = submission.request;
    const bool is_clear = take_template(submission, rules);
    if (asked.name.empty()) {
        asked.name = name_of(asked);
    }
    if (asked.image_type.empty()) {
        asked.image_type = type_of(asked.kickstart, rules);
    }
    if (!jobs::is_job_name(asked.name)) {
        submission.complaints.push_back(
            {.field = "name",
             .code = "bad-name",
             .text =
                 fmt::format("\"{}\" cannot name an image: use up to 100 letters, digits, dots, "
                             "dashes and underscores, a letter or digit first",
                             printable(asked.name.substr(0, 120)))});
    }
    if (is_clear || !asked.image_type.empty()) {  // else it is the template's, which is not known
        check_type(submission, rules.image_types);
    }
    if (is_clear) {
        check_kickstart(submission, rules);
    }
    if (const auto overlay = kickstart::parse_overlay(asked.overlay);
        !asked.overlay.empty() && !overlay) {
        submission.complaints.push_back(
            {.field = "overlay", .code = "bad-overlay", .text = overlay.error().message});
    }
    if (!jobs::is_architecture(asked.architecture)) {
        complain(submission, "architecture", "bad-architecture",
                 fmt::format("\"{}\" is no architecture; Debian's names are amd64, arm64, armhf …",
                             printable(asked.architecture.substr(0, 120))));
    }
    if (!jobs::is_priority(asked.priority)) {
        complain(submission, "priority", "bad-priority",
                 fmt::format("{} is no whole number from {} to {}", asked.priority,
                             jobs::kPriorityMin, jobs::kPriorityMax));
    }
    if (!jobs::is_reference(asked.reference)) {
        complain(submission, "reference", "bad-reference",
                 fmt::format("it has {} bytes; give at most {} of printable text",
                             asked.reference.size(), jobs::kReferenceMax));
    }
    if (!asked.email.empty() && !is_email(asked.email)) {
        submission.complaints.push_back(
            {.field = "email",
             .code = "bad-email",
             .text = fmt::format("\"{}\" is no e-mail address",
                                 printable(asked.email.substr(0, 120)))});
    }
    return submission;
}

std::vector<api::Finding> findings_of(const std::string& kickstart,
                                      const std::string& name,
                                      const Rules& rules) {
    kickstart::ParseOptions options{.file = name + ".ks", .tokens = {}};
    if (rules.tokens) {
        options.tokens = rules.tokens(kickstart, name);
    }
    std::vector<api::Finding> findings;
    for (const auto& diagnostic : kickstart::parse(kickstart, options).diagnostics) {
        findings.push_back({.severity = std::string(to_text(diagnostic.severity)),
                            .file = diagnostic.where.file,
                            .line = diagnostic.where.line,
                            .column = diagnostic.where.column,
                            .text = diagnostic.text});
    }
    return findings;
}

std::string sentence_of(const Submission& submission) {
    std::string sentence;
    const auto add = [&sentence](const std::string& text) {
        sentence += (sentence.empty() ? "" : "; ") + text;
    };
    for (const auto& complaint : submission.complaints) {
        add(complaint.field + ": " + complaint.text);
    }
    std::size_t said = 0;
    for (const auto& finding : submission.findings) {
        if ((finding.severity == "error" || finding.severity == "refused") &&
            ++said <= kFindingsSaid) {
            add(fmt::format("{}:{}: {}", finding.file, finding.line, finding.text));
        }
    }
    return sentence;
}

}  // namespace img::intake
