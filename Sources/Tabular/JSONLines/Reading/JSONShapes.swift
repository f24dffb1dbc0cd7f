import CParsing

/// How the lines of a file are built, as far as lines showed: what stood between one value and the next. A line whose
/// literals all stood so before is taken apart by a kernel, which compares and steps.
///
/// A state is a key's entry, or the start of a line. Objects that are open at an entry follow from the entry, so that what
/// followed it in one line may follow it in any.
struct JSONShapes {
  private var edges = [parsing_json_edge](repeating: parsing_json_edge(), count: JSONShapes.edgesPerState)
  private var literals: [UInt8] = []
  private var columns: [Int32] = [-1]
  /// The state of each entry; 0 where there is none.
  private var states: [Int32] = []
  private var replaced = 0
  private let columnCount: Int

  private static let edgesPerState = Int(PARSING_JSON_EDGES)
  /// Bytes of literals that are kept.
  private static let mostBytes = 1 << 20

  init(columnCount: Int) { self.columnCount = columnCount }

  /// A value of a line.
  struct Value {
    var entry: Int32
    var column: Int32
    var start: UnsafePointer<UInt8>
    var end: UnsafePointer<UInt8>
  }

  /// Keeps what stands before, between and behind the values of a line, which is right.
  mutating func learn(_ values: [Value], line: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>) {
    var state = 0
    var at = line
    for value in values {
      let next = self.state(of: value)
      add(UnsafeBufferPointer(start: at, count: value.start - at), from: state, to: next)
      (state, at) = (Int(next), value.end)
    }
    add(UnsafeBufferPointer(start: at, count: end - at), from: state, to: 0)
  }

  private mutating func state(of value: Value) -> Int32 {
    while states.count <= Int(value.entry) { states.append(0) }
    if states[Int(value.entry)] == 0 {
      states[Int(value.entry)] = Int32(columns.count)
      columns.append(value.column)
      edges += [parsing_json_edge](repeating: parsing_json_edge(), count: Self.edgesPerState)
    }
    return states[Int(value.entry)]
  }

  private mutating func add(_ literal: UnsafeBufferPointer<UInt8>, from state: Int, to next: Int32) {
    var slot = state * Self.edgesPerState
    let last = slot + Self.edgesPerState
    while slot < last, edges[slot].length > 0 {
      let start = Int(edges[slot].literal)
      if edges[slot].next == next, literals[start..<start + Int(edges[slot].length)].elementsEqual(literal) { return }
      slot += 1
    }
    if literal.isEmpty || literals.count + literal.count > Self.mostBytes { return }
    if slot == last {
      slot -= 1 + replaced % Self.edgesPerState
      replaced += 1
    }
    edges[slot] = parsing_json_edge(literal: UInt32(literals.count), length: UInt32(literal.count), next: next)
    literals += literal
    while literals.count % 8 != 0 { literals.append(0) }
  }

  /// Takes rows apart; see `parsing_json_rows`.
  func takeRows(
    _ text: UnsafePointer<UInt8>, count: Int, from offset: Int, limit: Int, _ found: inout parsing_json_rows_found
  ) -> Int {
    edges.withUnsafeBufferPointer { edges in
      literals.withUnsafeBufferPointer { literals in
        columns.withUnsafeBufferPointer { columns in
          var shapes = parsing_json_shapes(
            edges: edges.baseAddress, literals: literals.baseAddress, columns: columns.baseAddress,
            column_count: Int64(columnCount))
          return Int(parsing_json_rows(text, Int64(count), Int64(offset), &shapes, Int64(limit), &found))
        }
      }
    }
  }
}
