#include "imgd/settings.hpp"

#include "base/printable.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdlib>
#include <fmt/format.h>
#include <unistd.h>

namespace img {

namespace {

namespace fs = std::filesystem;

fs::path default_data() {
    const char* const home = std::getenv("HOME");
    const char* const xdg = std::getenv("XDG_DATA_HOME");
    if (::geteuid() == 0 || (xdg == nullptr && home == nullptr)) {
        return "/var/lib/img";
    }
    return (xdg != nullptr ? fs::path(xdg) : fs::path(home) / ".local/share") / "img";
}

Result<http::ServerOptions> server_options(const std::string& listen) {
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
    if (host != "::1" &&
        (!host.starts_with("127.") || host.find_first_not_of("0123456789.") != std::string::npos)) {
        return fail(Fault::invalid,
                    fmt::format("--listen {}: only loopback addresses until accounts "
                                "exist, as in 127.0.0.1:8080",
                                printable(listen)));
    }
    options.address = host;
    return options;
}

Result<fs::path> artifacts_folder(const std::string& url) {
    if (!url.starts_with("file:") || url.size() == 5) {
        return fail(Fault::invalid,
                    fmt::format("--artifacts {}: only file:FOLDER is known", printable(url)));
    }
    return fs::absolute(url.substr(5));
}

/// Templates in the data folder are the operator's own; those that come with IMG are examples. They
/// lie in share/ of an installation, or in the checkout that build/release/bin is a part of.
fs::path default_templates(const fs::path& data) {
    std::error_code ignored;
    const auto bin = fs::read_symlink("/proc/self/exe", ignored).parent_path();
    for (const auto& folder :
         {data / "templates", bin.parent_path() / "share/img/templates",
          bin.parent_path().parent_path().parent_path() / "examples/templates"}) {
        if (fs::is_directory(folder, ignored)) {
            return folder;
        }
    }
    return data / "templates";
}

}  // namespace

Result<std::variant<Settings, int>> read_settings(int argc, char** argv) {
    Settings settings;
    settings.data = default_data();
    std::string listen = "127.0.0.1:8080";
    std::string artifacts;
    bool no_worker = false;
    CLI::App app("imgd: takes kickstarts, has images built, and shows how it goes");
    app.add_option("--listen", listen, "HOST:PORT, a loopback address")->capture_default_str();
    app.add_option("--data", settings.data, "folder of the database and the images")
        ->capture_default_str();
    app.add_option("--store", settings.store, "where jobs are kept (sqlite:<data>/imgd.sqlite)");
    app.add_option("--broker", settings.broker, "how orders reach workers")->capture_default_str();
    app.add_option("--artifacts", artifacts, "where images go (file:<data>/www-root)");
    app.add_option("--templates", settings.templates,
                   "folder of kickstarts and YAML configurations that are offered by name "
                   "(<data>/templates, else the examples)");
    app.add_option("--slots", settings.slots, "builds at a time")->check(CLI::Range(1, 64));
    app.add_flag("--no-worker", no_worker, "build nothing here");
    app.add_flag("--check-config", settings.is_only_checked,
                 "say whether the settings are good, and stop");
    app.set_config("--config", "", "file with lines of the form listen = \"127.0.0.1:8080\"");
    app.allow_config_extras(CLI::config_extras_mode::error);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return std::variant<Settings, int>(app.exit(error) == 0 ? 0 : 2);
    }
    settings.server = TRY(server_options(listen));
    settings.has_worker = !no_worker;
    settings.data = fs::absolute(settings.data);
    if (settings.store.empty()) {
        settings.store = "sqlite:" + (settings.data / "imgd.sqlite").string();
    }
    if (settings.templates.empty()) {
        settings.templates = default_templates(settings.data);
    } else if (!fs::is_directory(settings.templates)) {
        return fail(Fault::invalid, fmt::format("--templates {}: there is no such folder",
                                                printable(settings.templates.string())));
    }
    settings.www_root =
        artifacts.empty() ? settings.data / "www-root" : TRY(artifacts_folder(artifacts));
    return std::variant<Settings, int>(std::move(settings));
}

}  // namespace img
