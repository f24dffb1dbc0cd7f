import Basics
import Diagnostics
import Execution
import Glibc

/// The value behind `${secret:NAME}`: the environment variable NAME, or the file NAME in the folder that
/// `MLFLOWCTL_SECRETS` names, without its last newline. Looked up at the last moment; it must not be kept, shown or logged.
///
/// Throws `SettingProblem` for the setting at `path` where there is none.
func secretValue(_ name: String, at path: [String]) throws -> String {
  if let value = getenv(name) { return String(cString: value) }
  if let folder = getenv("MLFLOWCTL_SECRETS") {
    let path = String(cString: folder) + "/" + name
    if Files.exists(path) {
      let text = String(decoding: try Files.read(path), as: UTF8.self)
      return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
  }
  throw SettingProblem(
    path,
    .error(
      "unset-secret", "secret '\(name)' is not set",
      help: [
        "set the environment variable \(name), or put a file of that name into the folder MLFLOWCTL_SECRETS names"
      ]))
}
