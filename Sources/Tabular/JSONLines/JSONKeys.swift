import Glibc

/// The keys seen in a piece of a file: which there are in which object, and which one followed which, so that a key that
/// comes where it came before is compared and not looked up.
///
/// Nodes are objects, 0 the row itself; entries are keys in one node. Filled and read by one thread.
struct JSONKeys: ~Copyable {
  struct Entry {
    /// The key as it stands in the text, with both quotes.
    var quoted: UnsafePointer<UInt8>
    var count: Int
    /// The entry that followed last time; -1 where none did.
    var successor: Int32 = -1
    /// The object under this key, -1 as long as there was none.
    var node: Int32 = -1
    /// The column under this key, -1 as long as there was no value.
    var column: Int32 = -1
    /// Declared as text: what stands there is kept as it is written.
    var isVerbatim: Bool
  }

  struct Node {
    /// The full name, with a dot behind it; empty for the row.
    var prefix: [UInt8]
    /// The entry that came first last time.
    var first: Int32 = -1
    /// Entries by their decoded keys.
    var byKey: [[UInt8]: Int32] = [:]
  }

  /// Columns of these names are kept as they are written, lists and objects too.
  private let verbatim: Set<[UInt8]>
  private(set) var nodes: [Node] = [Node(prefix: [])]
  private(set) var entries: UnsafeMutablePointer<Entry>
  private(set) var entryCount = 0
  private var capacity = 64
  /// The full names of entries.
  private(set) var names: [[UInt8]] = []

  /// Keys that a file may have.
  static let limit = 20_000

  init(verbatim: Set<[UInt8]>) {
    self.verbatim = verbatim
    entries = .allocate(capacity: capacity)
  }

  deinit {
    for index in 0..<entryCount { entries[index].quoted.deallocate() }
    entries.deallocate()
  }

  func first(of node: Int32) -> Int32 { nodes[Int(node)].first }

  /// Notes that `entry` came behind `previous`, first where that is -1.
  mutating func note(_ entry: Int32, behind previous: Int32, in node: Int32) {
    if previous < 0 { nodes[Int(node)].first = entry } else { entries[Int(previous)].successor = entry }
  }

  mutating func setColumn(_ column: Int32, of entry: Int32) { entries[Int(entry)].column = column }

  /// That a row has the column of an entry twice.
  func duplicate(_ entry: Int32, at key: UnsafePointer<UInt8>) -> JSONFlaw {
    JSONFlaw(kind: .duplicateKey(String(decoding: names[Int(entry)], as: UTF8.self)), at: key)
  }

  /// The entry of a key, made where it is new. `quoted` is the key as it stands in the text, `key` what it means.
  mutating func entry(_ key: [UInt8], quoted: UnsafeBufferPointer<UInt8>, in node: Int32) -> Int32 {
    if let known = nodes[Int(node)].byKey[key] { return known }
    if entryCount == capacity { grow() }
    let name = nodes[Int(node)].prefix + key
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: quoted.count)
    if let from = quoted.baseAddress { copy.update(from: from, count: quoted.count) }
    (entries + entryCount).initialize(
      to: Entry(quoted: copy, count: quoted.count, isVerbatim: verbatim.contains(name)))
    names.append(name)
    nodes[Int(node)].byKey[key] = Int32(entryCount)
    entryCount += 1
    return Int32(entryCount - 1)
  }

  /// The object under an entry.
  mutating func node(under entry: Int32) -> Int32 {
    let known = entries[Int(entry)].node
    if known >= 0 { return known }
    nodes.append(Node(prefix: names[Int(entry)] + [UInt8(ascii: ".")]))
    entries[Int(entry)].node = Int32(nodes.count - 1)
    return Int32(nodes.count - 1)
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: entries, count: entryCount)
    entries.deallocate()
    (entries, capacity) = (larger, capacity * 2)
  }
}
