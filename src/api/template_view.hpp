// Templates as REST shows them: their paths and their JSON.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace img::api {

inline constexpr std::string_view kTemplatesPath = "/api/v1/templates";

/// A kickstart that the service offers by name.
struct TemplateView {
    std::string name;
    std::string kind;  ///< "kickstart": a file; "configuration": made of YAML.
    std::string display_name;
    std::string description;
    std::string image_type;  ///< Suggested; may be empty, and may be none that the service makes.
    std::string architecture;
    std::string platform;
    std::string kickstart;  ///< Left out of lists.
};

struct TemplateViews {
    std::vector<TemplateView> templates;
    std::vector<std::string> faults;  ///< What keeps others from being offered.
};

std::string template_path(std::string_view name);
std::string to_json(const TemplateView& one);
std::string to_json(const TemplateViews& list);
Result<TemplateViews> templates_from_json(std::string_view text);

}  // namespace img::api
