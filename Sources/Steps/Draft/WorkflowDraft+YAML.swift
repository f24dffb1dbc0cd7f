import Basics
import DataValidation
import Tabular

extension WorkflowDraft {
  /// The workflow, with `bounds` as its gate; without a gate where there are none. `isWorthReleasing` is false when a first
  /// fit told no more than chance: then nothing is released until a person decides so.
  package func yaml(bounds: [Bound], isWorthReleasing: Bool = true) -> String {
    let classes = isClassifier ? ", \(distinct(roles.target, limit: 51)) classes" : ""
    var lines = [
      "# Written by 'mlflowctl init' from \(source): \(table.rowCount) rows, \(table.schema.fields.count) columns.",
      "# Every line is a suggestion: read it, change it, then run 'mlflowctl train' on this file.",
      "workflow: \(name)", "seed: 1", "", "steps:", "  data:", "    ingest:", "      source: \(yamlScalar(source))",
      "      # The column to tell: \(roles.reason) (\(roles.target.type.rawValue)\(classes)).",
    ]
    if !roles.candidates.isEmpty {
      let shown = roles.candidates.prefix(5).map { $0.replacing("\n", with: " ") }.joined(separator: ", ")
      lines.append("      # Others that could be told: \(shown)\(roles.candidates.count > 5 ? ", …" : "").")
    }
    lines.append("      target: \(yamlScalar(roles.target.name))")
    if roles.target.missingCount > 0 {
      lines += [
        "      # It is missing in \(roles.target.missingCount) rows, which are left out. Say 'fail' to stop instead.",
        "      missing_target: drop",
      ]
    }
    lines += readingLines
    if !missing.isEmpty {
      lines += [
        "      # Texts in the file that look like missing values.",
        "      missing: [" + missing.map(yamlScalar).joined(separator: ", ") + "]",
      ]
    }
    lines += ["", "  quality:", "    validate:"]
    lines += [
      "      # A file that lost half of its rows is more likely broken than true.",
      "      rows: { min: \(max(1, table.rowCount / 2)) }",
    ]
    lines += columnRules + leakageRule
    lines += ["", "  parts:", "    split:"] + splitLines
    lines += ["", "  model:", "    train:"] + objectiveLines + featureLines
    lines += [
      "      # The penalty is chosen by cross-validation.", "      penalty: { l2: tune }",
    ]
    if let group = roles.group { lines.append("      tune: { by: { group: \(yamlScalar(group)) } }") }
    lines += ["", "  scores:", "    evaluate: {}"]
    if !bounds.isEmpty {
      lines += ["", "  bar:", "    gate:", "      require:"]
      for bound in bounds { lines += ["        # \(bound.reason)", "        - \(bound.condition)"] }
    }
    lines.append("")
    if isWorthReleasing {
      if !suspects.isEmpty {
        lines.append("  # Look at \(listed(suspects)) before you rely on this: it alone tells the target.")
      }
      lines += ["  release:", "    deploy: { model: \(name), channel: production }", ""]
    } else {
      lines += [
        "  # A first fit told no more than chance does, so nothing is released. With better columns or another target:",
        "  # release:", "  #   deploy: { model: \(name), channel: production }", "",
      ]
    }
    return lines.joined(separator: "\n")
  }

  /// How the source is read.
  private var readingLines: [String] {
    let lines = (["table", "query"] + csvSettingNames).compactMap { name -> String? in
      guard let value = reading[name] else { return nil }
      let text = value.stringValue.map { ["tab", "space", "none"].contains($0) ? $0 : JSON.string($0).canonical }
      return "      \(name): \(text ?? value.canonical)"
    }
    return lines.isEmpty ? [] : ["      # How it is read, so that new data is read in the same way."] + lines
  }

  /// What the columns are like now, with room, so that a changed file is noticed before it is trained on.
  private var columnRules: [String] {
    ["      # What the columns are like now, with room for what may come.", "      columns:"]
      + suggested.columnLines.map { "        " + $0 }
  }

  private var leakageRule: [String] {
    guard roles.target.type != .sparse else { return [] }
    guard roles.isFreeOfLeaks else {
      let names = listed((roles.leaks + roles.keptLeaks).map(\.name))
      return ["      # No rule about 'leakage': it would refuse \(names), of which more stands below."]
    }
    return [
      "      # A column that alone tells the target nearly without fault was mostly written down after it.",
      "      leakage: 0.999",
    ]
  }

  private var objectiveLines: [String] {
    let reason =
      switch objective {
      case "poisson": "The target is a count: none is negative, and the spread grows with the mean."
      case "linear": "The target is a number."
      case "logistic": "The target has two classes."
      default: "The target has more than two classes."
      }
    return ["      # \(reason)", "      objective: \(objective)"]
  }

  var isClassifier: Bool { objective == "logistic" || objective == "multinomial" }

  private var splitLines: [String] {
    if let time = roles.time {
      return [
        "      # The newest quarter is held out: the future is what the model will be asked about.",
        "      test: 25%", "      time: \(yamlScalar(time))",
      ]
    }
    if let group = roles.group {
      return [
        "      # A quarter is held out; rows of one \(listed([group])) stay together, or they would be known already.",
        "      test: 25%", "      group: \(yamlScalar(group))",
      ]
    }
    if !isClassifier { return ["      # A random quarter is held out.", "      test: 25%"] }
    return [
      "      # A random quarter is held out, with the same shares of the classes.", "      test: 25%",
      "      stratify: \(yamlScalar(roles.target.name))",
    ]
  }

  private var featureLines: [String] {
    var lines: [String] = []
    var dropped = roles.identifiers
    if !roles.identifiers.isEmpty {
      lines.append("        # They say which row it is, not what it is like: \(listed(roles.identifiers)).")
    }
    if let group = roles.group {
      lines.append("        # It says whose row it is, not what it is like: \(listed([group])).")
      dropped.append(group)
    }
    for leak in roles.leaks { lines.append("        # \(words(leak)): most likely it is known only afterwards.") }
    dropped += roles.leaks.map(\.name)
    if !dropped.isEmpty { lines.append("        drop: [\(dropped.map(yamlScalar).joined(separator: ", "))]") }
    for leak in roles.keptLeaks {
      lines.append("        # \(words(leak)). There is nothing else to learn from; is it known before?")
    }
    if !roles.prose.isEmpty {
      lines += [
        "        # There is nothing but text to learn from (\(listed(roles.prose))): its words are hashed.",
        "        text: { encode: hash, buckets: 4096 }",
      ]
    }
    if lines.isEmpty { return [] }
    // A map of comments alone would be none.
    return lines.contains { !$0.hasPrefix("        #") }
      ? ["      features:"] + lines : lines.map { String($0.dropFirst(2)) }
  }

  private func words(_ leak: ColumnRoles.Leak) -> String {
    let amount = ecmaScriptText((abs(leak.association.value) * 1000).rounded() / 1000)
    let means = leak.isByPresence ? " by being there or missing" : ""
    return "\(listed([leak.name])) alone tells the target\(means) (\(leak.association.statistic.words) \(amount))"
  }

  /// Names in a comment: of one line, and not too many.
  private func listed(_ names: [String]) -> String {
    names.prefix(5).map { $0.replacing(/[\p{C}\n]/, with: " ") }.joined(separator: ", ")
      + (names.count > 5 ? ", …" : "")
  }
}
