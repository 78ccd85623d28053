// What every ArtifactStore must do, wherever the files go: one suite, a place for each.
#pragma once

#include "artifacts/artifacts.hpp"
#include "tests/support/temp_folder.hpp"

#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace img::testing {

/// A store, and what others find where it publishes.
class ArtifactPlace {
public:
    virtual ~ArtifactPlace() = default;

    virtual artifacts::ArtifactStore& store() = 0;
    /// The service has made the job.
    virtual void add_job(const std::string& id) = 0;
    /// It has given a worker this attempt of the job, after those before were lost.
    virtual void give(const jobs::BuildOrder&) {}
    /// The files that a reader finds of what was published, by name; the service's own left out.
    virtual std::map<std::string, std::string> found(const jobs::BuildOrder& order,
                                                     const artifacts::Published& published) = 0;
    /// Whether it knows that a newer attempt was here. One that does not keeps attempts apart.
    virtual bool refuses_stale() const = 0;
    /// A folder that the store can take files from.
    virtual std::filesystem::path work() const = 0;
};

/// One that is reached over a network.
class NetworkPlace : public ArtifactPlace {
public:
    /// The connection breaks once so many more bytes have gone up.
    virtual void cut_after(std::int64_t bytes) = 0;
    virtual unsigned cuts() const = 0;
    virtual std::uint64_t bytes_sent() const = 0;
    /// Ends the server as a crash would, and starts it again on the same files.
    virtual void crash() = 0;
};

template <typename Place>
class PlaceSuite : public ::testing::TestWithParam<std::function<std::unique_ptr<Place>()>> {
protected:
    using Files = std::map<std::string, std::string>;

    PlaceSuite() {
        place_->add_job(order_.id);
        place_->give(order_);
    }

    std::filesystem::path made(const Files& files) {
        const auto out = place_->work() / std::to_string(++builds_);
        std::filesystem::create_directories(out);
        for (const auto& [name, text] : files) {
            std::ofstream(out / name, std::ios::binary) << text;
        }
        return out;
    }
    Result<artifacts::Published> publish(const Files& files) {
        return place_->store().publish(order_, made(files));
    }
    Files found(const artifacts::Published& published) { return place_->found(order_, published); }

    /// Of no pattern that repeats, so that a piece in the wrong place shows.
    static std::string bytes(std::size_t size) {
        std::string text(size, '\0');
        std::uint32_t state = 1;
        for (char& c : text) {
            state = state * 1664525 + 1013904223;  // Numerical Recipes' generator
            c = static_cast<char>(state >> 24);
        }
        return text;
    }

    std::unique_ptr<Place> place_ = this->GetParam()();
    jobs::BuildOrder order_{.id = jobs::new_job_id(), .request = {.name = "debian"}};
    unsigned builds_ = 0;
};

class ArtifactStoreSuite : public PlaceSuite<ArtifactPlace> {};

TEST_P(ArtifactStoreSuite, PublishesAllFilesWhole) {
    const Files files{{"debian.raw", bytes(5'000'000)}, {"empty", ""}, {"manifest.json", "{1}"}};
    const auto published = publish(files);
    ASSERT_TRUE(published) << published.error().message;
    EXPECT_EQ(published->size, 5'000'003u);
    EXPECT_TRUE(found(*published) == files);
}

TEST_P(ArtifactStoreSuite, ChangesNothingWhenItIsDoneAgain) {
    const Files files{{"debian.raw", "image"}, {"manifest.json", "{}"}};
    const auto once = publish(files), twice = publish(files);
    ASSERT_TRUE(twice) << twice.error().message;
    EXPECT_EQ(twice->size, once->size);
    EXPECT_EQ(twice->place, once->place);
    EXPECT_EQ(found(*twice), files);
}

TEST_P(ArtifactStoreSuite, GivesTheNewerAttemptItsPlace) {
    ASSERT_TRUE(publish({{"debian.raw", "old"}, {"manifest.json", "{1}"}}));
    order_.attempt = 2;
    place_->give(order_);
    const Files newer{{"debian.raw", "new"}, {"manifest.json", "{2}"}};
    const auto published = publish(newer);
    ASSERT_TRUE(published) << published.error().message;
    EXPECT_EQ(found(*published), newer);
}

