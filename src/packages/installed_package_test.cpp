#include "packages/installed_package.hpp"

#include <gtest/gtest.h>

namespace img::packages {
namespace {

std::vector<InstalledPackage> three() {
    return {{.name = "dash",
             .architecture = "amd64",
             .version = "0.5.12-2",
             .source = "dash 0.5.12-2",
             .files = {"/bin/dash", "/usr/share/doc/dash"},
             .licenses = {"BSD-3-clause", "GPL-2+"}},
            {.name = "libc6",
             .architecture = "amd64",
             .version = "2.36-9",
             .source = "glibc 2.36-9",
             .files = {"/lib/x86_64-linux-gnu/libc.so.6"},
             .licenses = {"GPL-2+"}},
            {.name = "prose", .architecture = "all", .version = "1:2.0", .source = "prose 1:2.0"}};
}

TEST(InstalledPackage, IsALineWithItsSourceWhereThatIsAskedFor) {
    EXPECT_EQ(package_list(three(), false),
              "dash.amd64 0.5.12-2\nlibc6.amd64 2.36-9\nprose.all 1:2.0\n");
    EXPECT_EQ(package_list(three(), true),
              "dash.amd64 0.5.12-2 dash 0.5.12-2\nlibc6.amd64 2.36-9 glibc 2.36-9\n"
              "prose.all 1:2.0 prose 1:2.0\n");
}

TEST(InstalledPackage, ListsItsFilesBehindFourBlanks) {
    EXPECT_EQ(file_list(three()),
              "dash.amd64 0.5.12-2\n    /bin/dash\n    /usr/share/doc/dash\n\n"
              "libc6.amd64 2.36-9\n    /lib/x86_64-linux-gnu/libc.so.6\n\n"
              "prose.all 1:2.0\n\n");
}

TEST(InstalledPackage, CountsUnderEachOfItsLicenses) {
    EXPECT_EQ(license_list(three()),
              "Summary:\n"
              "     2 GPL-2+\n"
              "     1 BSD-3-clause\n"
              "     1 not said in a form for machines\n"
              "\n"
              "Details:\n"
              "GPL-2+:\n    dash\n    libc6\n"
              "BSD-3-clause:\n    dash\n"
              "not said in a form for machines:\n    prose\n");
}

TEST(InstalledPackage, HasTheLicensesOfAMachineReadableCopyrightFile) {
    const std::vector<std::string> wanted{"Expat", "GPL-2+ and BSD-3-clause"};
    EXPECT_EQ(licenses_of_copyright("Format: https://www.debian.org/doc/packaging-manuals/"
                                    "copyright-format/1.0/\n\nFiles: *\nCopyright: somebody\n"
                                    "License: GPL-2+ and BSD-3-clause\n free text: License: no\n"
                                    "\nFiles: a\nLicense: Expat\n\nLicense: Expat\n text\n"),
              wanted);
}

TEST(InstalledPackage, HasNoLicenseThatAPersonWouldHaveToRead) {
    EXPECT_TRUE(licenses_of_copyright("This is free software.\nLicense: GPL, I think\n").empty());
    EXPECT_TRUE(licenses_of_copyright("").empty());
}

}  // namespace
}  // namespace img::packages
