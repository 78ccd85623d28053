#include "network/service_ports.hpp"

#include <gtest/gtest.h>

namespace img::network {
namespace {

using Ports = std::vector<Port>;

TEST(ServicePorts, AreThoseOfTheTreeWithTheirAliases) {
    const auto ports = service_ports(
        "# name port/protocol aliases\n"
        "domain\t\t53/tcp\ndomain\t\t53/udp\n"
        "http\t\t80/tcp\t\twww\t# WorldWideWeb HTTP\n"
        "bad\t\tx/tcp\nworse\t80\nevil\t22/tcp;drop\n");
    EXPECT_EQ(ports.at("domain"), (Ports{{"53", "tcp"}, {"53", "udp"}}));
    EXPECT_EQ(ports.at("www"), (Ports{{"80", "tcp"}}));
    EXPECT_EQ(ports.at("http"), (Ports{{"80", "tcp"}}));
    for (const char* name : {"bad", "worse", "evil", "#"}) {
        EXPECT_FALSE(ports.contains(name)) << name;
    }
}

TEST(ServicePorts, HaveTheNamesOfFirewalldToo) {
    const auto ports = service_ports("ssh 2222/tcp\n");
    EXPECT_EQ(ports.at("ssh"), (Ports{{"2222", "tcp"}}));
    EXPECT_EQ(ports.at("dhcpv6-client"), (Ports{{"546", "udp"}}));
    EXPECT_EQ(ports.at("samba").size(), 4u);
}

}  // namespace
}  // namespace img::network
