#include "kickstart/metadata.hpp"

#include "base/text.hpp"
#include "kickstart/bounds.hpp"
#include "syntax/lexer.hpp"
#include "syntax/quote.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace img::kickstart {
namespace {

using syntax::has_control_characters;
using syntax::lex;
using syntax::Severity;
using syntax::utf8_length;
using syntax::Word;

constexpr std::size_t kValueBytesMax = 1000;
constexpr std::array<std::string_view, 2> kMarks{"-*-mic2-options-*-", "-*-mic-options-*-"};

struct Header {
    std::string_view key;
    std::string Metadata::* value;
};
constexpr std::array kHeaders{
    Header{"DisplayName", &Metadata::display_name},
    Header{"Description", &Metadata::description},
    Header{"KickstartType", &Metadata::kickstart_type},
    Header{"SuggestedArchitecture", &Metadata::suggested_architecture},
    Header{"SuggestedImageType", &Metadata::suggested_image_type},
    Header{"DeviceModel", &Metadata::device_model},
    Header{"DeviceVariant", &Metadata::device_variant},
    Header{"Brand", &Metadata::brand},
};
constexpr std::string_view kFeatures = "SuggestedFeatures";

/// "-f", "--format": what takes a value, and where it goes.
struct Option {
    std::string_view name;
    void (*take)(Mic2Options& options, std::string value);
};
constexpr auto kFormat = [](Mic2Options& options, std::string value) {
    options.format = std::move(value);
};
constexpr auto kArchitecture = [](Mic2Options& options, std::string value) {
    options.architecture = std::move(value);
};
constexpr auto kRecord = [](Mic2Options& options, std::string value) {
    options.record_packages = split(value, ",");
};
constexpr auto kPackTo = [](Mic2Options& options, std::string value) {
    options.pack_to = std::move(value);
};
constexpr auto kRelease = [](Mic2Options& options, std::string value) {
    options.release = std::move(value);
};
constexpr auto kPrefix = [](Mic2Options& options, std::string value) {
    options.name_prefix = std::move(value);
};
constexpr auto kSuffix = [](Mic2Options& options, std::string value) {
    options.name_suffix = std::move(value);
};
constexpr auto kCompression = [](Mic2Options& options, std::string value) {
    options.compression = std::move(value);
};
constexpr std::array kOptions{
    Option{"-f", kFormat},
    Option{"--format", kFormat},
    Option{"-A", kArchitecture},
    Option{"--arch", kArchitecture},
    Option{"--record-pkgs", kRecord},
    Option{"--pack-to", kPackTo},
    Option{"--taring-to", kPackTo},
    Option{"--release", kRelease},
    Option{"-P", kPrefix},
    Option{"--prefix", kPrefix},
    Option{"--name-prefix", kPrefix},
    Option{"-S", kSuffix},
    Option{"--suffix", kSuffix},
    Option{"--name-suffix", kSuffix},
    Option{"-Z", kCompression},
    Option{"--compress-disk-image", kCompression},
    Option{"--compress-image", kCompression},
};

const Option* option_called(std::string_view name) {
    const auto* const found = std::ranges::find(kOptions, name, &Option::name);
    return found == kOptions.end() ? nullptr : found;
}

/// What stands between the two marks of a comment, or behind the only one.
std::optional<std::string_view> between_marks(std::string_view line) {
    for (const auto mark : kMarks) {
        const auto begin = line.find(mark);
        if (begin != std::string_view::npos) {
            const auto rest = line.substr(begin + mark.size());
            return rest.substr(0, rest.find(mark));
        }
    }
    return std::nullopt;
}

/// Takes the option at `index`, with the word behind it if that is its value.
bool take_option(Mic2Options& options, const std::vector<Word>& words, std::size_t& index) {
    const std::string& word = words[index].text;
    const auto equals = word.starts_with("--") ? word.find('=') : std::string::npos;
    const auto* option = option_called(word.substr(0, equals));
    if (option != nullptr && equals != std::string::npos) {
        option->take(options, word.substr(equals + 1));
        return true;
    }
    if (option != nullptr && index + 1 < words.size()) {
        option->take(options, words[++index].text);
        return true;
    }
    // "-floop", as getopt takes it.
    option = word.size() > 2 && word[0] == '-' && word[1] != '-' ? option_called(word.substr(0, 2))
                                                                 : nullptr;
    if (option != nullptr) {
        option->take(options, word.substr(2));
    }
    return option != nullptr;
}

Mic2Options read_options(std::string_view text, const syntax::Location& where, Metadata& metadata) {
    Mic2Options options{.where = where};
    const auto note = [&](std::string sentence) {
        metadata.notes.push_back(
            {.severity = Severity::note, .where = where, .text = std::move(sentence)});
    };
    const auto lexed = lex({.text = std::string(text), .columns = {}});
    if (!lexed) {
        note(fmt::format("the mic2 options are not read: {}", lexed.error().text));
        return options;
    }
    for (std::size_t i = 0; i < lexed->words.size(); ++i) {
        const std::string word = lexed->words[i].text;
        if (take_option(options, lexed->words, i)) {
            continue;
        }
        // `-*-mic-options-*- loop …`: there the format has no -f.
        if (i == 0 && !word.starts_with('-')) {
            options.format = word;
            continue;
        }
        options.others.push_back(word);
    }
    return options;
}

/// A value that anybody may be shown.
std::string shown(std::string_view text) {
    std::string value(trim(text.substr(0, kValueBytesMax)));
    std::size_t sound = 0;
    while (sound < value.size()) {
        const auto length = utf8_length(std::string_view(value).substr(sound));
        if (length == 0 || has_control_characters(value.substr(sound, length))) {
            break;
        }
        sound += length;
    }
    value.resize(sound);
    return value;
}

void read_header(std::string_view comment, Metadata& metadata) {
    const auto colon = comment.find(':');
    if (colon == std::string_view::npos) {
        return;
    }
    // "# … Key: value": what stands before the key does not matter, as in the original.
    const auto before = trim(comment.substr(0, colon));
    const auto key = before.substr(before.find_last_of(" \t#") + 1);
    const auto value = shown(comment.substr(colon + 1));
    if (key == kFeatures && metadata.suggested_features.empty()) {
        for (const auto& feature : split(value, ",")) {
            if (const auto name = trim(feature); !name.empty()) {
                metadata.suggested_features.emplace_back(name);
            }
        }
    }
    const auto* const header = std::ranges::find(kHeaders, key, &Header::key);
    if (header != kHeaders.end() && (metadata.*header->value).empty()) {
        metadata.*header->value = value;
    }
}

}  // namespace

Metadata read_metadata(std::string_view text, std::string_view file) {
    Metadata metadata;
    unsigned line = 1;
    for (std::size_t start = 0; start < text.size(); ++line) {
        const auto end = std::min(text.find('\n', start), text.size());
        const auto comment = trim(text.substr(start, end - start));
        start = end + 1;
        if (!comment.starts_with('#')) {
            continue;
        }
        // mic reads the first line only; kickstarters wrote blank lines before it.
        if (const auto options = between_marks(comment); options && !metadata.mic2) {
            const syntax::Location where{.file = std::string(file), .line = line, .column = 1};
            metadata.mic2 = read_options(*options, where, metadata);
        } else {
            read_header(comment, metadata);
        }
    }
    return metadata;
}

}  // namespace img::kickstart
