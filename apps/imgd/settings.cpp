#include "imgd/settings.hpp"

#include "base/byte_size.hpp"
#include "base/digest.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "daemon/command_line.hpp"
#include "system/files.hpp"
#include "system/steady.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <fmt/format.h>
#include <unistd.h>

namespace img {

namespace {

namespace fs = std::filesystem;

/// A share of a thousandth starves its owner, one of a thousand everybody else.
constexpr double kWeightMin = 0.01, kWeightMax = 100;

fs::path default_data() {
    const char* const home = std::getenv("HOME");
    const char* const xdg = std::getenv("XDG_DATA_HOME");
    if (::geteuid() == 0 || (xdg == nullptr && home == nullptr)) {
        return "/var/lib/img";
    }
    return (xdg != nullptr ? fs::path(xdg) : fs::path(home) / ".local/share") / "img";
}

Result<http::ServerOptions> server_options(const std::string& listen, bool trusts_network) {
    http::ServerOptions options;
    const auto colon = listen.rfind(':');
    auto host = listen.substr(0, colon);
    const auto port = colon == std::string::npos ? std::string_view()
                                                 : std::string_view(listen).substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), options.port);
    if (error != std::errc{} || end != port.data() + port.size()) {
        return fail(Fault::invalid, fmt::format("--listen {}: not HOST:PORT, as in 127.0.0.1:8080",
                                                printable(listen)));
    }
    host = host == "localhost" ? "127.0.0.1" : host == "[::1]" ? "::1" : host;
    if (!trusts_network && host != "::1" &&
        (!host.starts_with("127.") || host.find_first_not_of("0123456789.") != std::string::npos)) {
        return fail(Fault::invalid,
                    fmt::format("--listen {}: there are no accounts yet, so whoever reaches this "
                                "address could submit and cancel; give a loopback address, as in "
                                "127.0.0.1:8080, or say --trust-network",
                                printable(listen)));
    }
    options.address = host;
    return options;
}

Result<fs::path> artifacts_folder(const std::string& url) {
    if (!url.starts_with("file:") || url.size() == 5) {
        return fail(Fault::invalid, fmt::format("{}: only file:FOLDER is known", printable(url)));
    }
    return system::absolute(url.substr(5));
}

/// Templates in the data folder are the operator's own; those that come with IMG are examples. They
/// lie in share/ of an installation, or in the checkout that build/release/bin is a part of.
fs::path default_templates(const fs::path& data) {
    const auto bin = system::program_folder();
    for (const auto& folder :
         {data / "templates", bin.parent_path() / "share/img/templates",
          bin.parent_path().parent_path().parent_path() / "examples/templates"}) {
        if (system::is_folder(folder)) {
            return folder;
        }
    }
    return data / "templates";
}

/// A data folder has one service at a time, and a machine may have several folders.
std::string holder_of(const fs::path& data) {
    std::array<char, 256> host{};  // POSIX: 255 bytes at most
    (void)::gethostname(host.data(), host.size() - 1);
    return sha256_hex(fmt::format("{}:{}", host.data(), data.native())).substr(0, 12);
}

/// "alice@example.org=2"
Result<void> add_weight(const std::string& text, std::map<std::string, double>& weights) {
    const auto equals = text.rfind('=');
    double weight = 0;
    const auto number = equals == std::string::npos ? std::string_view()
                                                    : std::string_view(text).substr(equals + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), weight);
    if (error != std::errc{} || end != number.data() + number.size() || equals == 0 ||
        !(weight >= kWeightMin && weight <= kWeightMax)) {
        return fail(Fault::invalid,
                    fmt::format("--weight {}: give USER=NUMBER with a number from {} to {}, as in "
                                "alice@example.org=2",
                                printable(text), kWeightMin, kWeightMax));
    }
    weights[jobs::user_of({.email = text.substr(0, equals)})] = weight;
    return {};
}

Result<std::uint64_t> size_of(std::string_view flag, const std::string& text) {
    if (text.empty()) {
        return 0;
    }
    const auto size = parse_size(text);
    return size ? size
                : fail(size.error().fault, fmt::format("{}: {}", flag, size.error().message));
}

