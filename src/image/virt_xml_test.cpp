#include "image/virt_xml.hpp"

#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace img::image {
namespace {

/// What Python's parser finds: every element with what it holds, a line each.
std::string parsed(const std::string& xml) {
    constexpr const char* kProgram =
        "import sys, xml.etree.ElementTree as tree\n"
        "def show(element, path):\n"
        "    path += '/' + element.tag\n"
        "    said = ' '.join(f'{k}={v}' for k, v in element.attrib.items())\n"
        "    print(path, said, (element.text or '').strip())\n"
        "    for child in element:\n"
        "        show(child, path)\n"
        "show(tree.parse(sys.argv[1]).getroot(), '')\n";
    const testing::TempFolder folder;
    const auto file = folder.write("demo.xml", xml);
    system::ProcessRunner runner;
    const auto said =
        runner.run({.argv = {"python3", "-c", kProgram, file.string()}, .captured = true});
    return said ? *said : said.error().message;
}

TEST(VirtXml, DescribesAMachineWithItsDisks) {
    const std::string xml = virt_xml({.name = "demo",
                                      .architecture = "amd64",
                                      .disks = {{"demo-sda.raw", "raw", std::string(64, 'a')},
                                                {"demo-sdb.raw", "raw", std::string(64, 'b')}}});
    EXPECT_EQ(parsed(xml),
              "/image  \n"
              "/image/name  demo\n"
              "/image/domain  \n"
              "/image/domain/boot type=hvm \n"
              "/image/domain/boot/guest  \n"
              "/image/domain/boot/guest/arch  x86_64\n"
              "/image/domain/boot/os  \n"
              "/image/domain/boot/os/loader dev=hd \n"
              "/image/domain/boot/drive disk=demo-sda.raw target=hda \n"
              "/image/domain/boot/drive disk=demo-sdb.raw target=hdb \n"
              "/image/domain/devices  \n"
              "/image/domain/devices/vcpu  1\n"
              "/image/domain/devices/memory  524288\n"
              "/image/domain/devices/interface  \n"
              "/image/domain/devices/graphics  \n"
              "/image/storage  \n"
              "/image/storage/disk file=demo-sda.raw use=system format=raw \n"
              "/image/storage/disk/checksum type=sha256 " +
                  std::string(64, 'a') +
                  "\n"
                  "/image/storage/disk file=demo-sdb.raw use=system format=raw \n"
                  "/image/storage/disk/checksum type=sha256 " +
                  std::string(64, 'b') + "\n");
}

TEST(VirtXml, HoldsNamesThatWouldBeItsLanguage) {
    const std::string said = parsed(virt_xml({.name = "a<b>&\"c\1",
                                              .architecture = "arm64",
                                              .disks = {{"it's &amp; <x>.raw", "raw", "0"}}}));
    EXPECT_NE(said.find("/image/name  a<b>&\"c\n"), std::string::npos) << said;
    EXPECT_NE(said.find("drive disk=it's &amp; <x>.raw target=hda"), std::string::npos) << said;
    EXPECT_NE(said.find("arch  arm64\n"), std::string::npos) << said;
}

TEST(VirtXml, NamesDrivesBeyondTheAlphabet) {
    EXPECT_EQ(drive_name(0), "hda");
    EXPECT_EQ(drive_name(25), "hdz");
    EXPECT_EQ(drive_name(26), "hdaa");
    EXPECT_EQ(drive_name(701), "hdzz");
    EXPECT_EQ(drive_name(702), "hdaaa");
}

}  // namespace
}  // namespace img::image
