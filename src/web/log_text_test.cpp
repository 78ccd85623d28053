#include "web/log_text.hpp"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>

namespace img::web {
namespace {

TEST(PlainLog, LeavesOutWhatATerminalWouldObey) {
    EXPECT_EQ(plain_log("\x1b[1;31merror\x1b[0m: x\n"), "error: x\n");
    EXPECT_EQ(plain_log("a\x1b]0;owned\ab"), "ab");
    EXPECT_EQ(plain_log("a\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\b"), "alinkb");
    EXPECT_EQ(plain_log("a\x1bPq#0\x1b\\b\x1b(Bc\x1b"
                        "7d"),
              "abcd");
    EXPECT_EQ(plain_log("bell\a back\b\x7f null"), "bell back null");
    EXPECT_EQ(plain_log(std::string_view("a\0b", 3)), "ab");
}

TEST(PlainLog, LosesNoLineToASequenceWithoutEnd) {
    EXPECT_EQ(plain_log("\x1b]0;never ends\nnext\n"), "\nnext\n");
    EXPECT_EQ(plain_log("\x1b[12\nnext"), "\nnext");
    EXPECT_EQ(plain_log("x\x1b"), "x");
}

TEST(PlainLog, KeepsTheLastVersionOfAnOverwrittenLine) {
    EXPECT_EQ(plain_log("kept\r\n10%\r50%\r100%\nnext\r"), "kept\n100%\nnext");
}

TEST(PlainLog, KeepsTextOfAllLanguagesAndMarksBrokenBytes) {
    EXPECT_EQ(plain_log("gr\xc3\xbc\xc3\x9f \xe4\xbd\xa0 \xf0\x9f\x99\x82\t."),
              "gr\xc3\xbc\xc3\x9f \xe4\xbd\xa0 \xf0\x9f\x99\x82\t.");
    EXPECT_EQ(plain_log("a\xff\xc3"), "a\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_EQ(plain_log("\xc2\x9b"
                        "31m"),
              "\xef\xbf\xbd\xef\xbf\xbd"
              "31m");  // CSI in one byte
}

class LogFileTest : public testing::Test {
protected:
    LogFileTest() {
        std::string name = (std::filesystem::temp_directory_path() / "img-log-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
    }
    ~LogFileTest() override { std::filesystem::remove_all(folder_); }
    std::filesystem::path write(std::string_view text) const {
        std::ofstream(folder_ / "log") << text;
        return folder_ / "log";
    }
    std::filesystem::path folder_;
};

TEST_F(LogFileTest, IsReadInWholeLinesUntilItIsOver) {
    const auto file = write("one\ntwo\nthr");
    EXPECT_EQ(read_log(file, 0, 100, false).text, "one\ntwo\n");
    EXPECT_EQ(read_log(file, 0, 6, false).text, "one\n");
    EXPECT_EQ(read_log(file, 4, 100, true).text, "two\nthr");
    EXPECT_EQ(read_log(file, 4, 100, true).end, 11u);
    EXPECT_EQ(read_log(file, 8, 100, false).text, "");
    EXPECT_EQ(read_log(file, 8, 2, false).text, "th");  // a line longer than the limit
    EXPECT_EQ(read_log(file, 500, 100, true).end, 500u);
}

TEST_F(LogFileTest, EndsWithItsLastWholeLines) {
    const auto file = write("first\nsecond\nthird\n");
    const auto piece = read_log_end(file, 10, false);
    EXPECT_EQ(piece.text, "third\n");
    EXPECT_EQ(piece.begin, 13u);
    EXPECT_EQ(read_log_end(file, 1000, false).begin, 0u);
    EXPECT_EQ(read_log_end(folder_ / "absent", 10, false).text, "");
}

}  // namespace
}  // namespace img::web
