#include "img-worker/settings.hpp"

#include "base/byte_size.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "daemon/command_line.hpp"
#include "engine/image_type.hpp"
#include "system/files.hpp"
#include "system/steady.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <unistd.h>

namespace img {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFile = "file:";

/// Words as they were given, before anybody has looked at them.
struct Words {
    std::string executor = "auto";
    std::string types;
    // Beside the tools that it drives a build needs 150 MB; mksquashfs and xz take most of this.
    std::string memory = "1G";
    std::string disk = "4G";  ///< The tree of an ordinary system and its image.
    unsigned drain_timeout = 300;
};

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "worker";
}

/// Files of a shared www-root must be renamed into it, so they are made in it, out of sight.
fs::path default_work(const std::string& artifacts) {
    if (artifacts.starts_with(kFile)) {
        return fs::path(artifacts.substr(kFile.size())) / ".work";
    }
    const char* const home = std::getenv("HOME");
    const char* const xdg = std::getenv("XDG_STATE_HOME");
    if (::geteuid() == 0 || (xdg == nullptr && home == nullptr)) {
        return "/var/lib/img-worker/work";
    }
    return (xdg != nullptr ? fs::path(xdg) : fs::path(home) / ".local/state") / "img-worker/work";
}

/// The words of the command line, and behind them what the environment says of those that are not
/// there: CLI11 itself would let a file count before the environment.
std::vector<std::string> all_words(int argc, char** argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    constexpr std::array<std::pair<const char*, std::string_view>, 2> kVariables{
        {{"IMG_BROKER", "--broker"}, {"IMG_ARTIFACTS", "--artifacts"}}};
    for (const auto& [variable, option] : kVariables) {
        const char* const value = std::getenv(variable);
        const bool is_said = std::ranges::any_of(words, [&](const std::string& word) {
            return word == option || word.starts_with(fmt::format("{}=", option));
        });
        if (value != nullptr && !is_said) {
            words.push_back(fmt::format("{}={}", option, value));
        }
    }
    std::ranges::reverse(words);  // as CLI11 takes them
    return words;
}

void add_options(CLI::App& app, WorkerSettings& settings, Words& words) {
    app.add_option("--broker", settings.broker,
                   "where orders come from: amqp://USER:PASSWORD@HOST/ (IMG_BROKER)");
    app.add_option("--artifacts", settings.artifacts,
                   "where images go: file:FOLDER, http(s)://HOST:PORT/ of imgd, or "
                   "s3://BUCKET/PREFIX?endpoint=URL&region=NAME (IMG_ARTIFACTS)");
    app.add_option("--token-file", settings.secrets.token_file,
                   "file with the token that imgd takes uploads by");
    app.add_option("--s3-credentials", settings.secrets.s3_credentials,
                   "file with AWS_ACCESS_KEY_ID=… and AWS_SECRET_ACCESS_KEY=… (the environment)");
    app.add_option("--slots", settings.slots, "builds at a time")->check(CLI::Range(1, 64));
    app.add_option("--executor", words.executor, "where builds run: auto or sandbox");
    app.add_option("--work", settings.work,
                   "folder that builds write to (/var/lib/img-worker/work; with file: a folder "
                   "beside the images)");
    app.add_option("--name", settings.name_prefix, "beginning of its name (the host's)");
    app.add_option("--types", words.types, "image types that it builds, comma separated (all)");
    app.add_option("--memory-per-build", words.memory, "that a build must find free; 0: whatever")
        ->capture_default_str();
    app.add_option("--disk-per-build", words.disk, "likewise of the disk that --work is on")
        ->capture_default_str();
    app.add_option("--drain-timeout", words.drain_timeout,
                   "seconds that builds may go on after SIGTERM; a second one ends them at once")
        ->capture_default_str()
        ->check(CLI::Range(0, 86'400));
    app.add_option("--builder", settings.builder,
                   "program that builds, called as `img build … --json` (img beside this one); for "
                   "tests and wrappers");
    add_common_options(app, settings.is_only_checked, "slots = 2");
}

Result<std::vector<std::string>> read_types(const std::string& text) {
    auto types = split(text, ", ");
    for (const auto& type : types) {
        if (const auto known = engine::find_image_type(type); !known) {
            return fail(Fault::invalid, "--types: " + known.error().message);
        }
    }
    return types;
}

Result<std::uint64_t> read_size(std::string_view option, const std::string& text) {
    const auto size = parse_size(text);
    return size ? size : fail(Fault::invalid, fmt::format("{}: {}", option, size.error().message));
}

/// None of these can be guessed.
Result<void> check_places(const WorkerSettings& settings) {
    if (settings.broker.empty() || settings.broker == "memory:") {
        return fail(Fault::invalid,
                    "img-worker has to be told where its orders come from: "
                    "--broker amqp://USER:PASSWORD@HOST/, or IMG_BROKER");
    }
    if (settings.artifacts.empty()) {
        return fail(Fault::invalid,
                    "img-worker has to be told where its images go: --artifacts "
                    "http://HOST:PORT/ of imgd, or IMG_ARTIFACTS");
    }
    if (::access(settings.builder.c_str(), X_OK) != 0) {
        return fail(Fault::invalid, fmt::format("{}: there is no such program; name the one that "
                                                "builds by --builder",
                                                printable(settings.builder.native())));
    }
    return {};
}

Result<void> read_words(const Words& words, WorkerSettings& settings) {
    if (words.executor == "vm") {
        return fail(Fault::invalid,
                    "--executor vm: this IMG cannot build in virtual machines yet; "
                    "say sandbox, or nothing");
    }
    if (words.executor != "auto" && words.executor != "sandbox") {
        return fail(Fault::invalid,
                    fmt::format("--executor {}: auto or sandbox", printable(words.executor)));
    }
    settings.types = TRY(read_types(words.types));
    settings.per_build.memory = TRY(read_size("--memory-per-build", words.memory));
    settings.per_build.disk = TRY(read_size("--disk-per-build", words.disk));
    settings.drain_timeout = std::chrono::seconds(words.drain_timeout);
    return {};
}

}  // namespace

Result<std::variant<WorkerSettings, int>> read_worker_settings(int argc, char** argv) {
    WorkerSettings settings;
    Words words;
    settings.builder = system::program_folder() / "img";
    settings.name_prefix = host_name() + "-";
    CLI::App app("img-worker: builds the images that imgd hands out", "img-worker");
    add_options(app, settings, words);
    if (const auto code = take_words(app, all_words(argc, argv))) {
        return std::variant<WorkerSettings, int>(*code);
    }
    TRY(read_words(words, settings));
    TRY(check_places(settings));
    settings.work = TRY(
        system::absolute(settings.work.empty() ? default_work(settings.artifacts) : settings.work));
    return std::variant<WorkerSettings, int>(std::move(settings));
}

}  // namespace img
