import Access
import Contracts
import Crypto
import Faults
import Foundation
import MessageBus
import Postgres
import Testing
import TestSupport
@testable import Records

/// What is ordered, what comes of it, and what comes up by itself when nothing does.
@Suite(.serialized) struct OrderTests {
    private struct Ward: Sendable {
        let service: ServiceUnderTest
        let patient: ID<Patient>
        /// Two who treat the patient, and one who does not.
        let clinician: ActorToken
        let colleague: ActorToken
        let stranger: ActorToken
        let own: ActorToken

        func place(_ what: String, _ id: ID<Resource> = .init(), draft: Bool = false, due: String? = nil) async throws -> Answer<PlaceOrder> {
            let command = PlaceOrder(
                patient: patient, order: id, kind: .laboratory, what: CodedText(what), reason: "Diuretic", due: due ?? day(7),
                draft: draft ? true : nil, key: .v7())
            return try await service.bus.request(command, as: clinician)
        }

        func day(_ days: Double) -> String { String(Date().addingTimeInterval(days * 86_400).formatted(.iso8601).prefix(10)) }

        func change(_ id: ID<Resource>, _ version: Int, to status: String, reason: String = "Because") async throws -> Answer<ChangeOrder> {
            let command = ChangeOrder(patient: patient, order: id, version: version, status: status, reason: reason, key: .v7())
            return try await service.bus.request(command, as: clinician)
        }

        func enter(
            _ results: [(ID<Resource>, String, String)], for order: ID<Resource>? = nil, status: String = "final"
        ) async throws -> Answer<EnterResult> {
            let entered = results.map { id, name, value in
                EnteredResult(
                    result: id, name: CodedText(name), reading: ResultReading(value, unit: "mmol/L", low: "3.5", high: "5.1"))
            }
            let command = EnterResult(
                patient: patient, order: order, status: status, collected: "2026-01-02T10:00:00Z", results: entered, key: .v7())
            return try await service.bus.request(command, as: clinician)
        }

        func correct(
            _ id: ID<Resource>, _ version: Int, to status: String = "corrected", _ value: String? = nil, unit: String = "mmol/L", key: UUID = .v7()
        ) async throws -> Answer<CorrectResult> {
            let command = CorrectResult(
                patient: patient, result: id, version: version, status: status,
                reading: value.map { ResultReading($0, unit: unit, low: "3.5", high: "5.1") }, reason: "Misread", key: key)
            return try await service.bus.request(command, as: clinician)
        }

        func acknowledge(
            _ id: ID<Resource>, _ version: Int, _ comment: String? = nil, as who: ActorToken
        ) async throws -> Answer<AcknowledgeResult> {
            let command = AcknowledgeResult(patient: patient, result: id, version: version, comment: comment, key: .v7())
            return try await service.bus.request(command, as: who)
        }

        // What the patient sees, and when they want to.

        func choose(afterComment: Bool, days: Int = 3) async throws -> Answer<ChangeReleaseChoice> {
            let choice = ReleaseChoice(afterComment: afterComment, days: days)
            return try await service.bus.request(ChangeReleaseChoice(patient: patient, choice: choice, key: .v7()), as: own)
        }

        var waiting: ReleaseView { get async throws { try await service.bus.ask(ReadReleaseChoice(patient: patient), as: own) } }

        /// The names of results that are anywhere in what the patient can read.
        func seen() async throws -> Set<String> {
            guard case .done(let chart) = try await service.bus.request(ReadChart(patient: patient), as: own),
                case .done(let all) = try await service.bus.request(ReadTimeline(patient: patient), as: own),
                case .done(let file) = try await service.bus.request(ExportRecord(patient: patient, form: .lines), as: own),
                case .done(let news) = try await service.bus.request(ReadNews(patient: patient), as: own)
            else { throw TryLater("no record") }
            let lines = all.lines + file.lines + news.lines.map(\.line)
            return Set(chart.results.map(\.display) + lines.filter { ["Observation", "DiagnosticReport"].contains($0.type) }.map(\.title))
        }

        func releaseDue(days: Double = 0) async throws {
            let then = Date().addingTimeInterval(days * 86_400)
            try await service.pool.asWorker(of: "records") { tx in RecordStore.releaseDue(at: then, in: tx) }
        }

        func news() async throws -> RecordNews {
            guard case .done(let news) = try await service.bus.request(ReadNews(patient: patient), as: own) else { throw TryLater("no record") }
            return news
        }

        func loops(of who: ActorToken) async throws -> OpenLoops { try await service.bus.ask(ReadOpenLoops(), as: who) }

        func read(_ id: ID<Resource>) async throws -> ResultDetail {
            guard case .done(let result) = try await service.bus.request(ReadResult(patient: patient, result: id), as: clinician) else {
                throw TryLater("no result")
            }
            return result
        }

