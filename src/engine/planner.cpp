#include "engine/planner.hpp"

#include "engine/deliverables.hpp"
#include "engine/disk_plan.hpp"
#include "engine/image_recipe.hpp"
#include "engine/image_type.hpp"
#include "engine/live_menu.hpp"
#include "engine/live_packages.hpp"
#include "engine/standard_tokens.hpp"
#include "kickstart/kickstart.hpp"
#include "kickstart/overlay.hpp"
#include "rootfs/rootfs.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::engine {
namespace {

using syntax::Severity;

std::string origin(const kickstart::Location& where) {
    return fmt::format("{}:{}", where.file, where.line);
}

packages::Repository repository_of(const kickstart::Repository& repo) {
    constexpr std::string_view kFile = "file://";
    packages::Repository out;
    out.name = repo.name;
    out.url = repo.baseurl;
    out.mirrorlist = repo.mirrorlist;
    out.suite = repo.suite;
    out.components = repo.components.empty() ? std::vector<std::string>{"main"} : repo.components;
    out.keyring = repo.gpgkey.starts_with(kFile) ? repo.gpgkey.substr(kFile.size()) : repo.gpgkey;
    out.verified = repo.gpgcheck;
    out.proxy = repo.proxy;
    out.user = repo.user;
    out.password = repo.password;
    out.cost = repo.cost;
    out.priority = repo.priority;
    out.include_packages = repo.include_packages;
    out.exclude_packages = repo.exclude_packages;
    out.saved = repo.save;
    out.disabled = repo.disabled;
    out.source = repo.source;
    out.debuginfo = repo.debuginfo;
    out.origin = origin(repo.where);
    return out;
}

void plan_repositories(Plan& plan, syntax::Reporter& report) {
    for (const auto& repo : plan.document.repositories) {
        if (repo.kind == kickstart::RepositoryKind::rpm_md || repo.suite.empty()) {
            report.refuse(repo.where,
                          "repository {}: this version builds from Debian archives, which need "
                          "--suite, such as --suite=bookworm",
                          repo.name.empty() ? repo.baseurl : repo.name);
            continue;
        }
        plan.repositories.push_back(repository_of(repo));
        plan.unverified = plan.unverified || !repo.gpgcheck;
    }
}

template <typename Name>
std::vector<packages::Asked> asked(const std::vector<Name>& names) {
    std::vector<packages::Asked> out;
    for (const auto& name : names) {
        out.push_back({name.text, origin(name.where)});
    }
    return out;
}

void plan_packages(Plan& plan, const BuildRequest& request, syntax::Reporter& report) {
    auto& wishes = plan.document.packages;
    if (const auto overlay = kickstart::parse_overlay(request.overlay); overlay) {
        kickstart::apply_overlay(wishes, *overlay);
    } else {
        report.refuse({"overlay", 1, 1}, "{}", overlay.error().message);
    }
    auto& selection = plan.selection;
    selection = {.names = asked(wishes.names),
                 .groups = asked(wishes.groups),
                 .excluded = asked(wishes.excluded),
                 .weak_dependencies = !wishes.exclude_weakdeps,
                 .core = !wishes.no_core,
                 .ignore_missing = wishes.ignore_missing};
    std::erase_if(selection.groups, [&](const packages::Asked& group) {
        return std::ranges::any_of(wishes.excluded_groups,
                                   [&](const auto& one) { return one.text == group.name; });
    });
    selection.first = asked(wishes.first);
    // What the commands need to take effect.
    for (const auto& name : rootfs::packages_for(plan.document)) {
        const auto is_it = [&](const auto& one) { return one.name == name; };
        if (std::ranges::none_of(selection.names, is_it) &&
            std::ranges::none_of(selection.excluded, is_it)) {
            selection.names.push_back({name, request.kickstart_name});
        }
    }
    if (plan.type.live) {
        add_live_packages(selection, request.kickstart_name);
    }
}

/// What the type says against the recipe, as far as it is known. Of a plan that is wrong already it
/// would say the same once more, or what follows from it.
void check_type(Plan plan, const BuildRequest& request, syntax::Reporter& report) {
    if (plan.type.check == nullptr || report.has_said(Severity::refused)) {
        return;
    }
    identify(plan, "");
    if (const auto good = plan.type.check(image_recipe(plan, request, "", "")); !good) {
        const auto& parts = plan.document.partitions;
        report.refuse(
            parts.empty() ? kickstart::Location{request.kickstart_name, 1, 1} : parts.back().where,
            "{}", good.error().message);
    }
}

}  // namespace

Result<Draft> draft_plan(const BuildRequest& request) {
    TRY(check_image_name(request.name));
    const auto type = TRY(find_image_type(request.image_type));
    TRY(image::check_options(type, request.options.image));
    TRY(check_deliverables(request, type));
    auto tokens = standard_tokens(request.kickstart, request.name);
    for (const auto& [key, value] : request.tokens) {
        tokens[key] = value;
    }
    auto parsed = kickstart::parse(
        request.kickstart,
        {.file = request.kickstart_name, .tokens = std::move(tokens), .include = request.include});
    Draft draft;
    draft.plan.type = type;
    draft.refused = parsed.is_refused();
    draft.plan.document = std::move(parsed.document);
    draft.plan.kickstart = parsed.text.empty() ? request.kickstart : std::move(parsed.text);
    draft.diagnostics = std::move(parsed.diagnostics);
    syntax::Reporter report;
    plan_disk(draft.plan, request, report);
    plan_repositories(draft.plan, report);
    plan_packages(draft.plan, request, report);
    check_menus(draft.plan, report);
    if (!draft.refused) {
        check_type(draft.plan, request, report);
    }
    for (auto& diagnostic : report.take()) {
        draft.refused = draft.refused || diagnostic.severity >= Severity::refused;
        draft.diagnostics.push_back(std::move(diagnostic));
    }
    return draft;
}

Result<Plan> make_plan(const BuildRequest& request) {
    auto draft = TRY(draft_plan(request));
    std::string wrong;
    for (auto& diagnostic : draft.diagnostics) {
        if (diagnostic.severity >= Severity::refused) {
            wrong += wrong.empty() ? "" : "\n";
            wrong += to_text(diagnostic);
        } else {
            draft.plan.remarks.push_back(std::move(diagnostic));
        }
    }
    if (draft.refused) {
        return fail(Fault::invalid, wrong);
    }
    return std::move(draft.plan);
}

}  // namespace img::engine
