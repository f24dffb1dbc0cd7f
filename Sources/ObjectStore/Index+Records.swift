import Basics
import GRDB

extension Index {
  /// Enters a record into every table that it belongs to. The same record twice is the same as once, and the order in
  /// which records are entered makes no difference.
  static func enter(_ record: Record, _ digest: Digest, in db: Database) throws {
    try db.cachedStatement(sql: "INSERT OR IGNORE INTO records (digest, type, subject) VALUES (?, ?, ?)")
      .execute(arguments: [digest.hex, record.type, record.body["subject"]?.stringValue])
    switch record.type {
    case Record.Kind.actionResult: if let result = ActionResult(record) { try enter(result, digest, in: db) }
    case Record.Kind.runStart: if let start = RunStart(record) { try enter(start, digest, in: db) }
    case Record.Kind.runEnd:
      if let end = RunEnd(record), let run = record.body["run"]?.stringValue {
        try enter(end, of: run, digest, in: db)
      }
    default: break
    }
  }

  private static func enter(_ result: ActionResult, _ digest: Digest, in db: Database) throws {
    // Of two results for one key the later counts; of two at one instant, the greater digest.
    try db.cachedStatement(
      sql: """
        INSERT INTO results (key, record, kind, finished) VALUES (?, ?, ?, ?)
        ON CONFLICT (key) DO UPDATE SET record = excluded.record, kind = excluded.kind, finished = excluded.finished
        WHERE (excluded.finished, excluded.record) > (finished, record)
        """
    ).execute(arguments: [result.key.hex, digest.hex, result.kind, result.finished.milliseconds])
    let edge = try db.cachedStatement(
      sql: "INSERT OR IGNORE INTO edges (record, role, name, type, digest) VALUES (?, ?, ?, ?, ?)")
    for input in result.inputs {
      try edge.execute(arguments: [digest.hex, "input", input.name, "", input.digest.hex])
    }
    for output in result.outputs {
      try edge.execute(arguments: [digest.hex, "output", output.name, output.type, output.digest.hex])
    }
  }

  private static func enter(_ start: RunStart, _ digest: Digest, in db: Database) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO runs (id, workflow, started, start) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET workflow = excluded.workflow, started = excluded.started, start = excluded.start
        """
    ).execute(arguments: [start.id, start.workflow, start.started.milliseconds, digest.hex])
  }

  private static func enter(_ end: RunEnd, of run: String, _ digest: Digest, in db: Database) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO runs (id, finished, ended) VALUES (?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET finished = excluded.finished, ended = excluded.ended
        """
    ).execute(arguments: [run, end.finished.milliseconds, digest.hex])
    let step = try db.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO steps (run, position, name, kind, status, key, result, seconds)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """)
    for (position, each) in end.steps.enumerated() {
      try step.execute(arguments: [
        run, position, each.name, each.kind, each.status, each.key?.hex, each.result?.hex, each.seconds,
      ])
    }
    let metric = try db.cachedStatement(
      sql: "INSERT OR REPLACE INTO metrics (run, key, step, time, value) VALUES (?, ?, ?, ?, ?)")
    for each in end.metrics {
      try metric.execute(arguments: [run, each.key, each.step, each.time.milliseconds, each.value])
    }
  }
}
