#include "cli/kickstart_file.hpp"

#include "base/byte_size.hpp"
#include "engine/standard_tokens.hpp"
#include "kickstarter/include_files.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <istream>
#include <nlohmann/json.hpp>

namespace img::cli {
namespace {

constexpr std::size_t kSizeMax = 16 * kMiB;

Result<std::string> read_all(std::istream& in, const std::string& label) {
    std::string text;
    char block[64 * kKiB];
    while (in.read(block, sizeof block) || in.gcount() > 0) {
        text.append(block, static_cast<std::size_t>(in.gcount()));
        if (text.size() > kSizeMax) {
            return fail(Fault::invalid,
                        fmt::format("{} is larger than {}: this is no kickstart file", label,
                                    human_size(kSizeMax)));
        }
    }
    if (in.bad()) {
        return fail(Fault::broken, fmt::format("{} cannot be read to its end", label));
    }
    return text;
}

}  // namespace

std::string kickstart_label(const std::string& path) {
    return path == "-" ? "<stdin>" : path;
}

std::string kickstart_name(const std::string& path) {
    const auto stem = std::filesystem::path(path).stem().string();
    return path == "-" || stem.empty() ? "image" : stem;
}

Result<std::string> read_kickstart(const std::string& path, std::istream& in) {
    if (path == "-") {
        return read_all(in, kickstart_label(path));
    }
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::not_found) {
        return fail(Fault::missing, fmt::format("there is no file '{}'", path));
    }
    if (error) {
        return fail(Fault::invalid, fmt::format("'{}': {}", path, error.message()));
    }
    if (std::filesystem::is_directory(status)) {
        return fail(Fault::invalid,
                    fmt::format("'{}' is a folder; name the kickstart file in it", path));
    }
    if (std::filesystem::is_block_file(status) || std::filesystem::is_socket(status)) {
        return fail(Fault::invalid, fmt::format("'{}' is a device and not a kickstart file", path));
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return fail(Fault::invalid,
                    fmt::format("'{}' may not be read; check its permissions", path));
    }
    return read_all(file, "'" + path + "'");
}

Result<std::map<std::string, std::string>> read_tokens(const std::vector<std::string>& words) {
    std::map<std::string, std::string> tokens;
    for (const auto& word : words) {
        const auto equals = word.find('=');
        if (equals == std::string::npos || equals == 0) {
            return fail(Fault::invalid,
                        fmt::format("--token '{}' is not of the form KEY=VALUE", word));
        }
        tokens[word.substr(0, equals)] = word.substr(equals + 1);
    }
    return tokens;
}

void add_options(CLI::App& parser, KickstartFlags& flags) {
    parser.add_option("FILE", flags.file, "Kickstart file, or - for standard input")->required();
    parser.add_option("--token", flags.tokens, "KEY=VALUE: @KEY@ in the file becomes VALUE")
        ->take_all()
        ->expected(1);
    parser.add_option("--release", flags.release, "What @BUILD_ID@ and @RELEASE@ become (latest)");
    parser.add_option("--include-root", flags.include_root,
                      "%include reads files below it (the file's own folder)");
    parser.add_flag("--include-urls", flags.include_urls, "%include reads URLs too");
}

Result<std::map<std::string, std::string>> tokens_of(const KickstartFlags& flags) {
    auto tokens = TRY(read_tokens(flags.tokens));
    for (const char* key : {"BUILD_ID", "RELEASE"}) {  // mic's word for it, and Tizen's
        tokens.try_emplace(key, flags.release.empty() ? "latest" : flags.release);
    }
    return tokens;
}

kickstart::IncludeSource includes_of(const KickstartFlags& flags) {
    return kickstarter::include_files(kickstart_label(flags.file),
                                      {.root = flags.include_root, .urls = flags.include_urls});
}

Result<kickstart::Parsed> parse_text(const KickstartFlags& flags, const std::string& text) {
    auto tokens = TRY(tokens_of(flags));
    tokens.merge(engine::standard_tokens(text, kickstart_name(flags.file)));  // keeps what is there
    return kickstart::parse(text, {.file = kickstart_label(flags.file),
                                   .tokens = std::move(tokens),
                                   .include = includes_of(flags)});
}

std::string to_json(const std::vector<syntax::Diagnostic>& diagnostics) {
    auto list = nlohmann::json::array();
    for (const auto& diagnostic : diagnostics) {
        list.push_back({{"file", diagnostic.where.file},
                        {"line", diagnostic.where.line},
                        {"column", diagnostic.where.column},
                        {"severity", syntax::to_text(diagnostic.severity)},
                        {"text", diagnostic.text}});
    }
    // A kickstart may hold any bytes; replacing beats refusing to report what is wrong with it.
    return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace img::cli
