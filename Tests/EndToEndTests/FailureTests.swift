import Basics
import Foundation
import Testing

/// Breaking things on purpose: whatever happens, the serving directory holds a complete version and the next run finishes.
@Suite(.serialized) struct FailureTests {
  /// The served folder is complete: its three files are there and the store and registry find nothing wrong.
  private func expectSound(_ sandbox: Sandbox, _ model: String, oneOf digests: [String?]) throws {
    let served = sandbox.served(model)
    #expect(digests.contains(served), "serves \(served ?? "nothing")")
    if served != nil {
      let listed = try sandbox.run("models", "verify", model)
      #expect(listed.code == 0, "\(listed.output)\(listed.diagnostics)")
    }
  }

  @Test func crashAtEveryDurableOperationLeavesOldOrNew() throws {
    let reference = try Sandbox()
    let small = ["--set", "steps.model.train.penalty={l2: 0.01}", "--threads", "1"]
    let train = ["train", "workflows/wine.yaml", "--format", "json"]
    let first = try reference.run(train + small).json().modelDigest
    let second = try reference.run(train + ["--threads", "1", "--set", "steps.model.train.penalty={l2: 0.02}"]).json()
      .modelDigest
    #expect(first != nil && second != nil && first != second)
    var operation = 1
    var crashes = 0
    while true {
      let sandbox = try Sandbox()
      _ = try sandbox.run(train + small)
      let crashed = try sandbox.run(
        train + ["--threads", "1", "--set", "steps.model.train.penalty={l2: 0.02}"],
        environment: ["MLFLOWCTL_FAULT": "crash@\(operation)"])
      if crashed.code == 0 { break }
      crashes += 1
      #expect(crashed.code == -9, "operation \(operation): \(crashed.diagnostics)")
      try expectSound(sandbox, "wine", oneOf: [first, second])
      let next = try sandbox.run(train + ["--threads", "1", "--set", "steps.model.train.penalty={l2: 0.02}"])
      #expect(next.code == 0, "after a crash at operation \(operation): \(next.diagnostics)")
      #expect(sandbox.served("wine") == second)
      let verify = try sandbox.run("store", "verify")
      #expect(verify.code == 0, "after a crash at operation \(operation): \(verify.output)")
      operation += 1
    }
    #expect(crashes > 30, "only \(crashes) durable operations were seen")
  }

  @Test func fullDiskAtEveryDurableOperationIsToldAndLeavesTheStoreClean() throws {
    let train = ["train", "workflows/wine.yaml", "--threads", "1", "--set", "steps.model.train.penalty={l2: 0.02}"]
    var operation = 1
    while true {
      let sandbox = try Sandbox()
      let ending = try sandbox.run(train, environment: ["MLFLOWCTL_FAULT": "enospc@\(operation)"])
      if ending.code == 0 { break }
      #expect(ending.code == 74, "operation \(operation): exit \(ending.code) \(ending.diagnostics)")
      #expect(ending.diagnostics.contains("disk is full"), "operation \(operation): \(ending.diagnostics)")
      #expect(ending.diagnostics.contains("free some space"))
      #expect(try sandbox.run("store", "verify").code == 0)
      operation += 3
    }
    #expect(operation > 30)
  }

  @Test func killedAtTwoHundredRandomInstantsTheNextRunFinishes() throws {
    var generator = SystemRandomNumberGenerator()
    let sandbox = try Sandbox()
    let digests = try ["0.01", "0.02"].map { penalty in
      try sandbox.run(
        "train", "workflows/wine.yaml", "--format", "json", "--set", "steps.model.train.penalty={l2: \(penalty)}"
      ).json().modelDigest
    }
    let watch = Stopwatch()
    _ = try sandbox.run(
      "train", "workflows/wine.yaml", "--set", "steps.model.train.penalty={l2: 0.01}", "--force", "data", "--force",
      "parts", "--force", "model", "--force", "scores", "--force", "bar")
    let length = watch.seconds
    for round in 0..<200 {
      let penalty = round % 2 == 0 ? "0.01" : "0.02"
      let child = try sandbox.start(
        "train", "workflows/wine.yaml", "--set", "steps.model.train.penalty={l2: \(penalty)}", "--force", "data",
        "--force",
        "parts", "--force", "model", "--force", "scores", "--force", "bar")
      usleep(UInt32.random(in: 0..<UInt32(length * 1.1e6), using: &generator))
      child.signal(SIGKILL)
      _ = try child.wait()
      let served = sandbox.served("wine")
      #expect(digests.contains(served), "round \(round): serves \(served ?? "nothing")")
      if round % 20 == 19 {
        try expectSound(sandbox, "wine", oneOf: digests)
        let next = try sandbox.run(
          "train", "workflows/wine.yaml", "--set", "steps.model.train.penalty={l2: \(penalty)}")
        #expect(next.code == 0, "round \(round): \(next.diagnostics)")
        #expect(try sandbox.run("store", "verify").code == 0)
      }
    }
  }

