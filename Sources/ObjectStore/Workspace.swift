package import Basics

/// The folder a user works in, and where the store lives inside it.
///
/// ```
/// root/.mlflowctl/objects/9f/3c21…   content-addressed, read-only
/// root/.mlflowctl/tmp/               staging on the same file system
/// root/.mlflowctl/locks/             advisory locks, which end with their process
/// root/.mlflowctl/index.sqlite       rebuildable from the objects
/// root/models/                       the serving directory
/// ```
package struct Workspace: Sendable, Hashable {
  /// Absolute, without links or dots.
  package let root: String

  /// The workspace in `folder`, which must be there. Throws `FileError`.
  package init(_ folder: String) throws(FileError) {
    guard let root = Files.resolved(folder) else { throw FileError("open", folder) }
    self.root = root
  }

  package var storeFolder: String { Files.join(root == "/" ? "" : root, ".mlflowctl") }
  package var objectsFolder: String { storeFolder + "/objects" }
  package var temporaryFolder: String { storeFolder + "/tmp" }
  package var locksFolder: String { storeFolder + "/locks" }
  package var indexPath: String { storeFolder + "/index.sqlite" }
  package var modelsFolder: String { (root == "/" ? "" : root) + "/models" }

  /// The workspace of `folder`: itself or the nearest folder above it that holds `.mlflowctl/` or `workflows/`; nil where
  /// there is none. Throws `FileError` where `folder` is not there.
  package static func find(from folder: String) throws(FileError) -> Workspace? {
    let start = try Workspace(folder)
    var candidate: String? = start.root
    while let path = candidate {
      for mark in [".mlflowctl", "workflows"]
      where try Files.status(Files.join(path == "/" ? "" : path, mark))?.kind == .folder {
        return try Workspace(path)
      }
      candidate = Files.parentFolder(of: path)
    }
    return nil
  }

  /// `path` as seen from the root: absolute paths stay as they are.
  package func absolute(_ path: String) -> String { Files.join(root, path) }

  /// Makes the folders of the store where they are missing; it keeps itself out of version control.
  package func prepare() throws(FileError) {
    if try Files.status(objectsFolder)?.kind == .folder, try Files.status(locksFolder)?.kind == .folder,
      try Files.status(temporaryFolder)?.kind == .folder
    {
      return
    }
    for folder in [temporaryFolder, locksFolder, objectsFolder] { try Files.makeFolder(folder) }
    let ignore = storeFolder + "/.gitignore"
    if !Files.exists(ignore) {
      do { try durableWrite(ignore, bytes: Array("*\n".utf8)) } catch let error as FileError { throw error } catch {}
    }
  }
}
