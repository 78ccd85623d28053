// `img convert`: the same disk in a file of another format.
#include "base/byte_size.hpp"
#include "base/exit_code.hpp"
#include "base/printable.hpp"
#include "cli/progress_view.hpp"
#include "cli/verb.hpp"
#include "system/draft.hpp"
#include "system/replaceable.hpp"
#include "vdisk/vdisk.hpp"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <system_error>
#include <vector>

namespace img::cli {
namespace {

namespace fs = std::filesystem;

struct ConvertFlags {
    std::string input, type, output, subformat, from;
    bool replace = false;
    bool json = false;
};

Result<std::unique_ptr<vdisk::DiskSource>> open_input(const ConvertFlags& flags) {
    if (flags.from.empty()) {
        return vdisk::open_disk(flags.input);
    }
    return vdisk::open_disk(flags.input, TRY(vdisk::parse_disk_format(flags.from)));
}

/// What -o says: a file, or a folder that gets "<input>.<type>", as the current one does.
fs::path output_of(const ConvertFlags& flags) {
    const fs::path name = fs::path(flags.input).stem().string() + "." + flags.type;
    if (flags.output.empty()) {
        return name;
    }
    std::error_code ignored;
    return fs::is_directory(flags.output, ignored) ? fs::path(flags.output) / name
                                                   : fs::path(flags.output);
}

std::unexpected<Error> failed(std::string_view deed, const fs::path& path, int error) {
    const bool full = error == ENOSPC || error == EDQUOT;
    return fail(error == ENOENT ? Fault::missing
                : full          ? Fault::exhausted
                                : Fault::broken,
                fmt::format("{} {}: {}", deed, printable(path.string()),
                            std::generic_category().message(error)));
}

/// Beside the output, so that what is finished only has to be renamed.
Result<system::Draft> draft_folder(const fs::path& output) {
    const fs::path folder = output.has_parent_path() ? output.parent_path() : fs::path(".");
    std::string name = (folder / ".img-convert-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        return failed("make a file in", folder, errno);
    }
    return system::Draft(name);
}

Result<void> check_free(const fs::path& file, bool replace) {
    std::error_code ignored;
    if (!replace && fs::exists(fs::symlink_status(file, ignored))) {
        return fail(Fault::invalid, fmt::format("'{}' is there already; --replace overwrites it",
                                                printable(file.string())));
    }
    return system::check_replaceable(file);
}

/// Gives the new paths.
Result<std::vector<fs::path>> move_into_place(const std::vector<fs::path>& drafts,
                                              const fs::path& folder,
                                              bool replace) {
    std::vector<fs::path> files;
    for (const fs::path& draft : drafts) {
        files.push_back(folder / draft.filename());
        TRY(check_free(files.back(), replace));
    }
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        std::error_code error;
        fs::rename(drafts[i], files[i], error);
        if (error) {
            return failed("make", files[i], error.value());
        }
    }
    return files;
}

void tell(const std::vector<fs::path>& files,
          std::uint64_t disk_bytes,
          const ConvertFlags& flags,
          Console& console) {
    if (flags.json) {
        std::vector<std::string> names(files.begin(), files.end());
        console.out << nlohmann::json{{"files", names},
                                      {"format", flags.type},
                                      {"disk_bytes", disk_bytes}}
                           .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                    << '\n';
        return;
    }
    for (const fs::path& file : files) {
        console.out << file.string() << '\n';
    }
}

Result<int> convert(const ConvertFlags& flags, Console& console) {
    const vdisk::DiskFormat format = TRY(vdisk::parse_disk_format(flags.type));
    TRY(vdisk::find_subformat(format, flags.subformat));
    const fs::path output = output_of(flags);
    TRY(check_free(output, flags.replace));
    const auto source = TRY(open_input(flags));
    const auto draft = TRY(draft_folder(output));
    ProgressView view(console, false);
    const auto stop = console.interrupts();
    const auto written =
        vdisk::write_disk(*source, format,
                          {.file = draft.path() / output.filename(),
                           .subformat = flags.subformat,
                           .progress =
                               [&](std::uint64_t done, std::uint64_t total) {
                                   view.show({.stage = "convert",
                                              .done = done / kMiB,
                                              .total = std::max<std::uint64_t>(total / kMiB, 1),
                                              .unit = "MiB",
                                              .text = flags.type});
                               },
                           .stop = stop});
    view.close();
    if (!written && stop.stop_requested()) {
        console.err << "img: interrupted; nothing was left behind\n";
        return kInterrupted;
    }
    const auto drafts = TRY(written).files;
    const auto files = TRY(move_into_place(drafts, output.parent_path(), flags.replace));
    tell(files, source->size_bytes(), flags, console);
    return kDone;
}

}  // namespace

Verb convert_verb(CLI::App& img) {
    const auto flags = std::make_shared<ConvertFlags>();
    auto* parser = img.add_subcommand("convert", "Put a disk into a file of another format");
    parser->add_option("IN", flags->input, "The disk; its format is found by looking")->required();
    parser->add_option("TYPE", flags->type, "raw, vdi, vmdk, qcow2, vhd or vhdx")->required();
    parser->add_option("-o,--output", flags->output, "The new file, or a folder for it (.)");
    parser->add_option("--subformat", flags->subformat,
                       "As qemu-img names it: fixed, streamOptimized, monolithicFlat, compressed");
    parser->add_option("--from", flags->from, "Read IN as this format, whatever it looks like");
    parser->add_flag("--replace", flags->replace, "Overwrite a file that is there already");
    parser->add_flag("--json", flags->json, "Print what was made as JSON");
    return {parser, [flags](Console& console) { return convert(*flags, console); }};
}

}  // namespace img::cli
