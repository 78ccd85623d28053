#include "rootfs/certificate.hpp"

#include "tests/support/recording_runner.hpp"
#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using tree::Tree;

class CertificateTest : public ::testing::Test {
protected:
    Result<void> write(const std::string& name, const std::string& folder) {
        return write_certificates(runner, Tree::open(temp.folder).value(),
                                  {{.file_name = name,
                                    .folder = folder,
                                    .body = "-----BEGIN\n",
                                    .where = {"demo.ks", 30, 1}}});
    }
    testing::TempTree temp;
    testing::RecordingRunner runner;
};

TEST_F(CertificateTest, IsAFileInItsFolder) {
    ASSERT_TRUE(write("office.crt", "/etc/ssl/office/"));
    EXPECT_EQ(temp.get("/etc/ssl/office/office.crt"), "-----BEGIN\n");
    EXPECT_TRUE(runner.commands.empty());
}

TEST_F(CertificateTest, GoesIntoTheBundleOfWhatIsTrusted) {
    temp.put("/usr/sbin/update-ca-certificates", "", true);
    ASSERT_TRUE(write("office.crt", "/usr/local/share/ca-certificates"));
    ASSERT_TRUE(write("office.crt", "/etc/pki/ca-trust/source/anchors"));
    ASSERT_EQ(runner.commands.size(), 1u);
    EXPECT_EQ(runner.commands[0].argv,
              std::vector<std::string>{"/usr/sbin/update-ca-certificates"});
    EXPECT_EQ(runner.commands[0].root, temp.folder);
}

TEST_F(CertificateTest, LiesWithoutAFolderWhereTheTreeKeepsTrustedOnes) {
    temp.put("/usr/bin/update-ca-trust", "", true);
    ASSERT_TRUE(write("office.pem", ""));
    EXPECT_TRUE(std::filesystem::is_regular_file(temp.folder /
                                                 "etc/pki/ca-trust/source/anchors/office.pem"));
    ASSERT_EQ(runner.commands.size(), 1u);
    EXPECT_EQ(runner.commands[0].argv, std::vector<std::string>{"/usr/bin/update-ca-trust"});
}

TEST_F(CertificateTest, LeavesTheTreeByNoName) {
    for (const char* name : {"", ".", "..", "a/b", "../x", "a\nb"}) {
        EXPECT_EQ(write(name, "/etc").error().fault, Fault::invalid) << name;
    }
    for (const char* folder : {"etc", "/etc/../..", "..", "/e\ntc"}) {
        EXPECT_EQ(write("x.crt", folder).error().fault, Fault::invalid) << folder;
    }
    EXPECT_EQ(write("x.crt", "etc").error().message,
              "%certificate --filename=x.crt (demo.ks:30): --dir='etc' is not a folder of the "
              "image, as /etc/ssl/certs is");
}

}  // namespace
}  // namespace img::rootfs
