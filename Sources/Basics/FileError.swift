package import Diagnostics
import Glibc

/// A refusal of the file system: what was tried, on which path, and the system's reason.
package struct FileError: Diagnosable, Hashable {
  /// What was tried, as a verb: `open`, `write`, `rename`.
  package var operation: String
  package var path: String
  /// The `errno`.
  package var number: Int32

  package init(_ operation: String, _ path: String, _ number: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.number = number
  }

  package var isMissing: Bool { number == ENOENT || number == ENOTDIR }

  package var failure: Failure { isMissing ? .badInput : .inputOutput }

  package var diagnostics: [Diagnostic] {
    [.error("file-system", "cannot \(operation) '\(path)': \(reason)", help: remedy.map { [$0] } ?? [])]
  }

  private var reason: String {
    switch number {
    case ENOENT: "there is no such file or folder"
    case ENOSPC: "the disk is full"
    case EDQUOT: "the disk quota is used up"
    case EFBIG: "the file would be larger than the limit for files allows"
    case EACCES, EPERM: "permission denied"
    case EROFS: "the file system is read-only"
    case EISDIR: "it is a folder"
    case ENOTDIR: "a part of the path is not a folder"
    case EMFILE, ENFILE: "too many open files"
    default: String(cString: strerror(number)).lowercased()
    }
  }

  private var remedy: String? {
    switch number {
    case ENOSPC, EDQUOT: "free some space, for example with 'mlflowctl store gc', and run the same command again"
    case EFBIG: "raise the limit (ulimit -f) and run the same command again"
    case EACCES, EPERM: "give this user access to the path, or choose another workspace with -C"
    case EROFS: "mount it writable, or choose another workspace with -C"
    case EIO: "check the disk, its free space (df) and the limit for files (ulimit -f)"
    case EMFILE, ENFILE: "raise the limit (ulimit -n) and run the same command again"
    default: nil
    }
  }
}
