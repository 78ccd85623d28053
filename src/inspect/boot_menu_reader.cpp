#include "inspect/boot_menu_reader.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cctype>

namespace img::inspect {
namespace {

std::string lowered(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return text;
}

/// A line as its first word and the rest.
struct Line {
    std::string_view word;
    std::string_view rest;

    explicit Line(std::string_view text) {
        text = trim(text);
        const auto end = std::min(text.find_first_of(" \t"), text.size());
        word = text.substr(0, end);
        rest = trim(text.substr(end));
    }
};

/// The words of a line of GRUB: blanks part them, quotes hold them together and are taken off.
std::vector<std::string> grub_words(std::string_view text) {
    std::vector<std::string> words;
    bool open = false;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char letter = text[i];
        const bool blank = quote == 0 && (letter == ' ' || letter == '\t');
        if (blank) {
            open = false;
            continue;
        }
        if (!open) {
            words.emplace_back();
            open = true;
        }
        if (quote == 0 && (letter == '\'' || letter == '"')) {
            quote = letter;
        } else if (letter == quote) {
            quote = 0;
        } else if (letter == '\\' && quote != '\'' && i + 1 < text.size()) {
            words.back() += text[++i];
        } else {
            words.back() += letter;
        }
    }
    return words;
}

std::string joined(const std::vector<std::string>& words, std::size_t from) {
    return from < words.size() ? join(std::span(words).subspan(from), " ") : std::string();
}

void take_grub_line(const std::vector<std::string>& words, MenuEntry& entry) {
    if (words.size() < 2) {
        return;
    }
    if (words[0].starts_with("linux") || words[0] == "multiboot" || words[0] == "chainloader") {
        entry.kernel = words[1];
        entry.arguments = joined(words, 2);
    } else if (words[0].starts_with("initrd")) {
        entry.initrd = joined(words, 1);
    }
}

/// "initrd=" among the arguments is where syslinux has it too.
void take_syslinux_line(const Line& line, MenuEntry& entry) {
    const auto word = lowered(std::string(line.word));
    if (word == "kernel" || word == "linux") {
        entry.kernel = line.rest;
    } else if (word == "initrd") {
        entry.initrd = line.rest;
    } else if (word == "append") {
        for (const auto& argument : split(line.rest, " \t")) {
            if (argument.starts_with("initrd=")) {
                entry.initrd = argument.substr(7);
            } else {
                entry.arguments += (entry.arguments.empty() ? "" : " ") + argument;
            }
        }
    } else if (word == "menu") {
        const Line menu(line.rest);
        if (lowered(std::string(menu.word)) == "label") {
            entry.title = menu.rest;
        }
    }
}

}  // namespace

std::vector<MenuEntry> read_grub_menu(std::string_view text) {
    std::vector<MenuEntry> entries;
    bool inside = false;
    for (const auto& text_line : split(text, "\r\n")) {
        const auto line = trim(text_line);
        if (line.starts_with('#')) {
            continue;
        }
        const auto words = grub_words(line);
        if (!words.empty() && words[0] == "menuentry" && words.size() > 1) {
            if (entries.size() == kMenuEntriesMax) {
                break;
            }
            entries.push_back({.title = words[1]});
            inside = true;
        } else if (!words.empty() && words[0] == "}") {
            inside = false;
        } else if (inside) {
            take_grub_line(words, entries.back());
        }
    }
    return entries;
}

std::vector<MenuEntry> read_syslinux_menu(std::string_view text) {
    std::vector<MenuEntry> entries;
    for (const auto& text_line : split(text, "\r\n")) {
        const Line line(text_line);
        if (lowered(std::string(line.word)) == "label") {
            if (entries.size() == kMenuEntriesMax) {
                break;
            }
            entries.push_back({.title = std::string(line.rest)});
        } else if (!entries.empty()) {
            take_syslinux_line(line, entries.back());
        }
    }
    std::erase_if(entries, [](const MenuEntry& entry) { return entry.kernel.empty(); });
    return entries;
}

std::vector<MenuEntry> read_loader_entry(std::string_view text) {
    MenuEntry entry;
    for (const auto& text_line : split(text, "\r\n")) {
        const Line line(text_line);
        if (line.word == "title") {
            entry.title = line.rest;
        } else if (line.word == "linux" || line.word == "efi") {
            entry.kernel = line.rest;
        } else if (line.word == "initrd") {
            entry.initrd += entry.initrd.empty() ? "" : " ";
            entry.initrd += line.rest;
        } else if (line.word == "options") {
            entry.arguments = line.rest;
        }
    }
    return entry.kernel.empty() ? std::vector<MenuEntry>() : std::vector{entry};
}

}  // namespace img::inspect
