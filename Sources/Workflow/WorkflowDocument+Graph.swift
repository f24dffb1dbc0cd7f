extension WorkflowDocument {
  /// The steps that must be done before a step: those it reads and those it waits for, in document order.
  package func dependencies(of step: String) -> [String] {
    guard let step = self.step(named: step) else { return [] }
    let names = Set(step.inputs.values.joined().map(\.step) + step.after)
    return steps.map(\.name).filter(names.contains)
  }

  /// Every step whose artifacts went into what a step makes, through however many steps, in document order, the step itself
  /// left out.
  package func lineage(of step: String) -> [String] {
    let index = indices
    var found: Set<String> = []
    var waiting = [step]
    while let name = waiting.popLast() {
      guard let position = index[name] else { continue }
      for reference in steps[position].inputs.values.joined() where found.insert(reference.step).inserted {
        waiting.append(reference.step)
      }
    }
    found.remove(step)
    return steps.map(\.name).filter(found.contains)
  }

  /// All steps, each after everything it depends on; among those that could come next, the first in the document does.
  package var executionOrder: [StepSpec] {
    let edges = self.edges
    var isDone = [Bool](repeating: false, count: steps.count)
    var order: [StepSpec] = []
    while let next = steps.indices.first(where: { index in !isDone[index] && edges[index].allSatisfy { isDone[$0] } }) {
      isDone[next] = true
      order.append(steps[next])
    }
    return order
  }

  /// Circles of steps that wait for each other, each from its first step in the document on, no step in two of them.
  func circles() -> [[String]] {
    let edges = self.edges
    var isDone = [Bool](repeating: false, count: steps.count)
    var circles: [[String]] = []
    var path: [Int] = []
    func visit(_ index: Int) {
      if isDone[index] { return }
      if let start = path.firstIndex(of: index) {
        let circle = Array(path[start...])
        let first = circle.indices.min { circle[$0] < circle[$1] } ?? 0
        circles.append((circle[first...] + circle[..<first]).map { steps[$0].name })
        for member in circle { isDone[member] = true }
        return
      }
      path.append(index)
      for next in edges[index] { visit(next) }
      path.removeLast()
      isDone[index] = true
    }
    for index in steps.indices { visit(index) }
    return circles.sorted { (indices[$0[0]] ?? 0) < (indices[$1[0]] ?? 0) }
  }

  private var indices: [String: Int] {
    Dictionary(steps.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// For each step the positions of those it depends on, ascending.
  private var edges: [[Int]] {
    let index = indices
    return steps.map { step in
      Set((step.inputs.values.joined().map(\.step) + step.after).compactMap { index[$0] }).sorted()
    }
  }
}
