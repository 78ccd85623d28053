#include "kickstarter/kickstarter.hpp"

#include "base/nearest.hpp"
#include "base/printable.hpp"
#include "kickstart/kickstart.hpp"
#include "kickstarter/configuration_list.hpp"
#include "kickstarter/custom_folder.hpp"
#include "kickstarter/kickstart_writer.hpp"
#include "kickstarter/safe_name.hpp"
#include "kickstarter/yaml_reader.hpp"
#include "syntax/quote.hpp"
#include "syntax/reporter.hpp"
#include "syntax/values.hpp"
#include "system/beneath.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

namespace img::kickstarter {
namespace {

namespace fs = std::filesystem;
using syntax::Diagnostic;
using syntax::in_quotes;
using syntax::Reporter;
using syntax::Severity;

constexpr std::size_t kTextBytesMax = std::size_t{16} << 20;  // as kickstart::parse() takes
constexpr std::size_t kOutputBytesMax = std::size_t{64} << 20;

/// What has to be said in one of the layers. PartSize and the boot loader's have rules of their
/// own.
constexpr std::array<std::string_view, 7> kNeeded{
    "Language", "Keyboard", "Timezone", "RootPass", "DefaultUser", "DefaultUserPass", "SaveRepos"};

class Generation {
public:
    explicit Generation(const Sources& sources)
        : sources_(sources), custom_(sources.custom_root, sources.custom_below) {}

    Generated run() {
        repositories_ =
            read_repositories(sources_.repositories, sources_.repositories_file, report_);
        for (const auto& repository : repositories_) {
            by_name_[repository.name].push_back(&repository);
        }
        const auto configurations = read_configurations(
            sources_.configurations, sources_.configurations_file, sources_.folder, report_);
        for (const auto& configuration : configurations) {
            make(configuration);
            if (bytes_ > kOutputBytesMax) {
                report_.error(configuration.where(),
                              "all kickstarts together have more than 64 MiB");
                break;
            }
        }
        generated_.diagnostics = diagnostics();
        return std::move(generated_);
    }

private:
    void make(const Configuration& configuration) {
        const auto name = configuration.text("Name");
        const auto file = configuration.text("FileName");
        if (!configuration.flag("Active", true)) {
            report_.note(configuration.where(), "{} is left out: Active is {}", name,
                         configuration.text("Active"));
            return;
        }
        if (file.empty()) {
            report_.note(configuration.where(), "{} is left out: its FileName is empty", name);
            return;
        }
        check_file_name(*configuration.said("FileName"));
        check_needed(configuration);
        check_packages(configuration);
        const auto ingredients = gather(configuration);
        Kickstart made{.name = name,
                       .file_name = file,
                       .platform = configuration.text("Platform"),
                       .text = write_kickstart(configuration, ingredients)};
        bytes_ += made.text.size();
        if (made.text.size() > kTextBytesMax) {
            report_.error(configuration.where(), "the kickstart of {} has more than 16 MiB", name);
            return;
        }
        generated_.kickstarts.push_back(std::move(made));
    }

    void check_file_name(const Said& file) {
        if (!is_safe_name(file.text)) {
            report_.error(file.where,
                          "FileName {} cannot name a file: it is one name, without a "
                          "path",
                          in_quotes(file.text));
        }
        const auto [first, is_new] = file_names_.try_emplace(file.text, file.where);
        if (!is_new) {
            report_.error(file.where, "FileName {} is that of the configuration in {}:{} too",
                          in_quotes(file.text), first->second.file, first->second.line);
        }
    }

    void check_needed(const Configuration& configuration) {
        const auto missing = [&](std::string_view key) {
            report_.error(configuration.where(), "{} has no {}; say it here, in {} or in Default",
                          configuration.text("Name"), key, configuration.text("Platform"));
        };
        for (const auto key : kNeeded) {
            // An account without a password is a user's choice, an empty locale is none.
            const auto said = configuration.said(key);
            if (!said || (said->text.empty() && key != "DefaultUserPass")) {
                missing(key);
            }
        }
        if (!configuration.said("Part") && !configuration.said("PartSize")) {
            missing("PartSize");
        }
        const bool has_own_options = configuration.names("BootloaderOptions");
        if (configuration.flag("Bootloader", true) && !has_own_options) {
            for (const std::string_view key : {"BootloaderTimeout", "BootloaderAppend"}) {
                if (!configuration.names(key)) {
                    missing(key);
                }
            }
        }
    }

    /// Each becomes a line of %packages: a "%end" among them would end it.
    void check_packages(const Configuration& configuration) {
        const auto check = [&](const Said& item, const Result<std::string>& parsed) {
            if (!parsed) {
                report_.error(item.where, "{}", parsed.error().message);
            }
        };
        for (const auto& item : configuration.list("Groups")) {
            const bool has_sign = item.text.starts_with('@');
            if (has_sign) {
                report_.warning(item.where, "Groups: {} is written without its @",
                                in_quotes(item.text));
            }
            check(item, syntax::parse_group_name(item.text.substr(has_sign ? 1 : 0)));
        }
        for (const std::string_view key : {"ExtraPackages", "PrePackages", "RemovePackages"}) {
            for (const auto& item : configuration.list(key)) {
                auto text = std::string_view(item.text);
                text.remove_prefix(key != "RemovePackages" && text.starts_with('-') ? 1 : 0);
                check(item, text.starts_with('@') ? syntax::parse_group_name(text.substr(1))
                                                  : syntax::parse_package_name(text));
            }
        }
        if (const auto kernel = configuration.said("Kernel"); kernel && !kernel->text.empty()) {
            check(*kernel, syntax::parse_package_name(kernel->text));
        }
    }

