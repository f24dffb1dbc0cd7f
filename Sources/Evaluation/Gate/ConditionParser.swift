extension Condition {
  /// Reads a condition. `kind` is what the model answers with, where that is known: then metrics that cannot judge it
  /// are refused too. Throws the first problem.
  package init(parsing text: String, for kind: AnswerKind? = nil) throws(ConditionProblem) {
    var parser = ConditionParser(scanner: ConditionScanner(text), kind: kind)
    self = try parser.condition()
  }
}

private let exampleConditions = "write a condition such as 'accuracy >= 0.9' or 'log_loss <= champion.log_loss + 0.02'"

private struct ConditionParser {
  var scanner: ConditionScanner
  let kind: AnswerKind?

  mutating func condition() throws(ConditionProblem) -> Condition {
    scanner.skipSpace()
    let start = scanner.at
    guard let name = scanner.name() else { throw scanner.problemHere("expected a metric", help: [exampleConditions]) }
    if let fact = Condition.Fact(rawValue: name) { return try factCondition(fact) }
    if name == "champion" {
      throw scanner.problem(
        from: start, "a condition starts with a metric of the candidate", help: ["put the champion's on the right side"]
      )
    }
    let metric = try metric(name, from: start)
    let filters = try filters()
    let comparison = try comparison()
    var condition = Condition(subject: .metric(metric), filters: filters, comparison: comparison, constant: 0)
    try expression(into: &condition)
    condition.confidence = try confidence(comparison)
    try end()
    return condition
  }

  // MARK: Facts

  private mutating func factCondition(_ fact: Condition.Fact) throws(ConditionProblem) -> Condition {
    guard fact.isBoolean else {
      var condition = Condition(subject: .fact(fact), filters: [], comparison: try comparison(), constant: 0)
      let start = scanner.at
      try expression(into: &condition)
      if condition.isRelative {
        throw scanner.problem(
          from: start, "'\(fact.rawValue)' is held against numbers alone", help: ["write '\(fact.rawValue) <= 1e-6'"])
      }
      try end()
      return condition
    }
    scanner.skipSpace()
    guard scanner.take("==") else {
      throw scanner.problemHere("expected '=='", help: ["write '\(fact.rawValue) == true'"])
    }
    scanner.skipSpace()
    let constant: Double
    if scanner.take(word: "true") {
      constant = 1
    } else if scanner.take(word: "false") {
      constant = 0
    } else {
      throw scanner.problemHere("expected true or false", help: ["write '\(fact.rawValue) == true'"])
    }
    try end()
    return Condition(subject: .fact(fact), comparison: .equal, constant: constant)
  }

  // MARK: Metrics

  /// What follows the name of a metric: its class. Says so when there is no such metric or it cannot be had here.
  private mutating func metric(_ name: String, from start: Int) throws(ConditionProblem) -> MetricReference {
    guard let metric = MetricCatalogue.metric(named: name) else {
      let nearest = MetricCatalogue.nearest(to: name, for: kind, and: Condition.Fact.allCases.map(\.rawValue))
      throw scanner.problem(
        from: start, "unknown metric '\(name)'", help: [nearest.map { "did you mean '\($0)'?" } ?? namesOfMetrics])
    }
    if let kind, metric.kinds[kind] == nil {
      throw scanner.problem(
        from: start, "metric '\(name)' does not judge \(kind.rawValue) answers", help: [namesOfMetrics])
    }
    let className = try className(of: metric)
    let arguments = kind.map { [metric.kinds[$0] ?? .never] } ?? Array(metric.kinds.values)
    if className != nil, arguments.allSatisfy({ $0 == .never }) {
      throw scanner.problem(from: start, "metric '\(name)' takes no class", help: ["write '\(name)' alone"])
    }
    if className == nil, arguments.allSatisfy({ $0 == .required }) {
      let averages = ["macro_\(name)", "weighted_\(name)"].filter { MetricCatalogue.metric(named: $0) != nil }
      let alternatives = averages.map { ", or '\($0)'" }.joined()
      throw scanner.problem(
        from: start, "metric '\(name)' needs a class where there are more than two",
        help: ["write '\(name)(CLASS)'\(alternatives)"])
    }
    return MetricReference(metric: name, className: className)
  }

  private mutating func className(of metric: Metric) throws(ConditionProblem) -> String? {
    guard scanner.take("(") else { return nil }
    let className = try scanner.value(upTo: ")", called: "the name of a class")
    guard scanner.take(")") else { throw scanner.problemHere("expected ')' after the class") }
    return className
  }

  private var namesOfMetrics: String {
    let metrics = kind.map { MetricCatalogue.metrics(for: $0) } ?? MetricCatalogue.all
    let names = metrics.map(\.name).joined(separator: ", ")
    return kind.map { "metrics for \($0.rawValue) answers: \(names)" } ?? "metrics: \(names)"
  }

  // MARK: Slices