        /// One resource of the patient's from elsewhere, or its next version. - Parameter members: all but the subject.
        func bring(_ url: String, _ members: String) async throws -> ID<Resource> {
            let file = """
                {"resourceType":"Bundle","type":"collection","entry":[
                {"fullUrl":"\(url)","resource":{\(members),"subject":{"reference":"Patient/\(patient)"}}}]}
                """
            _ = try await service.imported(file)
            guard case .done(let found) = try await service.bus.request(ReadResource(fullURL: url), as: service.keys.operator()) else {
                throw TryLater("not imported")
            }
            return found.id
        }

        /// What a laboratory sends.
        func bringResult(_ url: String, _ name: String, _ value: String, status: String = "final") async throws -> ID<Resource> {
            try await bring(
                url,
                """
                "resourceType":"Observation","status":"\(status)","code":{"text":"\(name)"},"category":[{"coding":[{"code":"laboratory"}]}],
                "effectiveDateTime":"\(Date().formatted(.iso8601))","valueQuantity":{"value":\(value),"unit":"mmol/L"}
                """)
        }

        var orders: [OrderLine] {
            get async throws {
                guard case .done(let all) = try await service.bus.request(ReadOrders(patient: patient), as: clinician) else {
                    throw TryLater("none")
                }
                return all.orders
            }
        }

        var told: Int { get async throws { try await service.emitted(RecordChanged.self).count } }
        /// Orders that are over, as was told.
        var ended: [ID<Resource>] { get async throws { try await service.emitted(OrderEnded.self).map(\.order) } }

        /// As that much later.
        func pass(hours: Int) async throws {
            let pool = service.database.pool(service.database.superuser)
            try await pool.run([
                "UPDATE result_review SET since = since - interval '1 hour' * \(hours)",
                "UPDATE open_order SET due_at = due_at - interval '1 hour' * \(hours)",
            ])
            await pool.close()
        }
    }

    private func withWard(_ body: @escaping @Sendable (Ward) async throws -> Void) async throws {
        try await withRecords { service in
            let file = """
                {"resourceType":"Bundle","type":"collection","entry":[
                {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","name":[{"family":"Moss","given":["Ida"]}],"birthDate":"1980-02-29"}},
                {"fullUrl":"urn:uuid:3","resource":{"resourceType":"Practitioner","name":[{"family":"Okafor"}]}},
                {"fullUrl":"urn:uuid:5","resource":{"resourceType":"Practitioner","name":[{"family":"Reyes"}]}},
                {"fullUrl":"urn:uuid:6","resource":{"resourceType":"Practitioner","name":[{"family":"Adeyemi"}]}},
                {"fullUrl":"urn:uuid:4","resource":{"resourceType":"CareTeam","status":"active","subject":{"reference":"urn:uuid:1"},
                 "participant":[{"member":{"reference":"urn:uuid:3"}},{"member":{"reference":"urn:uuid:5"}}]}}]}
                """
            let patient = try await service.importedPatient(file)
            try await body(
                Ward(
                    service: service, patient: patient, clinician: try await service.clinician("urn:uuid:3"),
                    colleague: try await service.clinician("urn:uuid:5"), stranger: try await service.clinician("urn:uuid:6"),
                    own: try await service.keys.patient(patient)))
        }
    }

    /// §4.2, written down a second time: what the service does is held against it, not against its own table.
    private static let ordersMayGo: Set<String> = [
        "draft>active", "draft>entered-in-error", "active>on-hold", "active>completed", "active>revoked", "active>entered-in-error",
        "on-hold>active", "on-hold>completed", "on-hold>revoked", "on-hold>entered-in-error",
    ]
    private static let resultsMayGo: Set<String> = {
        let changes = ["amended", "corrected", "cancelled", "entered-in-error"]
        let settled = ["final", "amended", "corrected"].flatMap { from in changes.map { "\(from)>\($0)" } }
        return Set(settled + ["preliminary>final", "preliminary>cancelled", "preliminary>entered-in-error", "cancelled>entered-in-error"])
    }()