/// Sizes as they are written, and the flags' own units.
struct Words {
    std::string listen = "127.0.0.1:8080";
    std::string artifacts;
    bool trusts_network = false;
    bool no_worker = false;
    std::string memory_per_build, disk_per_build;
    std::string disk_floor = "1G";
    std::vector<std::string> weights;
    unsigned lease = 30;
    unsigned reuse = 3600;
    unsigned short_job = 120;
    unsigned keep_days = 0;
    std::string keep_size, keep_user_size;
};

void add_service_flags(CLI::App& app, Settings& settings, Words& words) {
    app.add_option("--listen", words.listen, "HOST:PORT, a loopback address")
        ->capture_default_str();
    app.add_flag("--trust-network", words.trusts_network,
                 "allow an address that others reach: all of them may submit and cancel");
    app.add_option("--host", settings.hosts, "another name that it is reached by");
    app.add_option("--url", settings.public_url, "where others reach it (http://<listen>)");
    app.add_option("--data", settings.data, "folder of the database and the images")
        ->capture_default_str();
    app.add_option("--store", settings.store,
                   "where jobs are kept: sqlite:FILE or postgresql://… (sqlite:<data>/imgd.sqlite)")
        ->envname("IMG_STORE");
    app.add_option("--broker", settings.broker,
                   "how orders reach workers: memory:, amqp://… or amqps://… (memory:)")
        ->envname("IMG_BROKER");
    app.add_option("--artifacts", words.artifacts, "where images go (file:<data>/www-root)");
    app.add_option("--templates", settings.templates,
                   "folder of kickstarts and YAML configurations that are offered by name "
                   "(<data>/templates, else the examples)");
    app.add_option("--worker-tokens", settings.worker_tokens,
                   "file with a line for each worker that may upload: NAME SHA256-OF-ITS-TOKEN");
    app.add_option("--s3", settings.s3,
                   "s3://BUCKET/PREFIX?endpoint=URL&region=NAME that workers publish to");
    app.add_option("--s3-credentials", settings.s3_credentials,
                   "file with the keys of that store: they may read, and where images are not kept "
                   "for ever (--keep-…) also list and delete");
}

void add_worker_flags(CLI::App& app, Settings& settings, Words& words) {
    app.add_flag("--no-worker", words.no_worker, "build nothing here");
    app.add_option("--slots", settings.slots, "builds at a time here")->check(CLI::Range(1, 64));
    app.add_option("--memory-per-build", words.memory_per_build,
                   "memory that must be free for a build to begin here, as in 2G");
    app.add_option("--disk-per-build", words.disk_per_build,
                   "disk that must be free for a build to begin here, as in 4G");
    app.add_option("--builder", settings.builder, "program that builds (img beside this one)");
}

void add_queue_flags(CLI::App& app, Settings& settings, Words& words) {
    app.add_option("--lease", words.lease, "seconds without a sign until a worker counts as lost")
        ->check(CLI::Range(3, 3600))
        ->capture_default_str();
    app.add_option("--reuse-for", words.reuse,
                   "seconds that a finished job stands in for a new one of the same request")
        ->capture_default_str();
    app.add_option("--weight", words.weights, "USER=NUMBER: a share of the slots that is not 1");
    app.add_option("--short-jobs", words.short_job,
                   "one slot is kept for jobs that take no more seconds; 0: none is")
        ->capture_default_str();
    app.add_option("--keep-days", words.keep_days, "age at which images are removed; 0: never")
        ->capture_default_str();
    app.add_option("--keep-size", words.keep_size, "size of all images that are kept, as in 200G");
    app.add_option("--keep-count", settings.keep.total_count, "jobs whose images are kept");
    app.add_option("--keep-user-size", words.keep_user_size, "the same for each user");
    app.add_option("--keep-user-count", settings.keep.user_count, "the same for each user");
    app.add_option("--disk-floor", words.disk_floor,
                   "free disk below which no job is taken, and images are removed")
        ->capture_default_str();
}

