import Basics
import Diagnostics
import Glibc
import Synchronization

/// A CSV file that is being turned into a table: a first reading to survey it, a second to store it.
struct CSVSource: ~Copyable {
  private let file: FileHandle
  private let path: String
  /// What messages call the file.
  let name: String
  let format: CSVFormat
  private let status: FileStatus
  private let markers: MissingMarkers
  private let threads: Int
  private let pieceSize: Int
  private let cancellation: Cancellation

  /// Opens a file. Pieces of about `pieceSize` bytes are looked at side by side; the outcome does not depend on that.
  init(
    _ path: String, named name: String? = nil, _ format: CSVFormat, threads: Int, pieceSize: Int,
    _ cancellation: Cancellation
  ) throws {
    self.name = name ?? path
    let file = try FileHandle(reading: path)
    let status = try file.status()
    guard status.kind == .file else { throw CSVError(name ?? path, [.notARegularFile]) }
    self.file = file
    self.path = path
    self.status = status
    self.format = format
    markers = MissingMarkers(format)
    self.threads = max(1, threads)
    self.pieceSize = pieceSize
    self.cancellation = cancellation
  }

  /// Reads the whole file once: its header, the evidence for every column's type, and the digest of its bytes.
  func survey(progress: (Double) -> Void) throws -> (header: CSVHeader, survey: CSVSurvey, digest: Digest) {
    let hasher = Mutex(ContentHasher())
    var reader = reader(0..<status.size)
    guard try advance(&reader, line: 1) else { throw CSVError(name, [.empty]) }
    reader.buffer.withUnsafeBytes { bytes in hasher.withLock { $0.update(bytes) } }
    let header = try CSVHeader(reader.buffer, file: name, format: format)
    let problems = header.problems(format)
    if !problems.isEmpty { throw CSVError(name, problems) }
    reader.skipHeader(header.byteCount)
    var survey = CSVSurvey(file: name, header: header, format: format)
    repeat {
      for piece in try look(at: reader, survey, hasher) { try survey.add(piece) }
      progress(Double(reader.offset) / Double(max(1, status.size)))
    } while try advance(&reader, line: survey.lineCount + 1)
    return (header, survey, hasher.withLock { $0 }.finish())
  }

