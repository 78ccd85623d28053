// Files of ext2, ext3 and ext4, by libext2fs: it reads through us, so they may be inside anything.
#include "base/printable.hpp"
#include "filetree/filetree.hpp"
#include "superblock/superblock.hpp"

#include <algorithm>
#include <ext2fs/ext2fs.h>
#include <fmt/format.h>
#include <span>
#include <sys/stat.h>

namespace img::filetree {
namespace {

/// What a channel of ours reads from. libext2fs opens a channel by a name only, so the source is
/// handed over beside it, for the length of one ext2fs_open().
thread_local const vdisk::DiskSource* opening = nullptr;

struct Channel {
    struct_io_channel head{};
    const vdisk::DiskSource* source = nullptr;
};

const Channel& ours(io_channel channel) {
    return *static_cast<Channel*>(channel->private_data);
}

io_manager source_manager();

errcode_t open_channel(const char* name, int flags, io_channel* channel) {
    static_cast<void>(name);
    if ((flags & IO_FLAG_RW) != 0 || opening == nullptr) {
        return EXT2_ET_RO_FILSYS;
    }
    auto made = std::make_unique<Channel>();
    made->source = opening;
    made->head.magic = EXT2_ET_MAGIC_IO_CHANNEL;
    made->head.manager = source_manager();
    made->head.block_size = 1024;
    made->head.refcount = 1;
    made->head.private_data = made.get();
    *channel = &made.release()->head;
    return 0;
}

errcode_t close_channel(io_channel channel) {
    if (--channel->refcount == 0) {
        const std::unique_ptr<Channel> gone(static_cast<Channel*>(channel->private_data));
    }
    return 0;
}

errcode_t set_block_size(io_channel channel, int block_bytes) {
    channel->block_size = block_bytes;
    return 0;
}

/// A negative count is one of bytes.
errcode_t read_blocks(io_channel channel, unsigned long long block, int count, void* into) {
    const auto block_bytes = static_cast<std::uint64_t>(channel->block_size);
    const std::size_t size = count < 0 ? static_cast<std::size_t>(-static_cast<long>(count))
                                       : static_cast<std::size_t>(count) * block_bytes;
    const auto& source = *ours(channel).source;
    if (block > source.size_bytes() / block_bytes) {
        return EXT2_ET_SHORT_READ;
    }
    const auto read =
        source.read(block * block_bytes, std::span(static_cast<std::byte*>(into), size));
    return read ? 0 : EXT2_ET_SHORT_READ;
}

errcode_t read_few_blocks(io_channel channel, unsigned long block, int count, void* into) {
    return read_blocks(channel, block, count, into);
}

errcode_t refuse_few(io_channel channel, unsigned long block, int count, const void* from) {
    static_cast<void>(channel), static_cast<void>(block);
    static_cast<void>(count), static_cast<void>(from);
    return EXT2_ET_RO_FILSYS;
}

errcode_t refuse(io_channel channel, unsigned long long block, int count, const void* from) {
    static_cast<void>(channel), static_cast<void>(block);
    static_cast<void>(count), static_cast<void>(from);
    return EXT2_ET_RO_FILSYS;
}

errcode_t nothing_to_flush(io_channel channel) {
    static_cast<void>(channel);
    return 0;
}

io_manager source_manager() {
    static struct_io_manager manager = [] {
        struct_io_manager made{};
        made.magic = EXT2_ET_MAGIC_IO_MANAGER;
        made.name = "disk source";
        made.open = open_channel;
        made.close = close_channel;
        made.set_blksize = set_block_size;
        made.read_blk = read_few_blocks;
        made.write_blk = refuse_few;
        made.flush = nothing_to_flush;
        made.read_blk64 = read_blocks;
        made.write_blk64 = refuse;
        return made;
    }();
    return &manager;
}

struct CloseExt {
    void operator()(ext2_filsys file_system) const { ext2fs_free(file_system); }
};
struct CloseFile {
    void operator()(ext2_file_t file) const { ext2fs_file_close(file); }
};
using OpenFile = std::unique_ptr<std::remove_pointer_t<ext2_file_t>, CloseFile>;

NodeKind kind_of(const ext2_inode& inode) {
    return S_ISREG(inode.i_mode)   ? NodeKind::file
           : S_ISDIR(inode.i_mode) ? NodeKind::folder
                                   : NodeKind::other;
}

std::unexpected<Error> damaged(const std::string& path, errcode_t error) {
    return fail(Fault::broken, fmt::format("{}: the ext file system is damaged ({})",
                                           printable(path), error_message(error)));
}

/// What a folder's entries say before their inodes are looked at.
struct Names {
    std::vector<std::pair<std::string, ext2_ino_t>> found{};
    std::size_t seen = 0;
};

/// Empty slots are counted too, for a hostile chain of blocks may hold nothing else.
int note_entry(ext2_dir_entry* entry, int offset, int block_bytes, char* buffer, void* names) {
    constexpr std::size_t kSlotsMax = 1 << 20;
    static_cast<void>(offset), static_cast<void>(block_bytes), static_cast<void>(buffer);
    auto& list = *static_cast<Names*>(names);
    const std::string name(entry->name, static_cast<std::size_t>(ext2fs_dirent_name_len(entry)));
    if (entry->inode != 0 && name != "." && name != "..") {
        list.found.emplace_back(name, entry->inode);
    }
    return list.found.size() < kNodesMax && ++list.seen < kSlotsMax ? 0 : DIRENT_ABORT;
}

class ExtTree : public FileTree {
public:
    explicit ExtTree(ext2_filsys file_system) : file_system_(file_system) {}

