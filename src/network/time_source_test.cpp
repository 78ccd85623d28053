#include "network/time_source.hpp"

#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::network {
namespace {

using tree::Tree;

using Words = std::vector<std::string>;
using Sources = std::vector<kickstart::TimeSource>;

class TimeSourceTest : public ::testing::Test {
protected:
    Result<kickstart::Services> set(const Sources& sources, bool none = false) {
        return set_time_sources(Tree::open(temp.folder).value(), sources, none);
    }
    void install(const std::string& unit) { temp.put("/lib/systemd/system/" + unit); }
    testing::TempTree temp;
};

TEST_F(TimeSourceTest, TakesThePlaceOfThoseOfThePackage) {
    const Sources sources{{.host = "time.example.org", .nts = true},
                          {.host = "pool.example.org", .pool = true}};
    EXPECT_EQ(with_time_sources("# Use Debian vendor zone.\npool 2.debian.example iburst\n"
                                "  server old\ndriftfile /var/lib/chrony/drift\n",
                                sources),
              "server time.example.org iburst nts\npool pool.example.org iburst\n"
              "# Use Debian vendor zone.\ndriftfile /var/lib/chrony/drift\n");
}

TEST_F(TimeSourceTest, IsToldToTheOneThatIsThere) {
    install("systemd-timesyncd.service");
    EXPECT_EQ(set({{.host = "a.example.org"}, {.host = "fd00::1"}})->enabled,
              Words{"systemd-timesyncd.service"});
    EXPECT_EQ(temp.get("/etc/systemd/timesyncd.conf.d/kickstart.conf"),
              "[Time]\nNTP=a.example.org fd00::1\n");
    install("chronyd.service");
    temp.put("/etc/chrony.conf", "pool 2.fedora.example iburst\n");
    EXPECT_EQ(set({{.host = "a.example.org"}})->enabled, Words{"chronyd.service"});
    EXPECT_EQ(temp.get("/etc/chrony.conf"), "server a.example.org iburst\n");
}

TEST_F(TimeSourceTest, SaysWhatToAddWhereNothingSetsTheClock) {
    EXPECT_EQ(set({{.host = "a.example.org", .where = {"demo.ks", 5, 1}}}).error().message,
              "timesource a.example.org (demo.ks:5): the image has nothing that sets its clock; "
              "add systemd-timesyncd or chrony to %packages");
    EXPECT_TRUE(set({}));
    install("systemd-timesyncd.service");
    EXPECT_EQ(
        set({{.host = "a.example.org", .nts = true, .where = {"demo.ks", 5, 1}}}).error().message,
        "timesource a.example.org (demo.ks:5): the image's systemd-timesyncd.service knows "
        "no NTS; add chrony to %packages");
}

TEST_F(TimeSourceTest, AreAllDisabledWhenNoneIsWanted) {
    install("systemd-timesyncd.service");
    install("chrony.service");
    const auto services = set({}, true).value();
    EXPECT_TRUE(services.enabled.empty());
    EXPECT_EQ(services.disabled, (Words{"chrony.service", "systemd-timesyncd.service"}));
}

TEST_F(TimeSourceTest, IsAHostAndNothingElse) {
    install("chrony.service");
    for (const char* evil : {"", "a b", "a\nallow all", "-x", "$(x)", "a;b", "a iburst"}) {
        EXPECT_EQ(set({{.host = evil}}).error().fault, Fault::invalid) << evil;
    }
    EXPECT_EQ(temp.get("/etc/chrony/chrony.conf"), "");
}

}  // namespace
}  // namespace img::network
