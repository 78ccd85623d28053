#include "inspect/description_text.hpp"

#include "base/byte_size.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace img::inspect {
namespace {

using Row = std::vector<std::string>;

/// Columns as wide as their widest cell; the last one has no padding behind it.
std::string table_text(const std::vector<Row>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string text;
    for (const auto& row : rows) {
        std::string line = " ";
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += fmt::format(" {:<{}} ", row[i], widths[i]);
        }
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
}

std::string block(std::string_view heading, const std::vector<Row>& rows) {
    return rows.empty() ? std::string() : fmt::format("\n{}\n{}", heading, table_text(rows));
}

std::string dash_if_empty(const std::string& text) {
    return text.empty() ? "-" : printable(text);
}

/// "2026-11-22 10:07:43", UTC; times that no calendar has are numbers.
std::string time_text(const std::optional<std::int64_t>& seconds) {
    if (!seconds) {
        return "-";
    }
    const std::time_t time = *seconds;
    std::tm parts{};
    return ::gmtime_r(&time, &parts) == nullptr ? std::to_string(*seconds)
                                                : fmt::format("{:%Y-%m-%d %H:%M:%S}", parts);
}

std::string head_text(const ImageDescription& image) {
    auto format = printable(image.format);
    if (!image.subformat.empty()) {
        format += fmt::format(", {}", printable(image.subformat));
    }
    if (!image.compression.empty()) {
        format += fmt::format(", packed by {}", image.compression);
    }
    std::vector<Row> rows = {
        {"format", format},
        {"size", fmt::format("{} ({} bytes)", human_size(image.size_bytes), image.size_bytes)}};
    if (image.format != "folder") {
        rows.push_back({"file", fmt::format("{}, {} on disk", human_size(image.file_bytes),
                                            human_size(image.on_disk_bytes))});
    }
    if (image.table) {
        rows.push_back({"table", fmt::format("{} {}, sectors of {} bytes", image.table->kind,
                                             image.table->id, image.table->sector_bytes)});
    }
    return "Image\n" + table_text(rows);
}

std::string partitions_text(const ImageDescription& image) {
    if (!image.table) {
        return {};
    }
    std::vector<Row> rows = {{"nr", "start", "size", "type", "name", "flags", "uuid"}};
    for (const auto& partition : image.table->partitions) {
        rows.push_back({std::to_string(partition.number),
                        std::to_string(partition.start_bytes / image.table->sector_bytes),
                        human_size(partition.size_bytes),
                        partition.type_name.empty() ? partition.type : partition.type_name,
                        dash_if_empty(partition.name), dash_if_empty(join(partition.flags, ",")),
                        partition.uuid});
    }
    return block("Partitions", rows);
}

std::string volumes_text(const ImageDescription& image) {
    std::vector<Row> rows = {
        {"place", "kind", "label", "uuid", "size", "used", "created", "written"}};
    for (const auto& volume : image.volumes) {
        if (!volume.file_system) {
            continue;
        }
        const auto& found = *volume.file_system;
        rows.push_back({printable(volume.place), found.kind, dash_if_empty(found.label),
                        dash_if_empty(found.uuid), human_size(found.size_bytes),
                        found.used_bytes ? human_size(*found.used_bytes) : "-",
                        time_text(found.created), time_text(found.written)});
    }
    return rows.size() > 1 ? block("File systems", rows) : std::string();
}

std::string details_text(const ImageDescription& image) {
    std::vector<Row> rows;
    for (const auto& volume : image.volumes) {
        if (volume.file_system && !volume.file_system->details.empty()) {
            rows.push_back({printable(volume.place), printable(volume.file_system->details)});
        }
    }
    return block("Details", rows);
}

std::string loaders_text(const ImageDescription& image) {
    std::vector<Row> rows;
    for (const auto& loader : image.boot_loaders) {
        rows.push_back({loader.firmware, loader.what, printable(loader.place)});
    }
    return block("Boot loaders", rows);
}

std::string kernels_text(const ImageDescription& image) {
    std::vector<Row> rows;
    for (const auto& kernel : image.kernels) {
        rows.push_back({"kernel", dash_if_empty(kernel.version), printable(kernel.path),
                        human_size(kernel.size_bytes), printable(kernel.place)});
    }
    for (const auto& initrd : image.initrds) {
        rows.push_back({"initrd", dash_if_empty(initrd.version), printable(initrd.path),
                        human_size(initrd.size_bytes), printable(initrd.place)});
    }
    return block("Kernels", rows);
}

std::string menus_text(const ImageDescription& image) {
    std::string text;
    for (const auto& menu : image.menus) {
        std::vector<Row> rows;
        for (const auto& entry : menu.entries) {
            rows.push_back({printable(entry.title),
                            printable(fmt::format("{} {}", entry.kernel, entry.arguments))});
        }
        text +=
            block(fmt::format("Menu {} in {}", printable(menu.path), printable(menu.place)), rows);
    }
    return text;
}

std::string packages_line(const SystemDescription& system) {
    if (!system.rpm_database.empty()) {
        return fmt::format("an RPM database is there, {}; it is not read",
                           printable(system.rpm_database));
    }
    return system.packages.empty() ? "no database of packages"
                                   : fmt::format("{} of dpkg", system.packages.size());
}

std::string system_text(const SystemDescription& system, const TextOptions& options) {
    std::vector<Row> rows = {{"name", dash_if_empty(system.name)},
                             {"id", dash_if_empty(system.id + " " + system.version)},
                             {"hostname", dash_if_empty(system.host_name)},
                             {"packages", packages_line(system)}};
    for (const auto& mount : system.mounts) {
        rows.push_back({"mount", printable(fmt::format("{} on {}, {}, {}", mount.device,
                                                       mount.folder, mount.type, mount.options))});
    }
    auto text = block(fmt::format("System in {}", printable(system.place)), rows);
    if (options.packages) {
        std::vector<Row> packages;
        for (const auto& package : system.packages) {
            packages.push_back({printable(package.name), printable(package.version),
                                printable(package.architecture)});
        }
        text += block("Packages", packages);
    }
    return text;
}

std::string remarks_text(const ImageDescription& image) {
    std::vector<Row> rows;
    for (const auto& volume : image.volumes) {
        if (!volume.unread.empty()) {
            rows.push_back({printable(volume.place + ": " + volume.unread)});
        }
    }
    if (image.table) {
        for (const auto& remark : image.table->remarks) {
            rows.push_back({printable(remark)});
        }
    }
    for (const auto& remark : image.remarks) {
        rows.push_back({printable(remark)});
    }
    return block("Remarks", rows);
}

}  // namespace

std::string to_text(const ImageDescription& image, const TextOptions& options) {
    std::string text = head_text(image) + partitions_text(image) + volumes_text(image) +
                       details_text(image) + loaders_text(image) + kernels_text(image) +
                       menus_text(image);
    for (const auto& system : image.systems) {
        text += system_text(system, options);
    }
    return text + remarks_text(image);
}

}  // namespace img::inspect