  private mutating func filters() throws(ConditionProblem) -> [Condition.Filter] {
    scanner.skipSpace()
    guard scanner.take(word: "on") else { return [] }
    var filters: [Condition.Filter] = []
    repeat {
      let column = try scanner.value(upTo: "= \t<>", called: "a column")
      guard scanner.take("=") else {
        throw scanner.problemHere("expected '=' after the column", help: ["write on \(column)=\"VALUE\""])
      }
      if scanner.take("=") {
        throw scanner.problem(from: scanner.at - 2, "expected one '='", help: ["write on \(column)=\"VALUE\""])
      }
      filters.append(Condition.Filter(column: column, value: try scanner.value(upTo: " \t<>=", called: "a value")))
      scanner.skipSpace()
    } while scanner.take(word: "and")
    return filters
  }

  // MARK: Comparison

  private mutating func comparison() throws(ConditionProblem) -> Condition.Comparison {
    scanner.skipSpace()
    // The two-byte ones first, so that '>' does not take the first half of '>='.
    for comparison in Condition.Comparison.allCases where scanner.take(comparison.rawValue) { return comparison }
    let start = scanner.at
    for (typed, meant) in [("=>", ">="), ("=<", "<=")] where scanner.take(typed) {
      throw scanner.problem(from: start, "unknown comparison '\(typed)'", help: ["did you mean '\(meant)'?"])
    }
    if scanner.take("=") { throw scanner.problem(from: scanner.at - 1, "unknown comparison '='", help: ["use '=='"]) }
    throw scanner.problemHere("expected one of >= <= > < ==")
  }

  // MARK: Expression

  private mutating func expression(into condition: inout Condition) throws(ConditionProblem) {
    var sign = scanner.take("-") ? -1.0 : 1.0
    while true {
      try term(sign, into: &condition)
      if scanner.take("+") {
        sign = 1
      } else if scanner.take("-") {
        sign = -1
      } else {
        return
      }
    }
  }

  /// `number [%]`, `[number *] champion.metric` or `champion.metric * number`.
  private mutating func term(_ sign: Double, into condition: inout Condition) throws(ConditionProblem) {
    scanner.skipSpace()
    if let number = try factor() {
      guard scanner.take("*") else {
        condition.constant += sign * number
        return
      }
      let metric = try championMetric()
      condition.championTerms.append(Condition.ChampionTerm(factor: sign * number, metric: metric))
      return
    }
    let metric = try championMetric()
    var number = 1.0
    if scanner.take("*") {
      scanner.skipSpace()
      guard let factor = try factor() else { throw scanner.problemHere("expected a number after '*'") }
      number = factor
    }
    condition.championTerms.append(Condition.ChampionTerm(factor: sign * number, metric: metric))
  }

  /// A number or a percentage; nil where none comes next.
  private mutating func factor() throws(ConditionProblem) -> Double? {
    let start = scanner.at
    guard let number = scanner.number() else { return nil }
    if !number.isFinite { throw scanner.problem(from: start, "the number is too large") }
    return scanner.take("%") ? number / 100 : number
  }

  private mutating func championMetric() throws(ConditionProblem) -> MetricReference {
    scanner.skipSpace()
    let start = scanner.at
    let help = [
      "the right side may hold numbers, percentages and metrics of the champion, as in champion.log_loss + 0.02"
    ]
    guard scanner.take("champion.") else {
      let problem = scanner.problemHere("expected a number or a metric of the champion", help: help)
      guard let name = scanner.name(), MetricCatalogue.metric(named: name) != nil else { throw problem }
      throw scanner.problem(
        from: start, "a metric on the right side belongs to the champion", help: ["write 'champion.\(name)'"])
    }
    let nameStart = scanner.at
    guard let name = scanner.name() else {
      throw scanner.problem(from: start, "expected a metric of the champion", help: ["write 'champion.METRIC'"])
    }
    return try metric(name, from: nameStart)
  }

  // MARK: Confidence

  private mutating func confidence(_ comparison: Condition.Comparison) throws(ConditionProblem) -> Double? {
    scanner.skipSpace()
    let start = scanner.at
    guard scanner.take(word: "with") else { return nil }
    scanner.skipSpace()
    let numberStart = scanner.at
    let help = ["write 'with 95% confidence'"]
    guard let number = scanner.number(), scanner.take("%") else {
      throw scanner.problemHere("expected a percentage after 'with'", help: help)
    }
    guard number > 50, number < 100 else {
      throw scanner.problem(from: numberStart, "a confidence lies between 50% and 100%", help: help)
    }
    scanner.skipSpace()
    guard scanner.take(word: "confidence") else { throw scanner.problemHere("expected 'confidence'", help: help) }
    if comparison == .equal {
      throw scanner.problem(from: start, "'==' cannot be held with a confidence", help: ["use >= or <="])
    }
    return number / 100
  }

  private mutating func end() throws(ConditionProblem) {
    scanner.skipSpace()
    if scanner.isAtEnd { return }
    throw scanner.problemHere("unexpected text after the condition")
  }
}