Result<void> read_words(const Words& words, Settings& settings) {
    settings.server = TRY(server_options(words.listen, words.trusts_network));
    settings.has_worker = !words.no_worker;
    settings.per_build.memory = TRY(size_of("--memory-per-build", words.memory_per_build));
    settings.per_build.disk = TRY(size_of("--disk-per-build", words.disk_per_build));
    settings.lease = std::chrono::seconds(words.lease);
    settings.reuse = std::chrono::seconds(words.reuse);
    settings.schedule.short_job = std::chrono::seconds(words.short_job);
    for (const auto& weight : words.weights) {
        TRY(add_weight(weight, settings.schedule.weights));
    }
    settings.keep.age = std::chrono::days(words.keep_days);
    settings.keep.total_bytes = TRY(size_of("--keep-size", words.keep_size));
    settings.keep.user_bytes = TRY(size_of("--keep-user-size", words.keep_user_size));
    settings.disk_floor = TRY(size_of("--disk-floor", words.disk_floor));
    return {};
}

/// Its failure, said of the flag that the user gave.
template <typename T>
Result<T> of_flag(std::string_view flag, Result<T> result) {
    return result ? std::move(result)
                  : fail(Fault::invalid, fmt::format("{} {}", flag, result.error().message));
}

Result<void> read_places(const Words& words, Settings& settings) {
    settings.data = TRY(of_flag("--data", system::absolute(settings.data)));
    settings.holder = holder_of(settings.data);
    if (settings.store.empty()) {
        settings.store = "sqlite:" + (settings.data / "imgd.sqlite").string();
    }
    if (settings.broker.empty()) {
        settings.broker = "memory:";
    }
    if (settings.public_url.empty()) {
        settings.public_url = "http://" + words.listen;
    }
    if (settings.templates.empty()) {
        settings.templates = default_templates(settings.data);
    } else {
        TRY(of_flag("--templates", system::check_folder(settings.templates)));
    }
    if (settings.builder.empty()) {
        settings.builder = system::program_folder() / "img";
    }
    if (!settings.worker_tokens.empty()) {
        TRY(of_flag("--worker-tokens", system::check_file(settings.worker_tokens)));
    }
    settings.www_root = words.artifacts.empty()
                            ? settings.data / "www-root"
                            : TRY(of_flag("--artifacts", artifacts_folder(words.artifacts)));
    return {};
}

Result<void> check_places(const Settings& settings) {
    const auto& url = settings.public_url;
    const auto scheme = url.find("://");
    if ((!url.starts_with("http://") && !url.starts_with("https://")) || scheme + 3 == url.size() ||
        url.find_first_of(" \t\r\n\"<>?#") != std::string::npos) {
        return fail(Fault::invalid,
                    fmt::format("--url {}: give the address that others reach, as in "
                                "https://images.example.org",
                                printable(url)));
    }
    if (settings.has_worker && ::access(settings.builder.c_str(), X_OK) != 0) {
        return fail(Fault::invalid,
                    fmt::format("--builder {}: there is no such program; name the one that builds, "
                                "or say --no-worker",
                                printable(settings.builder.native())));
    }
    return {};
}

}  // namespace

Result<std::variant<Settings, int>> read_settings(int argc, char** argv) {
    Settings settings;
    settings.data = default_data();
    Words words;
    CLI::App app("imgd: takes kickstarts, has images built, and shows how it goes", "imgd");
    add_service_flags(app, settings, words);
    add_worker_flags(app, settings, words);
    add_queue_flags(app, settings, words);
    add_common_options(app, settings.is_only_checked, "listen = \"127.0.0.1:8080\"");
    std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    std::ranges::reverse(arguments);  // as CLI11 takes them
    if (const auto code = take_words(app, std::move(arguments))) {
        return std::variant<Settings, int>(*code);
    }
    TRY(read_words(words, settings));
    TRY(read_places(words, settings));
    TRY(check_places(settings));
    return std::variant<Settings, int>(std::move(settings));
}

}  // namespace img
