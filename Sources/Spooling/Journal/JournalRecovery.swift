/// What a recovery found in the journal and did about it.
package struct JournalRecovery: Hashable, Sendable {
  /// Read, and removed or put aside.
  package var segments = 0
  /// In them, damaged ones not counted.
  package var records = 0
  /// That lay nowhere and are in incoming/ now, or in failed/ without their bytes.
  package var broughtBack = 0
  /// That lay somewhere without their bytes, and have them again.
  package var replaced = 0
  /// That are missing, but were acknowledged more than seven days ago: told, and kept in their segments, which are put aside.
  package var tooOld = 0
  /// Acknowledged groups that cannot be read any more.
  package var damagedGroups = 0

  package init() {}
}
