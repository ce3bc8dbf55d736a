internal import CLinux
import Glibc

/// Reading of whole small files.
package enum FileContent {
  /// The most bytes of one payload.
  package static let largest = 16 * 1024 * 1024

  /// The content of a regular file; anything else is not opened.
  static func read(_ name: RawName, in folder: OpenFolder, atMost limit: Int) -> Result<[UInt8], FileFault> {
    do throws(SpoolError) {
      guard let status = try folder.status(of: name) else { return .failure(.unreadable(errno: ENOENT)) }
      guard status.isRegular else { return .failure(.notRegular) }
      guard status.size <= limit else { return .failure(.tooLarge(bytes: status.size)) }
      let opened = folder.open(name, O_RDONLY | O_NONBLOCK)
      guard let file = opened.file else { return .failure(.unreadable(errno: opened.code)) }
      return read(file, size: status.size)
    } catch {
      return .failure(.unreadable(errno: EIO))
    }
  }

  /// At most `size` bytes, from the file's beginning or further on; fewer when it ends before.
  static func read(_ file: Descriptor, size: Int, from start: Int = 0) -> Result<[UInt8], FileFault> {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let answer = SystemCall.run { pread(file.number, buffer.baseAddress?.advanced(by: count), size - count, off_t(start + count)) }
        code = answer.code
        guard answer.code == 0, answer.value > 0 else { return }
        count += answer.value
      }
    }
    return code == 0 ? .success(bytes) : .failure(.unreadable(errno: code))
  }

  /// What the file system says about an open file; nil only when its disk fails.
  static func status(of file: Descriptor) -> FileStatus? {
    var status = stat()
    return SystemCall.run({ fstat(file.number, &status) }).code == 0 ? FileStatus(status) : nil
  }
}
