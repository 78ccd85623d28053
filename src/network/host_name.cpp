#include "network/host_name.hpp"

#include "base/text.hpp"
#include "network/card.hpp"
#include "tree/distribution.hpp"
#include "tree/place.hpp"
#include "tree/settings_file.hpp"
#include "tree/tree.hpp"

namespace img::network {
namespace {

using tree::has_systemd;
using tree::in_quotes;
using tree::is_rpm_tree;
using tree::refuse;
using tree::Tree;
using tree::with_assignment;

}  // namespace

std::string hosts_file(std::string_view old, std::string_view hostname) {
    std::string text;
    bool has_localhost = false;
    for (const auto& line : split(old, "\n")) {
        const auto words = split(line, " \t");
        if (!hostname.empty() && !words.empty() && words[0] == "127.0.1.1") {
            continue;
        }
        has_localhost = has_localhost || (!words.empty() && words[0] == "127.0.0.1");
        text += line + "\n";
    }
    if (!has_localhost) {
        text =
            "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
            "ff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n" +
            text;
    }
    if (!hostname.empty()) {
        const auto dot = hostname.find('.');
        text += fmt::format("127.0.1.1\t{}{}\n", hostname,
                            dot == std::string_view::npos
                                ? std::string()
                                : fmt::format(" {}", hostname.substr(0, dot)));
    }
    return text;
}

Result<void> set_host_name(const Tree& tree, const std::vector<kickstart::Network>& networks) {
    std::string hostname;
    for (const auto& network : networks) {
        if (network.hostname.empty()) {
            continue;
        }
        if (!is_host_name(network.hostname)) {
            return refuse("network", network.where,
                          fmt::format("--hostname={} is not a host's name: up to 64 letters, "
                                      "digits, - and .",
                                      in_quotes(network.hostname)));
        }
        hostname = network.hostname;
    }
    if (!hostname.empty()) {
        TRY(tree.write("/etc/hostname", hostname + "\n"));
    }
    if (is_rpm_tree(tree) && !has_systemd(tree)) {
        constexpr auto kFile = "/etc/sysconfig/network";
        std::string text = TRY(tree.read_if_there(kFile));
        text = with_assignment(text, "NETWORKING", "yes");
        TRY(tree.write(kFile,
                       with_assignment(text, "HOSTNAME",
                                       hostname.empty() ? "localhost.localdomain" : hostname)));
    }
    return tree.write("/etc/hosts", hosts_file(TRY(tree.read_if_there("/etc/hosts")), hostname));
}

}  // namespace img::network
