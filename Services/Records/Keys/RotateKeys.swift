internal import Access
internal import Contracts
internal import Foundation
internal import Postgres
internal import Sealing

extension RecordStore {
    /// Keys that are looked at for one request.
    private static let keysAtOnce = 500

    @Sendable func rotateKeys(_ command: RotateKeys, actor: Actor, tx: Transaction) async throws -> Answer<RotateKeys> {
        let settling = command.settleSeconds.map { Duration.seconds($0) } ?? KeyStore.settles
        guard settling >= .seconds(10), settling <= .seconds(86_400) else { return .refused(.invalidSettling) }
        if let patient = command.patient?.uuid {
            do { try sealer.store.rotate(patient, settling: settling) } catch {
                guard error == .noPatientKey else { throw error }
                return .refused(.notFound)
            }
            return .done(KeysTouched(count: 1))
        }
        return .done(try touched(after: command.after) { patient throws(SealingError) in try sealer.store.rotate(patient, settling: settling) })
    }

    /// The first page wraps the root too, from which the services' own keys are derived.
    @Sendable func rewrapKeys(_ command: RewrapKeys, actor: Actor, tx: Transaction) async throws -> Answer<RewrapKeys> {
        if command.after == nil { _ = try sealer.store.rewrapRoot() }
        return .done(try touched(after: command.after) { patient throws(SealingError) in _ = try sealer.store.rewrap(patient) })
    }

    private func touched(after: ID<Patient>?, _ touch: (UUID) throws(SealingError) -> Void) throws -> KeysTouched {
        let patients = sealer.store.patients().drop { patient in after.map { patient <= $0.uuid } ?? false }
        let page = patients.prefix(Self.keysAtOnce)
        for patient in page {
            // Destroyed since they were listed.
            do { try touch(patient) } catch { guard error.isOfNoKey else { throw error } }
        }
        return KeysTouched(count: page.count, next: patients.count > page.count ? page.last.map { ID($0) } : nil)
    }

    @Sendable func readKeys(_ query: ReadKeys, actor: Actor, tx: Transaction) async throws -> Answer<ReadKeys> {
        let rotations = sealer.store.rotations()
        let waiting = EveryService.names.map { service in
            KeysView.Waiting(service: service, keys: rotations.count { !$0.done.contains(service) })
        }
        return .done(
            KeysView(
                keys: sealer.store.patients().count, rotating: rotations.count,
                waiting: waiting.filter { $0.keys > 0 }, settled: rotations.map(\.settled).max(),
                held: sealer.store.held().count, destroyed: sealer.store.destroyed().count))
    }
}
