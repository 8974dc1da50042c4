#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace npo {

/// Writes a file so that it appears whole or not at all: `write` fills a temporary name beside `path`,
/// `verify` (may be empty) reads it back, then fsync, rename, fsync of the directory. The temporary file is
/// removed when anything throws. Error(environment) names the path when the disk is full or the folder not
/// writable, or when `path` exists and `overwrite` is false.
void write_atomically(const std::filesystem::path& path, bool overwrite,
                      const std::function<void(const std::filesystem::path&)>& write,
                      const std::function<void(const std::filesystem::path&)>& verify = {});

/// write_atomically of a text.
void write_text_atomically(const std::filesystem::path& path, bool overwrite, std::string_view text);

/// Whole file as text; Error(environment) when it cannot be read.
std::string read_text(const std::filesystem::path& path);

/// fsync of a file or a directory by path.
void sync_path(const std::filesystem::path& path);

/// Creates a directory (and parents) or accepts an existing one; Error(environment) names it when it cannot
/// be made.
void make_directory(const std::filesystem::path& path);

/// Error(environment) when `path` exists and `overwrite` is false ("use --overwrite").
void refuse_existing(const std::filesystem::path& path, bool overwrite);

}  // namespace npo
