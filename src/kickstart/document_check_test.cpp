#include "kickstart/document_check.hpp"

#include <gtest/gtest.h>

namespace img::kickstart {
namespace {

Document complete() {
    Document document;
    document.partitions = {{.mount_point = "/", .size_mib = 1}};
    document.repositories = {{.name = "a", .baseurl = "http://h/"}};
    document.packages.where = Location{.file = "t.ks", .line = 1, .column = 1};
    return document;
}

std::vector<std::string> check(Document document) {
    syntax::Reporter report;
    check_document(document, "t.ks", report);
    std::vector<std::string> out;
    for (const auto& diagnostic : report.take()) {
        out.push_back(to_text(diagnostic));
    }
    return out;
}

using Said = std::vector<std::string>;

TEST(DocumentCheck, HasNothingToSayOfACompleteOne) {
    EXPECT_EQ(check(complete()), Said{});
}

TEST(DocumentCheck, AsksForARootARepositoryAndPackages) {
    EXPECT_EQ(check({}),
              (Said{"t.ks: refused: there is no repository; write url --url=@DEBIAN_MIRROR@ "
                    "--suite=bookworm --components=main",
                    "t.ks: note: there is no part line; an image gets one partition, as "
                    "large as its content asks for",
                    "t.ks: note: there is no %packages; only what every image has is installed"}));
}

TEST(DocumentCheck, WantsARootAmongThePartLines) {
    const Said no_root{
        "t.ks: refused: there is no root partition among the part lines; write part / "
        "--size=2048"};
    auto document = complete();
    document.partitions[0].mount_point = "/home";
    EXPECT_EQ(check(document), no_root);
    document.autopart = AutoPart{};
    EXPECT_EQ(check(document), Said{});
    document.autopart.reset();
    document.idle_commands.push_back({.words = {"logvol", "/"}, .where = {}});
    EXPECT_EQ(check(document), Said{}) << "that it is refused has been said";
}

TEST(DocumentCheck, RefusesWhatTwoPartitionsCannotShare) {
    auto document = complete();
    const std::string uuid = "6b29fc40-ca47-1067-b31d-00dd010662da";
    const auto at = [](unsigned line) {
        return Location{.file = "t.ks", .line = line, .column = 6};
    };
    document.partitions = {
        {.mount_point = "/", .label = "A", .uuid = uuid, .where = at(1)},
        {.mount_point = "swap", .where = at(2)},
        {.mount_point = "swap", .where = at(3)},
        {.mount_point = "/", .where = at(4)},
        {.mount_point = "/b", .label = "A", .uuid = uuid, .where = at(5)},
    };
    EXPECT_EQ(check(document),
              (Said{"t.ks:4:6: refused: mount point '/' is already that of line 1",
                    "t.ks:5:6: refused: UUID '" + uuid + "' is already that of line 1",
                    "t.ks:5:6: warning: label 'A' is already that of line 1"}));
}

}  // namespace
}  // namespace img::kickstart
