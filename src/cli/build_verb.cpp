// `img build`: makes an image here, and shows how it comes along.
#include "base/byte_size.hpp"
#include "base/exit_code.hpp"
#include "base/printable.hpp"
#include "cli/kickstart_file.hpp"
#include "cli/mic2_options.hpp"
#include "cli/progress_view.hpp"
#include "cli/verb.hpp"
#include "engine/engine.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <fmt/format.h>
#include <memory>
#include <ostream>
#include <sys/stat.h>

namespace img::cli {
namespace {

namespace fs = std::filesystem;

struct BuildFlags {
    KickstartFlags kickstart;
    std::string name, cache, size;
    std::string type;
    std::string output = ".";
    std::string overlay;
    engine::WorkPlace work = engine::WorkPlace::automatic;
    bool replace = false;
    bool verbose = false;
    bool json = false;
    /// As they were given: "--shrink", "--persistence=1G".
    std::vector<std::string> output_words;
};

/// The engine's own table of what may be chosen of an image.
void add_output_options(CLI::App& parser, std::vector<std::string>& words) {
    for (const auto& option : engine::output_options()) {
        const std::string name(option.name);
        const std::string names =
            option.earlier.empty() ? name : name + "," + std::string(option.earlier);
        CLI::Option* added =
            option.value.empty()
                ? parser.add_flag_callback(names, [&words, name] { words.push_back(name); })
                : parser.add_option_function<std::string>(names,
                                                          [&words, name](const std::string& value) {
                                                              words.push_back(name + "=" + value);
                                                          });
        added->description(std::string(option.what));
        if (!option.value.empty()) {
            added->type_name(std::string(option.value));
        }
    }
}

engine::WorkPlace work_place(const std::string& word) {
    using enum engine::WorkPlace;
    for (const auto& [name, place] :
         {std::pair("auto", automatic), std::pair("memory", memory), std::pair("disk", disk)}) {
        if (word == name) {
            return place;
        }
    }
    throw CLI::ValidationError(
        fmt::format("--work '{}' is none of auto, memory and disk", printable(word)));
}

/// SOURCE_DATE_EPOCH (reproducible-builds.org), where it is set.
Result<std::optional<std::int64_t>> epoch_of(const Console& console) {
    const auto text = console.variable("SOURCE_DATE_EPOCH");
    if (text.empty()) {
        return std::nullopt;
    }
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || seconds < 0) {
        return fail(Fault::invalid,
                    fmt::format("SOURCE_DATE_EPOCH is '{}' and not a number of seconds", text));
    }
    return seconds;
}

/// As mic lays releases out: RELEASE/images/NAME below the output folder.
void apply_release(const BuildFlags& flags, engine::BuildRequest& request) {
    request.options.release = flags.kickstart.release;
    if (!flags.kickstart.release.empty()) {
        request.output = request.output / flags.kickstart.release / "images" / request.name;
    }
}

Result<engine::BuildRequest> request_of(const BuildFlags& flags, Console& console) {
    // Member by member: g++ 12 forgets what a braced initialiser has made so far when TRY returns.
    engine::BuildRequest request;
    const auto& file = flags.kickstart.file;
    request.kickstart = TRY(read_kickstart(file, console.in));
    request.kickstart_name = kickstart_label(file);
    request.include = includes_of(flags.kickstart);
    request.image_type = flags.type;
    request.name = flags.name;
    request.output = flags.output;
    request.overlay = flags.overlay;
    KickstartFlags kickstart = flags.kickstart;
    TRY(apply_mic2_options(request, kickstart, console));
    TRY(engine::take_output_options(flags.output_words, request.options));  // over the file's own
    apply_release(flags, request);
    request.tokens = TRY(tokens_of(kickstart));
    request.cache = flags.cache.empty() ? engine::default_cache() : fs::path(flags.cache);
    if (!flags.size.empty()) {
        request.disk_bytes = TRY(parse_size(flags.size));
    }
    request.replace = flags.replace;
    request.work = flags.work;
    request.epoch = TRY(epoch_of(console));
    return request;
}

/// Passes events on to the view.
void show(const engine::Event& event, ProgressView& view) {
    if (const auto* progressed = std::get_if<engine::Progressed>(&event)) {
        view.show({.stage = std::string(engine::to_text(progressed->stage)),
                   .done = progressed->done,
                   .total = progressed->total,
                   .unit = progressed->unit,
                   .text = progressed->text});
    } else if (const auto* logged = std::get_if<engine::Logged>(&event)) {
        view.log(logged->line);
    }
}

/// "out/debian.raw  1.5 GiB, 412.3 MiB on disk"
std::string describe(const fs::path& image) {
    struct stat status{};
    if (::stat(image.c_str(), &status) != 0) {
        return image.string();
    }
    if (S_ISDIR(status.st_mode)) {
        return image.string() + "/";
    }
    constexpr std::uint64_t kBlock = 512;  // what st_blocks counts, whatever the file system's is
    return fmt::format("{}  {}, {} on disk", image.string(),
                       human_size(static_cast<std::uint64_t>(status.st_size)),
                       human_size(static_cast<std::uint64_t>(status.st_blocks) * kBlock));
}

int report_failure(const Error& error,
                   const std::optional<engine::Failed>& failed,
                   Console& console) {
    // Diagnostics keep their own form, file:line:column first, for editors that read it.
    if (error.message.contains(": error: ") || error.message.contains(": refused: ")) {
        console.err << error.message << '\n';
    } else if (failed && failed->stage != engine::Stage::plan) {
        console.err << fmt::format("img: {}: {}\n", engine::to_text(failed->stage), error.message);
    } else {
        console.err << "img: " << error.message << '\n';
    }
    return exit_code(error.fault);
}

Result<int> build(const BuildFlags& flags, Console& console) {
    const auto request = TRY(request_of(flags, console));
    for (const auto& idle : engine::idle_wishes(request)) {
        console.err << "img: warning: " << idle << '\n';
    }
    const auto stop = console.interrupts();
    ProgressView view(console, flags.verbose);
    std::optional<engine::Failed> failed;
    const auto sink = [&](const engine::Event& event) {
        if (const auto* failure = std::get_if<engine::Failed>(&event)) {
            failed = *failure;
        }
        if (flags.json) {
            console.out << engine::to_json(event) << std::endl;  // whoever reads it is waiting
        } else {
            show(event, view);
        }
    };
    const auto finished = engine::build(request, sink, stop);
    if (stop.stop_requested() && !finished) {
        view.close();
        console.err << "img: interrupted; nothing was left behind\n";
        return kInterrupted;
    }
    if (!finished) {
        view.close_failed();
        return report_failure(finished.error(), failed, console);
    }
    view.close();
    if (!flags.json) {
        console.err << stage_table(view.stage_times()) << std::flush;
        console.out << describe(fs::path(finished->folder) / finished->image) << '\n';
    }
    return kDone;
}

}  // namespace

