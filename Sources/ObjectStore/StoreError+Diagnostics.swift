import Basics
package import Diagnostics
import GRDB
import Glibc

extension StoreError: Diagnosable {
  package var failure: Failure {
    switch self {
    case .unknown, .ambiguous, .notADigest, .unknownRun, .ambiguousRun: .usage
    case .missing, .damaged, .malformed, .collectionUnsafe: .answerIsNo
    case .notForTree: .badInput
    case .indexNewer: .unavailable
    case .indexBusy: .busy
    case .index: .inputOutput
    }
  }

  package var diagnostics: [Diagnostic] {
    switch self {
    case .unknown(let prefix):
      [.error("unknown-digest", "nothing in the store begins with '\(prefix)'", help: ["'mlflowctl runs show' lists the artifacts of a run"])]
    case .ambiguous(let prefix, let candidates):
      [
        .error(
          "ambiguous-digest", "'\(prefix)' could be \(candidates.count) things",
          help: ["write more digits"], notes: candidates.prefix(5).map { .init($0.hex) })
      ]
    case .notADigest(let text):
      [.error("not-a-digest", "'\(text)' is not the beginning of a digest", help: ["a digest is made of the digits 0-9 and a-f"])]
    case .missing(let digest):
      [
        .error(
          "object-missing", "object \(digest.short)… is not in the store",
          help: ["run the workflow again: 'mlflowctl train' makes what is missing"])
      ]
    case .damaged(let digest):
      [
        .error(
          "object-damaged", "object \(digest.short)… is damaged: its content does not have its digest",
          help: ["run the workflow again: 'mlflowctl train' makes it anew", "'mlflowctl store verify' looks for more"])
      ]
    case .malformed(let digest, let expected):
      [.error("object-malformed", "object \(digest.short)… is not \(expected)")]
    case .unknownRun(let prefix):
      [.error("unknown-run", "no run begins with '\(prefix)'", help: ["'mlflowctl runs list' shows them"])]
    case .ambiguousRun(let prefix, let candidates):
      [
        .error(
          "ambiguous-run", "'\(prefix)' could be \(candidates.count) runs", help: ["write more digits"],
          notes: candidates.prefix(5).map { .init($0) })
      ]
    case .notForTree(let path, let what):
      [.error("not-for-tree", "'\(path)' is \(what), which an artifact cannot hold", help: ["leave only files and folders there"])]
    case .collectionUnsafe(let digests):
      [
        .error(
          "collection-unsafe", "nothing was collected: \(digests.count) damaged records may keep objects alive",
          help: ["'mlflowctl store verify' names them"], notes: digests.prefix(5).map { .init($0.hex) })
      ]
    case .indexNewer(let path):
      [
        .error(
          "index-newer", "'\(path)' was written by a newer mlflowctl",
          help: ["use that version, or remove the file: it is made anew from the objects"])
      ]
    case .indexBusy(let path):
      [.error("index-busy", "another process keeps '\(path)' locked", help: ["try again when it has finished"])]
    case .index(let path, let message):
      [
        .error(
          "index-failed", "cannot use '\(path)': \(message)",
          help: ["'mlflowctl store reindex' makes it anew from the objects"])
      ]
    }
  }
}

/// The file is not a sound database any more.
func isDamage(_ error: DatabaseError) -> Bool {
  switch error.resultCode {
  case .SQLITE_CORRUPT, .SQLITE_NOTADB: true
  // A missing table or column: not the tables of its version.
  case .SQLITE_ERROR: error.message?.hasPrefix("no such") == true
  default: error.extendedResultCode == .SQLITE_IOERR_SHORT_READ
  }
}

/// What SQLite refused, in the words of the house: trouble with the file system is a `FileError`.
func storeError(_ error: DatabaseError, path: String) -> any Error {
  switch error.resultCode {
  case .SQLITE_FULL: FileError("write", path, ENOSPC)
  case .SQLITE_READONLY: FileError("write", path, access(path, W_OK) != 0 && errno == EROFS ? EROFS : EACCES)
  case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: FileError("open", path, EACCES)
  case .SQLITE_IOERR: FileError("write", path, EIO)
  case .SQLITE_BUSY, .SQLITE_LOCKED: StoreError.indexBusy(path: path)
  default: StoreError.index(path: path, message: (error.message ?? error.resultCode.description).lowercased())
  }
}
