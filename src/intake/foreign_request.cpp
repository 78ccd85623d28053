#include "intake/foreign_request.hpp"

#include "base/printable.hpp"
#include "base/text.hpp"
#include "kickstarter/kickstarter.hpp"
#include "syntax/diagnostic.hpp"
#include "system/beneath.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace img::intake {
namespace {

namespace fs = std::filesystem;
using jobs::JobRequest;
using kickstarter::Kickstart;
using nlohmann::json;

constexpr std::size_t kConfigurationMax = std::size_t{1} << 20;  // as kickstarter's own limit
constexpr std::size_t kDiagnosticsSaid = 5;
constexpr std::size_t kListMax = 10'000;  // packages, groups or projects

/// The names that rpm's world has for machines, and ours for the same.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kArchitectures{{
    {"x86_64", "amd64"},
    {"i586", "i386"},
    {"i686", "i386"},
    {"armv7l", "armhf"},
    {"armv7hl", "armhf"},
    {"aarch64", "arm64"},
}};

std::string debian_architecture(const std::string& text) {
    const auto* const same = std::ranges::find(
        kArchitectures, text, &std::pair<std::string_view, std::string_view>::first);
    return same == kArchitectures.end() ? text : std::string(same->second);
}

std::string joined(const std::vector<syntax::Diagnostic>& diagnostics) {
    std::string sentence = "kickstarter cannot write a kickstart";
    std::size_t said = 0;
    for (const auto& diagnostic : diagnostics) {
        if (diagnostic.severity == syntax::Severity::error && ++said <= kDiagnosticsSaid) {
            sentence += (said == 1 ? ": " : "; ") + to_text(diagnostic);
        }
    }
    return sentence;
}

/// The one that is meant: the only one, or the one of that name.
Result<Kickstart> chosen(std::vector<Kickstart> kickstarts, const std::string& name) {
    std::vector<std::string> names;
    for (auto& one : kickstarts) {
        if (one.file_name == name || kickstarts.size() == 1) {
            return std::move(one);
        }
        names.push_back(one.file_name);
    }
    return fail(Fault::invalid,
                names.empty()
                    ? "the configuration makes no kickstart: it needs an active entry "
                      "under Configurations"
                    : fmt::format("the configuration makes {} kickstarts; say as \"name\" "
                                  "which is meant: {}",
                                  names.size(), join(names, ", ")));
}

Result<Kickstart> generated(const std::string& configuration,
                            const std::string& name,
                            const fs::path& templates) {
    kickstarter::Sources sources{.configurations_file = "configuration",
                                 .configurations = configuration,
                                 .repositories_file = "repos.yaml",
                                 .folder = templates,
                                 .custom_root = templates,
                                 .custom_below = "custom"};
    auto repositories =
        system::read_beneath(templates, sources.repositories_file, kConfigurationMax);
    sources.repositories =
        repositories ? *std::move(repositories) : std::string("Repositories: {}\n");
    auto made = kickstarter::generate(sources);
    if (made.has_errors()) {
        return fail(Fault::invalid, joined(made.diagnostics));
    }
    return chosen(std::move(made.kickstarts), name);
}

/// Texts of a list; a list that is missing is empty.
Result<std::vector<std::string>> texts_of(const json& body, const char* key) {
    std::vector<std::string> texts;
    const auto found = body.find(key);
    if (found == body.end() || found->is_null()) {
        return texts;
    }
    const auto is_text = [](const json& one) { return one.is_string(); };
    if (!found->is_array() || found->size() > kListMax || !std::ranges::all_of(*found, is_text)) {
        return fail(Fault::invalid, fmt::format("config: \"{}\" is no list of texts", key));
    }
    for (const auto& one : *found) {
        texts.push_back(one.get<std::string>());
    }
    return texts;
}

/// RFC 3986 has no others, and none of these means anything to the kickstart language.
bool is_plain_url(std::string_view text) {
    return text.find("://") != text.npos && std::ranges::all_of(text, [](char c) {
               return c > ' ' && c <= '~' && c != '"' && c != '\'' && c != '\\' && c != '#';
           });
}

/// What came after YAML: a kickstart, and what is to be laid over it.
Result<void> apply_template(const json& body, JobRequest& request) {
    std::string repositories;
    for (const auto& project : TRY(texts_of(body, "Projects"))) {
        if (!is_plain_url(project)) {
            return fail(Fault::invalid, fmt::format("config: \"{}\" is no URL of a repository",
                                                    printable(project.substr(0, 200))));
        }
        // In front, for a section of 2010 has no end.
        repositories += fmt::format("repo --name=project-{} --baseurl={}\n",
                                    std::ranges::count(repositories, '\n') + 1, project);
    }
    request.kickstart = repositories + body.at("Template").get<std::string>();
    for (const auto* const key : {"Packages", "Groups"}) {
        for (const auto& name : TRY(texts_of(body, key))) {
            request.overlay += (request.overlay.empty() ? "" : ",") + name;
        }
    }
    return {};
}

std::optional<json> template_object(const std::string& configuration) {
    if (!trim(configuration).starts_with('{')) {
        return std::nullopt;
    }
    auto body = json::parse(configuration, nullptr, false);
    const bool has_template =
        body.is_object() && body.contains("Template") && body["Template"].is_string();
    return has_template ? std::optional(std::move(body)) : std::nullopt;
}

/// "image-1f0a99c3": of all that makes a difference to what is built. A fresh one is never the
/// same as another.
std::string name_for(const std::string& base, const JobRequest& request) {
    auto unnamed = request;
    unnamed.name = request.is_fresh ? request.reference : "";
    return fmt::format("{}-{}", jobs::is_job_name(base) ? base.substr(0, 80) : "image",
                       jobs::digest_of(unnamed).substr(0, 8));
}

}  // namespace

Result<JobRequest> request_from(const jobs::ForeignRequest& foreign, const fs::path& templates) {
    auto request = foreign.request;
    request.architecture = debian_architecture(request.architecture);
    std::string base = request.template_name;
    if (const auto later = template_object(foreign.configuration)) {
        TRY(apply_template(*later, request));
    } else if (!foreign.configuration.empty()) {
        auto made = TRY(generated(foreign.configuration, request.name, templates));
        request.kickstart = std::move(made.text);
        base = std::move(made.file_name);
    }
    if (request.name.empty()) {
        request.name = name_for(base, request);
    }
    return request;
}

}  // namespace img::intake
