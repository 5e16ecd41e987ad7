import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Billing

/// Insurances on file: what the card says, sealed, and who has looked at it.
@Suite(.serialized) struct CoverageTests {
    private static let details = CoverageDetails(
        payor: "Prairie Health", subscriberID: "PH 4471 902", group: "G-118", relationship: .child, phone: "800 555 0100")

    private func add(
        _ office: Office, _ patient: ID<Patient>, _ details: CoverageDetails = details
    ) async throws -> (ID<Coverage>, Answer<AddCoverage>) {
        let command = AddCoverage(patient: patient, coverage: .init(), details: details)
        return (command.coverage, try await office.bus.request(command, as: office.patient(patient)))
    }

    private func read(_ office: Office, _ patient: ID<Patient>) async throws -> [CoverageLine] {
        try await office.bus.ask(ReadCoverages(patient: patient), as: office.clerk).coverages
    }

    private func decide(
        _ office: Office, _ patient: ID<Patient>, _ coverage: ID<Coverage>, _ decision: CoverageDecision, _ reason: CoverageReason? = nil
    ) async throws -> Answer<DecideCoverage> {
        let command = DecideCoverage(patient: patient, coverage: coverage, decision: decision, reason: reason, key: .v7())
        return try await office.bus.request(command, as: office.clerk)
    }

    @Test func whatIsStatedIsCheckedByStaff() async throws {
        try await withOffice { office in
            let patient = ID<Patient>()
            let (coverage, answer) = try await add(office, patient)
            #expect(answer == .done(Done()))
            let stated = try #require(try await read(office, patient).first)
            #expect(stated.details == Self.details && stated.state == "stated" && stated.front == nil && stated.decided == nil)
            func waiting() async throws -> [Bool] {
                try await office.bus.ask(ReadBillingWork(), as: office.clerk).coverages?.filter { $0.patient == patient }.map(\.hasCard) ?? []
            }
            #expect(try await waiting() == [false])
            let (front, back) = (ID<Resource>(), ID<Resource>())
            for (isBack, document) in [(false, ID<Resource>()), (false, front), (true, back)] {
                let keep = KeepCardPicture(patient: patient, coverage: coverage, isBack: isBack, document: document, key: .v7())
                #expect(try await office.bus.request(keep, as: office.patient(patient)) == .done(Done()))
            }
            #expect(try await waiting() == [true])
            #expect(try await decide(office, patient, coverage, .refused) == .refused(.reasonMissing))
            #expect(try await decide(office, patient, coverage, .confirmed, .notTheirs) == .refused(.reasonMissing))
            #expect(try await decide(office, .init(), coverage, .confirmed) == .refused(.notFound))
            #expect(try await decide(office, patient, coverage, .confirmed) == .done(Done()))
            #expect(try await decide(office, patient, coverage, .refused, .notTheirs) == .refused(.notOpen))
            let late = KeepCardPicture(patient: patient, coverage: coverage, isBack: true, document: .init(), key: .v7())
            #expect(try await office.bus.request(late, as: office.patient(patient)) == .refused(.notOpen))
            let confirmed = try #require(try await read(office, patient).first)
            #expect(confirmed.state == "confirmed" && confirmed.front == front && confirmed.back == back && confirmed.decided != nil)
            #expect(try await waiting() == [])
            #expect(try await decide(office, patient, coverage, .ended) == .done(Done()))
            #expect(try await decide(office, patient, coverage, .ended) == .refused(.notOpen))
        }
    }

    @Test func whatIsWrittenIsSealed() async throws {
        try await withOffice { office in
            let patient = ID<Patient>()
            _ = try await add(office, patient)
            let row = try await office.database.transaction { tx in try await tx.first("SELECT c::text FROM coverage c", as: String.self) }
            let bytes = try await office.database.transaction { tx in try await tx.first("SELECT details FROM coverage", as: [UInt8].self) }
            #expect(row?.contains("Prairie") == false)
            #expect(Data(try #require(bytes)).range(of: Data("Prairie".utf8)) == nil)
        }
    }

    @Test func whatDoesNotFitIsRefused() async throws {
        try await withOffice { (office) async throws in
            let patient = ID<Patient>()
            func refusal(_ change: (inout CoverageDetails) -> Void) async throws -> Answer<AddCoverage> {
                var details = Self.details
                change(&details)
                return try await add(office, patient, details).1
            }
            #expect(try await refusal { $0.payor = "" } == .refused(.invalidPayor))
            #expect(try await refusal { $0.payor = String(repeating: "x", count: 201) } == .refused(.invalidPayor))
            #expect(try await refusal { $0.subscriberID = "" } == .refused(.invalidSubscriberID))
            #expect(try await refusal { $0.group = String(repeating: "x", count: 61) } == .refused(.invalidGroup))
            #expect(try await refusal { $0.phone = "call us" } == .refused(.invalidPhone))
            for _ in 0..<10 { #expect(try await add(office, patient).1 == .done(Done())) }
            #expect(try await add(office, patient).1 == .refused(.tooMany))
            let other = AddCoverage(patient: patient, coverage: .init(), details: Self.details)
            await #expect(throws: BusError.notAllowed) { try await office.bus.request(other, as: office.patient(.init())) }
            await #expect(throws: BusError.notAllowed) { try await office.bus.request(other, as: office.clerk) }
        }
    }

    /// Who pays in the patient's place is not told how the patient is insured.
    @Test func aBillShowsThePayorToWhomItConcerns() async throws {
        try await withOffice { office in
            let (child, mother) = (ID<Patient>(), ID<Patient>())
            let today = Date().formatted(Date.ISO8601FormatStyle().year().month().day())
            let guarantor = SetGuarantor(
                patient: child, patientName: "Sofia", guarantor: .init(), relationship: .parent, person: mother, payerName: "Maria",
                reason: .minor, from: today)
            #expect(try await office.bus.request(guarantor, as: office.clerk) == .done(Done()))
            let bill = try await office.bill(child, ["OV20"])
            #expect(try await office.read(bill, of: child).coverage == nil)
            let (first, _) = try await add(office, child)
            var better = Self.details
            better.payor = "Lake Mutual"
            let (second, _) = try await add(office, child, better)
            #expect(try await office.read(bill, of: child).coverage?.coverage == second)
            // What was looked at goes before what was not.
            #expect(try await decide(office, child, first, .confirmed) == .done(Done()))
            #expect(try await office.read(bill, of: child).coverage?.details?.phone == "800 555 0100")
            #expect(try await office.read(bill, of: child).coverage?.coverage == first)
            guard case .done(let seen) = try await office.bus.request(ReadInvoice(patient: child, invoice: bill), as: office.patient(mother))
            else { throw TryLater("not shown") }
            #expect(seen.coverage == nil && seen.lines.count == 1)
        }
    }
}
