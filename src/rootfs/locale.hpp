// The system's language: /etc/default/locale, and the locales that are compiled.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/process_runner.hpp"

#include <string_view>

namespace img::rootfs {

class Tree;

/// Whether libc has the locale compiled in: C, POSIX and C.UTF-8 need no package and no work.
bool is_built_in(std::string_view locale);

/// Fault::invalid: no such locale, with the nearest one. Where the tree has no `locales`, the
/// setting is written all the same and the log says that it waits for that package.
Result<void> set_locale(system::CommandRunner& runner,
                        const Tree& tree,
                        const kickstart::Lang& lang,
                        const system::LineSink& log);

}  // namespace img::rootfs
