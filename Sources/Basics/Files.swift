import CPlatform
import Glibc

/// What the file system says of one path.
package struct FileStatus: Sendable, Hashable {
  package enum Kind: Sendable, Hashable { case file, folder, link, other }

  package var kind: Kind
  package var size: Int
  package var modified: Int64
  package var changed: Int64
  package var inode: UInt64
  package var device: UInt64
  /// The permission bits.
  package var mode: UInt32

  fileprivate init(_ status: cplatform_status) {
    switch status.mode & UInt32(S_IFMT) {
    case UInt32(S_IFREG): kind = .file
    case UInt32(S_IFDIR): kind = .folder
    case UInt32(S_IFLNK): kind = .link
    default: kind = .other
    }
    size = Int(status.size)
    modified = status.modified_ns
    changed = status.changed_ns
    inode = status.inode
    device = status.device
    mode = status.mode & 0o7777
  }
}

/// The file system as the house uses it: thin calls that throw `FileError` with the path in hand.
///
/// Everything that changes a durable folder passes `FaultPoint` first.
package enum Files {
  /// The status of `path`, of the link itself when `followLinks` is false; nil where nothing is there.
  package static func status(_ path: String, followLinks: Bool = true) throws(FileError) -> FileStatus? {
    var status = cplatform_status()
    let number = cplatform_status_of(path, followLinks ? 1 : 0, &status)
    if number == ENOENT || number == ENOTDIR { return nil }
    if number != 0 { throw FileError("look at", path, number) }
    return FileStatus(status)
  }

  package static func status(ofDescriptor descriptor: Int32, path: String) throws(FileError) -> FileStatus {
    var status = cplatform_status()
    let number = cplatform_status_of_descriptor(descriptor, &status)
    if number != 0 { throw FileError("look at", path, number) }
    return FileStatus(status)
  }

  package static func exists(_ path: String) -> Bool {
    access(path, F_OK) == 0
  }

  package static func isWritable(_ path: String) -> Bool {
    access(path, W_OK) == 0
  }

  /// All bytes of a file.
  package static func read(_ path: String) throws(FileError) -> [UInt8] {
    let file = try FileHandle(reading: path)
    return try file.readAll()
  }

  /// The names in a folder but `.` and `..`, sorted by their bytes; empty where there is no such folder.
  package static func list(_ path: String) throws(FileError) -> [String] {
    guard let folder = opendir(path) else {
      if errno == ENOENT { return [] }
      throw FileError("list", path)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Makes a folder and those above it. Nothing is said where it is there already.
  package static func makeFolder(_ path: String) throws(FileError) {
    if mkdir(path, 0o777) == 0 { return }
    if errno == EEXIST {
      if try status(path)?.kind == .folder { return }
      throw FileError("make the folder", path, EEXIST)
    }
    guard errno == ENOENT, let parent = parentFolder(of: path) else { throw FileError("make the folder", path) }
    try makeFolder(parent)
    if mkdir(path, 0o777) != 0, errno != EEXIST { throw FileError("make the folder", path) }
  }

  /// Removes a file; nothing is said where it is gone already.
  package static func remove(_ path: String) throws(FileError) {
    try FaultPoint.pass("remove", path)
    if unlink(path) != 0, errno != ENOENT { throw FileError("remove", path) }
  }

  /// Removes a file or a folder with all that is in it, read-only parts too. Links are removed, not followed.
  package static func removeTree(_ path: String) throws(FileError) {
    guard let status = try status(path, followLinks: false) else { return }
    if status.kind == .folder {
      chmod(path, 0o700)
      for name in try list(path) { try removeTree(path + "/" + name) }
      if rmdir(path) != 0, errno != ENOENT { throw FileError("remove", path) }
    } else if unlink(path) != 0, errno != ENOENT {
      throw FileError("remove", path)
    }
  }

  /// Renames within one file system; whatever stands at `target` is replaced in one step.
  package static func rename(_ path: String, to target: String) throws(FileError) {
    try FaultPoint.pass("rename", target)
    if Glibc.rename(path, target) != 0 { throw FileError("rename", target) }
  }

  /// Gives a file a second name; false where something has that name already.
  static func link(_ path: String, as other: String) throws(FileError) -> Bool {
    try FaultPoint.pass("rename", other)
    if Glibc.link(path, other) == 0 { return true }
    if errno == EEXIST { return false }
    throw FileError("rename", other)
  }

  package static func setMode(_ path: String, _ mode: UInt32) throws(FileError) {
    if chmod(path, mode) != 0 { throw FileError("set the permissions of", path) }
  }

  /// Sets the modification time, in nanoseconds since 1970; the access time stays.
  package static func setModified(_ path: String, _ modified: Int64) throws(FileError) {
    let (second, rest) = (modified / 1_000_000_000, modified % 1_000_000_000)
    let keep = timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2)  // UTIME_OMIT
    if utimensat(AT_FDCWD, path, [keep, timespec(tv_sec: Int(second), tv_nsec: Int(rest))], 0) != 0 {
      throw FileError("set the time of", path)
    }
  }

  /// Swaps what two paths of one file system name, in one step.
  package static func exchange(_ path: String, with other: String) throws(FileError) {
    try FaultPoint.pass("exchange", path)
    let number = cplatform_exchange(path, other)
    if number != 0 { throw FileError("exchange", path, number) }
  }

  /// Makes the entries of a folder durable.
  package static func syncFolder(_ path: String) throws(FileError) {
    try FaultPoint.pass("flush the folder", path)
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { throw FileError("open", path) }
    defer { close(descriptor) }
    // Some file systems refuse to flush folders; they have nothing to flush there.
    if fsync(descriptor) != 0, errno != EINVAL, errno != ENOTSUP { throw FileError("flush the folder", path) }
  }

  /// Where a symbolic link points, as written; nil where there is no link.
  package static func linkTarget(_ path: String) throws(FileError) -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = readlink(path, &buffer, buffer.count)
    if count < 0 {
      if errno == ENOENT || errno == EINVAL { return nil }
      throw FileError("read the link", path)
    }
    return String(decoding: buffer[..<count], as: UTF8.self)
  }

  package static func makeLink(_ path: String, to target: String) throws(FileError) {
    try FaultPoint.pass("make the link", path)
    if symlink(target, path) != 0 { throw FileError("make the link", path) }
  }

  /// The absolute path without links or dots; nil where nothing is there.
  package static func resolved(_ path: String) -> String? {
    guard let text = realpath(path, nil) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }

  package static func currentFolder() throws(FileError) -> String {
    guard let text = getcwd(nil, 0) else { throw FileError("find", ".") }
    defer { free(text) }
    return String(cString: text)
  }

  /// Free bytes on the file system of `path` for this user.
  package static func freeBytes(_ path: String) throws(FileError) -> UInt64 {
    var bytes: UInt64 = 0
    let number = cplatform_free_bytes(path, &bytes)
    if number != 0 { throw FileError("look at", path, number) }
    return bytes
  }

  /// `path` without its last part; nil for `/` and bare names.
  package static func parentFolder(of path: String) -> String? {
    guard let slash = path.lastIndex(of: "/") else { return nil }
    return slash == path.startIndex ? (path == "/" ? nil : "/") : String(path[..<slash])
  }

  package static func lastPart(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// `path` as seen from `folder`: itself when absolute.
  package static func join(_ folder: String, _ path: String) -> String {
    path.hasPrefix("/") ? path : folder == "." ? path : folder + "/" + path
  }
}
