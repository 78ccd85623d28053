#include "engine/builder.hpp"

#include "base/byte_size.hpp"
#include "base/digest.hpp"
#include "boot/grub.hpp"
#include "engine/deliverables.hpp"
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
#include "rootfs/tree.hpp"
#include "system/files.hpp"
#include "system/mount.hpp"
#include "system/sandbox.hpp"
#include "volume/content_size.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <fstream>
#include <numeric>
#include <optional>
#include <set>
#include <vector>

namespace img::engine {
namespace {

namespace fs = std::filesystem;
using system::make_folder;
using system::Mount;
using system::write_file;

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
                                           .epoch = plan_.epoch})) {}

    std::expected<std::string, BuildFailure> run();

private:
    Result<void> plan_packages();
    Result<void> fetch();
    Result<void> install();
    Result<void> configure();
    Result<void> run_scripts();
    Result<void> assemble();

    Result<void> mount_parts();
    Result<void> unmount_parts();
    Result<std::vector<Mount>> mount_surroundings();
    rootfs::ScriptSettings script_settings() const;
    std::vector<rootfs::Kernel> kernels(const rootfs::Tree& tree);
    Result<void> write_boot_menu(const rootfs::Tree& tree);
    Result<void> run_pack_scripts();
    void run_on_error_scripts();
    Result<void> size_partitions();
    Result<std::vector<image::ImageFile>> copy_kernels(const rootfs::Tree& root) const;

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
    fs::path tree() const {
        return plan_.type.in_place ? folders_.out / request_.name : folders_.work / "tree";
    }
    /// What scripts put beside the tree on a live medium; empty: the image is none.
    fs::path media() const { return plan_.type.live ? folders_.work / "media" : fs::path(); }
    fs::path content(std::size_t part) const {
        return plan_.partitions[part].mount_point == "/"
                   ? tree()
                   : folders_.work / "parts" / std::to_string(part);
    }

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
    std::vector<Mount> parts_;  ///< Partitions below "/", bound into the tree.
};

Result<void> Build::plan_packages() {
    for (const auto& remark : plan_.remarks) {
        log_(to_text(remark));
        if (remark.severity == kickstart::Severity::warning) {
            outcome_.warnings.push_back(to_text(remark));
        }
    }
    for (const auto& idle : idle_options(request_.options, plan_.type)) {
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

/// Each partition grows in a folder of its own, bound into the tree where it will be mounted:
/// what is installed lands on it, and no file is copied later.
Result<void> Build::mount_parts() {
    TRY(make_folder(tree()));
    std::vector<std::size_t> order(plan_.partitions.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) {
        return plan_.partitions[i].mount_point.size();  // "/home" before "/home/data"
    });
    for (const std::size_t i : order) {
        const auto& part = plan_.partitions[i];
        if (part.mount_point.empty() || part.mount_point == "/") {
            continue;
        }
        const fs::path target = tree() / fs::path(part.mount_point).relative_path();
        TRY(make_folder(content(i)));
        TRY(make_folder(target));
        parts_.push_back(TRY(Mount::bind(content(i), target, Mount::Access::read_write)));
    }
    return {};
}

Result<void> Build::unmount_parts() {
    while (!parts_.empty()) {
        TRY(parts_.back().unmount());
        parts_.pop_back();
    }
    return {};
}

Result<void> Build::install() {
    say(0, solution_.packages.size(), "packages", "unpacking");
    TRY(mount_parts());
    TRY(make_folder(folders_.work / "scripts"));
    if (plan_.type.live) {
        TRY(make_folder(media()));
    }
    const auto root = TRY(rootfs::Tree::open(tree()));
    TRY(rootfs::run_pre_install_scripts(runner_, root, plan_.document.scripts, script_settings(),
                                        log_));
    system::end_other_processes();
    return packages_->install(solution_, tree(),
                              {.exclude_docs = plan_.document.packages.exclude_docs,
                               .languages = plan_.document.packages.languages},
                              [&](std::uint64_t done, std::uint64_t total,
                                  const std::string& text) { say(done, total, "packages", text); });
}

/// What programs that run in the tree expect; the caller unmounts it.
Result<std::vector<Mount>> Build::mount_surroundings() {
    std::vector<Mount> mounts;
    for (const char* folder : {"dev", "proc", "run", "tmp"}) {
        TRY(make_folder(tree() / folder));
    }
    mounts.push_back(TRY(system::mount_devices(tree() / "dev")));
    mounts.push_back(TRY(Mount::proc(tree() / "proc")));
    mounts.push_back(TRY(Mount::tmpfs(tree() / "run", 0)));
    return mounts;
}

Result<void> unmount_all(std::vector<Mount>& mounts) {
    while (!mounts.empty()) {
        TRY(mounts.back().unmount());
        mounts.pop_back();
    }
    return {};
}

Result<void> Build::configure() {
    say(0, 0, "", "settings of the kickstart");
    auto mounts = TRY(mount_surroundings());
    TRY(rootfs::configure(runner_, tree(), plan_.document, {.seed = seed_, .epoch = plan_.epoch},
                          log_));
    const auto root = TRY(rootfs::Tree::open(tree()));
    if (plan_.writes_fstab) {
        TRY(rootfs::write_fstab(root, fstab_entries(plan_)));
    }
    TRY(unmount_all(mounts));
    say(1, 1, "", "settings made");
    return {};
}

Result<void> Build::run_scripts() {
    auto mounts = TRY(mount_surroundings());
    auto deferred = TRY(packages::DeferredInitramfs::in(tree()));
    const auto& scripts = plan_.document.scripts;
    const auto count =
        std::ranges::count(scripts, kickstart::ScriptKind::post, &kickstart::Script::kind);
    say(0, 0, "", count == 1 ? "one %post script" : fmt::format("{} %post scripts", count));
    const auto root = TRY(rootfs::Tree::open(tree()));
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
        TRY(packages::make_initramfs(runner_, tree(), versions));
    }
    for (const auto& file : TRY(rootfs::attached_files(root, plan_.document.attachments))) {
        TRY(root.copy_out(file, folders_.out / file.filename()));
    }
    const auto& options = request_.options;
    outcome_.packages =
        TRY(packages_->installed(tree(), options.file_list || options.license_list));
    TRY(rootfs::forget_identity(root, log_));
    TRY(rootfs::forget_traces(root));
    TRY(unmount_all(mounts));
    say(1, 1, "", "scripts done");
    return {};
}

