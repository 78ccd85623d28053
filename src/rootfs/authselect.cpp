#include "rootfs/authselect.hpp"

#include "tree/place.hpp"
#include "tree/tree.hpp"

#include <algorithm>

namespace img::rootfs {
namespace {

using tree::place;
using tree::told_by;
using tree::Tree;

}  // namespace

Result<void> run_authselect(system::CommandRunner& runner,
                            const Tree& tree,
                            const kickstart::Authselect& authselect,
                            const system::LineSink& log) {
    const std::string what = place("authselect", authselect.where);
    if (!tree.is_program("/usr/bin/authselect")) {
        log(what + ": the image has no authselect: logins are as its packages set them up");
        return {};
    }
    system::Command command{.argv = {"authselect"}, .root = tree.folder()};
    command.argv.insert(command.argv.end(), authselect.words.begin(), authselect.words.end());
    // As Anaconda: the files that packages left are no reason to stop.
    const bool selects = !authselect.words.empty() && authselect.words[0] == "select";
    if (selects && std::ranges::find(authselect.words, "--force") == authselect.words.end()) {
        command.argv.emplace_back("--force");
    }
    TRY(told_by(what, runner.run(command)));
    return {};
}

}  // namespace img::rootfs
