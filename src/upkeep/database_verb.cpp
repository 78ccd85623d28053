// `img admin`: migrate, back up and restore the service's database, for operators.
#include "upkeep/database_verb.hpp"

#include "base/exit_code.hpp"
#include "store/admin.hpp"

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

namespace img::upkeep {
namespace {

using cli::Console;
using cli::Verb;

struct AdminFlags {
    std::string action;
    std::string file;
    std::string store;
    bool replace = false;
    bool json = false;
};

jobs::Time now() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Result<int> show_migrated(const AdminFlags& flags, Console& console) {
    const auto migrated = TRY(store::migrate_store(flags.store));
    if (flags.json) {
        console.out << nlohmann::json{{"from", migrated.from}, {"to", migrated.to}} << '\n';
    } else if (migrated.from == migrated.to) {
        console.out << fmt::format("the tables are of version {} already\n", migrated.to);
    } else {
        console.out << fmt::format("the tables were of version {} and are of version {} now\n",
                                   migrated.from, migrated.to);
    }
    return kDone;
}

void show(const AdminFlags& flags, const store::BackupSummary& summary, Console& console) {
    const auto made = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                                  std::chrono::floor<std::chrono::seconds>(summary.made));
    if (flags.json) {
        console.out << nlohmann::json{{"file", flags.file},   {"schema", summary.schema},
                                      {"made", made},         {"jobs", summary.jobs},
                                      {"rows", summary.rows}, {"sha256", summary.sha256}}
                    << '\n';
        return;
    }
    console.out << fmt::format("{} {} jobs, {} rows in all, as of {}\n",
                               flags.action == "backup" ? "backed up" : "restored", summary.jobs,
                               summary.rows, made);
}

Result<int> administer(const AdminFlags& flags, Console& console) {
    if (flags.action == "migrate") {
        return show_migrated(flags, console);
    }
    if (flags.file.empty()) {
        console.err << fmt::format("img: admin {}: name the file of the backup\n", flags.action);
        return kUsage;
    }
    const auto summary =
        flags.action == "backup"
            ? store::back_up(flags.store, flags.file, now())
            : store::restore(flags.store, flags.file, {.replace = flags.replace, .now = now()});
    if (!summary) {
        return std::unexpected(summary.error());
    }
    show(flags, *summary, console);
    return kDone;
}

}  // namespace

Verb database_verb(CLI::App& img) {
    const auto flags = std::make_shared<AdminFlags>();
    auto* parser =
        img.add_subcommand("admin", "Migrate, back up or restore the service's database");
    parser
        ->add_option("action", flags->action,
                     "migrate: bring the tables up to date; backup: into FILE, while the service "
                     "runs; restore: from FILE, while none does")
        ->required()
        ->check(CLI::IsMember({"migrate", "backup", "restore"}));
    parser->add_option("FILE", flags->file, "The backup; it restores into either kind of database");
    parser
        ->add_option("--store", flags->store,
                     "sqlite:PATH or postgresql://USER@HOST/DATABASE, as imgd has it")
        ->required()
        ->envname("IMG_STORE");
    parser->add_flag("--replace", flags->replace, "restore: lose what the database holds now");
    parser->add_flag("--json", flags->json, "Print the outcome as JSON");
    parser->set_version_flag("--version", "img-admin " IMG_VERSION);
    return {parser, [flags](Console& console) { return administer(*flags, console); }};
}

}  // namespace img::upkeep
