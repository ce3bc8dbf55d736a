/// A change that is about to be made to a file or a folder, by its path.
enum DiskChange: Hashable, Sendable {
  case make(String)
  case write(String)
  case touch(String)
  case sync(String)
  case rename(String, to: String)
  case exchange(String, with: String)
  case remove(String)
}

/// Stands before the disk in a test: makes the call and answers what came of it, or answers an errno in its stead.
typealias DiskDouble = @Sendable (_ change: DiskChange, _ call: () -> Int32) -> Int32
