#include "rootfs/scripts.hpp"

#include "base/printable.hpp"
#include "rootfs/place.hpp"
#include "rootfs/tree.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>

namespace img::rootfs {
namespace {

constexpr auto kPath = "PATH=/bin:/sbin:/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin";
constexpr auto kTranscript = "ks-script.log";

/// Removes the script's file, inside or outside the tree, however its run ends.
class ScriptFile {
public:
    static Result<ScriptFile> make(const Tree& tree,
                                   const kickstart::Script& script,
                                   const std::filesystem::path& scratch) {
        const std::string name = fmt::format("ks-script-{}", script.where.line);
        ScriptFile file(tree, script.in_tree, (script.in_tree ? "/tmp" : scratch) / name);
        std::string body = script.body;
        std::erase(body, '\r');  // files written on Windows: "sh\r: not found"
        if (script.in_tree) {
            // A %post before this one may have changed it.
            TRY(tree.make_directory("/tmp", 01777));
            TRY(tree.remove(file.path_));
            TRY(tree.write(file.path_, body, 0700));
        } else {
            const Tree outside = TRY(Tree::open(scratch));
            TRY(outside.write(name, body, 0700));
        }
        return file;
    }
    ScriptFile(ScriptFile&& other) noexcept
        : tree_(other.tree_), in_tree_(other.in_tree_), path_(std::exchange(other.path_, {})) {}
    ScriptFile& operator=(ScriptFile&&) = delete;
    ~ScriptFile() {
        std::error_code ignored;
        if (path_.empty()) {
            return;
        }
        if (in_tree_) {
            (void)tree_.remove(path_);
        } else {
            std::filesystem::remove(path_, ignored);
        }
    }
    const std::filesystem::path& path() const { return path_; }

private:
    ScriptFile(const Tree& tree, bool in_tree, std::filesystem::path path)
        : tree_(tree), in_tree_(in_tree), path_(std::move(path)) {}

    const Tree& tree_;
    bool in_tree_;
    std::filesystem::path path_;
};

std::string name_of(const kickstart::Script& script) {
    return place(script.in_tree ? "%post" : "%post --nochroot", script.where);
}

/// What is wrong with a script before it runs, or its exit as a sentence; empty: all well.
Result<std::string> run_one(system::CommandRunner& runner,
                            const Tree& tree,
                            const kickstart::Script& script,
                            const ScriptSettings& settings) {
    if (script.in_tree && !tree.is_program(script.interpreter)) {
        return fmt::format("{}: the image has no {}; add its package to %packages", name_of(script),
                           printable(script.interpreter));
    }
    const ScriptFile file = TRY(ScriptFile::make(tree, script, settings.scratch));
    const system::Command command = script_command(tree, script, file.path(), settings);
    auto ended = runner.finish(command);
    if (!script.log.empty() && std::filesystem::exists(command.transcript)) {
        // Anaconda mounts the tree there, and kickstart files written for it say so.
        constexpr std::string_view kAnacondaRoot = "/mnt/sysimage/";
        std::string log = script.log;
        if (!script.in_tree && log.starts_with(kAnacondaRoot)) {
            log.erase(0, kAnacondaRoot.size());
        }
        TRY(tree.copy_in(command.transcript, log, 0600));
        std::error_code ignored;
        std::filesystem::remove(command.transcript, ignored);
    }
    if (!ended) {
        ended.error().message = name_of(script) + ": " + ended.error().message;
        if (ended.error().fault == Fault::missing) {
            return ended.error().message;  // no such interpreter beside the tree
        }
        return std::unexpected(ended.error());
    }
    if (ended->status == 0) {
        return std::string();
    }
    return fmt::format("{}: exit {}{}{}", name_of(script), ended->status,
                       ended->tail.empty() ? "" : "\n", ended->tail);
}

}  // namespace

system::Command script_command(const Tree& tree,
                               const kickstart::Script& script,
                               const std::filesystem::path& file,
                               const ScriptSettings& settings) {
    system::Command command{
        .argv = {script.interpreter, file.string()},
        .environment = {kPath, fmt::format("SOURCE_DATE_EPOCH={}", settings.epoch)},
        .timeout = settings.timeout};
    if (script.in_tree) {
        command.root = tree.folder();
    } else {
        command.environment.push_back("INSTALL_ROOT=" + tree.folder().string());
        command.environment.push_back("IMG_NAME=" + settings.image_name);
    }
    if (!script.log.empty()) {
        command.transcript = settings.scratch / kTranscript;
    }
    return command;
}

Result<void> run_post_scripts(system::CommandRunner& runner,
                              const Tree& tree,
                              const std::vector<kickstart::Script>& scripts,
                              const ScriptSettings& settings,
                              const system::LineSink& log) {
    for (const auto& script : scripts) {
        if (script.kind != kickstart::ScriptKind::post) {
            continue;
        }
        const std::string trouble = TRY(run_one(runner, tree, script, settings));
        if (trouble.empty()) {
            continue;
        }
        if (script.error_on_fail) {
            return fail(Fault::broken, trouble);
        }
        log("warning: " + trouble.substr(0, trouble.find('\n')));
    }
    return {};
}

}  // namespace img::rootfs
