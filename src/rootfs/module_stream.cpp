#include "rootfs/module_stream.hpp"

#include "tree/distribution.hpp"
#include "tree/place.hpp"
#include "tree/plain_text.hpp"
#include "tree/tree.hpp"

namespace img::rootfs {
namespace {

using tree::is_plain;
using tree::is_rpm_tree;
using tree::place;
using tree::refuse;
using tree::Tree;

}  // namespace

std::string module_file(const kickstart::Module& module) {
    return fmt::format("[{0}]\nname={0}\nstream={1}\nprofiles=\nstate={2}\n", module.name,
                       module.disable ? "" : module.stream,
                       module.disable ? "disabled" : "enabled");
}

Result<void> set_modules(const Tree& tree,
                         const std::vector<kickstart::Module>& modules,
                         const system::LineSink& log) {
    for (const auto& module : modules) {
        const std::string what = "module --name=" + module.name;
        if (module.name.empty() || module.name[0] == '.' || !is_plain(module.name, "_.+-") ||
            !is_plain(module.stream, "_.+-")) {
            return refuse(what, module.where, "name and stream are words, as nodejs and 18 are");
        }
        if (!is_rpm_tree(tree)) {
            log(place(what, module.where) + ": the image's packages know no modules");
            continue;
        }
        TRY(tree.write("/etc/dnf/modules.d/" + module.name + ".module", module_file(module)));
    }
    return {};
}

}  // namespace img::rootfs