    @Test(.timeLimit(.minutes(2))) func ordersWalkWhereTheyMayAndAnIllegalStepTellsNobody() async throws {
        try await withWard { ward in
            let states = ["draft", "active", "on-hold", "completed", "revoked", "entered-in-error", "unknown"]
            var random = Seeded(114)
            for walk in 0..<12 {
                let id = ID<Resource>()
                #expect(try await ward.place("Walk \(walk)", id, draft: walk % 2 == 0) == .done(EntryKept(version: 1)))
                var (status, version) = (walk % 2 == 0 ? "draft" : "active", 1)
                for _ in 0..<10 {
                    let next = states.randomElement(using: &random) ?? "active"
                    let told = try await ward.told
                    let answer = try await ward.change(id, version, to: next)
                    if Self.ordersMayGo.contains("\(status)>\(next)") {
                        #expect(answer == .done(EntryKept(version: version + 1)), "\(status) to \(next)")
                        (status, version) = (next, version + 1)
                        #expect(try await ward.told == told + 1)
                        let isOver = ["completed", "revoked", "entered-in-error"].contains(status)
                        #expect(try await ward.ended.filter { $0 == id }.count == (isOver ? 1 : 0))
                    } else {
                        #expect(answer == .refused(.illegal(status: status)), "\(status) to \(next)")
                        #expect(try await ward.told == told)
                    }
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func resultsWalkWhereTheyMayAndNeverBackFromFinal() async throws {
        try await withWard { ward in
            let states = ["registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"]
            var random = Seeded(114)
            for walk in 0..<12 {
                let id = ID<Resource>()
                var (status, version) = (walk % 3 == 0 ? "preliminary" : "final", 1)
                guard case .done = try await ward.enter([(id, "Walk \(walk)", "4.0")], status: status) else {
                    Issue.record("not entered")
                    return
                }
                for step in 0..<10 {
                    let next = states.randomElement(using: &random) ?? "final"
                    let told = try await ward.told
                    let answer = try await ward.correct(id, version, to: next, "4.\(step + 1)")
                    if Self.resultsMayGo.contains("\(status)>\(next)") {
                        #expect(answer == .done(EntryKept(version: version + 1)), "\(status) to \(next)")
                        (status, version) = (next, version + 1)
                        #expect(try await ward.told == told + 1)
                    } else {
                        #expect(answer == .refused(.illegal(status: status)), "\(status) to \(next)")
                        #expect(try await ward.told == told)
                    }
                    // Every version that was ever written is still there.
                    #expect(try await ward.read(id).versions.map(\.version) == Array((1...version).reversed()))
                }
            }
        }
    }

    @Test func aResultCompletesItsOrderAlsoOneOnHold() async throws {
        try await withWard { ward in
            let (order, paused, early) = (ID<Resource>(), ID<Resource>(), ID<Resource>())
            _ = try await ward.place("Potassium", order)
            _ = try await ward.place("Sodium", paused)
            _ = try await ward.place("Culture", early)
            _ = try await ward.change(paused, 1, to: "on-hold")
            let results = (0..<4).map { _ in ID<Resource>() }
            guard case .done(let entered) = try await ward.enter([(results[0], "Potassium", "4.1"), (results[1], "Chloride", "4.2")], for: order)
            else {
                Issue.record("not entered")
                return
            }
            #expect(entered.results == Array(results[0...1]) && entered.report != nil)
            _ = try await ward.enter([(results[2], "Sodium", "4.1")], for: paused)
            _ = try await ward.enter([(results[3], "Culture", "4.1")], for: early, status: "preliminary")
            func status(_ id: ID<Resource>) async throws -> String? { try await ward.orders.first { $0.order == id }?.status }
            #expect(try await status(order) == "completed")
            #expect(try await status(paused) == "completed")
            #expect(try await status(early) == "active")
            #expect(try await ward.correct(results[3], 1, to: "final") == .done(EntryKept(version: 2)))
            #expect(try await status(early) == "completed")
            #expect(Set(try await ward.orders.first { $0.order == order }?.results ?? []) == Set(results[0...1]))
            // A correction is the report's, too; and a report with one of its results taken back says something else than before.
            _ = try await ward.correct(results[0], 1, to: "corrected", "4.4")
            let report = ReadEntry(patient: ward.patient, entry: try #require(entered.report))
            func reported() async throws -> [String?] {
                guard case .done(let view) = try await ward.service.bus.request(report, as: ward.clinician) else { return [] }
                return view.versions.map(\.line.status)
            }
            #expect(try await reported() == ["corrected", "final"])
            _ = try await ward.correct(results[1], 1, to: "cancelled")
            #expect(try await reported() == ["amended", "corrected", "final"])
            let revoked = ID<Resource>()
            _ = try await ward.place("Lipids", revoked)
            _ = try await ward.change(revoked, 1, to: "revoked")
            #expect(try await ward.enter([(ID(), "Lipids", "4.0")], for: revoked) == .refused(.orderClosed(status: "revoked")))
        }
    }

    @Test func aCorrectionThatComesTwiceOrOutOfTurnIsOne() async throws {
        try await withWard { ward in
            let (id, key) = (ID<Resource>(), UUID.v7())
            _ = try await ward.enter([(id, "Potassium", "5.9")])
            #expect(try await ward.correct(id, 1, "4.9", key: key) == .done(EntryKept(version: 2)))
            #expect(try await ward.correct(id, 1, "4.9", key: key) == .done(EntryKept(version: 2)))
            // The same again, as a new command; one made before it; one made after a version that is not there yet.
            #expect(try await ward.correct(id, 1, "4.9") == .refused(.changedMeanwhile(version: 2)))
            #expect(try await ward.correct(id, 1, "5.0") == .refused(.changedMeanwhile(version: 2)))
            #expect(try await ward.correct(id, 3, "5.0") == .refused(.changedMeanwhile(version: 2)))
            #expect(try await ward.correct(id, 2, "4.8") == .done(EntryKept(version: 3)))
            // Several at once: one of them is.
            let answers = try await withThrowingTaskGroup(of: Answer<CorrectResult>.self) { group in
                for place in 0..<6 { group.addTask { try await ward.correct(id, 3, "4.\(place)") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0 == .done(EntryKept(version: 4)) } == 1)
            let result = try await ward.read(id)
            #expect(result.versions.map(\.value).dropFirst() == ["4.8 mmol/L", "4.9 mmol/L", "5.9 mmol/L"])
            #expect(result.versions.last?.reason == nil && result.versions.first?.reason == "Misread")
            #expect(result.line.previousValue == "5.9")
        }
    }

    @Test func thePatientReadsWhatItSaidFirst() async throws {
        try await withWard { ward in
            func newest(_ id: ID<Resource>) async throws -> ResultLine? {
                guard
                    case .done(let series) = try await ward.service.bus.request(
                        ReadResultSeries(patient: ward.patient, result: id), as: ward.own)
                else { return nil }
                return series.points.last
            }
            let (id, other, gone) = (ID<Resource>(), ID<Resource>(), ID<Resource>())
            _ = try await ward.enter([(id, "Potassium", "5.90")])
            _ = try await ward.enter([(other, "Glucose", "5.4")])
            _ = try await ward.enter([(gone, "Sodium", "4.2")])
            _ = try await ward.correct(id, 1, "4.90")
            _ = try await ward.correct(id, 2, "4.80")
            _ = try await ward.correct(other, 1, to: "amended", "97.2", unit: "mg/dL")
            _ = try await ward.correct(gone, 1, to: "cancelled")
            let line = try await newest(id)
            #expect(line?.value == "4.80" && line?.previousValue == "5.90" && line?.corrected == true && line?.interpretation == "N")
            // Another unit is no point of the same graph.
            #expect(try await newest(other)?.previousValue == "5.4 mmol/L")
            let back = try await newest(gone)
            #expect(back?.status == "cancelled" && back?.value == nil && back?.previousValue == "4.2 mmol/L")
        }
    }

    @Test func whatIsNotAnsweredComesUpByItself() async throws {
        try await withWard { ward in
            let (order, high, usual) = (ID<Resource>(), ID<Resource>(), ID<Resource>())
            _ = try await ward.place("Potassium", order)
            #expect(try await ward.loops(of: ward.colleague).overdue.isEmpty)
            try await ward.pass(hours: 9 * 24)
            #expect(try await ward.loops(of: ward.colleague).overdue.map(\.order.order) == [order])
            #expect(try await ward.loops(of: ward.stranger).overdue.isEmpty)
            _ = try await ward.change(order, 1, to: "on-hold")
            #expect(try await ward.loops(of: ward.clinician).overdue.map(\.order.status) == ["on-hold"])
            _ = try await ward.enter([(high, "Potassium", "5.9"), (usual, "Sodium", "4.1")], for: order)
            #expect(try await ward.loops(of: ward.colleague).overdue.isEmpty)
            // Whoever ordered sees both at once; the others, in the end, the one that is not as usual.
            let mine = try await ward.loops(of: ward.clinician).results
            #expect(Set(mine.map(\.result.id)) == [high, usual] && mine.allSatisfy { $0.why == .ordered })
            #expect(try await ward.loops(of: ward.colleague).results.isEmpty)
            try await ward.pass(hours: 47)
            #expect(try await ward.loops(of: ward.colleague).results.isEmpty)
            try await ward.pass(hours: 1)
            #expect(try await Fault.nothingEscalates.injected { try await ward.loops(of: ward.colleague).results }.isEmpty)
            let late = try await ward.loops(of: ward.colleague).results
            #expect(late.map(\.result.id) == [high] && late.map(\.why) == [.unanswered])
            #expect(try await ward.loops(of: ward.stranger).results.isEmpty)
            await #expect(throws: BusError.notAllowed) { _ = try await ward.acknowledge(high, 1, as: ward.stranger) }
            #expect(try await ward.acknowledge(high, 1, as: ward.colleague) == .done(Done()))
            #expect(try await ward.acknowledge(high, 1, as: ward.colleague) == .done(Done()))
            #expect(try await ward.loops(of: ward.colleague).results.isEmpty)
            #expect(try await ward.loops(of: ward.clinician).results.map(\.result.id) == [usual])
            let read = try await ward.read(high)
            #expect(read.acknowledgements.map(\.version) == [1] && read.acknowledgements[0].practitioner != nil && !read.waits)
            #expect(abs(read.acknowledgements[0].at.timeIntervalSinceNow) < 60)
        }
    }

    @Test func whoeverSawTheOldValueIsShownTheNewOne() async throws {
        try await withWard { ward in
            let (order, id) = (ID<Resource>(), ID<Resource>())
            _ = try await ward.place("Potassium", order)
            _ = try await ward.enter([(id, "Potassium", "4.1")], for: order)
            #expect(try await ward.acknowledge(id, 1, as: ward.colleague) == .done(Done()))
            #expect(try await ward.loops(of: ward.clinician).results.isEmpty)
            _ = try await ward.correct(id, 1, "6.4")
            let again = try await ward.loops(of: ward.colleague).results
            #expect(again.map(\.why) == [.changed] && again[0].result.previousValue == "4.1" && again[0].version == 2)
            #expect(try await ward.loops(of: ward.clinician).results.map(\.why) == [.ordered])
            // What somebody saw before is not what they see now.
            #expect(try await ward.acknowledge(id, 1, as: ward.colleague) == .refused(.changedMeanwhile(version: 2)))
            // Another's answer is not theirs.
            #expect(try await ward.acknowledge(id, 2, as: ward.clinician) == .done(Done()))
            #expect(try await ward.loops(of: ward.clinician).results.isEmpty)
            #expect(try await ward.loops(of: ward.colleague).results.map(\.why) == [.changed])
            #expect(try await ward.acknowledge(id, 2, as: ward.colleague) == .done(Done()))
            #expect(try await ward.loops(of: ward.colleague).results.isEmpty)
            #expect(try await ward.read(id).acknowledgements.map(\.version).sorted() == [1, 2, 2])
            // A correction of what nobody has answered for does not begin to wait anew.
            _ = try await ward.correct(id, 2, "6.5")
            try await ward.pass(hours: 47)
            _ = try await ward.correct(id, 3, "6.6")
            let since = try await ward.loops(of: ward.colleague).results.map(\.since)
            #expect(since.count == 1 && since[0].timeIntervalSinceNow < -46 * 3600)
        }
    }

    @Test func whoeverSawTheOldValueIsShownTheNewOneAlsoAfterAComment() async throws {
        try await withWard { ward in
            let id = ID<Resource>()
            _ = try await ward.enter([(id, "Potassium", "4.1")])
            #expect(try await ward.acknowledge(id, 1, as: ward.colleague) == .done(Done()))
            // The second version: it says the same, and asks nobody again.
            #expect(try await ward.acknowledge(id, 1, "As we expected.", as: ward.clinician) == .done(Done()))
            #expect(try await ward.loops(of: ward.colleague).results.isEmpty)
            #expect(try await ward.correct(id, 2, "6.4") == .done(EntryKept(version: 3)))
            let again = try await ward.loops(of: ward.colleague).results
            #expect(again.map(\.why) == [.changed] && again.map(\.result.previousValue) == ["4.1"] && again.map(\.version) == [3])
            #expect(try await ward.loops(of: ward.clinician).results.map(\.why) == [.changed])
            // Once for each, however often it is corrected before they look.
            _ = try await ward.correct(id, 3, "6.5")
            #expect(try await ward.loops(of: ward.colleague).results.count == 1)
            #expect(try await ward.acknowledge(id, 4, as: ward.colleague) == .done(Done()))
            #expect(try await ward.loops(of: ward.colleague).results.isEmpty)
        }
    }

    @Test func anOrderThatAnImportClosesIsNotOverdue() async throws {
        try await withWard { ward in
            func order(_ status: String) -> String {
                """
                "resourceType":"ServiceRequest","status":"\(status)","intent":"order","code":{"text":"Lipids"},
                "occurrencePeriod":{"end":"\(ward.day(7))"}
                """
            }
            let id = try await ward.bring("urn:uuid:8", order("active"))
            #expect(try await ward.change(id, 1, to: "on-hold") == .done(EntryKept(version: 2)))
            try await ward.pass(hours: 9 * 24)
            #expect(try await ward.loops(of: ward.colleague).overdue.map(\.order.order) == [id])
            _ = try await ward.bring("urn:uuid:8", order("completed"))
            let loops = try await ward.loops(of: ward.colleague)
            #expect(loops.overdue.isEmpty && loops.overduePage?.total ?? 0 == 0)
        }
    }

    /// Yesterday in UTC is today in the west.
    @Test func theDaysOfAnOrderBeginBeforeTheyEnd() async throws {
        try await withWard { ward in
            let (id, day) = (ID<Resource>(), ward.day(-1))
            #expect(try await ward.place("Potassium", id, due: day) == .done(EntryKept(version: 1)))
            let query = ReadResource(type: "ServiceRequest", id: id)
            guard case .done(let order) = try await ward.service.bus.request(query, as: ward.service.keys.operator()) else {
                Issue.record("not there")
                return
            }
            #expect(order.json.contains("\"start\":\"\(day)\"") && order.json.contains("\"end\":\"\(day)\""))
        }
    }

    /// Of each version that says something else than what could be read there is one event; of a refused or repeated correction none.
    @Test func whatThePatientMayHaveReadIsToldWhenItIsCorrected() async throws {
        try await withWard { ward in
            func told() async throws -> [Int] {
                let events = try await ward.service.emitted(ResultAmended.self)
                #expect(events.allSatisfy { $0.patient == ward.patient })
                return events.map(\.version)
            }
            let (id, early, same, key) = (ID<Resource>(), ID<Resource>(), ID<Resource>(), UUID.v7())
            _ = try await ward.enter([(id, "Potassium", "5.9")])
            #expect(try await told().isEmpty)
            for _ in 0..<2 { _ = try await ward.correct(id, 1, "4.9", key: key) }
            #expect(try await ward.correct(id, 1, "4.8") == .refused(.changedMeanwhile(version: 2)))
            #expect(try await ward.correct(id, 2, to: "final", "4.8") == .refused(.illegal(status: "corrected")))
            #expect(try await told() == [2])
            _ = try await ward.correct(id, 2, to: "cancelled")
            #expect(try await told() == [2, 3])
            // There is nothing to read any more.
            _ = try await ward.correct(id, 3, to: "entered-in-error")
            #expect(try await told().count == 2)
            // What was preliminary and is final says the same, or not.
            _ = try await ward.enter([(early, "Sodium", "4.1")], status: "preliminary")
            _ = try await ward.enter([(same, "Chloride", "4.1")], status: "preliminary")
            _ = try await ward.correct(same, 1, to: "final", "4.1")
            _ = try await ward.correct(same, 2, to: "entered-in-error")
            #expect(try await told() == [2, 3, 3])
            _ = try await ward.correct(early, 1, to: "final", "4.4")
            let events = try await ward.service.emitted(ResultAmended.self)
            #expect(events.map(\.result) == [id, id, same, early] && events.map(\.version) == [2, 3, 3, 2])
            #expect(events.allSatisfy { abs($0.at.timeIntervalSinceNow) < 60 })
            // The guard taken away: nobody is told.
            try await Fault.correctionsAreSilent.injected { _ = try await ward.correct(early, 2, "4.5") }
            #expect(try await ward.service.emitted(ResultAmended.self).count == 4)
        }
    }

    /// P4: a patient may wait for the clinic's comment, and no way around the choice shows the result before.
    @Test func aResultWaitsForItsCommentWhereThePatientChoseSo() async throws {
        try await withWard { ward in
            let ids = (0..<4).map { _ in ID<Resource>() }
            #expect(try await ward.choose(afterComment: true, days: 0) == .refused(.invalidDays))
            _ = try await ward.enter([(ids[0], "Calcium", "4.1")])
            _ = try await ward.choose(afterComment: true)
            #expect(try await ward.seen() == ["Calcium"], "what was there before stays")
            _ = try await ward.enter([(ids[1], "Potassium", "5.9"), (ids[2], "Sodium", "4.1")])
            #expect(try await ward.seen() == ["Calcium"])
            #expect(try await ward.service.bus.request(ReadResultSeries(patient: ward.patient, result: ids[1]), as: ward.own) == .refused(.notFound))
            #expect(try await ward.waiting.waiting == 2)
            // The clinic sees it, and that the patient does not.
            #expect(try await ward.read(ids[1]).heldSince != nil)
            #expect(try await ward.loops(of: ward.colleague).results.allSatisfy { $0.heldSince == nil || $0.result.display != "Calcium" })
            #expect(try await ward.acknowledge(ids[1], 1, "no", as: ward.clinician) == .refused(.invalidComment))
            #expect(try await ward.acknowledge(ids[2], 1, as: ward.clinician) == .done(Done()))
            #expect(try await ward.acknowledge(ids[1], 1, "A little high. Eat fewer bananas.", as: ward.clinician) == .done(Done()))
            #expect(try await ward.seen() == ["Calcium", "Potassium"])
            let series = try await ward.service.bus.request(ReadResultSeries(patient: ward.patient, result: ids[1]), as: ward.own)
            guard case .done(let series) = series else { throw TryLater("not shown") }
            #expect(series.points.map(\.comment) == ["A little high. Eat fewer bananas."] && series.points.map(\.value) == ["5.9"])
            // A correction does not show what waits; nobody commented, so it is shown on the third day, with the panel.
            _ = try await ward.correct(ids[2], 1, "4.2")
            try await ward.releaseDue(days: 2.9)
            #expect(try await ward.seen() == ["Calcium", "Potassium"])
            try await ward.releaseDue(days: 3.1)
            #expect(try await ward.seen().isSuperset(of: ["Calcium", "Potassium", "Sodium"]))
            #expect(try await ward.waiting.waiting == 0)
            // Whoever does not want to wait any more does not.
            _ = try await ward.enter([(ids[3], "Chloride", "99")])
            #expect(try await !ward.seen().contains("Chloride"))
            _ = try await ward.choose(afterComment: false)
            try await ward.releaseDue()
            #expect(try await ward.seen().contains("Chloride"))
            // The guard taken away.
            _ = try await ward.choose(afterComment: true)
            _ = try await Fault.resultsDoNotWait.injected { try await ward.enter([(ID(), "Zinc", "4")]) }
            #expect(try await ward.seen().contains("Zinc"))
        }
    }

    @Test func aReportIsShownWithTheLastOfItsOwnResults() async throws {
        try await withWard { ward in
            let ids = (0..<4).map { _ in ID<Resource>() }
            _ = try await ward.choose(afterComment: true)
            guard case .done(let first) = try await ward.enter([(ids[0], "Potassium", "5.9"), (ids[1], "Sodium", "4.1")]),
                case .done(let second) = try await ward.enter([(ids[2], "Zinc", "4.1"), (ids[3], "Iron", "4.2")]),
                let panel = first.report, let other = second.report
            else {
                Issue.record("not entered")
                return
            }
            let image = try await ward.bring(
                "urn:uuid:9",
                """
                "resourceType":"DiagnosticReport","status":"final","code":{"text":"MRI"},"effectiveDateTime":"\(Date().formatted(.iso8601))"
                """)
            func shown() async throws -> [Bool] {
                var found: [Bool] = []
                for report in [panel, other, image] {
                    let answer = try await ward.service.bus.request(ReadEntry(patient: ward.patient, entry: report), as: ward.own)
                    let isThere = if case .done = answer { true } else { false }
                    found.append(isThere)
                }
                return found
            }
            func comment(_ id: ID<Resource>) async throws {
                #expect(try await ward.acknowledge(id, 1, "As we expected.", as: ward.clinician) == .done(Done()))
            }
            #expect(try await shown() == [false, false, false])
            try await comment(ids[0])
            #expect(try await shown() == [false, false, false])
            try await comment(ids[1])
            #expect(try await shown() == [true, false, false], "whatever else waits")
            for id in ids[2...] { try await comment(id) }
            #expect(try await shown() == [true, true, false], "nothing but the report waits, and nobody commented on it")
            try await ward.releaseDue(days: 3.1)
            #expect(try await shown() == [true, true, true])
        }
    }

    /// What the patient has not been shown is not said to be wrong, and what was imported can be commented on.
    @Test func whatIsHeldBackIsCommentedOnAndItsCorrectionToldToNobody() async throws {
        try await withWard { ward in
            _ = try await ward.choose(afterComment: true)
            let mine = ID<Resource>()
            _ = try await ward.enter([(mine, "Zinc", "4.1")])
            let sodium = try await ward.bringResult("urn:uuid:7", "Sodium", "4.0")
            let potassium = try await ward.bringResult("urn:uuid:8", "Potassium", "5.4")
            for id in [sodium, potassium] { #expect(try await ward.read(id).heldSince != nil) }
            #expect(try await ward.acknowledge(sodium, 1, "As we expected.", as: ward.clinician) == .done(Done()))
            #expect(try await ward.seen() == ["Sodium"])
            #expect(try await ward.acknowledge(sodium, 2, as: ward.clinician) == .refused(.notFound), "it waits for nobody any more")
            #expect(try await ward.correct(mine, 1, "4.4") == .done(EntryKept(version: 2)))
            _ = try await ward.bringResult("urn:uuid:8", "Potassium", "6.1", status: "corrected")
            #expect(try await ward.seen() == ["Sodium"])
            #expect(try await ward.service.emitted(ResultAmended.self).isEmpty)
            // Once they are shown, it is told.
            for id in [mine, potassium] {
                #expect(try await ward.acknowledge(id, 2, "As we expected.", as: ward.clinician) == .done(Done()))
            }
            #expect(try await ward.seen() == ["Sodium", "Zinc", "Potassium"])
            #expect(try await ward.correct(mine, 3, "4.5") == .done(EntryKept(version: 4)))
            _ = try await ward.bringResult("urn:uuid:8", "Potassium", "4.9", status: "corrected")
            let told = try await ward.service.emitted(ResultAmended.self)
            #expect(told.map(\.result) == [mine, potassium] && told.map(\.version) == [4, 4])
        }
    }

    @Test func whatIsNewIsWhatOthersWroteSinceTheLastLook() async throws {
        try await withWard { ward in
            #expect(try await ward.news().total == 0, "what was imported before the first look is not news")
            let (id, other) = (ID<Resource>(), ID<Resource>())
            _ = try await ward.enter([(id, "Potassium", "5.9")])
            let news = try await ward.news()
            #expect(news.since == nil && news.lines.map(\.line.title) == ["Potassium"] && news.lines.map(\.changed) == [false])
            let see = SeeNews(patient: ward.patient, until: news.asOf, key: .v7())
            for _ in 0..<2 { _ = try await ward.service.bus.ask(see, as: ward.own) }
            #expect(try await ward.news().total == 0)
            #expect(try await ward.news().since != nil)
            _ = try await ward.correct(id, 1, "4.9")
            _ = try await ward.enter([(other, "Sodium", "4.1")])
            #expect(try await ward.news().lines.map(\.changed) == [false, true])
            // Looking never moves back, nor ahead of now.
            for until in [Date(timeIntervalSince1970: 0), Date().addingTimeInterval(86_400)] {
                _ = try await ward.service.bus.ask(SeeNews(patient: ward.patient, until: until, key: .v7()), as: ward.own)
            }
            #expect(try await ward.news().total == 0)
            _ = try await ward.enter([(ID(), "Chloride", "4.1")])
            #expect(try await ward.news().total == 1)
        }
    }

    /// What the tests above would notice.
    @Test func aGuardThatIsTakenAwayIsMissed() async throws {
        try await withWard { ward in
            let (order, id) = (ID<Resource>(), ID<Resource>())
            _ = try await ward.place("Potassium", order)
            _ = try await ward.change(order, 1, to: "revoked")
            #expect(try await ward.change(order, 2, to: "active") == .refused(.illegal(status: "revoked")))
            _ = try await ward.enter([(id, "Potassium", "4.1")])
            #expect(try await ward.correct(id, 1, to: "preliminary", "4.2") == .refused(.illegal(status: "final")))
            let revived = try await Fault.statesAreFree.injected { try await ward.change(order, 2, to: "active") }
            let reopened = try await Fault.statesAreFree.injected { try await ward.correct(id, 1, to: "preliminary", "4.2") }
            #expect(revived == .done(EntryKept(version: 3)) && reopened == .done(EntryKept(version: 2)))
            _ = try await ward.correct(id, 2, to: "final", "4.2")
            _ = try await ward.acknowledge(id, 3, as: ward.colleague)
            try await Fault.seenIsSeen.injected { _ = try await ward.correct(id, 3, "4.3") }
            #expect(try await ward.loops(of: ward.colleague).results.isEmpty)
        }
    }

    @Test func whatIsWrongIsSaidAtItsField() async throws {
        try await withWard { ward in
            let wrong: [(String, [EntryProblem])] = [
                ("", [.init("due", .missing)]), ("2030", [.init("due", .notADate)]), ("soon", [.init("due", .notADate)]),
                ("2020-01-01", [.init("due", .beforeTheFirst)]),
            ]
            for (due, problems) in wrong {
                #expect(try await ward.place("Potassium", due: due) == .refused(.invalid(problems: problems)), "\(due)")
            }
            #expect(try await ward.place("") == .refused(.invalid(problems: [.init("what", .missing)])))
            let readings: [(ResultReading, [EntryProblem])] = [
                (ResultReading(""), [.init("value-0", .missing)]), (ResultReading("4,1"), [.init("value-0", .notANumber)]),
                (ResultReading("007"), [.init("value-0", .notANumber)]), (ResultReading("4", unit: "per day"), [.init("unit-0", .unknownCode)]),
                (ResultReading("4", low: "five"), [.init("low-0", .notANumber)]),
                (ResultReading("4", low: "5", high: "3"), [.init("high-0", .notPossible)]),
                (ResultReading("4", interpretation: "?"), [.init("interpretation-0", .unknownCode)]),
            ]
            for (reading, problems) in readings {
                let command = EnterResult(
                    patient: ward.patient, collected: "2026-01-02", results: [.init(result: .init(), name: CodedText("Potassium"), reading: reading)],
                    key: .v7())
                #expect(try await ward.service.bus.request(command, as: ward.clinician) == .refused(.invalid(problems: problems)), "\(reading)")
            }
            let id = ID<Resource>()
            _ = try await ward.enter([(id, "Potassium", "<3.0")])
            #expect(try await ward.read(id).line.value == "<3.0")
            #expect(try await ward.correct(id, 1) == .refused(.invalid(problems: [.init("value", .missing)])))
        }
    }

    @Test func aDestroyedRecordLeavesNothingThatWaits() async throws {
        try await withWard { ward in
            _ = try await ward.place("Potassium")
            _ = try await ward.enter([(ID(), "Potassium", "6.1")])
            let order = DestroyRecord(order: .init(), patient: ward.patient, reason: "Asked for", confirmation: "Ida Moss")
            guard case .done = try await ward.service.bus.request(order, as: ward.service.keys.operator()) else {
                Issue.record("not ordered")
                return
            }
            let store = RecordStore(sealer: ward.service.sealer, identifierKey: .init(size: .bits256))
            try await ward.service.pool.asWorker(of: "records") { tx in try await store.carryOut(in: tx) }
            let pool = ward.service.database.pool(ward.service.database.superuser)
            let left = try await pool.all("SELECT id FROM open_order UNION SELECT result FROM result_review", as: UUID.self)
            await pool.close()
            #expect(left.isEmpty)
        }
    }
}
