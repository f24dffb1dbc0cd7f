/// Why a stored table or its description cannot be used.
package enum TableError: Error, Sendable, Hashable {
  /// JSON that should describe columns does not.
  case malformedSchema
  /// A file that should be an Arrow IPC file written here is not: its path and what is wrong.
  case damagedFile(String, String)
}
