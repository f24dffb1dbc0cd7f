package import Basics

extension Store {
  /// Keeps the files of a folder, in all its depth, as a tree artifact. Empty folders are not kept; links and other things
  /// are refused with `StoreError.notForTree`. The folder stays as it is.
  package func putTree(folder: String, cancellation: Cancellation = Cancellation()) throws -> Tree {
    var entries: [Tree.Entry] = []
    try gather(folder, "", into: &entries, cancellation)
    return try putTree(entries)
  }

  /// Keeps a tree whose files are in the store already.
  package func putTree(_ entries: [Tree.Entry]) throws -> Tree {
    guard let tree = Tree(entries) else {
      throw StoreError.notForTree(path: entries.map(\.path).joined(separator: ", "), what: "no sound set of paths")
    }
    _ = try put(tree.bytes)
    return tree
  }

  private func gather(
    _ folder: String, _ path: String, into entries: inout [Tree.Entry], _ cancellation: Cancellation
  ) throws {
    for name in try Files.list(folder) {
      let source = folder + "/" + name
      let inner = path.isEmpty ? name : path + "/" + name
      guard let status = try Files.status(source, followLinks: false) else { continue }
      switch status.kind {
      case .folder: try gather(source, inner, into: &entries, cancellation)
      case .file:
        let digest = try put(copyOf: source, cancellation: cancellation)
        let size = try backend.stamp(of: digest)?.size ?? status.size
        entries.append(Tree.Entry(path: inner, digest: digest, size: size, isExecutable: status.mode & 0o100 != 0))
      case .link: throw StoreError.notForTree(path: source, what: "a link")
      case .other: throw StoreError.notForTree(path: source, what: "neither a file nor a folder")
      }
    }
  }

  /// The manifest of a tree artifact, its content checked. Throws `StoreError`.
  package func tree(_ digest: Digest) throws -> Tree {
    guard let tree = Tree(bytes: try read(digest)) else { throw StoreError.malformed(digest, expected: "a tree") }
    return tree
  }

  /// Copies the files of a tree into `folder`, which is made, hashing each: a damaged one is refused, and removed from the
  /// store. Nothing is flushed. On failure the folder may hold a part.
  package func materialise(_ tree: Tree, into folder: String, cancellation: Cancellation = Cancellation()) throws {
    try Files.makeFolder(folder)
    for entry in tree.entries {
      let target = folder + "/" + entry.path
      if let parent = Files.parentFolder(of: target) { try Files.makeFolder(parent) }
      let source = try verifiedPath(of: entry.digest, cancellation: cancellation)
      try copy(source, to: target, mode: entry.isExecutable ? 0o755 : 0o644, cancellation)
    }
  }

  /// Hashes the manifest and every file of a tree again. Throws `StoreError.missing` or `.damaged` for the first fault.
  package func verify(_ digest: Digest, cancellation: Cancellation = Cancellation()) throws {
    for entry in try tree(digest).entries { _ = try verifiedPath(of: entry.digest, cancellation: cancellation) }
  }

  private func copy(_ source: String, to target: String, mode: UInt32, _ cancellation: Cancellation) throws {
    let input = try FileHandle(reading: source)
    let output = try FileHandle(creating: target)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      try cancellation.check()
      let count = try input.read(into: buffer)
      if count == 0 { break }
      try output.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    try Files.setMode(target, mode)
  }
}
