// The nodes that UBIFS and JFFS2 are made of, put right where mkfs leaves in what no build can
// repeat: the times of files, and a UUID drawn at random.
#pragma once

#include "base/result.hpp"
#include "base/uuid.hpp"

#include <cstdint>
#include <string>

namespace img::volume {

/// In one logical erase block of a UBIFS: the superblock gets the uuid; access and change times
/// become the modification time, and nothing stays younger than the epoch, in seconds. True where
/// something was changed. Fault::broken: the nodes contradict themselves.
Result<bool> level_ubifs_block(std::string& block, const Uuid& uuid, std::int64_t epoch);

/// The same times in one erase block of a little-endian JFFS2.
Result<bool> level_jffs2_block(std::string& block, std::int64_t epoch);

}  // namespace img::volume
