"""Readers of what IMG makes for flash memory, written from the formats and not from its writers:
UBI, the superblock of UBIFS, the stitched boot blob and OSIP. What is wrong raises ValueError.
"""
import struct
import zlib


def ubi_crc(data):
    """CRC-32 that begins with ones and is not turned over at the end (ubi-media.h, ubifs-media.h)."""
    return ~zlib.crc32(data) & 0xFFFFFFFF


def require(good, sentence):
    if not good:
        raise ValueError(sentence)


class Ubi:
    """volumes: name -> bytes of its logical erase blocks, in order; the rest as in the headers."""

    def __init__(self, image, peb_bytes):
        require(len(image) % peb_bytes == 0, "not a whole number of erase blocks")
        self.blocks = {}       # (volume id, logical number) -> data
        self.sequences = set()
        for at in range(0, len(image), peb_bytes):
            self._read_block(image[at:at + peb_bytes], at)
        require(len(self.sequences) == 1, f"image sequence numbers {self.sequences}")
        self._read_table()

    def _read_block(self, block, at):
        magic, version, count, vid, data, sequence = struct.unpack(">4sB3xQIII", block[:28])
        require(magic == b"UBI#" and version == 1 and count == 0, f"EC header at {at:#x}")
        require(ubi_crc(block[:60]) == struct.unpack(">I", block[60:64])[0], f"EC CRC at {at:#x}")
        self.vid_offset, self.data_offset = vid, data
        self.sequences.add(sequence)
        header = block[vid:vid + 64]
        if header == b"\xff" * 64:
            return
        magic, version, kind, _, _, volume, number = struct.unpack(">4sBBBBII", header[:16])
        require(magic == b"UBI!" and version == 1 and kind == 1, f"VID header at {at:#x}")
        require(ubi_crc(header[:60]) == struct.unpack(">I", header[60:])[0], f"VID CRC at {at:#x}")
        require((volume, number) not in self.blocks, f"block {volume}:{number} is there twice")
        self.blocks[volume, number] = block[data:]

    def _read_table(self):
        """The layout volume, 0x7fffefff, holds the table twice: 172 bytes for each volume."""
        table = self.blocks[0x7FFFEFFF, 0]
        require(table == self.blocks[0x7FFFEFFF, 1], "the two tables differ")
        self.volumes, self.reserved, self.autoresize = {}, {}, set()
        for number in range(128):
            record = table[172 * number:172 * (number + 1)]
            require(ubi_crc(record[:168]) == struct.unpack(">I", record[168:])[0],
                    f"CRC of volume {number}")
            reserved, _, _, kind, _, length = struct.unpack(">IIIBBH", record[:16])
            if reserved == 0:
                continue
            name = record[16:16 + length].decode()
            require(kind == 1, f"volume {name} is not dynamic")
            self.reserved[name] = reserved
            if record[144] & 1:
                self.autoresize.add(name)
            lebs = sorted(leb for volume, leb in self.blocks if volume == number)
            require(lebs == list(range(len(lebs))), f"volume {name} has gaps: {lebs}")
            require(len(lebs) <= reserved, f"volume {name} is larger than its room")
            self.volumes[name] = b"".join(self.blocks[number, leb] for leb in lebs)


def ubifs_superblock(volume):
    """min_io, leb size, number of LEBs used and at most, uuid."""
    magic, crc = struct.unpack("<II", volume[:8])
    length, kind = struct.unpack("<IB", volume[16:21])
    require(magic == 0x06101831 and kind == 6, "no superblock of UBIFS")
    require(ubi_crc(volume[8:length]) == crc, "CRC of the superblock")
    return struct.unpack("<IIII", volume[32:48]) + (volume[108:124],)


# Where the size words stand, and the kernel, by layout (sources of bootstub of these years).
BLOB_LAYOUTS = {"2008": (0x100, 0x2000), "2009": (0x100, 0x2000), "2011": (0x200, 0x2000),
                "medfield": (0x400, 0x2000), "merrifield": (0x400, 0x3000),
                "2025": (0x400, 0x4000)}


def read_blob(blob, layout, sector=1):
    """command line, stub (with its padding), kernel, initrd. The blob fills whole sectors."""
    fields, kernel_at = BLOB_LAYOUTS[layout]
    kernel, initrd = struct.unpack("<II", blob[fields:fields + 8])
    length = kernel_at + kernel + initrd
    require(len(blob) == -(-length // sector) * sector, "length of the blob")
    require(blob[length:] == b"\xff" * (len(blob) - length), "what fills the last sector")
    blob = blob[:length]
    line = blob[:fields]
    require(line.endswith(b"\0"), "the command line has no end")
    require(blob[kernel_at + 0x202:kernel_at + 0x206] == b"HdrS", "HdrS in the kernel")
    require(blob[fields + 16:0x1000] == bytes(0x1000 - fields - 16), "the stub's stack")
    return (line.rstrip(b"\0").decode(), blob[0x1000:kernel_at],
            blob[kernel_at:kernel_at + kernel], blob[kernel_at + kernel:])


def read_osip(image):
    """The payload, with its padding."""
    require(image[:4] == b"$OS$" and len(image) % 512 == 0, "no OSIP")
    pointers, images, size = struct.unpack("<BBH", image[8:12])
    require((pointers, images, size) == (1, 1, 0x38), "OSIP of one image")
    checksum = 0
    for byte in image[:size]:
        checksum ^= byte
    require(checksum == 0, "XOR of the OSIP header")
    start, load, entry, blocks = struct.unpack("<IIII", image[36:52])
    require((start, load, entry, image[52]) == (1, 0x01100000, 0x01101000, 1), "OSIP entry")
    require(image[0x38:0x1B8] == b"\xff" * 384 and image[510:512] == b"\x55\xaa", "OSIP fill")
    require(len(image) == 512 * (start + blocks), "length of the OSIP image")
    return image[512:]
