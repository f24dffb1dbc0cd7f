/// Replaces every `${secret:NAME}` in a text of shape `secret` by what `value` gives for NAME; what it throws is thrown.
///
/// Called by a runner at the last moment: the result must not be kept, shown or logged.
package func expandSecrets(_ text: String, _ value: (String) throws -> String) rethrows -> String {
  var result = ""
  var rest = text[...]
  let opening = "${secret:"
  while let start = rest.firstRange(of: opening), let end = rest[start.upperBound...].firstIndex(of: "}") {
    result += rest[..<start.lowerBound]
    result += try value(String(rest[start.upperBound..<end]))
    rest = rest[rest.index(after: end)...]
  }
  return result + rest
}
