// Packages are made by dpkg-deb, and read back by it: our files are its files.
#include "packages/deb_file.hpp"

#include "base/digest.hpp"
#include "packages/dpkg.hpp"
#include "packages/package_cache.hpp"
#include "system/process_runner.hpp"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace img::packages {
namespace {

namespace fs = std::filesystem;

class DebFile : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("img-deb-test-" + std::to_string(::getpid()));
        fs::remove_all(folder_);
        fs::create_directories(folder_ / "pkg/DEBIAN");
        fs::create_directories(folder_ / "pkg/usr/bin");
        std::ofstream(folder_ / "pkg/DEBIAN/control")
            << "Package: tiny\nVersion: 1\nArchitecture: all\nMaintainer: n <n@example.org>\n"
               "Essential: yes\nDescription: x\n";
        std::ofstream(folder_ / "pkg/usr/bin/tiny") << "#!/bin/sh\n";
        fs::permissions(folder_ / "pkg/usr/bin/tiny", fs::perms(04755));
        fs::create_symlink("tiny", folder_ / "pkg/usr/bin/link");
    }
    void TearDown() override { fs::remove_all(folder_); }

    fs::path make(const char* compression) {
        const auto deb = folder_ / "tiny.deb";
        const auto made = runner_.run({.argv = {"dpkg-deb", "--root-owner-group", "-Z", compression,
                                                "-b", (folder_ / "pkg").string(), deb.string()}});
        EXPECT_TRUE(made) << made.error().message;
        return deb;
    }

    fs::path folder_;
    system::ProcessRunner runner_;
};

TEST_F(DebFile, IsTheSamePackageForDpkgWithoutItsCompression) {
    for (const char* compression : {"xz", "gzip", "none"}) {
        const auto deb = make(compression);
        const auto plain = folder_ / "plain.deb";
        ASSERT_TRUE(store_uncompressed(deb, sha256_file(deb).value(), plain)) << compression;
        const auto list = [&](const fs::path& file) {
            return runner_.run({.argv = {"dpkg-deb", "-c", file.string()}, .captured = true})
                .value();
        };
        EXPECT_EQ(list(plain), list(deb)) << compression;
        EXPECT_EQ(read_control(plain)->name, "tiny");
        EXPECT_TRUE(read_control(plain)->essential);
    }
}

TEST_F(DebFile, IsRefusedWhenItsDigestIsAnother) {
    const auto deb = make("xz");
    const auto stored = store_uncompressed(deb, std::string(64, '0'), folder_ / "plain.deb");
    ASSERT_FALSE(stored);
    EXPECT_EQ(stored.error().fault, Fault::broken);
    EXPECT_FALSE(fs::exists(folder_ / "plain.deb"));
}

TEST_F(DebFile, IsRefusedWhenItIsCutShort) {
    const auto deb = make("xz");
    fs::resize_file(deb, fs::file_size(deb) - 40);
    const auto stored = store_uncompressed(deb, sha256_file(deb).value(), folder_ / "plain.deb");
    ASSERT_FALSE(stored);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 2) << "half a file was left";
}

TEST_F(DebFile, FillsATreeThroughItsLinksButNeverOutOfIt) {
    const auto deb = make("none");
    const auto plain = folder_ / "plain.deb";
    ASSERT_TRUE(store_uncompressed(deb, sha256_file(deb).value(), plain));
    const auto tree = folder_ / "tree";
    fs::create_directories(tree / "elsewhere");
    fs::create_directory_symlink("/elsewhere", tree / "usr");  // of the tree, not of the machine
    const auto extracted = extract_files({plain}, tree);
    ASSERT_TRUE(extracted) << extracted.error().message;
    struct stat status{};
    ASSERT_EQ(::stat((tree / "elsewhere/bin/tiny").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 04755u);
    EXPECT_EQ(fs::read_symlink(tree / "elsewhere/bin/link"), "tiny");
    EXPECT_FALSE(fs::exists("/elsewhere"));
}

TEST_F(DebFile, LeavesOutWhatDpkgItselfLeavesOut) {
    for (const char* name : {"locale/de/LC_MESSAGES/x.mo", "locale/fr/LC_MESSAGES/x.mo",
                             "locale/locale.alias", "man/man1/x.1", "man/fr/man1/x.1",
                             "man/de/man1/x.1", "doc/tiny/copyright", "doc/tiny/README"}) {
        const fs::path file = folder_ / "pkg/usr/share" / name;
        fs::create_directories(file.parent_path());
        std::ofstream(file) << "x";
    }
    const auto deb = make("none");
    const auto plain = folder_ / "plain.deb";
    ASSERT_TRUE(store_uncompressed(deb, sha256_file(deb).value(), plain));
    const auto listed = [](const fs::path& tree) {
        std::vector<std::string> paths;
        for (const auto& entry : fs::recursive_directory_iterator(tree / "usr")) {
            paths.push_back(entry.path().lexically_relative(tree));
        }
        std::ranges::sort(paths);
        return paths;
    };
    const InstallOptions german{.languages = std::vector<std::string>{"de_DE"}};
    const InstallOptions documents{.exclude_docs = true};
    for (const auto* options : {&german, &documents}) {
        const auto ours = folder_ / "ours";
        const auto dpkgs = folder_ / "dpkgs";
        for (const auto& tree : {ours, dpkgs}) {
            fs::remove_all(tree);
            fs::create_directories(tree / "var/lib/dpkg/updates");
            fs::create_directories(tree / "var/lib/dpkg/info");
        }
        std::ofstream(dpkgs / "var/lib/dpkg/status");
        auto dpkg = dpkg_command({}, *options, {"--unpack", plain.string()});
        dpkg.argv.insert(dpkg.argv.begin() + 1, "--root=" + dpkgs.string());
        const auto unpacked = runner_.run(dpkg);
        ASSERT_TRUE(unpacked) << unpacked.error().message;
        const auto extracted = extract_files({plain}, ours, path_rules(*options));
        ASSERT_TRUE(extracted) << extracted.error().message;
        EXPECT_EQ(listed(ours), listed(dpkgs));
        EXPECT_EQ(fs::exists(ours / "usr/share/locale/fr/LC_MESSAGES/x.mo"), options != &german);
    }
}

TEST_F(DebFile, IsKeptInTheCacheUnderItsDigest) {
    const auto deb = make("xz");
    const std::string digest = sha256_file(deb).value();
    const PackageCache cache(folder_ / "cache");
    EXPECT_FALSE(cache.has(digest));
    PackageCache writable = cache;
    ASSERT_TRUE(writable.add(deb, digest));
    EXPECT_TRUE(cache.has(digest));
    EXPECT_EQ(read_control(cache.path(digest))->version, "1");
}

}  // namespace
}  // namespace img::packages
