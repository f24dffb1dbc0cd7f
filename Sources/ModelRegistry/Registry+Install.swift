import Basics
import ObjectStore

extension Registry {
  /// Makes the folder of a version complete, its content just hashed, and gives its path. A folder that is sound stays; a
  /// damaged one is replaced in one step, keeping the files about the model. The lock of the model is held.
  func install(
    _ digest: Digest, in serving: ServingFolder, _ files: () throws -> [String: [UInt8]], _ cancellation: Cancellation
  ) throws -> String {
    let folder = serving.folder(of: digest)
    if try serving.isSound(digest, cancellation: cancellation) { return folder }
    let replaced = Files.exists(folder)
    let beside = try (replaced ? filesBeside(folder) : [:]).merging(files()) { _, new in new }

    let staging = "\(serving.versionsFolder)/.staging-\(uniqueSuffix())"
    do {
      try fill(staging, digest, beside, cancellation)
      if replaced {
        try Files.exchange(staging, with: folder)
        try Files.syncFolder(serving.versionsFolder)
        try Files.removeTree(staging)
      } else {
        try Files.rename(staging, to: folder)
        try Files.syncFolder(serving.versionsFolder)
      }
    } catch {
      try? Files.removeTree(staging)
      throw error
    }
    return folder
  }

  private func fill(
    _ staging: String, _ digest: Digest, _ beside: [String: [UInt8]], _ cancellation: Cancellation
  ) throws {
    try store.materialise(try store.tree(digest), into: staging, cancellation: cancellation)
    for (name, bytes) in beside.sorted(by: { $0.key < $1.key }) where isModelName(name) {
      if ModelVersion.files.contains(name) { continue }
      let file = try FileHandle(creating: staging + "/" + name)
      try file.write(bytes)
    }
    for name in try Files.list(staging) {
      let file = try FileHandle(reading: staging + "/" + name)
      try Files.setMode(file.path, 0o444)
      try file.sync()
    }
    guard try ServingFolder.digest(ofModelIn: staging, cancellation: cancellation) == digest else {
      throw RegistryError.deploymentDamaged(path: staging)
    }
    try Files.setMode(staging, 0o555)
    try Files.syncFolder(staging)
  }

  /// What lies beside the model in a folder that is replaced. What cannot be read is left out.
  private func filesBeside(_ folder: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try Files.list(folder) where !ModelVersion.files.contains(name) {
      if let bytes = try? Files.read(folder + "/" + name) { files[name] = bytes }
    }
    return files
  }
}
