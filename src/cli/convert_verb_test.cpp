#include "base/exit_code.hpp"
#include "cli/recorded_console.hpp"
#include "tests/support/temp_folder.hpp"
#include "vdisk/vdisk.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace img::cli {
namespace {

namespace fs = std::filesystem;

class Convert : public ::testing::Test {
protected:
    void SetUp() override {
        folder_.write("disk.raw", std::string(100000, 'x') + std::string(1400096, '\0'));
    }

    std::string path(const char* name) const { return (folder_.path() / name).string(); }
    std::string read(const char* name) const { return testing::read_file(path(name)); }
    /// What is in the folder beside disk.raw.
    std::size_t others() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_.path()), {}) -
                                        1);
    }

    testing::TempFolder folder_;
    RecordedConsole terminal_;
};

TEST_F(Convert, GoesThereAndBack) {
    ASSERT_EQ(terminal_.run({"convert", path("disk.raw"), "vdi", "-o", path("a.vdi")}), kDone)
        << terminal_.err.str();
    EXPECT_EQ(terminal_.out.str(), path("a.vdi") + "\n");
    ASSERT_EQ(terminal_.run({"convert", path("a.vdi"), "raw", "-o", path("back.raw")}), kDone);
    EXPECT_TRUE(read("back.raw").starts_with(read("disk.raw")));
    EXPECT_EQ(others(), 2u);
}

TEST_F(Convert, NamesTheFileAfterTheInputInAFolder) {
    ASSERT_EQ(terminal_.run({"convert", path("disk.raw"), "qcow2", "--output",
                             folder_.path().string(), "--json"}),
              kDone);
    const auto json = nlohmann::json::parse(terminal_.out.str());
    EXPECT_EQ(json.at("files").at(0), path("disk.qcow2"));
    EXPECT_EQ(json.at("disk_bytes"), 1500096);
    EXPECT_EQ(vdisk::find_disk_format(path("disk.qcow2")).value(), vdisk::DiskFormat::qcow2);
}

TEST_F(Convert, MakesTheSameBytesOfTheSameDisk) {
    ASSERT_EQ(terminal_.run({"convert", path("disk.raw"), "vhdx", "-o", path("a.vhdx")}), kDone);
    ASSERT_EQ(terminal_.run({"convert", path("disk.raw"), "qcow2", "-o", path("a.qcow2")}), kDone);
    ASSERT_EQ(terminal_.run({"convert", path("a.qcow2"), "vhdx", "-o", path("b.vhdx")}), kDone);
    EXPECT_TRUE(read("a.vhdx") == read("b.vhdx"));
}

TEST_F(Convert, KeepsBothFilesOfAFlatVmdk) {
    ASSERT_EQ(terminal_.run({"convert", path("disk.raw"), "vmdk", "-o", path("a.vmdk"),
                             "--subformat", "monolithicFlat"}),
              kDone);
    EXPECT_EQ(terminal_.out.str(), path("a.vmdk") + "\n" + path("a-flat.vmdk") + "\n");
    EXPECT_TRUE(fs::exists(path("a-flat.vmdk")));
    fs::remove(path("a.vmdk"));
    EXPECT_EQ(terminal_.run({"convert", path("disk.raw"), "vmdk", "-o", path("a.vmdk"),
                             "--subformat", "monolithicFlat"}),
              kRequestWrong);
    EXPECT_NE(terminal_.err.str().find("a-flat.vmdk' is there already"), std::string::npos);
    EXPECT_FALSE(fs::exists(path("a.vmdk")));
}

TEST_F(Convert, OverwritesOnlyWhereItIsTold) {
    folder_.write("disk.vdi", "precious");
    const std::vector<std::string> words = {"convert", path("disk.raw"), "vdi", "-o",
                                            path("disk.vdi")};
    EXPECT_EQ(terminal_.run(words), kRequestWrong);
    EXPECT_EQ(terminal_.err.str(),
              "img: '" + path("disk.vdi") + "' is there already; --replace overwrites it\n");
    EXPECT_EQ(read("disk.vdi"), "precious");
    auto more = words;
    more.emplace_back("--replace");
    EXPECT_EQ(terminal_.run(more), kDone);
    EXPECT_EQ(vdisk::find_disk_format(path("disk.vdi")).value(), vdisk::DiskFormat::vdi);
}

TEST_F(Convert, ReplacesFilesOnly) {
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    fs::create_symlink("pipe", path("to-pipe"));
    fs::create_directory(path("a-flat.vmdk"));
    const auto refused = [&](const char* name, const char* type) {
        RecordedConsole terminal;
        EXPECT_EQ(terminal.run({"convert", path("disk.raw"), type, "-o", path(name), "--subformat",
                                *type == 'r' ? "" : "monolithicFlat", "--replace"}),
                  kRequestWrong);
        return terminal.err.str();
    };
    for (const char* name : {"pipe", "to-pipe"}) {
        EXPECT_EQ(refused(name, "raw"), "img: '" + path(name) +
                                            "' is there and is neither a file nor a link to one; "
                                            "only these are replaced: remove it, or "
                                            "give another name\n");
    }
    EXPECT_NE(refused("a.vmdk", "vmdk").find("a-flat.vmdk' is there and is neither"),
              std::string::npos);
    EXPECT_TRUE(fs::is_fifo(path("pipe")));
    EXPECT_TRUE(fs::is_symlink(path("to-pipe")));
    EXPECT_FALSE(fs::exists(path("a.vmdk")));

    folder_.write("file", "old");
    fs::create_symlink("file", path("to-file"));
    EXPECT_EQ(
        terminal_.run({"convert", path("disk.raw"), "raw", "-o", path("to-file"), "--replace"}),
        kDone);
}

TEST_F(Convert, SaysWhatIsWrongWithTheRequest) {
    const auto complaint = [&](std::vector<std::string> words, int code) {
        RecordedConsole terminal;
        words.insert(words.begin(), "convert");
        EXPECT_EQ(terminal.run(words), code) << terminal.err.str();
        return terminal.err.str();
    };
    EXPECT_NE(
        complaint({path("disk.raw"), "vdx"}, kRequestWrong).find("there is no disk format 'vdx'"),
        std::string::npos);
    EXPECT_NE(complaint({path("disk.raw"), "vdi", "--subformat", "x"}, kRequestWrong)
                  .find("there is: dynamic, fixed"),
              std::string::npos);
    EXPECT_NE(complaint({path("none"), "vdi"}, kNotFound).find("there is no file"),
              std::string::npos);
    EXPECT_NE(
        complaint({path("disk.raw"), "vdi", "-o", path("no/x.vdi")}, kNotFound).find("no: No such"),
        std::string::npos);
    EXPECT_NE(
        complaint({path("disk.raw"), "vhd", "--from", "vhdx", "-o", path("x.vhd")}, kRequestWrong)
            .find("headers of the VHDX are damaged"),
        std::string::npos);
    complaint({path("disk.raw")}, kUsage);
    EXPECT_EQ(others(), 0u);
}

TEST_F(Convert, LeavesNothingWhereItIsInterrupted) {
    terminal_.interrupted.request_stop();
    EXPECT_EQ(terminal_.run({"convert", path("disk.raw"), "vdi", "-o", path("a.vdi")}),
              kInterrupted);
    EXPECT_NE(terminal_.err.str().find("interrupted; nothing was left behind"), std::string::npos);
    EXPECT_EQ(others(), 0u);
}

}  // namespace
}  // namespace img::cli
