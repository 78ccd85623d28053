// The system's language: the file that sets it, and the locales that are compiled.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/process_runner.hpp"

#include <string_view>

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// Whether libc has the locale compiled in: C, POSIX and C.UTF-8 need no package and no work.
bool is_built_in(std::string_view locale);

/// /etc/default/locale, or on RPM trees /etc/locale.conf and, where they are too old for systemd,
/// /etc/sysconfig/i18n. "de_DE" is de_DE.UTF-8, which is what people mean by it today; who wants
/// the charset of that name says "de_DE.ISO-8859-1".
///
/// The locales are compiled in the tree where it has their sources. Fault::invalid: no such
/// locale, with the nearest one. Where the package is missing, the setting is written all the
/// same and the log says which package it waits for.
Result<void> set_locale(system::CommandRunner& runner,
                        const tree::Tree& tree,
                        const kickstart::Lang& lang,
                        const system::LineSink& log);

}  // namespace img::rootfs
