import Basics

extension MetricReference {
  /// `recall(Chinstrap)`, `recall("not spam")`: the class is quoted unless it is made of ASCII letters, digits, `_`, `-`
  /// and `.`.
  package var text: String {
    guard let className else { return metric }
    return "\(metric)(\(isPlainWord(className) ? className : quoted(className)))"
  }
}

extension Condition {
  /// The one text of this condition; parsing it gives the condition again.
  package var text: String {
    var words: [String] = []
    switch subject {
    case .metric(let reference): words.append(reference.text)
    case .fact(let fact): words.append(fact.rawValue)
    }
    for (index, filter) in filters.enumerated() {
      let column = isPlainWord(filter.column) ? filter.column : quoted(filter.column)
      words += [index == 0 ? "on" : "and", "\(column)=\(quoted(filter.value))"]
    }
    words += [comparison.rawValue, expression]
    if let confidence { words.append("with \(percentText(confidence)) confidence") }
    return words.joined(separator: " ")
  }

  private var expression: String {
    if case .fact(let fact) = subject, fact.isBoolean { return constant == 1 ? "true" : "false" }
    var out = ""
    for (index, term) in championTerms.enumerated() {
      let size = abs(term.factor) == 1 ? "" : "\(ecmaScriptText(abs(term.factor))) * "
      let sign = index == 0 ? (term.factor < 0 ? "-" : "") : (term.factor < 0 ? " - " : " + ")
      out += "\(sign)\(size)champion.\(term.metric.text)"
    }
    if championTerms.isEmpty { return ecmaScriptText(constant) }
    if constant != 0 { out += (constant < 0 ? " - " : " + ") + ecmaScriptText(abs(constant)) }
    return out
  }
}

/// `0.95` as `95%`. A share that came from a percentage is printed as it was written.
func percentText(_ share: Double) -> String {
  let percent = share * 100
  let nearest = (percent * 1e9).rounded() / 1e9
  return ecmaScriptText(nearest / 100 == share ? nearest : percent) + "%"
}

private func isPlainWord(_ text: String) -> Bool {
  !text.isEmpty && text.utf8.allSatisfy(isWordByte)
}

private func quoted(_ text: String) -> String {
  let escaped = text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
  return "\"" + String(escaped) + "\""
}

/// ASCII letters, digits, `_`, `-` and `.`.
func isWordByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"),
    UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
    true
  default: false
  }
}
