import Basics
import Glibc

/// A PostgreSQL server of our own, which ends with it. Nil where none is installed.
final class PostgresServer: Sendable {
  static let isInstalled = run("ls /usr/lib/postgresql/*/bin/postgres > /dev/null 2>&1") == 0

  let folder = "/tmp/mlflowctl-pg-\(uniqueSuffix())"
  let port: Int
  let password = "p@ss/w:rd%"

  init?() {
    guard let port = PostgresServer.freePort() else { return nil }
    self.port = port
    guard PostgresServer.run("'\(PostgresServer.script)' start \(folder) \(port) '\(password)'") == 0 else {
      stop()
      return nil
    }
  }

  deinit { stop() }

  private func stop() { _ = PostgresServer.run("'\(PostgresServer.script)' stop \(folder)") }

  /// Runs SQL of our own; whether it was taken.
  func sql(_ text: String) -> Bool {
    let path = "/tmp/mlflowctl-sql-\(uniqueSuffix())"
    defer { unlink(path) }
    guard (try? durableWrite(path, bytes: Array(text.utf8))) != nil else { return false }
    return PostgresServer.run("'\(PostgresServer.script)' sql \(folder) \(port) '\(password)' < \(path)") == 0
  }

  private static let script =
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Support/postgres.sh"

  private static func run(_ command: String) -> Int32 { system(command) >> 8 }

  /// A port of 127.0.0.1 that nobody listens on.
  private static func freePort() -> Int? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard bind(descriptor, address, size) == 0, getsockname(descriptor, address, &size) == 0 else { return nil }
        return Int(UInt16(bigEndian: UnsafeRawPointer(address).loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
      }
    }
  }
}
