#include "engine/builder.hpp"

#include "base/digest.hpp"
#include "boot/grub.hpp"
#include "engine/build_tree.hpp"
#include "engine/deliverables.hpp"
#include "engine/disk_menu.hpp"
#include "engine/image_recipe.hpp"
#include "engine/live_menu.hpp"
#include "engine/papers.hpp"
#include "engine/script_variables.hpp"
#include "packages/initramfs.hpp"
#include "rootfs/attachments.hpp"
#include "rootfs/build_traces.hpp"
#include "rootfs/fstab.hpp"
#include "rootfs/identity.hpp"
#include "rootfs/kernels.hpp"
#include "rootfs/rootfs.hpp"
#include "rootfs/scripts.hpp"
#include "system/files.hpp"
#include "system/sandbox.hpp"
#include "tree/tree.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <set>
#include <vector>

namespace img::engine {
namespace {

namespace fs = std::filesystem;
using system::make_folder;

std::vector<std::string> mount_points(const Plan& plan) {
    std::vector<std::string> points;
    for (const PlannedPartition& partition : plan.partitions) {
        points.push_back(partition.mount_point);
    }
    return points;
}

/// Sends a stage's events and remembers how long it took.
class Build {
public:
    Build(Plan plan,
          const BuildRequest& request,
          const BuilderFolders& folders,
          const EventSink& events)
        : plan_(std::move(plan)),
          request_(request),
          folders_(folders),
          events_(events),
          log_file_(request.options.release.empty()
                        ? std::ofstream()
                        : std::ofstream(folders.out / (request.name + ".log"))),
          log_([this](std::string_view line) { take_line(line); }),
          runner_(log_, {}, {system::source_date_epoch(plan_.epoch)}),
          packages_(packages::open_debian(plan_.repositories,
                                          {.architecture = plan_.architecture,
                                           .scratch = folders.work / "apt",
                                           .cache = folders.cache,
                                           .log = log_,
                                           .stop = {},
                                           .epoch = plan_.epoch})),
          tree_(plan_.type.in_place ? folders.out / request.name : folders.work / "tree",
                folders.work / "parts",
                mount_points(plan_)) {}

    std::expected<std::string, BuildFailure> run();

private:
    Result<void> plan_packages();
    Result<void> fetch();
    Result<void> install();
    Result<void> configure();
    Result<void> run_scripts();
    Result<void> assemble();

    rootfs::ScriptSettings script_settings() const;
    std::vector<rootfs::Kernel> kernels(const tree::Tree& tree);
    Result<void> write_boot_menu(const tree::Tree& tree);
    Result<void> run_pack_scripts();
    void run_on_error_scripts();
    Result<void> size_partitions();
    Result<std::vector<image::ImageFile>> copy_kernels(const tree::Tree& root) const;

    void take_line(std::string_view line) {
        events_(Logged{std::string(line)});
        if (log_file_.is_open()) {
            log_file_ << line << std::endl;  // whoever reads along is waiting
        }
    }
    void note_time() {
        const std::chrono::duration<double> took = Clock::now() - begin_;
        outcome_.stages.push_back({stage_, took.count(), note_});
    }
    void say(std::uint64_t done, std::uint64_t total, std::string unit, std::string text) {
        events_(Progressed{stage_, done, total, std::move(unit), std::move(text)});
    }
    void warn(std::string text) {
        log_("warning: " + text);
        outcome_.warnings.push_back(std::move(text));
    }
    /// What scripts put beside the tree on a live medium; empty: the image is none.
    fs::path media() const { return plan_.type.live ? folders_.work / "media" : fs::path(); }

    Plan plan_;
    const BuildRequest& request_;
    BuilderFolders folders_;
    const EventSink& events_;
    std::ofstream log_file_;  ///< <name>.log of a release.
    system::LineSink log_;
    system::ProcessRunner runner_;
    std::unique_ptr<packages::PackageSystem> packages_;

