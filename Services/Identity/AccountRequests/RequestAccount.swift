internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension AccountRequestBook {
    /// Keeps what was typed. Nothing here looks whether there is such a chart or account, so nobody can learn it: not by the answer, nor by how long
    /// it takes.
    func requestAccount(_ command: RequestAccount, by actor: Actor, _ transactions: Transactions) async throws -> LastStep<RequestAccount> {
        let address = Username(command.details.email)
        guard address.isAddress else { return { _, _ in .refused(.notAnAddress) } }
        guard let details = command.details.usable(address) else { return { _, _ in .refused(.notUsable) } }
        let claim = try await transactions { tx in try await throttle.claim(throttle.request(address, source: command.source), in: tx) }
        if case .blocked(let until) = claim { return { _, _ in .refused(.throttled(until: until)) } }
        let row = command.request.uuid
        let body = try sealed(details, row: row)
        return { tx, _ in
            _ = try await tx.run("INSERT INTO account_request (id, body) VALUES (\(row), \(body)) ON CONFLICT (id) DO NOTHING")
            return .done(Done())
        }
    }
}

extension RequestedAccount {
    /// Trimmed; nil when something is missing or too long.
    fileprivate func usable(_ address: Username) -> RequestedAccount? {
        func trimmed(_ text: String, _ limit: Int) -> String? {
            let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
            return text.isEmpty || text.count > limit || text.utf8.count > 4 * limit ? nil : text
        }
        guard let given = trimmed(given, 100), let family = trimmed(family, 100), birthDate.utf8.count == 10 else { return nil }
        let phone = phone?.trimmingCharacters(in: .whitespaces)
        guard (phone?.utf8.count ?? 0) <= 40, (language?.utf8.count ?? 0) <= 35 else { return nil }
        return RequestedAccount(
            given: given, family: family, birthDate: birthDate, email: address.text, phone: phone?.isEmpty == false ? phone : nil, language: language)
    }
}
