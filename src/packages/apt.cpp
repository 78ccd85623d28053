#include "packages/apt.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

namespace img::packages {
namespace {

using system::Command;

std::string configuration_file(const AptFolders& folders) {
    return (folders.scratch / "apt.conf").string();
}

std::vector<std::string> environment(const AptFolders& folders) {
    return {"APT_CONFIG=" + configuration_file(folders), "DEBIAN_FRONTEND=noninteractive"};
}

constexpr std::array<std::string_view, 5> kPriorities{"required", "important", "standard",
                                                      "optional", "extra"};

std::string group_argument(const std::string& group) {
    if (group == "core") {
        return "?priority(required)";
    }
    if (std::ranges::find(kPriorities, group) != kPriorities.end()) {
        return fmt::format("?priority({})", group);
    }
    return group + "^";  // a task, such as ssh-server
}

/// "%3a" for ":" and so on, as apt writes file names.
std::string unquote(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned code = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16).ec == std::errc()) {
            out += static_cast<char>(code);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

bool is_sha256(std::string_view text) {
    return text.size() == 64 &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// 'URL' name_version_arch.deb size SHA256:digest
bool read_package(std::string_view line, Package& package) {
    constexpr std::string_view kDigest = "SHA256:";
    const auto words = split(line, " ");
    if (words.size() != 4 || words[0].size() < 2 || !words[3].starts_with(kDigest)) {
        return false;
    }
    const auto& file = words[1];
    const auto parts = split(std::string_view(file).substr(0, file.rfind('.')), "_");
    if (parts.size() != 3) {
        return false;
    }
    package = {.name = parts[0],
               .version = unquote(parts[1]),
               .architecture = parts[2],
               .url = words[0].substr(1, words[0].size() - 2),
               .size_bytes = 0,
               .sha256 = words[3].substr(kDigest.size())};
    std::from_chars(words[2].data(), words[2].data() + words[2].size(), package.size_bytes);
    return is_sha256(package.sha256);
}

}  // namespace

std::string apt_configuration(const AptFolders& folders,
                              const std::string& architecture,
                              std::string_view transport) {
    // Files of the machine: none but the transport's settings, which were read before.
    return fmt::format(R"(Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "{0}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::trusted "/dev/null";
Dir::Etc::trustedparts "{0}/keys";
Dir::Etc::preferences "{0}/preferences";
Dir::Etc::preferencesparts "/dev/null";
Dir::Etc::netrc "{0}/auth.conf";
Dir::Etc::netrcparts "/dev/null";
Dir::State "{0}";
Dir::State::status "{0}/status";
Dir::State::lists "{1}";
Dir::Cache "{0}/cache";
Dir::Cache::archives "{0}/cache/archives";
Dir::Log "{0}";
APT::Architecture "{2}";
APT::Architectures {{ "{2}"; }};
APT::Sandbox::User "root";
APT::Get::List-Cleanup "false";
pkgCacheFile::Generate "true";
Acquire::Languages "none";
Acquire::ForceHash "SHA256";
Acquire::Retries "2";
)",
                       folders.scratch.string(), folders.lists.string(), architecture) +
           std::string(transport);
}

std::string transport_settings(std::string_view apt_config_dump) {
    std::string text;
    for (const auto& line : split(apt_config_dump, "\n")) {
        for (const std::string_view kept : {"Acquire::http", "Acquire::https", "Acquire::ftp"}) {
            if (line.starts_with(kept) && !line.ends_with(" \"\";")) {
                text += line + "\n";
                break;
            }
        }
    }
    return text;
}

std::vector<std::string> install_arguments(const Selection& selection, bool merged_usr) {
    std::vector<std::string> words{"?essential"};
    if (selection.core) {
        words.emplace_back("?priority(required)");
    }
    if (merged_usr) {
        words.emplace_back("usr-is-merged");  // and not usrmerge, which would convert a tree
    }
    for (const auto& group : selection.groups) {
        words.push_back(group_argument(group.name));
    }
    for (const auto* list : {&selection.first, &selection.names}) {
        for (const auto& name : *list) {
            words.push_back(name.name);
        }
    }
    for (const auto& name : selection.excluded) {
        words.push_back(name.name + "-");
    }
    return words;
}

Command update_command(const AptFolders& folders) {
    // The cache of packages is made when something is to be solved, and not before.
    return {.argv = {"apt-get", "-q", "-o", "pkgCacheFile::Generate=false", "-o",
                     "APT::Update::Error-Mode=any", "update"},
            .environment = environment(folders),
            .timeout = std::chrono::minutes(10)};
}

Command solve_command(const AptFolders& folders,
                      const std::vector<std::string>& arguments,
                      bool weak_dependencies) {
    Command command{
        .argv = {"apt-get", "-q", "-y", "--print-uris", "-o",
                 fmt::format("APT::Install-Recommends={}", weak_dependencies), "install", "--"},
        .environment = environment(folders),
        .captured = true};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    return command;
}

Command fetch_command(const AptFolders& folders, const std::vector<Package>& packages) {
    Command command{.argv = {"/usr/lib/apt/apt-helper", "-q", "download-file"},
                    .environment = environment(folders),
                    .captured = true,
                    .timeout = std::chrono::hours(2)};
    for (const auto& package : packages) {
        command.argv.push_back(package.url);
        command.argv.push_back((folders.scratch / "downloads" / package.sha256).string());
        command.argv.push_back("SHA256:" + package.sha256);
    }
    return command;
}

Command download_command(const AptFolders& folders,
                         const std::string& url,
                         const std::filesystem::path& file) {
    return {.argv = {"/usr/lib/apt/apt-helper", "-q", "download-file", url, file.string()},
            .environment = environment(folders),
            .timeout = std::chrono::minutes(5)};
}

Result<std::vector<Package>> read_solution(std::string_view output) {
    std::vector<Package> packages;
    for (const auto& line : split(output, "\n")) {
        if (!line.starts_with('\'')) {
            continue;
        }
        Package package;
        if (!read_package(line, package)) {
            return fail(Fault::broken,
                        fmt::format("apt-get answered in a way we cannot read: {}", line));
        }
        packages.push_back(std::move(package));
    }
    std::ranges::sort(packages, {}, [](const Package& p) { return std::tie(p.name, p.version); });
    return packages;
}

}  // namespace img::packages
