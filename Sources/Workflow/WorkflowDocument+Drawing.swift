extension WorkflowDocument {
  /// The graph as a Mermaid flowchart. Arrows point from what is made to what reads it, dotted ones where a step only waits.
  package var mermaid: String {
    var lines = ["flowchart TD"]
    let numbers = self.numbers
    for step in steps { lines.append("  s\(numbers[step.name, default: 0])[\"\(step.name)<br/><i>\(step.kind)</i>\"]") }
    for arrow in arrows {
      let ends = (numbers[arrow.from, default: 0], numbers[arrow.to, default: 0])
      lines.append("  s\(ends.0) \(arrow.isWaiting ? "-.->" : "-->|\(arrow.label)|") s\(ends.1)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The graph in Graphviz's DOT language, with the same arrows.
  package var dot: String {
    var lines = ["digraph \"\(name)\" {", "  rankdir=TB;", "  node [shape=box, fontname=\"sans-serif\"];"]
    for step in steps { lines.append("  \"\(step.name)\" [label=\"\(step.name)\\n\(step.kind)\"];") }
    for arrow in arrows {
      let look = arrow.isWaiting ? "style=dotted" : "label=\"\(arrow.label)\""
      lines.append("  \"\(arrow.from)\" -> \"\(arrow.to)\" [\(look)];")
    }
    return (lines + ["}"]).joined(separator: "\n") + "\n"
  }

  private struct Arrow: Hashable {
    var from: String
    var to: String
    var label: String
    var isWaiting: Bool
  }

  /// In document order of the reading step, then of the step read.
  private var arrows: [Arrow] {
    let numbers = self.numbers
    return steps.flatMap { step in
      let read = Set(step.inputs.values.joined())
      let reading = read.map { reference in
        Arrow(
          from: reference.step, to: step.name, label: reference.output ?? reference.type.rawValue, isWaiting: false)
      }
      let waiting = step.after.filter { name in !read.contains { $0.step == name } }
        .map { Arrow(from: $0, to: step.name, label: "", isWaiting: true) }
      return (reading + waiting).sorted {
        (numbers[$0.from, default: 0], $0.label) < (numbers[$1.from, default: 0], $1.label)
      }
    }
  }

  private var numbers: [String: Int] {
    Dictionary(steps.enumerated().map { ($1.name, $0 + 1) }, uniquingKeysWith: { first, _ in first })
  }
}
