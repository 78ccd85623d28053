#include "api/template_view.hpp"

#include "api/json_text.hpp"

namespace img::api {

namespace {

Json json_of(const TemplateView& one) {
    Json json{{"name", one.name},
              {"kind", one.kind},
              {"display_name", one.display_name},
              {"description", one.description},
              {"type", one.image_type},
              {"architecture", one.architecture},
              {"platform", one.platform}};
    if (!one.kickstart.empty()) {
        json["kickstart"] = one.kickstart;
    }
    return json;
}

}  // namespace

std::string template_path(std::string_view name) {
    return fmt::format("{}/{}", kTemplatesPath, escaped(name));
}

std::string to_json(const TemplateView& one) {
    return dump(json_of(one));
}

std::string to_json(const TemplateViews& list) {
    auto templates = Json::array();
    for (auto one : list.templates) {
        one.kickstart.clear();
        templates.push_back(json_of(one));
    }
    return dump({{"templates", std::move(templates)}, {"faults", list.faults}});
}

Result<TemplateViews> templates_from_json(std::string_view text) {
    return parse<TemplateViews>(text, "a list of templates", [](const Json& json) {
        TemplateViews list;
        for (const auto& member : json.at("templates")) {
            // Field after field: g++ 12 leaks an aggregate whose initializer throws half way.
            auto& one = list.templates.emplace_back();
            one.name = member.at("name").get<std::string>();
            one.kind = text_of(member, "kind");
            one.display_name = text_of(member, "display_name");
            one.description = text_of(member, "description");
            one.image_type = text_of(member, "type");
            one.architecture = text_of(member, "architecture");
            one.platform = text_of(member, "platform");
            one.kickstart = text_of(member, "kickstart");
        }
        if (json.contains("faults")) {
            list.faults = json.at("faults").get<std::vector<std::string>>();
        }
        return list;
    });
}

}  // namespace img::api
