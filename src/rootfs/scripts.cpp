#include "rootfs/scripts.hpp"

#include "base/printable.hpp"
#include "system/files.hpp"
#include "tree/place.hpp"
#include "tree/tree.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>

namespace img::rootfs {
namespace {

using tree::place;
using tree::Tree;

constexpr auto kPath = "PATH=/bin:/sbin:/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin";
constexpr unsigned kTmpMode = 01777;
constexpr auto kTranscript = "ks-script.log";

/// Removes the script's file, inside or outside the tree, however its run ends.
class ScriptFile {
public:
    static Result<ScriptFile> make(const Tree& tree,
                                   const kickstart::Script& script,
                                   const std::filesystem::path& scratch) {
        const std::string name = fmt::format("ks-script-{}", script.where.line);
        const bool in_tree = runs_in_tree(script);
        ScriptFile file(tree, in_tree, (in_tree ? "/tmp" : scratch) / name);
        std::string body = script.body;
        std::erase(body, '\r');  // files written on Windows: "sh\r: not found"
        if (in_tree) {
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

using kickstart::ScriptKind;

std::string name_of(const kickstart::Script& script) {
    std::string name;
    switch (script.kind) {
        case ScriptKind::pre: name = "%pre"; break;
        case ScriptKind::pre_install: name = "%pre-install"; break;
        case ScriptKind::post: name = script.in_tree ? "%post" : "%post --nochroot"; break;
        case ScriptKind::on_error: name = "%onerror"; break;
        case ScriptKind::traceback: name = "%traceback"; break;
        case ScriptKind::pack: name = "%pack"; break;
    }
    return place(name, script.where);
}

/// Puts what a script said where its --log wants it.
Result<void> keep_log(const Tree& tree,
                      const kickstart::Script& script,
                      const std::filesystem::path& transcript) {
    // Anaconda mounts the tree there, and kickstart files written for it say so.
    constexpr std::string_view kAnacondaRoot = "/mnt/sysimage/";
    std::filesystem::path log = script.log;
    if (!runs_in_tree(script) && script.log.starts_with(kAnacondaRoot)) {
        log = script.log.substr(kAnacondaRoot.size() - 1);
    }
    if (log.parent_path() == "/root" && !tree.exists("/root")) {
        TRY(tree.make_directory("/root", 0700));  // %pre-install: packages keep the mode they find
    }
    TRY(tree.copy_in(transcript, log, 0600));
    std::error_code ignored;
    std::filesystem::remove(transcript, ignored);
    return {};
}

/// What is wrong with a script before it runs, or its exit as a sentence; empty: all well.
Result<std::string> run_one(system::CommandRunner& runner,
                            const Tree& tree,
                            const kickstart::Script& script,
                            const ScriptSettings& settings) {
    if (runs_in_tree(script) && !tree.is_program(script.interpreter)) {
        return fmt::format("{}: the image has no {}; add its package to %packages", name_of(script),
                           printable(script.interpreter));
    }
    const ScriptFile file = TRY(ScriptFile::make(tree, script, settings.scratch));
    const system::Command command = script_command(tree, script, file.path(), settings);
    auto ended = runner.finish(command);
    if (!script.log.empty() && system::exists(command.transcript)) {
        TRY(keep_log(tree, script, command.transcript));
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

Result<void> run_scripts(system::CommandRunner& runner,
                         const Tree& tree,
                         const std::vector<kickstart::Script>& scripts,
                         ScriptKind kind,
                         const ScriptSettings& settings,
                         const system::LineSink& log) {
    // Before they are installed the tree has no folders, and packages keep the mode they find.
    const bool has_tmp = kind == ScriptKind::post;
    bool any = false;
    for (const auto& script : scripts) {
        if (script.kind != kind) {
            continue;
        }
        if (has_tmp) {
            TRY(tree.make_directory("/tmp", kTmpMode));  // a script before may have changed it
        }
        any = true;
        const std::string trouble = TRY(run_one(runner, tree, script, settings));
        if (!trouble.empty() && script.error_on_fail) {
            return fail(Fault::broken, trouble);
        }
        if (!trouble.empty()) {
            log("warning: " + trouble.substr(0, trouble.find('\n')));
        }
    }
    return any && has_tmp ? tree.make_directory("/tmp", kTmpMode) : Result<void>();
}

}  // namespace

bool runs_in_tree(const kickstart::Script& script) {
    return script.kind == ScriptKind::post && script.in_tree;
}

system::Command script_command(const Tree& tree,
                               const kickstart::Script& script,
                               const std::filesystem::path& file,
                               const ScriptSettings& settings) {
    system::Command command{
        .argv = {script.interpreter, file.string()},
        .environment = {kPath, fmt::format("SOURCE_DATE_EPOCH={}", settings.epoch)},
        .bare = true,
        .timeout = settings.timeout};
    auto& environment = command.environment;
    const auto add = [&environment](std::string_view name, const std::string& value) {
        environment.push_back(fmt::format("{}={}", name, value));
    };
    environment.insert(environment.end(), settings.variables.begin(), settings.variables.end());
    const bool in_tree = runs_in_tree(script);
    if (!settings.variables.empty()) {
        add("INSTALLERFW_MOUNT_PREFIX", in_tree ? "/" : tree.folder().string());
    }
    if (in_tree) {
        command.root = tree.folder();
    } else {
        add("INSTALL_ROOT", tree.folder().string());
        add("IMG_NAME", settings.image_name);
    }
    if (script.kind == ScriptKind::post && !in_tree && !settings.live_root.empty()) {
        add("LIVE_ROOT", settings.live_root.string());
    }
    if (script.kind == ScriptKind::pack) {
        add("IMG_OUT_DIR", settings.out.string());
    }
    if (!script.log.empty()) {
        command.transcript = settings.scratch / kTranscript;
    }
    return command;
}

Result<void> run_pre_install_scripts(system::CommandRunner& runner,
                                     const Tree& tree,
                                     const std::vector<kickstart::Script>& scripts,
                                     const ScriptSettings& settings,
                                     const system::LineSink& log) {
    return run_scripts(runner, tree, scripts, ScriptKind::pre_install, settings, log);
}

Result<void> run_post_scripts(system::CommandRunner& runner,
                              const Tree& tree,
                              const std::vector<kickstart::Script>& scripts,
                              const ScriptSettings& settings,
                              const system::LineSink& log) {
    return run_scripts(runner, tree, scripts, ScriptKind::post, settings, log);
}

void run_on_error_scripts(system::CommandRunner& runner,
                          const Tree& tree,
                          const std::vector<kickstart::Script>& scripts,
                          const ScriptSettings& settings,
                          const system::LineSink& log) {
    for (const auto& script : scripts) {
        // One by one: the next is run whatever became of this one.
        const auto done = run_scripts(runner, tree, {script}, ScriptKind::on_error, settings, log);
        if (!done) {
            log("warning: " + done.error().message);
        }
    }
}

Result<void> run_pack_scripts(system::CommandRunner& runner,
                              const Tree& tree,
                              const std::vector<kickstart::Script>& scripts,
                              const ScriptSettings& settings,
                              const system::LineSink& log) {
    return run_scripts(runner, tree, scripts, ScriptKind::pack, settings, log);
}

}  // namespace img::rootfs
