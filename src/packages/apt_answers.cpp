#include "packages/apt_answers.hpp"

#include "base/nearest.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <map>
#include <set>

namespace img::packages {
namespace {

bool mentions(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](auto word) { return text.contains(word); });
}

/// The lines that carry an error, without apt's marks in front of them.
std::vector<std::string> error_lines(std::string_view output) {
    std::vector<std::string> lines;
    for (const auto& line : split(output, "\n")) {
        if (line.starts_with("E: ") || line.starts_with("Err:") || line.starts_with("W: GPG")) {
            lines.push_back(line);
        }
    }
    if (lines.empty()) {
        lines = split(last_lines(output, 6), "\n");
    }
    return lines;
}

/// The repository that a line of apt speaks of; its place in the kickstart goes before the text.
std::string origin_of(std::string_view text, const std::vector<Repository>& repositories) {
    for (const auto& repository : repositories) {
        std::string_view url = repository.url.empty() ? repository.mirrorlist : repository.url;
        while (url.ends_with('/')) {
            url.remove_suffix(1);
        }
        if (text.contains(url) && text.contains(repository.suite)) {
            return repository.origin;
        }
    }
    return repositories.empty() ? "" : repositories.front().origin;
}

/// The name that apt quotes; the apostrophe of "Couldn't" opens no quotation.
std::string last_quoted(std::string_view line) {
    const auto end = line.rfind('\'');
    if (end == std::string_view::npos || end == 0) {
        return {};
    }
    const auto start = line.rfind('\'', end - 1);
    return start == std::string_view::npos ? std::string()
                                           : std::string(line.substr(start + 1, end - start - 1));
}

using Graph = std::map<std::string, std::set<std::string>>;

/// Reads `apt-cache depends --recurse`: a name at the start of a line, what it depends on below,
/// and for a virtual <name> its providers further in.
Graph read_dependencies(std::string_view text) {
    Graph graph;
    std::string package;
    for (const auto& line : split(text, "\n")) {
        const std::string_view words = trim(line);
        const auto indent = line.find_first_not_of(" |");
        if (indent == 0) {
            package = words;
        } else if (const auto colon = words.find(": "); colon != std::string_view::npos) {
            graph[package].insert(std::string(words.substr(colon + 2)));
        } else if (!package.empty()) {
            graph[package].insert(std::string(words));
        }
    }
    return graph;
}

/// The shortest way from something that was asked for: "demo.ks:9: a -> b -> c", or "".
std::string chain_to(const std::string& target, const Selection& selection, const Graph& graph) {
    std::map<std::string, std::string> reached_from;
    std::deque<std::string> next;
    std::vector<Asked> wanted = selection.first;
    wanted.insert(wanted.end(), selection.names.begin(), selection.names.end());
    for (const auto& asked : wanted) {
        if (reached_from.emplace(asked.name, "").second) {
            next.push_back(asked.name);
        }
    }
    while (!next.empty() && !reached_from.contains(target)) {
        const std::string here = next.front();
        next.pop_front();
        if (const auto found = graph.find(here); found != graph.end()) {
            for (const auto& there : found->second) {
                if (reached_from.emplace(there, here).second) {
                    next.push_back(there);
                }
            }
        }
    }
    if (!reached_from.contains(target)) {
        return {};
    }
    std::string chain = target;
    std::string first = target;
    for (std::string at = reached_from[target]; !at.empty(); at = reached_from[at]) {
        chain = at + " -> " + chain;
        first = at;
    }
    for (const auto& asked : wanted) {
        if (asked.name == first) {
            return fmt::format("{}: {}", asked.origin, chain);
        }
    }
    return chain;
}

}  // namespace