    Result<std::vector<Node>> list(const std::string& folder) const override {
        const auto number = TRY(find(folder));
        Names names;
        const auto error = ext2fs_dir_iterate(file_system_.get(), number, DIRENT_FLAG_INCLUDE_EMPTY,
                                              nullptr, note_entry, &names);
        if (error != 0) {
            return damaged(folder, error);
        }
        std::vector<Node> nodes;
        for (auto& [name, child] : names.found) {
            const auto inode = TRY(inode_of(name, child));
            nodes.push_back({.name = std::move(name),
                             .kind = kind_of(inode),
                             .size_bytes = EXT2_I_SIZE(&inode)});
        }
        std::ranges::sort(nodes, {}, &Node::name);
        return nodes;
    }

    Result<std::string> read(const std::string& file, std::size_t bytes_max) const override {
        const auto number = TRY(find(file));
        const auto inode = TRY(inode_of(file, number));
        if (kind_of(inode) != NodeKind::file) {
            return fail(Fault::missing, fmt::format("{} is no regular file", printable(file)));
        }
        ext2_file_t raw = nullptr;
        if (const auto error = ext2fs_file_open(file_system_.get(), number, 0, &raw); error != 0) {
            return damaged(file, error);
        }
        const OpenFile opened(raw);
        // A sparse file of 2^40 bytes costs its maker nothing: only what it claims to hold counts.
        std::string bytes(std::min<std::uint64_t>(bytes_max, EXT2_I_SIZE(&inode)), '\0');
        unsigned got = 0;
        const auto wanted = static_cast<unsigned>(bytes.size());
        if (const auto error = ext2fs_file_read(raw, bytes.data(), wanted, &got); error != 0) {
            return damaged(file, error);
        }
        bytes.resize(got);
        return bytes;
    }

private:
    Result<ext2_ino_t> find(const std::string& path) const {
        ext2_ino_t number = EXT2_ROOT_INO;
        const std::string below = "/" + path;
        const auto error =
            ext2fs_namei(file_system_.get(), EXT2_ROOT_INO, EXT2_ROOT_INO, below.c_str(), &number);
        if (error == EXT2_ET_FILE_NOT_FOUND || error == EXT2_ET_NO_DIRECTORY) {
            return fail(Fault::missing, fmt::format("there is no {}", printable(path)));
        }
        if (error != 0) {
            return damaged(path, error);
        }
        return number;
    }

    Result<ext2_inode> inode_of(const std::string& name, ext2_ino_t number) const {
        ext2_inode inode{};
        if (const auto error = ext2fs_read_inode(file_system_.get(), number, &inode); error != 0) {
            return damaged(name, error);
        }
        return inode;
    }

    std::unique_ptr<std::remove_pointer_t<ext2_filsys>, CloseExt> file_system_;
};

/// libext2fs makes room for all group descriptors of a file system, so its size is checked first.
Result<void> check_size(const vdisk::DiskSource& part) {
    const auto found = TRY(superblock::find_ext(part));
    if (!found || found->size_bytes > part.size_bytes()) {
        return fail(Fault::broken, "the ext file system is larger than its place");
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<FileTree>> open_ext_tree(const vdisk::DiskSource& part) {
    TRY(check_size(part));
    ext2_filsys opened = nullptr;
    opening = &part;
    const auto error = ext2fs_open("source", EXT2_FLAG_64BITS | EXT2_FLAG_IGNORE_CSUM_ERRORS, 0, 0,
                                   source_manager(), &opened);
    opening = nullptr;
    if (error != 0) {
        return damaged("its superblock", error);
    }
    return std::make_unique<ExtTree>(opened);
}

}  // namespace img::filetree
