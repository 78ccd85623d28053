#include "rootfs/identity.hpp"

#include "tree/tree.hpp"
#include "tree/units.hpp"

#include <array>

namespace img::rootfs {
namespace {

using tree::has_unit;
using tree::Tree;

constexpr auto kKeyUnit = "img-ssh-host-keys.service";

// A unit of its own and not a line in ssh.service, because Debian's runs `sshd -t` before any
// line that could be added, and that fails without keys; and because ssh.socket needs it too.
constexpr auto kKeyUnitText = R"([Unit]
Description=Make the SSH host keys of this machine
Documentation=man:ssh-keygen(1)
ConditionPathExists=|!/etc/ssh/ssh_host_ed25519_key
ConditionPathExists=|!/etc/ssh/ssh_host_rsa_key
ConditionPathExists=|!/etc/ssh/ssh_host_ecdsa_key
After=systemd-random-seed.service
Before=ssh.service ssh.socket sshd.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/ssh-keygen -A
)";

/// Units by which distributions make missing host keys themselves.
constexpr std::array<const char*, 3> kTheirKeyUnits{"sshd-keygen.service", "sshd-keygen@.service",
                                                    "sshd-keygen.target"};

Result<void> make_keys_at_boot(const Tree& tree, const system::LineSink& log) {
    for (const char* unit : kTheirKeyUnits) {
        if (has_unit(tree, unit)) {
            return {};
        }
    }
    if (!has_unit(tree, "ssh.service") || !tree.exists("/lib/systemd/system")) {
        log("warning: the SSH host keys were removed, as all copies of the image would share them, "
            "and without systemd nothing makes new ones: run `ssh-keygen -A` on the machine");
        return {};
    }
    const std::filesystem::path folder = "/etc/systemd/system";
    TRY(tree.write(folder / kKeyUnit, kKeyUnitText));
    for (const char* wanting : {"ssh.service", "ssh.socket"}) {
        if (has_unit(tree, wanting)) {
            TRY(tree.link(folder / (std::string(wanting) + ".wants") / kKeyUnit,
                          std::string("../") + kKeyUnit));
        }
    }
    return {};
}

}  // namespace

Result<void> forget_identity(const Tree& tree, const system::LineSink& log) {
    if (tree.exists("/etc/machine-id") || tree.exists("/lib/systemd/systemd")) {
        // Empty, not "uninitialized": that word makes systemd apply its presets on the first
        // boot, over what the kickstart's `services` said.
        TRY(tree.write("/etc/machine-id", "", 0444));
    }
    if (tree.exists("/var/lib/dbus")) {
        TRY(tree.link("/var/lib/dbus/machine-id", "/etc/machine-id"));
    }
    TRY(tree.remove("/var/lib/systemd/random-seed"));
    TRY(tree.remove("/var/lib/systemd/credential.secret"));
    for (const auto& name : tree.list("/etc/ssh")) {
        if (name.starts_with("ssh_host_") &&
            (name.ends_with("_key") || name.ends_with("_key.pub"))) {
            TRY(tree.remove("/etc/ssh/" + name));
        }
    }
    if (tree.is_program("/usr/sbin/sshd")) {
        TRY(make_keys_at_boot(tree, log));
    }
    return {};
}

}  // namespace img::rootfs
