#include "kickstarter/kickstart_writer.hpp"

#include "syntax/quote.hpp"

#include <fmt/format.h>
#include <iterator>

namespace img::kickstarter {
namespace {

/// A value that is one word: written as it is where it can be, quoted where it would fall apart.
/// "--iscrypted …" is no word but an option, as people wrote it.
std::string word(const std::string& value) {
    return value.starts_with('-') ? value : syntax::as_word(value);
}

/// For a place between double quotes.
std::string escaped(const std::string& value) {
    std::string out;
    for (const char c : value) {
        out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
    }
    return out;
}

void replace_all(std::string& text, std::string_view token, const std::string& value) {
    for (auto at = text.find(token); at != std::string::npos;
         at = text.find(token, at + value.size())) {
        text.replace(at, token.size(), value);
    }
}

class Writer {
public:
    Writer(const Configuration& configuration, const Ingredients& ingredients)
        : configuration_(configuration), ingredients_(ingredients) {}

    std::string write() {
        write_header();
        write_system();
        write_repositories();
        write_packages();
        write_section("%post", ingredients_.post);
        line("");
        write_section("%post --nochroot", ingredients_.nochroot);
        return std::move(text_);
    }

private:
    template <typename... Values>
    void line(fmt::format_string<Values...> form, Values&&... values) {
        fmt::format_to(std::back_inserter(text_), form, std::forward<Values>(values)...);
        text_ += '\n';
    }
    std::string said(std::string_view key) const { return configuration_.text(key); }

    void write_header() {
        if (const auto options = said("Mic2Options"); !options.empty()) {
            line("# -*-mic2-options-*- {} -*-mic2-options-*-\n", options);
        }
        line("# \n# DisplayName: {}", said("Name"));
        line("# Made by img kickstarter: change its configuration, not this.\n# \n");
    }

    void write_system() {
        line("lang {}", said("Language"));
        line("keyboard {}", said("Keyboard"));
        line("timezone --utc {}", said("Timezone"));
        line("auth --useshadow --enablemd5");
        if (ingredients_.part) {
            line("{}", *ingredients_.part);
        } else {
            const auto file_system = said("FileSystem");
            line("part / --size {} --ondisk sda --fstype={}", said("PartSize"),
                 file_system.empty() ? "ext3" : file_system);
        }
        line("rootpw {} ", word(said("RootPass")));
        if (configuration_.flag("StartX", true)) {
            line("xconfig --startxonboot");
        }
        write_bootloader();
        write_desktop();
        line("user --name {}  --groups audio,video --password {} \n", word(said("DefaultUser")),
             word(said("DefaultUserPass")));
    }

    void write_bootloader() {
        if (!configuration_.flag("Bootloader", true)) {
            return;
        }
        std::string options;
        if (const auto timeout = configuration_.said("BootloaderTimeout")) {
            options += " --timeout=" + timeout->text;
        }
        if (configuration_.names("BootloaderAppend")) {
            options += fmt::format(" --append=\"{}\"", escaped(said("BootloaderAppend")));
        }
        if (const auto more = said("BootloaderOptions"); !more.empty()) {
            options += " " + more;
        }
        line("bootloader{}", options);
    }

    void write_desktop() {
        if (!configuration_.names("Desktop")) {
            return;
        }
        auto text = fmt::format("desktop --autologinuser={}  ", word(said("DefaultUser")));
        if (const auto desktop = said("Desktop"); desktop != "None") {
            text += fmt::format("--defaultdesktop={} ", desktop.empty() ? desktop : word(desktop));
        }
        if (const auto session = configuration_.said("Session")) {
            text += fmt::format("--session=\"{}\"", escaped(session->text));
        }
        line("{}", text);
    }

    void write_repositories() {
        const bool is_saved = configuration_.flag("SaveRepos", false);
        for (const auto* repository : ingredients_.repositories) {
            line("repo   --name={} --baseurl={} {}", word(repository->name),
                 word(address(repository->url)),
                 repository->options.value_or(is_saved ? "--save" : ""));
        }
        line("\n");
    }

    /// With those placeholders filled in that the configuration has a value for.
    std::string address(std::string url) const {
        const auto fill = [&](std::string_view token, const std::string& value) {
            if (!value.empty()) {
                replace_all(url, token, value);
            }
        };
        fill("@ARCH@", said("Architecture"));
        fill("@RELEASE@", said("Baseline"));
        fill("@DIST@", said("Distribution"));
        fill("@BUILD_ID@", ingredients_.build_id);
        return url;
    }

    void write_packages() {
        const auto arguments = said("PackageArgs");
        // The original wrote "%packages " for a PackageArgs without a value.
        const bool is_null =
            configuration_.names("PackageArgs") && !configuration_.said("PackageArgs");
        line("%packages{}{}\n", is_null || !arguments.empty() ? " " : "", arguments);
        for (const auto& group : configuration_.list("Groups")) {
            line("@{}", group.text.starts_with('@') ? group.text.substr(1) : group.text);
        }
        line("\n");
        if (const auto kernel = said("Kernel"); !kernel.empty()) {
            line("{}", kernel);
        }
        line("");
        write_lines("", "ExtraPackages");
        write_lines("-", "RemovePackages");
        line("%end\n");
        if (!configuration_.list("PrePackages").empty()) {
            line("%prepackages");
            write_lines("", "PrePackages");
            line("%end\n");
        }
    }

    void write_lines(std::string_view before, std::string_view key) {
        for (const auto& item : configuration_.list(key)) {
            line("{}{}", before, item.text);
        }
    }

    void write_section(std::string_view head, const std::string& scripts) {
        line("{}\n{}\n%end", head, scripts);
    }

    const Configuration& configuration_;
    const Ingredients& ingredients_;
    std::string text_;
};

}  // namespace

std::string write_kickstart(const Configuration& configuration, const Ingredients& ingredients) {
    return Writer(configuration, ingredients).write();
}

}  // namespace img::kickstarter