  @Test(arguments: ["flip", "truncate", "delete"])
  func damagedObjectsAreNamedAndRecomputed(_ damage: String) throws {
    let sandbox = try Sandbox()
    let first = try sandbox.run("train", "workflows/wine.yaml", "--format", "json").json()
    let table = try #require(first.step("data")?["outputs"]?.arrayValue?.first?["digest"]?.stringValue)
    let path = "\(sandbox.folder)/.mlflowctl/objects/\(table.prefix(2))/\(table.dropFirst(2))"
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    switch damage {
    case "flip": bytes[bytes.count / 2] ^= 1
    case "truncate": bytes.removeLast(100)
    default: break
    }
    if damage == "delete" {
      try FileManager.default.removeItem(atPath: path)
    } else {
      try Data(bytes).write(to: URL(filePath: path))
      let verify = try sandbox.run("store", "verify")
      #expect(verify.code == 1)
      #expect((verify.output + verify.diagnostics).contains(table.prefix(12)))
    }
    let again = try sandbox.run("train", "workflows/wine.yaml", "--format", "json")
    #expect(again.code == 0, "\(again.diagnostics)")
    #expect(try again.json().step("data")?["status"]?.stringValue == "done")
    #expect(try again.json().modelDigest == first.modelDigest)
    #expect(try sandbox.run("store", "verify").code == 0)
  }

  @Test func aDamagedModelIsNotReleased() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.run("train", "workflows/wine.yaml", "--no-deploy", "--format", "json").json()
    #expect(sandbox.served("wine") == nil)
    // every object but the small records: weights, tables
    for path in sandbox.objects {
      var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
      guard
        String(decoding: bytes.prefix(400), as: UTF8.self).contains("coefficients\":{\"d")
          || bytes.starts(with: Array("{\"classes".utf8))
      else { continue }
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
      bytes[bytes.count - 3] ^= 1
      try Data(bytes).write(to: URL(filePath: path))
    }
    let ending = try sandbox.run(
      "promote", "wine@\(run["model"]?["version"]?.intValue ?? 0)", "--to", "production", "--first")
    #expect(ending.code != 0)
    #expect(sandbox.served("wine") == nil)
  }

  @Test func aReadOnlyFolderIsToldWithPathAndRemedy() throws {
    let sandbox = try Sandbox()
    // As nobody, who may read but not write; root would be allowed everything.
    let ending = try Child(
      ["train", "workflows/wine.yaml"], in: sandbox.folder,
      through: geteuid() == 0 ? ["setpriv", "--reuid=65534", "--clear-groups"] : []
    ).wait()
    if geteuid() == 0 {
      #expect(ending.code == 74, "\(ending.diagnostics)")
      #expect(ending.diagnostics.contains("permission denied"))
      #expect(ending.diagnostics.contains("help:"))
    }
  }

  @Test func aFileSizeLimitIsToldAndLeavesTheStoreClean() throws {
    let sandbox = try Sandbox()
    let ending = try Child(
      ["train", "workflows/breast-cancer.yaml"], in: sandbox.folder,
      through: ["sh", "-c", "ulimit -f 64; exec \"$@\"", "sh"]
    ).wait()
    #expect(ending.code == 74, "\(ending.diagnostics)")
    #expect(ending.diagnostics.contains("ulimit -f"))
    #expect(try sandbox.run("store", "verify").code == 0)
    #expect(try sandbox.run("train", "workflows/breast-cancer.yaml").code == 0)
  }

  /// Somebody who waits for input that does not come can leave.
  @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
  func signalsStopReadingOfStandardInputThatIsOpenAndIdle(_ signal: Int32, _ code: Int32) throws {
    let sandbox = try Sandbox(examples: false)
    for begin in ["", "a,b\n1,2\n"] {
      let path = sandbox.folder + "/input-\(begin.utf8.count)"
      #expect(mkfifo(path, 0o600) == 0)
      // Open for writing as long as the child runs, and in no other process.
      let end = open(path, O_RDWR | O_CLOEXEC)
      defer { close(end) }
      #expect(write(end, begin, begin.utf8.count) == begin.utf8.count)
      let child = try Child(
        ["profile", "-"], in: sandbox.folder, through: ["sh", "-c", "exec \"$@\" < \(path)", "sh"])
      usleep(1_000_000)
      #expect(child.isRunning)
      let watch = Stopwatch()
      child.signal(signal)
      let ending = try child.wait()
      #expect(watch.seconds < 1.5, "\(watch.seconds)")
      #expect(ending.code == code, "\(ending.diagnostics)")
    }
  }

  @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
  func signalsStopCleanlyAndTheRunCanBeResumed(_ signal: Int32, _ code: Int32) throws {
    let sandbox = try Sandbox()
    try sandbox.write(
      """
      workflow: slow
      steps:
        fast:
          command: { command: "echo hello > out.txt", outputs: { text: out.txt } }
        slow:
          command: { command: "cat in.txt; sleep 30", inputs: { in.txt: fast.text } }
      """, to: "workflows/slow.yaml")
    let child = try sandbox.start("train", "workflows/slow.yaml", "--format", "json")
    for _ in 0..<200 where !(try sandbox.run("runs", "list", "--format", "json").output.contains("slow")) {
      usleep(20_000)
    }
    usleep(500_000)
    let watch = Stopwatch()
    child.signal(signal)
    let ending = try child.wait()
    #expect(ending.code == code, "\(ending.diagnostics)")
    #expect(watch.seconds < 10)
    let resumed = try sandbox.run(
      "train", "workflows/slow.yaml", "--format", "json", "--set", "steps.slow.command.command='cat in.txt'")
    #expect(resumed.code == 0, "\(resumed.diagnostics)")
    #expect(try resumed.json().step("fast")?["status"]?.stringValue == "cached")
  }
}
