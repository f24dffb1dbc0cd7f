import Basics

/// Why an action is not the one that ran before, in words: which setting, input or code changed. Empty when equal.
func differences(from old: JSON, to new: JSON) -> [String] {
  var reasons: [String] = []
  if old["kind"] != new["kind"] { return ["it is another kind of step now"] }
  if old["implementation"] != new["implementation"] {
    reasons.append(
      "the code of this kind of step changed (version \(text(old["implementation"])) → \(text(new["implementation"])))")
  }
  settingDifferences(old["settings"] ?? .null, new["settings"] ?? .null, path: "", into: &reasons)
  let before = inputs(of: old)
  let after = inputs(of: new)
  for role in Set(before.keys).union(after.keys).sorted() {
    switch (before[role], after[role]) {
    case (let from?, let to?) where from != to:
      reasons.append("input '\(role)' changed (\(short(from)) → \(short(to)))")
    case (nil, let to?): reasons.append("input '\(role)' is new (\(short(to)))")
    case (let from?, nil): reasons.append("input '\(role)' is gone (was \(short(from)))")
    default: break
    }
  }
  switch (old["seed"], new["seed"]) {
  case (let from?, let to?) where from != to: reasons.append("the seed changed (\(text(from)) → \(text(to)))")
  case (nil, .some): reasons.append("it uses the seed now")
  case (.some, nil): reasons.append("it no longer uses the seed")
  default: break
  }
  for (name, label) in [("environment", "environment variable"), ("libraries", "library")] {
    let before = old[name]?.objectValue ?? [:]
    let after = new[name]?.objectValue ?? [:]
    for key in Set(before.keys).union(after.keys).sorted() where before[key] != after[key] {
      reasons.append("\(label) '\(key)' changed")
    }
  }
  return reasons
}

private func inputs(of action: JSON) -> [String: String] {
  (action["inputs"]?.objectValue ?? [:]).compactMapValues { $0["digest"]?.stringValue }
}

private func settingDifferences(_ old: JSON, _ new: JSON, path: String, into reasons: inout [String]) {
  if old == new { return }
  if case .object(let before) = old, case .object(let after) = new {
    for key in Set(before.keys).union(after.keys).sorted() {
      settingDifferences(
        before[key] ?? .null, after[key] ?? .null, path: path.isEmpty ? key : path + "." + key, into: &reasons)
    }
  } else {
    reasons.append("setting '\(path)' changed (\(text(old)) → \(text(new)))")
  }
}

private func text(_ value: JSON?) -> String {
  guard let value, !value.isNull else { return "none" }
  let text = value.stringValue ?? value.canonical
  return text.count > 60 ? text.prefix(57) + "…" : text
}

private func short(_ digest: String) -> String { String(digest.prefix(12)) }
