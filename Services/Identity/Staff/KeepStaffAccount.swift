internal import Access
internal import Contracts
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres

/// Writes the next version, unless somebody else did since. Who may do something else from then on signs in anew.
@Sendable func keepStaffAccount(_ command: KeepStaffAccount, by actor: Actor, in tx: Transaction) async throws -> Answer<KeepStaffAccount> {
    guard let role = Role(rawValue: command.role), role.isStaff else { return .refused(.unknownRole) }
    guard let name = StaffRow.name(command.displayName) else { return .refused(.nameMissing) }
    guard let known = try await StaffRow.find(command.account, in: tx) else { return .refused(.notFound) }
    guard known.version == command.version || Fault.staffOverwrite.isOn else { return .refused(.changedMeanwhile(version: known.version)) }
    let terms = StaffTerms(
        displayName: name, role: role.rawValue, practitioner: command.practitioner, state: command.suspended ? "suspended" : "active")
    // What changes nothing is no version.
    guard terms != known.terms else { return .done(SettingKept(version: known.version)) }
    let staysTheSame = (terms.role, terms.practitioner, terms.state) == (known.terms.role, known.terms.practitioner, known.terms.state)
    guard staysTheSame || command.account != actor.account else { return .refused(.own) }
    guard try await known.leavesAnAdministrator(as: terms, in: tx) else { return .refused(.lastAdministrator) }
    try await known.keep(terms, by: actor, because: staysTheSame ? nil : command.suspended ? .disabled : .roleChanged, in: tx)
    return .done(SettingKept(version: known.version + 1))
}

@Sendable func refusalOfStaffAccount(
    _ command: KeepStaffAccount, constraint: String, by actor: Actor, in tx: Transaction
) async throws -> KeepStaffRefusal? {
    constraint == "account_practitioner" ? .practitionerTaken : nil
}

/// The account of somebody who works here, held until the transaction ends.
struct StaffRow: Sendable {
    private static let longestName = 100

    let account: UUID
    let version: Int
    let terms: StaffTerms

    /// - Returns: what is typed for a name, without blanks around it; nil when it is none or too long.
    static func name(_ typed: String) -> String? {
        let name = typed.trimmingCharacters(in: .whitespacesAndNewlines)
        return (1...longestName).contains(name.count) ? name : nil
    }

    /// All who change accounts come one after the other: two administrators who end each other's at once would each see the other still there.
    /// - Returns: nil for none of somebody who works here, and for one that is closed.
    static func find(_ account: ID<Account>, in tx: Transaction) async throws -> StaffRow? {
        tx.queue("SELECT pg_advisory_xact_lock(hashtextextended('staff', 0))")
        let row = try await tx.first(
            """
            SELECT version, display_name, role, practitioner, state FROM account
            WHERE id = \(account.uuid) AND role <> 'patient' AND state <> 'closed'
            """, as: Int.self, String?.self, String.self, UUID?.self, String.self)
        return row.map { version, name, role, practitioner, state in
            let terms = StaffTerms(displayName: name, role: role, practitioner: practitioner.map { ID($0) }, state: state)
            return StaffRow(account: account.uuid, version: version, terms: terms)
        }
    }

    /// Whether somebody who can sign in and make others administrators would be left.
    func leavesAnAdministrator(as new: StaffTerms, in tx: Transaction) async throws -> Bool {
        guard terms.isAdministrator, !new.isAdministrator, !Fault.lastAdministratorGoes.isOn else { return true }
        let others = try await tx.first(
            "SELECT EXISTS (SELECT FROM account WHERE role = 'administrator' AND state = 'active' AND id <> \(account))", as: Bool.self)
        return others == true
    }

    /// - Parameter reason: why the sessions of the account end; nil: they go on.
    func keep(_ new: StaffTerms, by actor: Actor, because reason: EndReason?, in tx: Transaction) async throws {
        tx.queue(
            """
            UPDATE account SET version = \(version + 1), display_name = \(new.displayName), role = \(new.role),
                practitioner = \(new.practitioner?.uuid), state = \(new.state)
            WHERE id = \(account)
            """)
        tx.queue(
            """
            INSERT INTO account_version (account, version, made_by, display_name, role, practitioner, state)
            VALUES (\(account), \(version + 1), \(actor.account?.uuid), \(new.displayName), \(new.role), \(new.practitioner?.uuid), \(new.state))
            """)
        if let reason { try await Sessions.end(of: account, because: reason, in: tx) } else { try await tx.flush() }
    }
}

extension StaffTerms {
    fileprivate var isAdministrator: Bool { role == Role.administrator.rawValue && state == "active" }
}
