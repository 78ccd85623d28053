// Templates: kickstarts that a service offers by name, from files and from YAML configurations.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace img::kickstarter {

struct Template {
    enum class Kind {
        kickstart,     ///< NAME.ks
        configuration  ///< Of a configurations*.yaml; its FileName is the name.
    };

    std::string name{};  ///< One component of a path.
    Kind kind = Kind::kickstart;
    std::string display_name{};  ///< For people; the name where nothing else is said.
    std::string description{};
    std::string image_type{};    ///< That it suggests; may be empty, and nobody has checked it.
    std::string architecture{};  ///< Likewise.
    std::string platform{};      ///< Of a configuration.
    std::string text{};          ///< The kickstart, in which nobody has looked for errors.
};

struct TemplateList {
    std::vector<Template> templates{};  ///< Files first, then configurations, in their order.
    std::vector<std::string> faults{};  ///< What keeps others from being offered, a line each.
};

/// Looks at the folder anew each time, so that whoever keeps it need tell nobody. No name and no
/// link leads out of it.
class TemplateFolder {
public:
    /// *.ks and configurations*.yaml, with repos.yaml and custom/ beside them.
    explicit TemplateFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

    TemplateList list() const;

    /// Fault::missing: there is none of that name; the sentence has the nearest.
    Result<Template> find(std::string_view name) const;

private:
    void add_file(const std::string& file, TemplateList& list) const;
    void add_configurations(const std::string& file, TemplateList& list) const;

    std::filesystem::path folder_;
};

}  // namespace img::kickstarter
