// How apt reaches repositories: who it says it is, and through which proxy.
#pragma once

#include "packages/packages.hpp"

#include <string>
#include <vector>

namespace img::packages {

/// The text of an apt_auth.conf(5) file with the users and passwords of all repositories, those of
/// longer paths first. For the owner's eyes only.
std::string access_list(const std::vector<Repository>& repositories);

/// Lines of apt.conf(5), a proxy for each host that has one. For the owner's eyes only, as a proxy
/// has a password in its URL. Fault::invalid: one host, two proxies; or a list of mirrors, whose
/// hosts are not known before, beside repositories with another proxy.
Result<std::string> proxy_settings(const std::vector<Repository>& repositories);

}  // namespace img::packages