    using Clock = std::chrono::steady_clock;
    Stage stage_ = Stage::plan;
    Clock::time_point begin_;  ///< Of the stage.
    std::string note_;
    packages::Solution solution_;
    std::string seed_;
    Outcome outcome_;
    BuildTree tree_;
};

Result<void> Build::plan_packages() {
    for (const auto& remark : plan_.remarks) {
        log_(to_text(remark));
        if (remark.severity == syntax::Severity::warning) {
            outcome_.warnings.push_back(to_text(remark));
        }
    }
    for (const auto& idle : idle_wishes(request_)) {
        warn(idle);
    }
    say(0, 0, "", "reading the repositories");
    TRY(packages_->refresh());
    say(0, 0, "", "choosing packages");
    solution_ = TRY(packages_->solve(plan_.selection));
    note_ = solution_.remembered ? "solved before from the same indices" : "solved anew";

    Sha256 seed;  // all that goes into the image
    seed.add_field("img image 1");
    seed.add_field(plan_.kickstart);
    seed.add_field(request_.name);
    seed.add_field(request_.overlay);
    for (const auto& package : solution_.packages) {
        seed.add_field(package.sha256);
    }
    seed_ = seed.hex();
    identify(plan_, seed_);
    say(1, 1, "", fmt::format("{} packages, {}", solution_.packages.size(), note_));
    return {};
}

Result<void> Build::fetch() {
    const auto missing = std::make_shared<std::uint64_t>(0);
    TRY(packages_->fetch(solution_,
                         [&](std::uint64_t done, std::uint64_t total, const std::string& text) {
                             *missing = std::max(*missing, total - done);
                             say(done, total, "packages", text);
                         }));
    note_ = fmt::format("{} of {} packages were in the cache", solution_.packages.size() - *missing,
                        solution_.packages.size());
    // From here on strangers' scripts run: they get no network.
    return system::leave_network();
}

Result<void> Build::install() {
    say(0, solution_.packages.size(), "packages", "unpacking");
    TRY(tree_.bind_partitions());
    TRY(make_folder(folders_.work / "scripts"));
    if (plan_.type.live) {
        TRY(make_folder(media()));
    }
    const auto root = TRY(tree::Tree::open(tree_.root()));
    TRY(rootfs::run_pre_install_scripts(runner_, root, plan_.document.scripts, script_settings(),
                                        log_));
    system::end_other_processes();
    return packages_->install(solution_, tree_.root(),
                              {.exclude_docs = plan_.document.packages.exclude_docs,
                               .languages = plan_.document.packages.languages},
                              [&](std::uint64_t done, std::uint64_t total,
                                  const std::string& text) { say(done, total, "packages", text); });
}

Result<void> Build::configure() {
    say(0, 0, "", "settings of the kickstart");
    auto mounts = TRY(mount_surroundings(tree_.root()));
    TRY(rootfs::configure(runner_, tree_.root(), plan_.document,
                          {.seed = seed_, .epoch = plan_.epoch}, log_));
    const auto root = TRY(tree::Tree::open(tree_.root()));
    if (plan_.writes_fstab) {
        TRY(rootfs::write_fstab(root, fstab_entries(plan_)));
    }
    TRY(unmount_all(mounts));
    say(1, 1, "", "settings made");
    return {};
}

Result<void> Build::run_scripts() {
    auto mounts = TRY(mount_surroundings(tree_.root()));
    auto deferred = TRY(packages::DeferredInitramfs::in(tree_.root()));
    const auto& scripts = plan_.document.scripts;
    const auto count =
        std::ranges::count(scripts, kickstart::ScriptKind::post, &kickstart::Script::kind);
    say(0, 0, "", count == 1 ? "one %post script" : fmt::format("{} %post scripts", count));
    const auto root = TRY(tree::Tree::open(tree_.root()));
    TRY(rootfs::run_post_scripts(runner_, root, scripts, script_settings(), log_));
    system::end_other_processes();  // what scripts left running
    TRY(deferred.end());

    // The kernels are looked for last: a script may have brought or taken one.
    std::vector<std::string> versions;
    for (const auto& kernel : rootfs::find_kernels(root)) {
        versions.push_back(kernel.version);
    }
    if (!versions.empty()) {
        say(0, 0, "", "making the initramfs");
        TRY(packages::make_initramfs(runner_, tree_.root(), versions));
    }
    for (const auto& file : TRY(rootfs::attached_files(root, plan_.document.attachments))) {
        TRY(root.copy_out(file, folders_.out / file.filename()));
    }
    const auto& options = request_.options;
    outcome_.packages =
        TRY(packages_->installed(tree_.root(), options.file_list || options.license_list));
    TRY(rootfs::forget_identity(root, log_));
    TRY(rootfs::forget_traces(root));
    TRY(unmount_all(mounts));
    say(1, 1, "", "scripts done");
    return {};
}

std::vector<rootfs::Kernel> Build::kernels(const tree::Tree& tree) {
    auto found = menu_kernels(plan_.document, rootfs::find_kernels(tree));
    if (!found.warning.empty()) {
        warn(std::move(found.warning));
    }
    return std::move(found.kernels);
}

Result<void> Build::write_boot_menu(const tree::Tree& tree) {
    const auto menu = TRY(disk_menu(plan_, request_.name, seed_, kernels(tree)));
    if (menu.entries.empty()) {
        warn(
            "/boot has no kernel, so the image does not boot by itself; add one to %packages, "
            "such as linux-image-amd64");
    }
    return tree.write("/boot/grub/grub.cfg", boot::grub_config(menu));
}

Result<void> Build::size_partitions() {
    if (plan_.type.layout == image::Layout::tree) {
        return {};  // it has no partitions
    }
    for (std::size_t i = 0; i < plan_.partitions.size(); ++i) {
        if (!plan_.partitions[i].mount_point.empty()) {
            plan_.partitions[i].recipe.content = tree_.content(i);
        }
    }
    return fit_to_content(plan_);
}

/// <name>-vmlinuz-<version> beside the image, where it is asked for.
Result<std::vector<image::ImageFile>> Build::copy_kernels(const tree::Tree& root) const {
    std::vector<image::ImageFile> files;
    if (!request_.options.copy_kernel) {
        return files;
    }
    for (const auto& kernel : rootfs::find_kernels(root)) {
        files.push_back({fmt::format("{}-vmlinuz-{}", request_.name, kernel.version), "kernel"});
        TRY(root.copy_out(kernel.kernel_path, folders_.out / files.back().name));
    }
    return files;
}

Result<void> Build::assemble() {
    say(0, 0, "", "measuring");
    const auto root = TRY(tree::Tree::open(tree_.root()));
    if (plan_.boot_partition) {
        TRY(write_boot_menu(root));
    }
    auto kernel_files = TRY(copy_kernels(root));
    TRY(rootfs::level_times(root, plan_.epoch));
    TRY(tree_.unbind_partitions());
    TRY(size_partitions());
    TRY(make_folder(folders_.work / "volumes"));
    const image::Workshop workshop{
        .runner = runner_,
        .scratch = folders_.work / "volumes",
        .out = folders_.out,
        .progress = [&](std::uint64_t done, std::uint64_t total, std::string_view text) {
            say(done, total, "bytes", std::string(text));
        }};
    auto recipe = image_recipe(plan_, request_, seed_, tree_.root());
    if (plan_.type.live) {
        recipe.menu = TRY(live_menu(plan_, request_.name, seed_, kernels(root)));
        recipe.media = media();
    }
    auto report = TRY(plan_.type.make(workshop, recipe));
    outcome_.files = std::move(report.files);
    TRY(finish_image(workshop, request_, outcome_.files));
    std::ranges::move(kernel_files, std::back_inserter(outcome_.files));
    for (const auto& warning : report.warnings) {
        warn(warning);
    }
    TRY(pack_files(workshop, request_, plan_.epoch, outcome_.files));
    TRY(write_package_lists(request_, folders_.out, outcome_));
    TRY(run_pack_scripts());
    say(0, 0, "", "computing digests");
    if (plan_.unverified) {
        outcome_.warnings.emplace_back("packages were taken without checking a signature");
    }
    note_time();  // of this last stage, but for the line below
    return write_papers(plan_, request_, folders_.out, outcome_);
}

rootfs::ScriptSettings Build::script_settings() const {
    return {.image_name = request_.name,
            .scratch = folders_.work / "scripts",
            .live_root = media(),
            .out = folders_.out,
            .variables = script_variables(plan_),
            .epoch = plan_.epoch};
}

/// The tree is whole again for them, partitions and all.
Result<void> Build::run_pack_scripts() {
    const auto is_pack = [](const auto& script) {
        return script.kind == kickstart::ScriptKind::pack;
    };
    if (std::ranges::none_of(plan_.document.scripts, is_pack)) {
        return {};
    }
    TRY(tree_.bind_partitions());
    const auto root = TRY(tree::Tree::open(tree_.root()));
    TRY(rootfs::run_pack_scripts(runner_, root, plan_.document.scripts, script_settings(), log_));
    system::end_other_processes();
    return tree_.unbind_partitions();
}

void Build::run_on_error_scripts() {
    (void)make_folder(tree_.root());
    (void)make_folder(folders_.work / "scripts");
    if (const auto root = tree::Tree::open(tree_.root())) {
        rootfs::run_on_error_scripts(runner_, *root, plan_.document.scripts, script_settings(),
                                     log_);
        system::end_other_processes();
    }
}

std::expected<std::string, BuildFailure> Build::run() {
    constexpr std::pair<Stage, Result<void> (Build::*)()> kStages[] = {
        {Stage::plan, &Build::plan_packages},  {Stage::fetch, &Build::fetch},
        {Stage::install, &Build::install},     {Stage::configure, &Build::configure},
        {Stage::scripts, &Build::run_scripts}, {Stage::assemble, &Build::assemble},
    };
    for (const auto& [stage, run_stage] : kStages) {
        stage_ = stage;
        note_.clear();
        begin_ = Clock::now();
        if (auto done = (this->*run_stage)(); !done) {
            Error error = std::move(done).error();
            if (error.message.contains("No space left on device")) {
                error.fault = Fault::exhausted;
                error.message +=
                    fmt::format("\nthe work folder or {} is full", request_.output.string());
            }
            run_on_error_scripts();
            return std::unexpected(BuildFailure{stage, std::move(error)});
        }
        note_time();
    }
    const std::string& image = outcome_.files.front().name;
    say(1, 1, "", image);
    return image;
}

}  // namespace

std::expected<std::string, BuildFailure> run_stages(Plan plan,
                                                    const BuildRequest& request,
                                                    const BuilderFolders& folders,
                                                    const EventSink& events) {
    return Build(std::move(plan), request, folders, events).run();
}

}  // namespace img::engine
