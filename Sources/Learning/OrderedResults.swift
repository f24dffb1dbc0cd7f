import Synchronization

/// Results of parallel work by index, whatever the order in which they come.
final class OrderedResults<Element: Sendable>: Sendable {
  private let slots: Mutex<[Element?]>

  init(count: Int) { slots = Mutex([Element?](repeating: nil, count: count)) }

  func store(_ element: Element, at index: Int) { slots.withLock { $0[index] = element } }

  /// All results; call when every one is stored.
  var values: [Element] { slots.withLock { $0.compactMap { $0 } } }
}
