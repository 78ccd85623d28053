#include "archive/compressing_sink.hpp"

#include "base/byte_size.hpp"
#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>

namespace img::archive {
namespace {

namespace fs = std::filesystem;

/// What reads each form back: the program that people have, not the library that wrote it.
std::vector<std::string> reader(Compressor compressor) {
    switch (compressor) {
        case Compressor::gz: return {"gzip", "-dc"};
        case Compressor::xz: return {"xz", "-dc"};
        case Compressor::zst: return {"zstd", "-dcq"};
        case Compressor::bz2: return {"bzip2", "-dc"};
        case Compressor::lzo: return {"lzop", "-dc"};
    }
    return {};
}

/// Some that packs well, some that does not, over several blocks of every form.
std::string sample(std::size_t bytes) {
    std::mt19937 random(4);
    std::string text;
    while (text.size() < bytes) {
        text += fmt::format("line {} of a text\n", random() % 1000);
        if (random() % 100 == 0) {
            for (int i = 0; i < 400; ++i) {
                text += static_cast<char>(random());
            }
        }
    }
    return text;
}

/// More than two blocks of the form, and part of one: see the block sizes in *_blocks.cpp; libzstd
/// cuts its jobs at 8 MiB at this level.
std::size_t some_blocks(Compressor compressor) {
    switch (compressor) {
        case Compressor::gz:
        case Compressor::bz2: return 2 * kMiB + 300'000;
        case Compressor::lzo: return 600'000;
        case Compressor::xz:
        case Compressor::zst: break;
    }
    return 17 * kMiB;
}

class CompressingSink : public ::testing::TestWithParam<Compressor> {
protected:
    /// `cut`: how many bytes go into one write.
    std::string compressed(const std::string& content, unsigned threads, std::size_t cut) {
        const fs::path file = folder_.path() / "out";
        auto sink = compressing_sink(GetParam(), FileSink::create(file).value(), threads).value();
        for (std::size_t at = 0; at < content.size(); at += cut) {
            EXPECT_TRUE(sink->write(std::string_view(content).substr(at, cut)));
        }
        EXPECT_TRUE(sink->finish());
        return testing::read_file(file);
    }

    std::string read_back(const std::string& bytes) {
        auto argv = reader(GetParam());
        argv.push_back(folder_.write(fmt::format("back.{}", to_text(GetParam())), bytes));
        const auto output = system::ProcessRunner().run({.argv = argv, .captured = true});
        return output ? *output : "failed: " + output.error().message;
    }

    testing::TempFolder folder_;
};

TEST_P(CompressingSink, IsReadBackByTheUsualProgram) {
    const std::string content = sample(some_blocks(GetParam()));
    const std::string bytes = compressed(content, 2, content.size());
    EXPECT_LT(bytes.size(), content.size() * 2 / 3);
    EXPECT_TRUE(read_back(bytes) == content);
}

TEST_P(CompressingSink, ReadsBackAsNothingWhereNothingWasWritten) {
    const std::string bytes = compressed("", 2, 1);
    EXPECT_FALSE(bytes.empty());
    EXPECT_EQ(read_back(bytes), "");
}

TEST_P(CompressingSink, GivesTheSameBytesWhateverTheThreadsAndTheCuts) {
    const std::string content = sample(some_blocks(GetParam()));
    const std::string bytes = compressed(content, 1, content.size());
    EXPECT_TRUE(bytes == compressed(content, 2, 4097));
    EXPECT_TRUE(bytes == compressed(content, 7, 3 * kMiB + 1));
}

TEST_P(CompressingSink, WritesAHoleLikeItsZeros) {
    const std::string begin = sample(100'000);
    const std::string zeros(some_blocks(GetParam()), '\0');
    const std::string written = compressed(begin + zeros + begin, 2, kMiB);
    const fs::path file = folder_.path() / "holes";
    auto sink = compressing_sink(GetParam(), FileSink::create(file).value(), 2).value();
    ASSERT_TRUE(sink->write(begin));
    ASSERT_TRUE(sink->write_zeros(zeros.size()));
    ASSERT_TRUE(sink->write(begin));
    ASSERT_TRUE(sink->finish());
    EXPECT_TRUE(testing::read_file(file) == written);
    EXPECT_TRUE(read_back(written) == begin + zeros + begin);
}

TEST_P(CompressingSink, LeavesNoFileWhereItIsNotFinished) {
    const fs::path file = folder_.path() / "half";
    {
        auto sink = compressing_sink(GetParam(), FileSink::create(file).value(), 2).value();
        ASSERT_TRUE(sink->write(sample(300'000)));
    }
    EXPECT_FALSE(fs::exists(file));
}

INSTANTIATE_TEST_SUITE_P(EachForm,
                         CompressingSink,
                         ::testing::ValuesIn(kCompressors),
                         [](const auto& one) { return std::string(to_text(one.param)); });

TEST(Compressor, IsFoundByItsEnding) {
    for (const Compressor compressor : kCompressors) {
        EXPECT_EQ(find_compressor(to_text(compressor)), compressor);
    }
    EXPECT_EQ(find_compressor("rar"), std::nullopt);
}

}  // namespace
}  // namespace img::archive
