#!/usr/bin/env python3
"""Packs an image into an input of inspect_fuzz: its sectors that are not zero, each behind its number.

usage: fuzz/pack_image.py IMAGE > fuzz/corpus/inspect/NAME
"""
import sys
from pathlib import Path

SECTOR = 512
SECTORS = 2048  # of the disk that inspect_fuzz lays them on

image = Path(sys.argv[1]).read_bytes()
for number in range(min(SECTORS, -(-len(image) // SECTOR))):
    sector = image[number * SECTOR:(number + 1) * SECTOR]
    if sector.strip(b"\0"):
        sys.stdout.buffer.write(number.to_bytes(2, "little") + sector.ljust(SECTOR, b"\0"))