    Ingredients gather(const Configuration& configuration) {
        Ingredients found{.build_id = sources_.build_id};
        for (const auto& name : configuration.list("Repos")) {
            const auto known = by_name_.find(name.text);
            if (known != by_name_.end()) {
                found.repositories.insert(found.repositories.end(), known->second.begin(),
                                          known->second.end());
            } else {
                report_.error(name.where, "no repository is called {} in {}{}",
                              in_quotes(name.text), sources_.repositories_file,
                              report_.meant(name.text, repository_names()));
            }
        }
        if (const auto part = configuration.said("Part"); part && !part->text.empty()) {
            const auto* const text = custom_.read(CustomKind::part, *part, report_);
            found.part = text == nullptr ? "" : *text;
        }
        found.post = scripts(configuration, "PostScripts", CustomKind::post);
        found.nochroot = scripts(configuration, "NoChrootScripts", CustomKind::nochroot);
        return found;
    }

    std::string scripts(const Configuration& configuration, std::string_view key, CustomKind kind) {
        std::string all;
        for (const auto& name : configuration.list(key)) {
            if (const auto* const text = custom_.read(kind, name, report_)) {
                all += *text + "\n\n";
            }
        }
        return all;
    }

    std::vector<std::string> repository_names() const {
        std::vector<std::string> names;
        for (const auto& repository : repositories_) {
            names.push_back(repository.name);
        }
        return names;
    }

    /// Those of the YAML, then, if it is sound, what the language says of the texts.
    std::vector<Diagnostic> diagnostics() {
        auto all = report_.take();
        std::ranges::stable_sort(all, {}, [](const Diagnostic& one) { return one.where.file; });
        // A fault in Default is found again with every configuration.
        std::set<std::tuple<std::string, unsigned, unsigned, std::string>> seen;
        std::erase_if(all, [&](const Diagnostic& one) {
            return !seen.emplace(one.where.file, one.where.line, one.where.column, one.text).second;
        });
        const bool is_sound =
            std::ranges::find(all, Severity::error, &Diagnostic::severity) == all.end();
        for (const auto& made : generated_.kickstarts) {
            if (is_sound) {
                add_of_text(made, all);
            }
        }
        return all;
    }

    static void add_of_text(const Kickstart& made, std::vector<Diagnostic>& all) {
        // What a build fills in; their values do not matter here.
        const kickstart::ParseOptions options{
            .file = made.file_name + ".ks",
            .tokens = {{"ARCH", "amd64"},
                       {"BUILD_ID", "latest"},
                       {"DEBIAN_MIRROR", "http://localhost/debian"},
                       {"DIST", "dist"},
                       {"NAME", "name"},
                       {"RELEASE", "latest"}}};
        for (auto& diagnostic : kickstart::parse(made.text, options).diagnostics) {
            if (diagnostic.severity != Severity::note) {
                all.push_back(std::move(diagnostic));
            }
        }
    }

    const Sources& sources_;
    CustomFolder custom_;
    Reporter report_;
    std::vector<Repository> repositories_;
    std::map<std::string, std::vector<const Repository*>, std::less<>> by_name_;
    std::map<std::string, Location, std::less<>> file_names_;
    Generated generated_;
    std::size_t bytes_ = 0;
};

/// A file that a user names, wherever links lead.
Result<std::string> read_named(const fs::path& file) {
    std::error_code error;
    const auto real = fs::canonical(file, error);
    if (error) {
        return fail(Fault::missing, fmt::format("there is no file '{}'", printable(file.string())));
    }
    return system::read_beneath(real.parent_path(), real.filename().string(), kYamlBytesMax);
}

}  // namespace

bool Generated::has_errors() const {
    return std::ranges::find(diagnostics, Severity::error, &Diagnostic::severity) !=
           diagnostics.end();
}

Result<Sources> read_sources(const fs::path& configurations,
                             const fs::path& repositories,
                             const std::optional<fs::path>& custom) {
    Sources sources{.configurations_file = configurations.string(),
                    .repositories_file = repositories.string()};
    sources.configurations = TRY(read_named(configurations));
    sources.repositories = TRY(read_named(repositories));
    const auto parent = configurations.parent_path();
    sources.folder = parent.empty() ? fs::path(".") : parent;
    sources.custom_root = custom.value_or(sources.folder / "custom");
    return sources;
}

Result<Sources> read_sources_in(const fs::path& folder, const std::string& configurations) {
    constexpr const char* kRepositories = "repos.yaml";
    Sources sources{.configurations_file = configurations,
                    .repositories_file = kRepositories,
                    .folder = folder,
                    .custom_root = folder,
                    .custom_below = "custom"};
    sources.configurations = TRY(system::read_beneath(folder, configurations, kYamlBytesMax));
    sources.repositories = TRY(system::read_beneath(folder, kRepositories, kYamlBytesMax));
    return sources;
}

Generated generate(const Sources& sources) {
    return Generation(sources).run();
}

}  // namespace img::kickstarter