Error explain_update(std::string_view output, const std::vector<Repository>& repositories) {
    const std::string lines = join(error_lines(output), "\n");
    const auto say = [&](Fault fault, std::string_view sentence) {
        return Error{fault,
                     fmt::format("{}: {}\n{}", origin_of(lines, repositories), sentence, lines)};
    };
    if (mentions(output, {"NO_PUBKEY", "BADSIG", "EXPKEYSIG", "EXPSIG", "is not signed",
                          "signatures were invalid", "REVKEYSIG"})) {
        return say(Fault::invalid,
                   "the repository's signature is not good, so nothing is taken from it; give its "
                   "key with --gpgkey, or --no-gpgcheck if it has none");
    }
    if (mentions(output, {"404  Not Found", "does not have a Release file", "File not found"})) {
        return say(Fault::missing, "the repository is not there; look at its URL and --suite");
    }
    if (mentions(output, {"no longer valid", "not valid yet", "expired"})) {
        return say(Fault::transient, "the repository's index is out of date");
    }
    if (mentions(output, {"No space left"})) {
        return say(Fault::exhausted, "the disk is full");
    }
    if (mentions(output, {"Could not resolve", "Could not connect", "Connection refused",
                          "Unable to connect", "timed out", "Cannot initiate", "failure resolving",
                          "Connection failed"})) {
        return say(Fault::transient, "the repository cannot be reached");
    }
    return say(Fault::broken, "the repository cannot be used");
}

Error explain_fetch(std::string_view output) {
    const std::string lines = join(error_lines(output), "\n");
    if (mentions(output, {"No space left"})) {
        return {Fault::exhausted, "fetching packages: the disk is full\n" + lines};
    }
    if (mentions(output, {"Hash Sum mismatch", "Hash mismatch"})) {
        return {Fault::broken,
                "fetching packages: a file is not what the signed index says\n" + lines};
    }
    return {Fault::transient, "fetching packages failed; build again\n" + lines};
}

std::vector<Asked> unknown_names(std::string_view output, const Selection& selection) {
    std::set<std::string> unknown;
    for (const auto& line : split(output, "\n")) {
        if (line.contains("Unable to locate package ")) {
            unknown.insert(std::string(trim(line.substr(line.rfind(' ')))));
        } else if (line.contains("has no installation candidate") ||
                   line.contains("Couldn't find task") || line.contains("Couldn't find any ")) {
            unknown.insert(last_quoted(line));
        }
    }
    std::vector<Asked> found;
    for (const auto* list :
         {&selection.first, &selection.names, &selection.groups, &selection.excluded}) {
        std::ranges::copy_if(*list, std::back_inserter(found),
                             [&](const Asked& asked) { return unknown.contains(asked.name); });
    }
    return found;
}

Error explain_unknown(const std::vector<Asked>& unknown, const std::vector<std::string>& known) {
    std::string text;
    for (const auto& asked : unknown) {
        const std::string meant = nearest(asked.name, known);
        text += fmt::format("{}{}: no repository has a package or group '{}'{}",
                            text.empty() ? "" : "\n", asked.origin, asked.name,
                            meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant));
    }
    return {Fault::missing, text};
}

Error explain_conflict(std::string_view output,
                       const Selection& selection,
                       std::string_view dependencies) {
    constexpr std::string_view kStart = "unmet dependencies:";
    const Graph graph = read_dependencies(dependencies);
    std::string text = "these packages cannot be installed together:";
    std::set<std::string> shown;
    const auto show_chain = [&](const std::string& package) {
        const std::string chain = chain_to(package, selection, graph);
        if (!chain.empty() && shown.insert(package).second) {
            text += "\n  asked for at " + chain;
        }
    };
    const auto start = output.find(kStart);
    if (start == std::string_view::npos) {
        return {Fault::invalid, text + "\n" + last_lines(output, 6)};
    }
    for (const auto& line : split(output.substr(start + kStart.size()), "\n")) {
        if (!line.starts_with(' ')) {
            break;
        }
        text += "\n" + line;
        const auto words = split(line, " ");
        // " exim4-config : Conflicts: postfix but 3.7 is to be installed"
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (i == 0 || words[i - 1].ends_with(':')) {
                show_chain(words[i].substr(0, words[i].find(':')));
            }
        }
    }
    return {Fault::invalid, text};
}

}  // namespace img::packages
