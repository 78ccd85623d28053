#include "kickstarter/configuration_list.hpp"

#include "kickstarter/known_keys.hpp"
#include "kickstarter/yaml_reader.hpp"
#include "syntax/quote.hpp"
#include "system/beneath.hpp"

#include <algorithm>
#include <array>

namespace img::kickstarter {
namespace {

using syntax::in_quotes;
using syntax::Reporter;
using Kind = YamlValue::Kind;

constexpr const char* kDefault = "Default";
constexpr const char* kConfigurations = "Configurations";
constexpr const char* kExternal = "ExternalConfigs";
constexpr std::string_view kEnding = ".yaml";

class Reading {
public:
    Reading(YamlNode root, std::string file, std::filesystem::path folder, Reporter& report)
        : root_(std::move(root)),
          file_(std::move(file)),
          folder_(std::move(folder)),
          report_(report) {}

    std::vector<Configuration> read() {
        read_layers();
        const auto* const list = root_->find(kConfigurations);
        const auto* const external = root_->find(kExternal);
        if (list == nullptr && external == nullptr) {
            report_.error(root_->where,
                          "{} is missing: a list of maps with Name, FileName and "
                          "Platform",
                          kConfigurations);
        }
        if (list != nullptr && list->value->kind == Kind::list) {
            for (const auto& entry : list->value->items) {
                add(entry);
            }
        } else if (list != nullptr && list->value->kind != Kind::null) {
            report_.error(list->where, "{} is a list of maps", kConfigurations);
        }
        if (external != nullptr) {
            read_folders(*external);
        }
        return std::move(configurations_);
    }

private:
    /// Default and the platforms: each is looked at once, however many images stand on it.
    void read_layers() {
        const std::array<std::string, 3> fixed{kDefault, kConfigurations, kExternal};
        const auto* const defaults = root_->find(kDefault);
        if (defaults == nullptr || defaults->value->kind == Kind::list ||
            defaults->value->kind == Kind::text) {
            report_.error(defaults == nullptr ? root_->where : defaults->where,
                          "{} is missing: a map with what all configurations share", kDefault);
        } else if (defaults->value->kind == Kind::map) {
            defaults_ = defaults->value;
            check_keys(*defaults_, configuration_keys(), report_);
        }
        for (const auto& member : root_->members) {
            if (std::ranges::find(fixed, member.key) != fixed.end()) {
                continue;
            }
            if (member.value->kind == Kind::map) {
                platforms_.push_back(member.key);
                check_keys(*member.value, configuration_keys(), report_);
            } else if (member.value->kind == Kind::null) {
                platforms_.push_back(member.key);
            } else {
                report_.warning(member.where, "{} is no platform, which would be a map{}",
                                in_quotes(member.key), meant_key(member.key, fixed));
            }
        }
    }

    void read_folders(const YamlValue::Member& external) {
        if (external.value->kind != Kind::list && external.value->kind != Kind::null) {
            report_.error(external.where, "{} is a list of folders", kExternal);
        }
        for (const auto& item : external.value->items) {
            const auto names = system::list_beneath(folder_, item->text, kConfigurationsMax);
            if (item->kind != Kind::text || !names) {
                report_.error(item->where,
                              "{}: there is no folder {} below that of {}, or it has "
                              "more than {} files",
                              kExternal, in_quotes(item->text), file_, kConfigurationsMax);
                continue;
            }
            for (const auto& name : *names) {
                if (name.ends_with(kEnding) && !name.starts_with('.')) {
                    read_file(item->text + "/" + name, item->where);
                }
            }
        }
    }

    void read_file(const std::string& name, const Location& from) {
        const auto text = system::read_beneath(folder_, name, kYamlBytesMax);
        if (!text) {
            report_.error(from, "{}: {}", kExternal, text.error().message);
            return;
        }
        if (const auto entry =
                read_yaml(*text, (folder_ / name).lexically_normal().string(), report_)) {
            add(entry);
        }
    }

    void add(const YamlNode& entry) {
        if (configurations_.size() == kConfigurationsMax) {
            if (!is_full_) {
                report_.error(entry->where, "more than {} configurations", kConfigurationsMax);
            }
            is_full_ = true;
            return;
        }
        if (entry->kind != Kind::map) {
            report_.error(entry->where,
                          "a configuration is a map with Name, FileName and Platform");
            return;
        }
        check_keys(*entry, configuration_keys(), report_);
        bool is_whole = true;
        for (const std::string_view key : {"Name", "FileName", "Platform"}) {
            const auto* const member = entry->find(key);
            // An empty FileName says that nothing is to be written.
            const bool is_said =
                member != nullptr && (key == "FileName" || !member->value->text.empty());
            if (!is_said) {
                report_.error(entry->where, "this configuration has no {}", key);
                is_whole = false;
            }
        }
        if (is_whole) {
            add_with_platform(entry);
        }
    }

    void add_with_platform(const YamlNode& entry) {
        const auto& platform = *entry->find("Platform")->value;
        if (std::ranges::find(platforms_, platform.text) == platforms_.end()) {
            report_.error(platform.where, "no platform is called {}{}", in_quotes(platform.text),
                          meant_key(platform.text, platforms_));
            return;
        }
        const auto& layer = root_->find(platform.text)->value;
        configurations_.emplace_back(defaults_, layer->kind == Kind::map ? layer : nullptr, entry);
    }

    YamlNode root_;
    std::string file_;
    std::filesystem::path folder_;
    Reporter& report_;
    YamlNode defaults_;
    std::vector<std::string> platforms_;
    std::vector<Configuration> configurations_;
    bool is_full_ = false;
};

}  // namespace

std::vector<Configuration> read_configurations(std::string_view text,
                                               const std::string& file,
                                               const std::filesystem::path& folder,
                                               Reporter& report) {
    auto root = read_yaml(text, file, report);
    if (!root) {
        return {};
    }
    return Reading(std::move(root), file, folder, report).read();
}

}  // namespace img::kickstarter
