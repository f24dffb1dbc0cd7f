package import Diagnostics

/// What kinds say of a path with nothing there, as written and as resolved.
package func missingFileDiagnostic(written: String, resolved: String, place: Place) -> Diagnostic {
  .error(
    "missing-file", "cannot find \(quoted(written))", at: place,
    help: ["paths are relative to the workspace"], notes: [.init("it was resolved to '\(resolved)'")])
}
