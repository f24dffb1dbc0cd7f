import Glibc

/// The functions of `libpq`, the client library of PostgreSQL, which is loaded when a database is first read: who has none
/// need not install it.
///
/// Source: postgresql.org, "libpq — C Library". Connections and results are opaque pointers.
struct LibPQ: Sendable {
  typealias Pointer = OpaquePointer

  let connectStart:
    @convention(c) (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<UnsafePointer<CChar>?>?, Int32) -> Pointer?
  let connectPoll: @convention(c) (Pointer?) -> Int32
  let status: @convention(c) (Pointer?) -> Int32
  let socket: @convention(c) (Pointer?) -> Int32
  let errorMessage: @convention(c) (Pointer?) -> UnsafePointer<CChar>?
  let finish: @convention(c) (Pointer?) -> Void
  let getCancel: @convention(c) (Pointer?) -> Pointer?
  let cancel: @convention(c) (Pointer?, UnsafeMutablePointer<CChar>?, Int32) -> Int32
  let freeCancel: @convention(c) (Pointer?) -> Void
  let sendQuery: @convention(c) (Pointer?, UnsafePointer<CChar>?) -> Int32
  let sendPrepare:
    @convention(c) (Pointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, Int32, UnsafePointer<UInt32>?) -> Int32
  let sendDescribePrepared: @convention(c) (Pointer?, UnsafePointer<CChar>?) -> Int32
  let consumeInput: @convention(c) (Pointer?) -> Int32
  let isBusy: @convention(c) (Pointer?) -> Int32
  let getResult: @convention(c) (Pointer?) -> Pointer?
  let getCopyData: @convention(c) (Pointer?, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?, Int32) -> Int32
  let freeMemory: @convention(c) (UnsafeMutableRawPointer?) -> Void
  let resultStatus: @convention(c) (Pointer?) -> Int32
  let resultErrorField: @convention(c) (Pointer?, Int32) -> UnsafePointer<CChar>?
  let clear: @convention(c) (Pointer?) -> Void
  let fieldCount: @convention(c) (Pointer?) -> Int32
  let fieldName: @convention(c) (Pointer?, Int32) -> UnsafePointer<CChar>?
  let fieldType: @convention(c) (Pointer?, Int32) -> UInt32
  let tupleCount: @convention(c) (Pointer?) -> Int32
  let value: @convention(c) (Pointer?, Int32, Int32) -> UnsafePointer<CChar>?

  /// Nil where the library is not installed, or lacks one of them.
  static let shared = LibPQ()

  private init?() {
    guard let library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL) else { return nil }
    func function<Function>(_ name: String) -> Function? {
      dlsym(library, name).map { unsafeBitCast($0, to: Function.self) }
    }
    guard
      let connectStart:
        @convention(c) (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<UnsafePointer<CChar>?>?, Int32) -> Pointer?
        = function("PQconnectStartParams"),
      let connectPoll: @convention(c) (Pointer?) -> Int32 = function("PQconnectPoll"),
      let status: @convention(c) (Pointer?) -> Int32 = function("PQstatus"),
      let socket: @convention(c) (Pointer?) -> Int32 = function("PQsocket"),
      let errorMessage: @convention(c) (Pointer?) -> UnsafePointer<CChar>? = function("PQerrorMessage"),
      let finish: @convention(c) (Pointer?) -> Void = function("PQfinish"),
      let getCancel: @convention(c) (Pointer?) -> Pointer? = function("PQgetCancel"),
      let cancel: @convention(c) (Pointer?, UnsafeMutablePointer<CChar>?, Int32) -> Int32 = function("PQcancel"),
      let freeCancel: @convention(c) (Pointer?) -> Void = function("PQfreeCancel"),
      let sendQuery: @convention(c) (Pointer?, UnsafePointer<CChar>?) -> Int32 = function("PQsendQuery"),
      let sendPrepare:
        @convention(c) (Pointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, Int32, UnsafePointer<UInt32>?) -> Int32
        = function("PQsendPrepare"),
      let sendDescribePrepared: @convention(c) (Pointer?, UnsafePointer<CChar>?) -> Int32 = function(
        "PQsendDescribePrepared"),
      let consumeInput: @convention(c) (Pointer?) -> Int32 = function("PQconsumeInput"),
      let isBusy: @convention(c) (Pointer?) -> Int32 = function("PQisBusy"),
      let getResult: @convention(c) (Pointer?) -> Pointer? = function("PQgetResult"),
      let getCopyData: @convention(c) (Pointer?, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?, Int32) -> Int32 =
        function("PQgetCopyData"),
      let freeMemory: @convention(c) (UnsafeMutableRawPointer?) -> Void = function("PQfreemem"),
      let resultStatus: @convention(c) (Pointer?) -> Int32 = function("PQresultStatus"),
      let resultErrorField: @convention(c) (Pointer?, Int32) -> UnsafePointer<CChar>? = function("PQresultErrorField"),
      let clear: @convention(c) (Pointer?) -> Void = function("PQclear"),
      let fieldCount: @convention(c) (Pointer?) -> Int32 = function("PQnfields"),
      let fieldName: @convention(c) (Pointer?, Int32) -> UnsafePointer<CChar>? = function("PQfname"),
      let fieldType: @convention(c) (Pointer?, Int32) -> UInt32 = function("PQftype"),
      let tupleCount: @convention(c) (Pointer?) -> Int32 = function("PQntuples"),
      let value: @convention(c) (Pointer?, Int32, Int32) -> UnsafePointer<CChar>? = function("PQgetvalue")
    else { return nil }
    self.connectStart = connectStart
    self.connectPoll = connectPoll
    self.status = status
    self.socket = socket
    self.errorMessage = errorMessage
    self.finish = finish
    self.getCancel = getCancel
    self.cancel = cancel
    self.freeCancel = freeCancel
    self.sendQuery = sendQuery
    self.sendPrepare = sendPrepare
    self.sendDescribePrepared = sendDescribePrepared
    self.consumeInput = consumeInput
    self.isBusy = isBusy
    self.getResult = getResult
    self.getCopyData = getCopyData
    self.freeMemory = freeMemory
    self.resultStatus = resultStatus
    self.resultErrorField = resultErrorField
    self.clear = clear
    self.fieldCount = fieldCount
    self.fieldName = fieldName
    self.fieldType = fieldType
    self.tupleCount = tupleCount
    self.value = value
  }

  /// Numbers of `ConnStatusType`, `PostgresPollingStatusType`, `ExecStatusType` and of the fields of an error.
  enum Number {
    static let connectionOK: Int32 = 0
    static let pollingFailed: Int32 = 0
    static let pollingReading: Int32 = 1
    static let pollingOK: Int32 = 3
    static let commandOK: Int32 = 1
    static let tuplesOK: Int32 = 2
    static let copyOut: Int32 = 3
    static let sqlState = Int32(UInt8(ascii: "C"))
    static let primaryMessage = Int32(UInt8(ascii: "M"))
    static let hint = Int32(UInt8(ascii: "H"))
  }
}
