#include "tests/support/kickstart_text.hpp"

#include <gtest/gtest.h>

namespace img::kickstart {
namespace {

TEST(Network, ReadsEveryOption) {
    const auto parsed = parse_text(
        "network --hostname=box.example.org --device=eth0 --bootproto=static --ip=192.0.2.5 "
        "--netmask=255.255.255.0 --gateway=192.0.2.1 --nameserver=192.0.2.2,::1 --onboot=no\n"
        "network --device=eth1 --bootproto=dhcp\n");
    ASSERT_EQ(parsed.document.networks.size(), 2u);
    const Network wanted{.hostname = "box.example.org",
                         .device = "eth0",
                         .bootproto = "static",
                         .ip = "192.0.2.5",
                         .netmask = "255.255.255.0",
                         .gateway = "192.0.2.1",
                         .nameservers = {"192.0.2.2", "::1"},
                         .onboot = false,
                         .where = {.file = "t.ks", .line = 1, .column = 1}};
    EXPECT_EQ(parsed.document.networks[0], wanted);
    EXPECT_TRUE(parsed.document.networks[1].onboot);
}

TEST(Network, HoldsItsOptionsTogether) {
    EXPECT_EQ(said("network --bootproto=static --ip=192.0.2.5\n"),
              Said{"t.ks:1:1: refused: network --bootproto=static needs --ip and --netmask"});
    EXPECT_EQ(said("network --bootproto=dhcp --ip=192.0.2.5\n"),
              Said{"t.ks:1:1: warning: network has --bootproto=dhcp, and its --ip and --netmask do "
                   "not count"});
}

TEST(Network, RefusesWhatIsNoAddressAndNoName) {
    EXPECT_EQ(said("network --hostname=my_box --bootproto=x --onboot=maybe --ip=1.2.3\n").size(),
              4u);
    EXPECT_EQ(said("network --hostname=" + std::string(63, 'a') + ".bc\n").size(), 1u);
}

TEST(Services, AccumulatesAndTakesRepetitionsOut) {
    const auto services =
        parse_text("services --enabled=a,b,a --disabled=c\nservices --enabled=b,d\n")
            .document.services;
    EXPECT_EQ(services.enabled, (std::vector<std::string>{"a", "b", "d"}));
    EXPECT_EQ(services.disabled, std::vector<std::string>{"c"});
    EXPECT_EQ(services.where.line, 1u);
}

TEST(Services, RefusesOneThatIsBoth) {
    EXPECT_EQ(said("services --enabled=ssh --disabled=ssh\n"),
              Said{"t.ks:1:1: refused: service 'ssh' is both enabled and disabled; keep one"});
    EXPECT_EQ(said("services\n"), Said{"t.ks:1:1: error: services needs --enabled or --disabled"});
}

}  // namespace
}  // namespace img::kickstart