TEST_P(ArtifactStoreSuite, LetsNoStaleAttemptTouchTheNewerOne) {
    order_.attempt = 2;
    place_->give(order_);
    const Files newer{{"debian.raw", "new"}, {"manifest.json", "{2}"}};
    const auto published = publish(newer);
    ASSERT_TRUE(published);
    order_.attempt = 1;
    const auto stale = publish({{"debian.raw", "old"}, {"manifest.json", "{1}"}});
    if (place_->refuses_stale()) {
        ASSERT_FALSE(stale);
        EXPECT_EQ(stale.error().fault, Fault::invalid);
    } else {
        ASSERT_TRUE(stale);
        EXPECT_NE(stale->place, published->place);
    }
    order_.attempt = 2;
    EXPECT_EQ(found(*published), newer);
}

TEST_P(ArtifactStoreSuite, TakesOnlyPlainFilesThatAreTheBuildsToGive) {
    const auto out = made({{"debian.raw", "image"},
                           {"debian.log", "forged"},
                           {"debian.ks", "forged"},
                           {".attempt", "9999999999"},
                           {"two words", "x"},
                           {"line\nbreak", "x"},
                           {"manifest.json", "{}"}});
    std::filesystem::create_directories(out / "folder");
    std::filesystem::create_symlink("/etc/passwd", out / "link.raw");
    const auto published = place_->store().publish(order_, out);
    ASSERT_TRUE(published) << published.error().message;
    EXPECT_EQ(found(*published), (Files{{"debian.raw", "image"}, {"manifest.json", "{}"}}));
}

TEST_P(ArtifactStoreSuite, PublishesNothingWithoutAManifest) {
    const auto published = publish({{"debian.raw", "image"}});
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().fault, Fault::broken);
}

TEST_P(ArtifactStoreSuite, CarriesFilesThatAreMostlyHoles) {
    constexpr std::size_t size = 100 << 20;
    const auto out = made({{"debian.raw", "begin"}, {"hole", ""}, {"manifest.json", "{}"}});
    {
        std::fstream file(out / "debian.raw", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(size / 2) << "middle";
    }
    std::filesystem::resize_file(out / "debian.raw", size);
    std::filesystem::resize_file(out / "hole", 3 << 20);
    const auto published = place_->store().publish(order_, out);
    ASSERT_TRUE(published) << published.error().message;
    const auto files = found(*published);
    std::string expected(size, '\0');
    expected.replace(0, 5, "begin").replace(size / 2, 6, "middle");
    EXPECT_TRUE(files.at("debian.raw") == expected);
    EXPECT_EQ(files.at("hole"), std::string(3 << 20, '\0'));
}

TEST_P(ArtifactStoreSuite, EndsWhenItIsStopped) {
    std::stop_source stop;
    stop.request_stop();
    const auto out = made({{"debian.raw", bytes(1'000'000)}, {"manifest.json", "{}"}});
    const auto published = place_->store().publish(order_, out, {.stop = stop.get_token()});
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().fault, Fault::transient);
    EXPECT_TRUE(place_->store().publish(order_, out));
}

class NetworkStoreSuite : public PlaceSuite<NetworkPlace> {
protected:
    static constexpr std::size_t kSize = 20 << 20;
    const Files files_{{"debian.raw", bytes(kSize)}, {"manifest.json", "{1}"}};
};

TEST_P(NetworkStoreSuite, GoesOnAfterACutInMidFile) {
    place_->cut_after(static_cast<std::int64_t>(kSize * 3 / 4));
    const auto published = publish(files_);
    ASSERT_TRUE(published) << published.error().message;
    EXPECT_EQ(place_->cuts(), 1u);
    EXPECT_LT(place_->bytes_sent(), kSize * 3 / 2);  // it did not begin again
    EXPECT_TRUE(found(*published) == files_);
}

TEST_P(NetworkStoreSuite, OutlivesACrashOfTheServer) {
    const auto out = made(files_);
    bool has_crashed = false;
    const auto meter = [&](std::uint64_t done, std::uint64_t total) {
        EXPECT_EQ(total, kSize + 3);
        EXPECT_LE(done, total);
        if (!has_crashed && done > kSize / 2) {
            has_crashed = true;
            place_->crash();
        }
    };
    auto published = place_->store().publish(order_, out, {.meter = meter});
    for (int i = 0; i < 10 && !published && published.error().fault == Fault::transient; ++i) {
        published = place_->store().publish(order_, out, {.meter = meter});
    }
    ASSERT_TRUE(published) << published.error().message;
    EXPECT_TRUE(has_crashed);
    EXPECT_TRUE(found(*published) == files_);
}

}  // namespace img::testing
