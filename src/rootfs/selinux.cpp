#include "rootfs/selinux.hpp"

#include "tree/distribution.hpp"
#include "tree/place.hpp"
#include "tree/settings_file.hpp"
#include "tree/tree.hpp"

namespace img::rootfs {
namespace {

using tree::is_rpm_tree;
using tree::place;
using tree::refuse;
using tree::Tree;
using tree::with_assignment;

constexpr auto kConfig = "/etc/selinux/config";

/// "targeted", "default": the first folder with a policy; empty: there is none.
std::string policy_of(const Tree& tree) {
    const std::filesystem::path folder = "/etc/selinux";
    for (const auto& name : tree.list(folder)) {
        if (tree.is_folder(folder / name / "policy") ||
            tree.is_folder(folder / name / "contexts")) {
            return name;
        }
    }
    return {};
}

std::string_view word_of(kickstart::SelinuxMode mode) {
    switch (mode) {
        case kickstart::SelinuxMode::enforcing: return "enforcing";
        case kickstart::SelinuxMode::permissive: return "permissive";
        case kickstart::SelinuxMode::disabled: break;
    }
    return "disabled";
}

}  // namespace

Result<void> set_selinux(const Tree& tree,
                         const kickstart::Selinux& selinux,
                         const system::LineSink& log) {
    const std::string policy = policy_of(tree);
    const std::string_view mode = word_of(selinux.mode);
    const std::string what = fmt::format("selinux --{}", mode);
    const bool is_off = selinux.mode == kickstart::SelinuxMode::disabled;
    const bool rpm = is_rpm_tree(tree);
    if (policy.empty() && !is_off) {
        return refuse(what, selinux.where,
                      fmt::format("the image has no policy; add {} to %packages",
                                  rpm ? "selinux-policy-targeted"
                                      : "selinux-basics and selinux-policy-default"));
    }
    std::string text = TRY(tree.read_if_there(kConfig));
    if (text.empty() && policy.empty()) {
        return {};
    }
    if (text.empty()) {
        text = with_assignment(text, "SELINUXTYPE", policy);
    }
    TRY(tree.write(kConfig, with_assignment(text, "SELINUX", mode)));
    if (is_off) {
        return tree.remove("/.autorelabel");
    }
    // The files were unpacked by a machine whose kernel knows no labels of this policy.
    TRY(tree.write("/.autorelabel", ""));
    if (!rpm) {
        log(
            fmt::format("{}: Debian's kernel takes it with bootloader --append=\"security=selinux "
                        "selinux=1\"",
                        place(what, selinux.where)));
    }
    return {};
}

}  // namespace img::rootfs
