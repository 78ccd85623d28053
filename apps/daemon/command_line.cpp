#include "daemon/command_line.hpp"

#include "base/exit_code.hpp"
#include "base/printable.hpp"
#include "base/usage.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace img {
namespace {

std::vector<std::string> options_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        for (const auto& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    return names;
}

std::string configuration_of(const CLI::App& app) {
    const auto& files = app.get_config_ptr()->results();
    return files.empty() ? std::string() : files.front();
}

int complain(const CLI::App& app, const std::string& sentence) {
    const auto text = complaint(app.get_name(), sentence, app.get_name() + " --help");
    (void)std::fputs(text.c_str(), stderr);
    return kUsage;
}

/// CLI11 says "INI was not able to parse KEY" of a key that is no option.
int complain_of_line(const CLI::App& app, const std::string& what) {
    constexpr std::string_view kUnknownKey = "INI was not able to parse ";
    const auto file = printable(configuration_of(app));
    if (!what.starts_with(kUnknownKey)) {
        return complain(app, fmt::format("{}: {}", file, what));
    }
    auto names = options_of(app);
    for (auto& name : names) {
        name.erase(0, 2);
    }
    const auto key = what.substr(kUnknownKey.size());
    return complain(app, fmt::format("{}: there is no setting '{}'{}", file, printable(key),
                                     meant(key, names)));
}

int complain_of_file(const CLI::App& app) {
    const auto file = configuration_of(app);
    const bool is_there = ::access(file.c_str(), F_OK) == 0;
    (void)std::fprintf(stderr, "%s: %s\n", app.get_name().c_str(),
                       is_there ? fmt::format("--config {}: it cannot be read; give its group, or "
                                              "whoever starts {}, the right to",
                                              printable(file), app.get_name())
                                      .c_str()
                                : fmt::format("--config {}: there is no such file; an example is "
                                              "share/doc/img/examples/{}.conf",
                                              printable(file), app.get_name())
                                      .c_str());
    return is_there ? kRequestWrong : kNotFound;
}

}  // namespace

void add_common_options(CLI::App& app, bool& is_only_checked, const std::string& line) {
    app.add_flag("--check-config", is_only_checked, "say whether the settings are good, and stop");
    app.set_config("--config", "", "file with lines of the form " + line);
    app.allow_config_extras(CLI::config_extras_mode::error);
    app.set_version_flag("--version", app.get_name() + " " IMG_VERSION);
    app.allow_extras();  // so that stray_word() can say what they should have been
}

std::optional<int> take_words(CLI::App& app, std::vector<std::string> words) {
    try {
        app.parse(std::move(words));
    } catch (const CLI::CallForHelp&) {
        (void)std::fputs(app.help().c_str(), stdout);
        return kDone;
    } catch (const CLI::CallForVersion& version) {
        (void)std::puts(version.what());
        return kDone;
    } catch (const CLI::FileError&) {
        return complain_of_file(app);
    } catch (const CLI::ConfigError& error) {
        return complain_of_line(app, error.what());
    } catch (const CLI::ParseError& error) {
        return complain(app, error.what());
    }
    if (const auto stray = stray_word("", app.remaining(), options_of(app))) {
        return complain(app, *stray);
    }
    return std::nullopt;
}

}  // namespace img