/// The kernels, newest first, but for the one that --default names.
std::vector<rootfs::Kernel> Build::kernels(const rootfs::Tree& tree) {
    auto found = rootfs::find_kernels(tree);
    const auto& bootloader = plan_.document.bootloader;
    if (!bootloader || bootloader->default_kernel.empty()) {
        return found;
    }
    const auto chosen = std::ranges::find_if(found, [&](const rootfs::Kernel& kernel) {
        return rootfs::is_kernel_of(kernel, bootloader->default_kernel);
    });
    if (chosen == found.end()) {
        warn(
            fmt::format("bootloader --default={}: no kernel of that package is in /boot; the "
                        "newest is started",
                        bootloader->default_kernel));
        return found;
    }
    std::rotate(found.begin(), chosen, chosen + 1);
    return found;
}

Result<void> Build::write_boot_menu(const rootfs::Tree& tree) {
    const auto& boot = plan_.partitions[*plan_.boot_partition];
    const std::string prefix = boot.mount_point == "/" ? "" : boot.mount_point;
    const auto& root = plan_.partitions[partition_of(plan_, "/")];
    boot::BootMenu menu;
    menu.timeout = plan_.menu_timeout;
    menu.password_hash = TRY(menu_password_hash(plan_.document, seed_));
    for (const auto& kernel : kernels(tree)) {
        menu.entries.push_back(
            {.title = fmt::format("{} ({})", request_.name, kernel.version),
             .kernel = kernel.kernel_path.substr(prefix.size()),
             .initrd = kernel.initrd_path.empty() ? "" : kernel.initrd_path.substr(prefix.size()),
             .arguments =
                 fmt::format("root=UUID={} ro {}", root.recipe.fs_uuid, plan_.kernel_arguments)});
    }
    if (menu.entries.empty()) {
        warn(
            "/boot has no kernel, so the image does not boot by itself; add one to %packages, "
            "such as linux-image-amd64");
    }
    return tree.write("/boot/grub/grub.cfg", boot::grub_config(menu));
}

/// Gives growing partitions what their content needs, and refuses one that is too small.
Result<void> Build::size_partitions() {
    if (plan_.type.layout == image::Layout::tree) {
        return {};  // it has no partitions
    }
    for (std::size_t i = 0; i < plan_.partitions.size(); ++i) {
        auto& part = plan_.partitions[i];
        if (part.mount_point.empty()) {
            continue;
        }
        part.recipe.content = content(i);
        const auto needed = volume::needed_bytes(part.recipe.file_system,
                                                 TRY(volume::measure(part.recipe.content)));
        if (part.recipe.grow && part.recipe.size_bytes < needed) {
            part.recipe.size_bytes = round_up(needed, kMiB);
        }
        const std::uint64_t most = part.recipe.grow && part.recipe.max_size_bytes != 0
                                       ? part.recipe.max_size_bytes
                                       : part.recipe.size_bytes;
        if (needed > most) {
            return fail(Fault::invalid,
                        fmt::format("{}: partition {} of {} is too small for its content by {}; "
                                    "give it --size={} or more",
                                    part.origin, part.mount_point, human_size(most),
                                    human_size(needed - most), round_up(needed, kMiB) / kMiB));
        }
    }
    return {};
}

/// <name>-vmlinuz-<version> beside the image, where it is asked for.
Result<std::vector<image::ImageFile>> Build::copy_kernels(const rootfs::Tree& root) const {
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
    const auto root = TRY(rootfs::Tree::open(tree()));
    if (plan_.boot_partition) {
        TRY(write_boot_menu(root));
    }
    auto kernel_files = TRY(copy_kernels(root));
    TRY(rootfs::level_times(root, plan_.epoch));
    TRY(unmount_parts());
    TRY(size_partitions());
    TRY(make_folder(folders_.work / "volumes"));
    const image::Workshop workshop{
        .runner = runner_,
        .scratch = folders_.work / "volumes",
        .out = folders_.out,
        .progress = [&](std::uint64_t done, std::uint64_t total, std::string_view text) {
            say(done, total, "bytes", std::string(text));
        }};
    auto recipe = image_recipe(plan_, request_, seed_, tree());
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
    TRY(mount_parts());
    const auto root = TRY(rootfs::Tree::open(tree()));
    TRY(rootfs::run_pack_scripts(runner_, root, plan_.document.scripts, script_settings(), log_));
    system::end_other_processes();
    return unmount_parts();
}

void Build::run_on_error_scripts() {
    (void)make_folder(tree());
    (void)make_folder(folders_.work / "scripts");
    if (const auto root = rootfs::Tree::open(tree())) {
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
