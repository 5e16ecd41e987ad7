public import Foundation
public import Postgres
internal import Sealing

/// A column of sealed values, and how to find those of one patient: what is to be sealed anew when a key is replaced.
public struct SealedColumn: Sendable {
    let table: StaticString
    let column: StaticString
    /// The column whose id is bound to the value: the row of its `Place`.
    let row: StaticString
    let whose: @Sendable (UUID) -> SQL

    /// - Parameter whose: the condition that a row `s` is sealed with this patient's key.
    public init(_ table: StaticString, _ column: StaticString, row: StaticString = "id", where whose: @escaping @Sendable (UUID) -> SQL) {
        (self.table, self.column, self.row, self.whose) = (table, column, row, whose)
    }

    /// The table says whose a row is in its column `patient`.
    public init(_ table: StaticString, _ column: StaticString, row: StaticString = "id") {
        self.init(table, column, row: row) { "s.patient = \($0)" }
    }

    /// The column's values are all sealed with nobody's key.
    public static func ofNobody(_ table: StaticString, _ column: StaticString, row: StaticString = "id") -> SealedColumn {
        SealedColumn(table, column, row: row) { $0 == Sealer.nobody ? "true" : "false" }
    }

    /// What every schema has.
    static let ofEverySchema = [SealedColumn.ofNobody("answered", "answer", row: "key")]

    /// The patient's rows that another version than `version` has sealed. The second byte says which; no more than that is read of a long value.
    func old(of patient: UUID, version: UInt8) -> SQL {
        """
        FROM \(identifier: table) s WHERE (\(whose(patient))) AND s.\(identifier: column) IS NOT NULL
            AND substring(s.\(identifier: column) FROM 2 FOR 1) <> \([version])
        """
    }
}
