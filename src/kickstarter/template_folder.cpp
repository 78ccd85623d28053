#include "kickstarter/template_folder.hpp"

#include "base/nearest.hpp"
#include "base/text.hpp"
#include "kickstart/metadata.hpp"
#include "kickstarter/kickstarter.hpp"
#include "kickstarter/safe_name.hpp"
#include "syntax/quote.hpp"
#include "system/beneath.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::kickstarter {
namespace {

constexpr std::size_t kTemplateBytesMax = std::size_t{1} << 20;
constexpr std::size_t kNamesSaid = 20;  // of templates, in a sentence
constexpr std::size_t kNamesMax = 1000;
constexpr std::size_t kFaultsMax = 20;
constexpr std::string_view kEnding = ".ks";

bool is_configurations(std::string_view file) {
    return file.starts_with("configurations") && file.ends_with(".yaml");
}

/// With what the text's own comments say of it.
Template described(std::string text, std::string name, Template::Kind kind) {
    auto said = kickstart::read_metadata(text, name);
    const auto mic2 = said.mic2.value_or(kickstart::Mic2Options{});
    Template one{.name = std::move(name), .kind = kind};
    one.display_name = said.display_name.empty() ? one.name : std::move(said.display_name);
    one.description = std::move(said.description);
    one.image_type =
        said.suggested_image_type.empty() ? mic2.format : std::move(said.suggested_image_type);
    one.architecture = said.suggested_architecture.empty() ? mic2.architecture
                                                           : std::move(said.suggested_architecture);
    one.text = std::move(text);
    return one;
}

void add_fault(TemplateList& list, std::string fault) {
    if (list.faults.size() < kFaultsMax) {
        list.faults.push_back(std::move(fault));
    }
}

void add(Template one, const std::string& file, TemplateList& list) {
    const auto same = std::ranges::find(list.templates, one.name, &Template::name);
    if (same != list.templates.end()) {
        add_fault(list, fmt::format("{}: another template is called {} already", file, one.name));
        return;
    }
    list.templates.push_back(std::move(one));
}

}  // namespace

void TemplateFolder::add_file(const std::string& file, TemplateList& list) const {
    const auto name = file.substr(0, file.size() - kEnding.size());
    if (!is_safe_name(name)) {
        add_fault(list, fmt::format("{}: this cannot name a template", syntax::in_quotes(file)));
        return;
    }
    auto text = system::read_beneath(folder_, file, kTemplateBytesMax);
    if (!text) {
        add_fault(list, text.error().message);
        return;
    }
    add(described(*std::move(text), name, Template::Kind::kickstart), file, list);
}

void TemplateFolder::add_configurations(const std::string& file, TemplateList& list) const {
    const auto sources = read_sources_in(folder_, file);
    if (!sources) {
        add_fault(list, fmt::format("{}: {}", file, sources.error().message));
        return;
    }
    auto generated = generate(*sources);
    for (const auto& diagnostic : generated.diagnostics) {
        if (diagnostic.severity == syntax::Severity::error) {
            add_fault(list, to_text(diagnostic));
        }
    }
    if (generated.has_errors()) {
        return;
    }
    for (auto& made : generated.kickstarts) {
        auto one = described(std::move(made.text), made.file_name, Template::Kind::configuration);
        one.platform = std::move(made.platform);
        add(std::move(one), file, list);
    }
}

TemplateList TemplateFolder::list() const {
    TemplateList found;
    const auto files = system::list_beneath(folder_, ".", kNamesMax);
    if (!files && files.error().fault != Fault::missing) {
        add_fault(found, files.error().message);
    }
    const auto names = files.value_or(std::vector<std::string>());
    for (const auto& file : names) {
        if (file.ends_with(kEnding) && !file.starts_with('.')) {
            add_file(file, found);
        }
    }
    for (const auto& file : names) {
        if (is_configurations(file)) {
            add_configurations(file, found);
        }
    }
    return found;
}

Result<Template> TemplateFolder::find(std::string_view name) const {
    auto all = list().templates;
    const auto one = std::ranges::find(all, name, &Template::name);
    if (one != all.end()) {
        return std::move(*one);
    }
    std::vector<std::string> names;
    for (const auto& other : all) {
        names.push_back(other.name);
    }
    const auto best = nearest(name, names);
    if (names.size() > kNamesSaid) {
        names.resize(kNamesSaid);
        names.emplace_back("…");
    }
    const auto way = !best.empty()   ? fmt::format("did you mean {}?", best)
                     : names.empty() ? std::string("this service has none")
                                     : "there are " + join(names, ", ");
    return fail(Fault::missing,
                fmt::format("there is no template {}; {}", syntax::in_quotes(name), way));
}

}  // namespace img::kickstarter