  /// Looks at the pieces of a window side by side, while one thread takes the digest of the bytes that are new in it.
  private func look(
    at reader: RecordReader, _ survey: CSVSurvey, _ hasher: borrowing Mutex<ContentHasher>
  ) throws -> [CSVSurvey.Piece] {
    let cuts = reader.cuts
    let offset = reader.offset
    let freshCount = reader.freshCount
    let pieces = Mutex([CSVSurvey.Piece?](repeating: nil, count: cuts.count))
    let (format, markers) = (format, markers)
    try reader.buffer.withUnsafeBufferPointer { buffer in
      nonisolated(unsafe) let bytes = buffer
      try parallelFor(count: cuts.count + 1, threads: threads) { task in
        if task == 0 {
          let fresh = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes.suffix(freshCount)))
          return hasher.withLock { $0.update(fresh) }
        }
        let start = task == 1 ? 0 : cuts[task - 2]
        let part = UnsafeBufferPointer(rebasing: bytes[start..<cuts[task - 1]])
        let piece = survey.look(at: part, offset: offset + start, format: format, markers: markers)
        pieces.withLock { $0[task - 1] = piece }
      }
    }
    return pieces.withLock { $0 }.compactMap { $0 }
  }

  /// Reads the whole file again and writes it as a table. Nothing is left at `output` when that fails.
  func write(
    _ survey: CSVSurvey, _ outcome: CSVSurvey.Outcome, to output: String, progress: (Double) -> Void
  ) throws {
    let fields = outcome.schema.fields
    let parsers = zip(fields, outcome.levels).map { CellParser($0.type, levels: $1, markers: markers) }
    var writer = try ArrowFileWriter.creating(output, fields: fields, dictionaries: parsers.map(\.dictionary))
    do {
      for first in stride(from: 0, to: survey.groups.count, by: threads) {
        let wave = first..<min(survey.groups.count, first + threads)
        for buffers in try readGroups(wave, survey, parsers) {
          try withExtendedLifetime(buffers) {
            try writer.writeGroup(rowCount: buffers.first?.rowCount ?? 0, buffers.map(\.segment))
          }
        }
        progress(Double(wave.upperBound) / Double(survey.groups.count))
      }
      try checkUnchanged()
      try writer.finish()
    } catch {
      unlink(output)
      throw error
    }
  }

  /// Reads some row groups side by side.
  private func readGroups(
    _ wave: Range<Int>, _ survey: CSVSurvey, _ parsers: [CellParser]
  ) throws -> [[SegmentBuffer]] {
    let filled = Mutex([[SegmentBuffer]](repeating: [], count: wave.count))
    let groups = survey.groups
    let readers = wave.map { group in
      reader(groups[group].offset..<(group + 1 < groups.count ? groups[group + 1].offset : status.size))
    }
    try parallelFor(count: wave.count, threads: threads) { [name, cancellation, format, pieceSize] task in
      let rows = min(survey.groupRows, survey.rowCount - (wave.lowerBound + task) * survey.groupRows)
      let group = RowGroupReader(reader: readers[task], parsers: parsers, rowCount: rows)
      let buffers = try group.read(name, format, pieceSize, cancellation)
      filled.withLock { $0[task] = buffers }
    }
    return filled.withLock { $0 }
  }

  /// Throws when the file is not what it was when it was opened.
  private func checkUnchanged() throws {
    if try file.status() != status { throw CSVError(name, [.changedWhileRead]) }
  }

  /// Line and column of a cell.
  func place(_ position: CellPosition) throws -> Place {
    var before = [UInt8](repeating: 0, count: position.cellOffset - position.recordOffset)
    let count = pread(file.descriptor, &before, before.count, position.recordOffset)
    guard count == before.count else { throw CSVError(name, [.changedWhileRead]) }
    return before.withUnsafeBufferPointer { $0.place(of: count, file: name, line: position.recordLine) }
  }

  private func reader(_ range: Range<Int>) -> RecordReader {
    RecordReader(file.descriptor, path: path, range: range, delimiter: format.delimiter)
  }

  /// Moves on to the next window, which begins at a line.
  private func advance(_ reader: inout RecordReader, line: Int) throws -> Bool {
    try cancellation.check()
    do {
      return try reader.advance(window: pieceSize * threads * 2, piece: pieceSize)
    } catch is RecordTooLong {
      throw CSVError(name, [.recordTooLong(Place(file: name, line: line))])
    }
  }
}

/// Reads the records of one row group into the buffers of its columns.
private struct RowGroupReader {
  var reader: RecordReader
  let parsers: [CellParser]
  let rowCount: Int

  /// Throws when the file no longer holds what the survey found.
  func read(
    _ name: String, _ format: CSVFormat, _ pieceSize: Int, _ cancellation: Cancellation
  ) throws -> [SegmentBuffer] {
    let buffers = parsers.map { SegmentBuffer($0.type, rowCount: rowCount) }
    var reader = reader
    var row = 0
    while try reader.advance(window: pieceSize, piece: pieceSize) {
      try cancellation.check()
      var start = 0
      for cut in reader.cuts {
        row += try reader.buffer.withUnsafeBufferPointer { bytes in
          let part = UnsafeBufferPointer(rebasing: bytes[start..<cut])
          let records = CSVRecords(part, delimiter: format.delimiter, columnCount: parsers.count)
          guard row + records.rowCount <= rowCount, store(records, part, in: buffers, at: row) else {
            throw CSVError(name, [.changedWhileRead])
          }
          return records.rowCount
        }
        start = cut
      }
    }
    if row != rowCount { throw CSVError(name, [.changedWhileRead]) }
    return buffers
  }

  private func store(
    _ records: CSVRecords, _ bytes: UnsafeBufferPointer<UInt8>, in buffers: [SegmentBuffer], at first: Int
  ) -> Bool {
    for (index, parser) in parsers.enumerated() {
      for row in 0..<records.rowCount {
        let cell = records.cells[row * parsers.count + index]
        let stored = bytes.withContent(of: cell) { parser.store($0, in: buffers[index], row: first + row) }
        if !stored { return false }
      }
    }
    return true
  }
}
