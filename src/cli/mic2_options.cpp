#include "cli/mic2_options.hpp"

#include "base/printable.hpp"
#include "base/text.hpp"
#include "kickstart/metadata.hpp"

#include <fmt/format.h>
#include <ostream>

namespace img::cli {
namespace {

constexpr const char* kDefaultType = "raw";

std::string name_of(const kickstart::Mic2Options& mic2, const std::string& file) {
    return (mic2.name_prefix.empty() ? "" : mic2.name_prefix + "-") + kickstart_name(file) +
           (mic2.name_suffix.value_or("").empty() ? "" : "-" + *mic2.name_suffix);
}

/// The options of the line that say what is made, in the words of `img build`.
std::vector<std::string> output_words(const kickstart::Mic2Options& mic2) {
    std::vector<std::string> words;
    const auto add = [&](std::string_view option, const std::string& value) {
        if (!value.empty()) {
            words.push_back(fmt::format("{}={}", option, value));
        }
    };
    add("--record-pkgs", join(mic2.record_packages, ","));
    add("--pack-to", mic2.pack_to);
    add("--compress", mic2.compression);
    words.insert(words.end(), mic2.others.begin(), mic2.others.end());
    return words;
}

}  // namespace

Result<void> apply_mic2_options(engine::BuildRequest& request,
                                KickstartFlags& kickstart,
                                Console& console) {
    const auto said = kickstart::read_metadata(request.kickstart, request.kickstart_name);
    const auto mic2 = said.mic2.value_or(kickstart::Mic2Options{});
    const std::string where = fmt::format("{}:{}", mic2.where.file, mic2.where.line);
    const auto tell = [&](const std::string& sentence) {
        console.err << fmt::format("{}: note: mic2-options: {}\n", where, sentence);
    };
    if (request.image_type.empty() && !mic2.format.empty()) {
        request.image_type = mic2.format;
        tell("the image type is " + mic2.format);
    }
    if (kickstart.release.empty() && !mic2.release.empty()) {
        kickstart.release = mic2.release;
        tell("@BUILD_ID@ is " + mic2.release);
    }
    if (request.image_type.empty()) {
        request.image_type = kDefaultType;
    }
    const auto wrong = [&](const Error& error) {
        return fail(error.fault, fmt::format("{}: error: mic2-options: {}", where, error.message));
    };
    if (request.name.empty()) {
        request.name = name_of(mic2, kickstart.file);
        const bool is_the_files = request.name == kickstart_name(kickstart.file);
        if (const auto good = engine::check_image_name(request.name); !good && !is_the_files) {
            return wrong(good.error());
        }
    }
    if (const auto& arch = mic2.architecture;
        !arch.empty() && arch != "x86_64" && arch != "amd64") {
        return fail(Fault::invalid,
                    fmt::format("{}: refused: mic2-options: --arch={}: this version makes images "
                                "for amd64",
                                where, printable(arch)));
    }
    const auto words = output_words(mic2);
    auto left = engine::take_output_options(words, request.options);
    if (!left) {
        return wrong(left.error());
    }
    for (const auto& word : *left) {
        tell(fmt::format("{} has no meaning here", printable(word)));
    }
    for (const auto& note : said.notes) {
        console.err << to_text(note) << '\n';
    }
    return {};
}

}  // namespace img::cli
