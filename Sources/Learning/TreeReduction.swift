internal import Basics
import Synchronization

/// Computes one partial result a block and merges them in one fixed binary tree, on any number of threads: neighbours
/// first (0 with 1, 2 with 3), then neighbours of those, a last one without neighbour moving up as it is.
///
/// Each thread merges as soon as both halves are there, so about `threads × log₂(blocks)` partials exist at once; they
/// are used again in later passes.
final class TreeReduction<Partial: Sendable>: Sendable {
  private struct Parked {
    var level: Int
    var index: Int
    var partial: Partial
  }

  private let parked = Mutex<[Parked]>([])
  private let spare = Mutex<[Partial]>([])
  private let make: @Sendable () -> Partial
  private let merge: @Sendable (inout Partial, Partial) -> Void

  /// `merge` adds its second argument, which stands for later rows, to its first.
  init(make: @escaping @Sendable () -> Partial, merge: @escaping @Sendable (inout Partial, Partial) -> Void) {
    self.make = make
    self.merge = merge
  }

  /// The merged result of `fill` over `count` blocks, at least one. `fill` gets a used partial and starts by emptying
  /// it.
  func run(
    count: Int, threads: Int, cancellation: Cancellation, fill: @Sendable (Int, inout Partial) throws -> Void
  ) throws -> Partial {
    precondition(count > 0, "nothing to reduce")
    defer { parked.withLock { $0.removeAll(keepingCapacity: true) } }
    try parallelFor(count: count, threads: threads) { block in
      try cancellation.check()
      var partial = spare.withLock { $0.popLast() } ?? make()
      try fill(block, &partial)
      deliver(consume partial, block: block, count: count)
    }
    guard let root = parked.withLock({ $0.popLast() }) else { preconditionFailure("a block was not delivered") }
    return root.partial
  }

  /// Gives a result back, for its memory.
  func recycle(_ partial: Partial) { spare.withLock { $0.append(partial) } }

  /// Carries one block's result up the tree as far as its neighbours are there.
  private func deliver(_ first: consuming Partial, block: Int, count: Int) {
    var partial = first
    var index = block
    var width = count
    var level = 0
    while width > 1 {
      let sibling = index ^ 1
      if sibling < width {
        guard var other = meet(Parked(level: level, index: index, partial: partial), sibling: sibling) else { return }
        if sibling < index { swap(&partial, &other) }
        merge(&partial, other)
        recycle(other)
      }
      index /= 2
      width = (width + 1) / 2
      level += 1
    }
    parked.withLock { $0.append(Parked(level: level, index: 0, partial: partial)) }
  }

  /// The neighbour's result if it waits here; otherwise leaves `own` to wait for it.
  private func meet(_ own: Parked, sibling: Int) -> Partial? {
    parked.withLock { waiting in
      if let place = waiting.firstIndex(where: { $0.level == own.level && $0.index == sibling }) {
        return waiting.remove(at: place).partial
      }
      waiting.append(own)
      return nil
    }
  }
}

extension TreeReduction {
  /// The sums over the blocks of a sample: those of one of at most `leaves` leaves are added one after the other, leaves in
  /// the tree. Large sums want few leaves, whatever the threads.
  func run(
    over rows: EncodedRows, _ sample: BlockSample, leaves: Int = 128, threads: Int, cancellation: Cancellation,
    clear: @Sendable (inout Partial) -> Void, add: @Sendable (EncodedRows.Block, inout Partial) throws -> Void
  ) throws -> Partial {
    let perLeaf = (sample.count + leaves - 1) / leaves
    return try run(count: (sample.count + perLeaf - 1) / perLeaf, threads: threads, cancellation: cancellation) {
      leaf, partial in
      clear(&partial)
      for place in leaf * perLeaf..<min(sample.count, (leaf + 1) * perLeaf) {
        try rows.withBlock(sample[place]) { try add($0, &partial) }
      }
    }
  }
}
