/// Looks now and then whether there is room for more payloads.
struct RoomGauge {
  private let parts: JournalParts
  private var lastLook: ContinuousClock.Instant?
  private var refusal: JournalError?

  init(_ parts: JournalParts) {
    self.parts = parts
  }

  /// Why nothing may be taken now; asks the disks at most once a second, and every time while the answer is bad.
  mutating func look() -> JournalError? {
    let now = parts.system.now()
    if refusal == nil, let lastLook, now < lastLook + .seconds(1) { return nil }
    (lastLook, refusal) = (now, check())
    return refusal
  }

  /// Why nothing may be taken now; a few system calls.
  func check() -> JournalError? {
    do throws(SpoolError) {
      for folder in [parts.root, try parts.spool.folders.made(at: parts.folder.path)] {
        let room = try DiskRoom(of: folder)
        guard room.has(bytes: parts.options.leastFreeBytes, inodes: parts.options.leastFreeInodes) else { return .full(path: folder.path) }
      }
      return nil
    } catch {
      return JournalError(error)
    }
  }
}