Verb build_verb(CLI::App& img) {
    const auto flags = std::make_shared<BuildFlags>();
    auto* parser = img.add_subcommand("build", "Make an image here");
    add_options(*parser, flags->kickstart);
    parser->add_option("-t,--type", flags->type, "Image type (raw); `img types` lists them");
    parser->add_option("-o,--output", flags->output, "Folder for the image and its papers (.)");
    parser->add_option("-n,--name", flags->name, "Name of the image (that of the file)");
    parser->add_option("--overlay", flags->overlay, "Extra packages: vim,htop,-nano");
    add_output_options(*parser, flags->output_words);
    parser->add_option("--size", flags->size, "Size of the disk, as 8G (as large as it needs)");
    parser->add_option("--cache", flags->cache, "Package cache (IMG_CACHE, or the user's own)");
    parser->add_option_function<std::string>(
        "--work", [flags](const std::string& word) { flags->work = work_place(word); },
        "Where the tree is built: auto, memory or disk");
    parser->add_flag("--replace", flags->replace, "Overwrite files of an earlier build");
    parser->add_flag("-v,--verbose", flags->verbose, "Show the log too");
    parser->add_flag("--json", flags->json, "Print events, one JSON object a line");
    return {parser, [flags](Console& console) { return build(*flags, console); }};
}

}  // namespace img::cli
