import Basics
import Steps

/// One place in which two JSON values differ; nil where a side has nothing there.
struct Difference {
  var path: String
  var old: JSON?
  var new: JSON?
}

/// The places in which two values differ, in order of their paths.
func differences(from old: JSON, to new: JSON, path: String = "") -> [Difference] {
  if old == new { return [] }
  guard case .object(let before) = old, case .object(let after) = new else {
    return [Difference(path: path, old: old, new: new)]
  }
  return Set(before.keys).union(after.keys).sorted().flatMap { key -> [Difference] in
    let inner = path.isEmpty ? key : path + "." + key
    switch (before[key], after[key]) {
    case (let a?, let b?): return differences(from: a, to: b, path: inner)
    case (let a, let b): return [Difference(path: inner, old: a, new: b)]
    }
  }
}

func changeTable(_ changes: [Difference], titles: (String, String)) -> String {
  guard !changes.isEmpty else { return "no difference" }
  var table = TextTable(("", .left), (titles.0, .left), (titles.1, .left))
  table.rows = changes.map { [$0.path, cell($0.old), cell($0.new)] }
  return table.text
}

private func cell(_ value: JSON?) -> String {
  switch value {
  case nil, .null?: return "–"
  case .string(let text)?: return Digest(hex: text)?.short ?? text
  case .number(let number)?: return shortNumber(number)
  case let value?:
    let text = value.canonical
    return text.count > 48 ? text.prefix(45) + "…" : text
  }
}
