import Access
import Contracts
import Foundation
import MessageBus
import Synchronization
import TestSupport

/// How one message is asked in the matrix, by whom it is rightly asked, and who else may.
struct Row: Sendable {
    /// What an asker other than the entitled one gets.
    enum Cell: Sendable {
        /// The uniform refusal.
        case refused
        /// An answer, but nothing of this patient in it.
        case withoutCanary(String)
        /// An answer, for the reason given.
        case entitled(String)
    }

    /// What came back: the reply's bytes, or what kept it back.
    enum Outcome: Sendable {
        case reply(String)
        case error(BusError)
    }

    let name: String
    let wrongRole: Role
    /// Askers who are not refused.
    let others: [Asker: Cell]
    /// What the entitled's reply holds; nil where a reply says nothing of any patient.
    let canary: (@Sendable (Scene) -> String)?
    let twins: [@Sendable (Scene) async throws -> ActorToken]
    let ask: @Sendable (Scene, ActorToken) async throws -> Outcome

    init<R: Request>(
        _ type: R.Type, wrongRole: Role = .billingOffice, others: [Asker: Cell] = [:], canary: (@Sendable (Scene) -> String)?,
        twins: [@Sendable (Scene) async throws -> ActorToken], _ make: @escaping @Sendable (Scene) -> R
    ) {
        name = R.name
        (self.wrongRole, self.others, self.canary, self.twins) = (wrongRole, others, canary, twins)
        ask = { scene, token in
            guard let bus = scene.services()[R.service]?.bus else { throw TryLater("no such service") }
            do {
                switch try await bus.request(make(scene), as: token, within: .seconds(20)) {
                case .done(let reply): return .reply(String(decoding: try Wire.encode(reply), as: UTF8.self))
                case .refused(let refusal): return .reply("refused: \(String(decoding: try Wire.encode([refusal]), as: UTF8.self))")
                }
            } catch let error as BusError { return .error(error) }
        }
    }

    // Who rightly asks.

    static let patient: @Sendable (Scene) async throws -> ActorToken = { try await $0.keys.patient($0.patient) }
    static let clinician: @Sendable (Scene) async throws -> ActorToken = { try await $0.keys.staff(.clinician, practitioner: $0.clinician) }
    static let nurse: @Sendable (Scene) async throws -> ActorToken = { try await $0.keys.staff(.nurse, practitioner: $0.nurse) }
    static let desk: @Sendable (Scene) async throws -> ActorToken = { try await $0.keys.staff(.frontDesk) }
    static let billing: @Sendable (Scene) async throws -> ActorToken = { try await $0.keys.staff(.billingOffice) }
    static let administrator: @Sendable (Scene) async throws -> ActorToken = { try await $0.keys.staff(.administrator) }
    static let `operator`: @Sendable (Scene) async throws -> ActorToken = { try await $0.keys.operator() }
    static let stranger: @Sendable (Scene) async throws -> ActorToken = { try await $0.keys.staff(.clinician, practitioner: $0.stranger) }
    static let colleague: @Sendable (Scene) async throws -> ActorToken = { try await $0.keys.staff(.clinician, practitioner: $0.colleague) }
    static func worker(_ name: String) -> @Sendable (Scene) async throws -> ActorToken { { try await $0.keys.worker(name) } }

    private static let finding: @Sendable (Scene) -> String = { _ in Scene.canaryFinding }
    private static let name: @Sendable (Scene) -> String = { _ in Scene.canary }
    private static let id: @Sendable (Scene) -> String = { $0.patient.description }
    private static let toFind = Cell.entitled("a chart has to be found before its glass can be broken; a search shows who somebody is, no more")
    private static let nobodys = Cell.entitled("it is about no patient")
    /// What somebody keeps for themselves.
    private static let own: [Asker: Cell] = [.offTeam: nobodys, .consentWithdrawn: nobodys]

    private static let door = Cell.entitled("gateways ask for people who have not signed in; the answer is about a secret only they bring")
    private static let gateway: @Sendable (Scene) async throws -> ActorToken = { try await $0.keys.gateway("portal") }
    private static var question: PasskeyQuestion { PasskeyQuestion(challenge: handle, origin: "https://portal.example.org") }
    private static let hook = SignedHook(path: "/hooks/texts", fields: [SignedHook.Field("Body", "STOP")], signature: "")
    private static var handle: Data { Data((0..<32).map { _ in UInt8.random(in: 0...255) }) }

    private static let ownRenewals = Cell.entitled("those of the patients they treat; RecordsTests look that it is those alone")
    private static let ownDocuments = Cell.entitled("those of the patients they treat; RecordsTests look that it is those alone")
    private static let shared = Cell.withoutCanary("what was shared with them, and nothing was")
    private static let ownLoops = Cell.entitled("those of the patients they treat; RecordsTests look that it is those alone")
    private static let noCalls = Cell.entitled("an empty list: CallTests has who sees whom in it")
    private static let noThreads = Cell.withoutCanary("those of the patients they may know of")
    private static let ownOutreach = Cell.entitled("each has their own; MessagingTests look that it is those alone")
    private static let changes = Cell.entitled("how often something changed says nothing of anybody")
    private static let ownNotes = Cell.entitled("each sees their own; it names nobody else's patient")

    private static func pass(_ scene: Scene) -> GuestPass {
        GuestPass(patient: scene.patient, appointment: .init(), guest: .init(), session: handle)
    }

    private static var yesterday: String {
        Date().addingTimeInterval(-86_400).formatted(Date.ISO8601FormatStyle().year().month().day()) + "T12:00"
    }

    private static let times = Atomic(0)
    /// A time after the booked one that no other cell takes.
    private static func start(_ scene: Scene) -> Date {
        scene.booked.start.instant.addingTimeInterval(1_200 * Double(1 + times.wrappingAdd(1, ordering: .relaxed).newValue % 1_500))
    }

    static let all: [Row] = [
        Row(ReadChart.self, wrongRole: .frontDesk, canary: finding, twins: [patient, clinician, nurse]) { ReadChart(patient: $0.patient) },
        Row(ReadTimeline.self, wrongRole: .frontDesk, canary: finding, twins: [patient, clinician, nurse]) { ReadTimeline(patient: $0.patient) },
        Row(ReadEntry.self, wrongRole: .frontDesk, canary: finding, twins: [patient, clinician, nurse]) {
            ReadEntry(patient: $0.patient, entry: $0.result)
        },
        Row(KeepEntry.self, wrongRole: .patient, canary: { _ in "version" }, twins: [clinician, nurse]) {
            KeepEntry(
                patient: $0.patient, entry: .init(), version: 0,
                content: .procedure(EntryContent.Procedure(name: CodedText("Plaster cast"))), key: .v7())
        },
        Row(RetractEntry.self, wrongRole: .patient, canary: { _ in "notFound" }, twins: [clinician, nurse]) {
            RetractEntry(patient: $0.patient, entry: .init(), version: 1, reason: "Another patient's", key: .v7())
        },
        Row(StartEncounter.self, wrongRole: .frontDesk, canary: { _ in "start" }, twins: [clinician]) {
            StartEncounter(patient: $0.patient, encounter: .init(), reason: "Cough", key: .v7())
        },
        Row(ReadEncounter.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [patient, clinician, nurse]) {
            ReadEncounter(patient: $0.patient, encounter: .init())
        },
        Row(KeepNoteDraft.self, wrongRole: .patient, canary: { _ in "notFound" }, twins: [clinician, nurse]) {
            KeepNoteDraft(patient: $0.patient, encounter: .init(), text: NoteText(plan: "Rest"), revision: 0, key: .v7())
        },
        Row(SignNote.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [clinician]) {
            SignNote(patient: $0.patient, encounter: .init(), text: NoteText(plan: "Rest"), revision: 0, key: .v7())
        },
        Row(AddendNote.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [clinician]) {
            AddendNote(patient: $0.patient, encounter: .init(), version: 1, text: "Better", key: .v7())
        },
        Row(RecordVitals.self, wrongRole: .patient, canary: { _ in "observations" }, twins: [clinician, nurse]) {
            RecordVitals(patient: $0.patient, at: Date(), readings: [VitalReading(.heartRate, "72")], key: .v7())
        },
        Row(
            ReadUnsignedNotes.self, others: [.offTeam: ownNotes, .consentWithdrawn: ownNotes], canary: { _ in "notes" }, twins: [clinician]
        ) { _ in ReadUnsignedNotes() },
        Row(CheckMedicine.self, wrongRole: .frontDesk, canary: { _ in "checks" }, twins: [clinician, nurse]) {
            CheckMedicine(patient: $0.patient, medicine: CodedText("Aspirin"))
        },
        Row(Prescribe.self, wrongRole: .nurse, canary: { _ in "version" }, twins: [clinician]) {
            Prescribe(
                patient: $0.patient, prescription: .init(), medicine: CodedText("Aspirin"),
                dosage: Dosage(amount: "1", unit: "tablet", route: "by mouth"), quantity: 10, override: "Nobody could check", key: .v7())
        },
        Row(ChangePrescription.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [clinician]) {
            ChangePrescription(patient: $0.patient, prescription: .init(), version: 1, status: "stopped", reason: "Rash", key: .v7())
        },
        Row(ReadMedicines.self, wrongRole: .frontDesk, canary: name, twins: [patient, clinician, nurse]) { ReadMedicines(patient: $0.patient) },
        Row(RequestRenewal.self, wrongRole: .clinician, canary: { _ in "notFound" }, twins: [patient]) {
            RequestRenewal(patient: $0.patient, request: .init(), prescription: .init(), key: .v7())
        },
        Row(DecideRenewal.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [clinician]) {
            DecideRenewal(patient: $0.patient, request: .init(), accepts: true, key: .v7())
        },
        Row(
            ReadRenewals.self, others: [.offTeam: ownRenewals, .consentWithdrawn: ownRenewals], canary: { _ in "waiting" }, twins: [clinician, nurse]
        ) { _ in ReadRenewals() },
        Row(PutDocumentPart.self, wrongRole: .frontDesk, canary: nil, twins: [patient, clinician, nurse]) {
            PutDocumentPart(patient: $0.patient, upload: .init(), offset: 0, bytes: Data("x".utf8))
        },
        Row(ReadUpload.self, wrongRole: .frontDesk, canary: { _ in "received" }, twins: [patient, clinician, nurse]) {
            ReadUpload(patient: $0.patient, upload: .init(), offset: 0)
        },
        Row(FileDocument.self, wrongRole: .frontDesk, canary: { _ in "incomplete" }, twins: [patient, clinician, nurse]) {
            FileDocument(
                patient: $0.patient, document: .init(), upload: .init(), size: 1, digest: Data(), title: "Letter", type: "51852-2", key: .v7())
        },
        Row(ReadDocuments.self, wrongRole: .frontDesk, canary: name, twins: [patient, clinician, nurse]) { ReadDocuments(patient: $0.patient) },
        Row(ReadDocumentPart.self, wrongRole: .frontDesk, canary: name, twins: [patient, clinician, nurse, colleague]) {
            ReadDocumentPart(patient: $0.patient, document: $0.document)
        },
        Row(ShareDocument.self, wrongRole: .patient, canary: { _ in "notFound" }, twins: [clinician, nurse]) {
            ShareDocument(
                patient: $0.patient, document: .init(), share: .init(), practitioner: $0.stranger, until: Date().addingTimeInterval(3_600),
                key: .v7())
        },
        Row(WithdrawDocumentShare.self, wrongRole: .patient, canary: { _ in "notFound" }, twins: [clinician, nurse]) {
            WithdrawDocumentShare(patient: $0.patient, share: .init(), key: .v7())
        },
        Row(ReadSharedDocuments.self, others: [.offTeam: shared, .consentWithdrawn: shared], canary: name, twins: [colleague]) { _ in
            ReadSharedDocuments()
        },
        Row(AcceptDocument.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [clinician]) {
            AcceptDocument(patient: $0.patient, document: .init(), version: 1, key: .v7())
        },
        Row(SupersedeDocument.self, wrongRole: .patient, canary: { _ in "notFound" }, twins: [clinician, nurse]) {
            SupersedeDocument(patient: $0.patient, document: .init(), version: 1, reason: "A newer one", key: .v7())
        },
        Row(RetractDocument.self, wrongRole: .patient, canary: { _ in "notFound" }, twins: [clinician, nurse]) {
            RetractDocument(patient: $0.patient, document: .init(), version: 1, reason: "Another patient's", key: .v7())
        },
        Row(
            ReadUnreviewedDocuments.self, others: [.offTeam: ownDocuments, .consentWithdrawn: ownDocuments], canary: { _ in "waiting" },
            twins: [clinician, nurse]
        ) { _ in ReadUnreviewedDocuments() },
        Row(PlaceOrder.self, wrongRole: .nurse, canary: { _ in "version" }, twins: [clinician]) {
            PlaceOrder(
                patient: $0.patient, order: .init(), kind: .laboratory, what: CodedText("Potassium"),
                due: String(Date().addingTimeInterval(7 * 86_400).formatted(.iso8601).prefix(10)), key: .v7())
        },
        Row(ChangeOrder.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [clinician]) {
            ChangeOrder(patient: $0.patient, order: .init(), version: 1, status: "revoked", reason: "Not needed", key: .v7())
        },
        Row(ReadOrders.self, wrongRole: .frontDesk, canary: name, twins: [clinician, nurse]) { ReadOrders(patient: $0.patient) },
        Row(EnterResult.self, wrongRole: .patient, canary: { _ in "results" }, twins: [clinician, nurse]) {
            EnterResult(
                patient: $0.patient, collected: "2026-01-02",
                results: [EnteredResult(result: .init(), name: CodedText("Potassium"), reading: ResultReading("4.1"))], key: .v7())
        },
        Row(CorrectResult.self, wrongRole: .patient, canary: { _ in "notFound" }, twins: [clinician, nurse]) {
            CorrectResult(
                patient: $0.patient, result: .init(), version: 1, status: "corrected", reading: ResultReading("4.2"), reason: "Misread",
                key: .v7())
        },
        Row(AcknowledgeResult.self, wrongRole: .patient, canary: { _ in "notFound" }, twins: [clinician, nurse]) {
            AcknowledgeResult(patient: $0.patient, result: .init(), version: 1, key: .v7())
        },
        Row(ReadResult.self, wrongRole: .frontDesk, canary: finding, twins: [clinician, nurse]) {
            ReadResult(patient: $0.patient, result: $0.result)
        },
        Row(
            ReadOpenLoops.self, others: [.offTeam: ownLoops, .consentWithdrawn: ownLoops], canary: { _ in "overdue" }, twins: [clinician, nurse]
        ) { _ in ReadOpenLoops() },
        Row(LoadSafetyTable.self, canary: nil, twins: [`operator`]) { _ in
            LoadSafetyTable(
                version: "1", isSample: true, groups: [.init(name: "a", codes: [], words: ["a"])], interactions: [], key: .v7())
        },
        Row(
            ReadNoteTemplates.self, wrongRole: .frontDesk, others: [.offTeam: nobodys, .consentWithdrawn: nobodys], canary: { _ in "templates" },
            twins: [clinician, nurse, administrator]
        ) { _ in ReadNoteTemplates() },
        Row(
            ReadNoteTemplate.self, others: [.offTeam: nobodys, .consentWithdrawn: nobodys], canary: { _ in "notFound" },
            twins: [clinician, nurse, administrator]
        ) { _ in ReadNoteTemplate(template: .init()) },
        Row(ReadPlace.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [administrator]) { _ in ReadPlace(location: .init()) },
        Row(ReadWorkplaces.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [administrator]) { _ in
            ReadWorkplaces(practitioner: .init())
        },
        Row(KeepWorkplaces.self, wrongRole: .clinician, canary: { _ in "notFound" }, twins: [administrator]) { _ in
            KeepWorkplaces(practitioner: .init(), version: 1, locations: [], key: .v7())
        },
        Row(ReadLicences.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [administrator]) { _ in
            ReadLicences(practitioner: .init())
        },
        Row(KeepLicences.self, wrongRole: .clinician, canary: { _ in "notFound" }, twins: [administrator]) { _ in
            KeepLicences(practitioner: .init(), version: 0, regions: [.elsewhere], key: .v7())
        },
        Row(KeepPlace.self, wrongRole: .clinician, canary: { _ in "notFound" }, twins: [administrator]) { _ in
            KeepPlace(location: .init(), version: 1, content: PlaceContent(name: "Elm Street", zone: "America/Chicago"), key: .v7())
        },
        Row(KeepNoteTemplate.self, wrongRole: .clinician, canary: { _ in "notFound" }, twins: [administrator]) { _ in
            KeepNoteTemplate(template: .init(), version: 1, content: NoteTemplateContent(title: "Cough", text: NoteText(plan: "Rest")), key: .v7())
        },
        Row(ReadNoteTemplateHistory.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [administrator]) { _ in
            ReadNoteTemplateHistory(template: .init())
        },
        Row(
            ReadPhrases.self, wrongRole: .frontDesk, others: own, canary: { _ in "phrases" },
            twins: [clinician, nurse]
        ) { _ in ReadPhrases() },
        Row(KeepPhrase.self, wrongRole: .administrator, others: own, canary: nil, twins: [clinician, nurse]) { _ in
            KeepPhrase(phrase: Phrase("ros", "No fever"), key: .v7())
        },
        Row(DropPhrase.self, wrongRole: .administrator, others: own, canary: nil, twins: [clinician, nurse]) { _ in
            DropPhrase(phrase: "ros", key: .v7())
        },
        Row(
            ReadFavouriteOrders.self, wrongRole: .nurse, others: own, canary: { _ in "orders" },
            twins: [clinician]
        ) { _ in ReadFavouriteOrders() },
        Row(KeepFavouriteOrder.self, wrongRole: .nurse, others: own, canary: nil, twins: [clinician]) { _ in
            KeepFavouriteOrder(order: FavouriteOrder(kind: .laboratory, what: CodedText("Potassium"), priority: .routine, days: 7), key: .v7())
        },
        Row(DropFavouriteOrder.self, wrongRole: .nurse, others: own, canary: nil, twins: [clinician]) { _ in
            DropFavouriteOrder(favourite: .init(), key: .v7())
        },
        Row(RecordHomeReading.self, wrongRole: .clinician, canary: { _ in "at" }, twins: [patient]) {
            RecordHomeReading(
                patient: $0.patient, observation: .init(), measure: .pulse, value: "72", unit: "/min", local: yesterday, zone: "America/Chicago",
                key: .v7())
        },
        Row(ExportRecord.self, wrongRole: .clinician, canary: finding, twins: [patient]) { ExportRecord(patient: $0.patient, form: .resources) },
        Row(ReadNews.self, wrongRole: .clinician, canary: name, twins: [patient]) { ReadNews(patient: $0.patient) },
        Row(SeeNews.self, wrongRole: .clinician, canary: nil, twins: [patient]) {
            SeeNews(patient: $0.patient, until: Date(timeIntervalSince1970: 0), key: .v7())
        },
        Row(ReadReleaseChoice.self, wrongRole: .clinician, canary: { _ in "choice" }, twins: [patient]) { ReadReleaseChoice(patient: $0.patient) },
        Row(ChangeReleaseChoice.self, wrongRole: .clinician, canary: nil, twins: [patient]) {
            ChangeReleaseChoice(patient: $0.patient, choice: ReleaseChoice(), key: .v7())
        },
        Row(RequestAmendment.self, wrongRole: .clinician, canary: { _ in "notFound" }, twins: [patient]) {
            RequestAmendment(patient: $0.patient, request: .init(), entry: .init(), wrong: "This knee", right: "That knee", key: .v7())
        },
        Row(ReadAmendments.self, wrongRole: .frontDesk, canary: name, twins: [patient, clinician, nurse]) { ReadAmendments(patient: $0.patient) },
        Row(DecideAmendment.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [clinician]) {
            DecideAmendment(patient: $0.patient, request: .init(), accepts: true, key: .v7())
        },
        Row(
            ReadOpenAmendments.self, others: [.offTeam: ownRenewals, .consentWithdrawn: ownRenewals], canary: { _ in "waiting" },
            twins: [clinician, nurse]
        ) { _ in ReadOpenAmendments() },
        Row(ReadDetails.self, wrongRole: .nurse, canary: name, twins: [patient]) { ReadDetails(patient: $0.patient) },
        Row(ChangeDemographics.self, wrongRole: .clinician, canary: { _ in "version" }, twins: [patient]) {
            ChangeDemographics(patient: $0.patient, request: .init(), after: .language(tag: "es"), key: .v7())
        },
        Row(DecideDemographics.self, wrongRole: .clinician, canary: { _ in "notFound" }, twins: [desk, nurse, administrator]) {
            DecideDemographics(patient: $0.patient, request: .init(), accepts: true, key: .v7())
        },
        Row(ReadDemographicRequests.self, wrongRole: .clinician, canary: { _ in "waiting" }, twins: [desk, nurse, administrator]) { _ in
            ReadDemographicRequests()
        },
        Row(ReadHomeReadings.self, wrongRole: .nurse, canary: name, twins: [patient]) { ReadHomeReadings(patient: $0.patient) },
        Row(ReadResultSeries.self, canary: finding, twins: [patient, clinician, nurse]) { ReadResultSeries(patient: $0.patient, result: $0.result) },
        Row(
            FindPatients.self, wrongRole: .operator, others: [.offTeam: toFind, .consentWithdrawn: toFind], canary: name,
            twins: [desk, nurse, administrator]
        ) { _ in FindPatients(text: Scene.canary) },
        Row(
            ReadPracticePatients.self, wrongRole: .patient, others: [.offTeam: nobodys, .consentWithdrawn: nobodys], canary: { _ in "patients" },
            twins: [clinician, desk, administrator, worker("audit")]
        ) { _ in ReadPracticePatients() },
        Row(
            ReadPatientSummaries.self, wrongRole: .operator, others: [.offTeam: toFind, .consentWithdrawn: toFind], canary: name,
            twins: [patient, desk]
        ) { ReadPatientSummaries(patients: [$0.patient]) },
        Row(
            ReadPhoto.self, wrongRole: .operator, others: [.offTeam: toFind, .consentWithdrawn: toFind], canary: { _ in "notFound" },
            twins: [patient, desk]
        ) { ReadPhoto(patient: $0.patient) },
        Row(KeepPhoto.self, wrongRole: .clinician, canary: { _ in "notAnImage" }, twins: [desk, nurse, administrator]) {
            KeepPhoto(patient: $0.patient, photo: Data("none".utf8), key: .v7())
        },
        Row(
            ReadDirectory.self, wrongRole: .worker,
            others: [.anonymous: nobodys, .otherPatient: nobodys, .offTeam: nobodys, .consentWithdrawn: nobodys], canary: nil, twins: [patient]
        ) { _ in ReadDirectory() },
        Row(ReadContact.self, wrongRole: .worker, canary: { _ in "Ana" }, twins: [worker("notifications")]) { ReadContact(patient: $0.patient) },
        Row(ReadResource.self, canary: finding, twins: [`operator`]) { ReadResource(type: "Observation", id: $0.result) },
        Row(CountResources.self, canary: nil, twins: [`operator`]) { _ in CountResources() },
        Row(RecordsSnapshot.self, wrongRole: .worker, canary: id, twins: [worker("scheduling")]) { _ in RecordsSnapshot() },
        Row(ReadConsent.self, wrongRole: .clinician, canary: name, twins: [patient]) { ReadConsent(patient: $0.patient) },
        Row(ChangeConsent.self, wrongRole: .clinician, canary: { _ in "version" }, twins: [patient]) {
            ChangeConsent(patient: $0.patient, lines: [ConsentLine(permits: false, practitioner: $0.denied)], version: 1, key: .v7())
        },
        Row(
            BreakGlass.self, wrongRole: .frontDesk,
            others: [
                .offTeam: .entitled("it is there for those to whom the chart is closed"), .consentWithdrawn: .entitled("an emergency goes before it"),
            ], canary: { _ in "until" }, twins: [stranger]
        ) { BreakGlass(id: .init(), patient: $0.other, reason: .emergency, words: "Brought in after a fall", key: .v7()) },
        Row(ReadBrokenGlasses.self, canary: { _ in "open" }, twins: [administrator]) { _ in ReadBrokenGlasses() },
        Row(ReviewBrokenGlass.self, canary: { _ in "notFound" }, twins: [administrator]) { _ in
            ReviewBrokenGlass(id: .init(), finding: .justified, key: .v7())
        },
        Row(PutUploadPart.self, canary: nil, twins: [`operator`]) { _ in PutUploadPart(upload: .init(), offset: 0, bytes: Data("{}".utf8)) },
        Row(ImportBundle.self, canary: nil, twins: [`operator`]) { _ in ImportBundle(upload: .init(), size: 2) },

        Row(RotateKeys.self, canary: { _ in "notFound" }, twins: [`operator`]) { _ in RotateKeys(patient: .init(), key: .v7()) },
        Row(RewrapKeys.self, canary: { _ in "count" }, twins: [`operator`]) { _ in RewrapKeys(key: .v7()) },
        Row(ReadKeys.self, canary: { _ in "rotating" }, twins: [`operator`]) { _ in ReadKeys() },
        Row(HoldRecord.self, canary: { _ in "notFound" }, twins: [`operator`]) { _ in
            HoldRecord(order: .init(), patient: .init(), reason: "A court asked for it")
        },
        Row(ReleaseRecord.self, canary: { _ in "notFound" }, twins: [`operator`]) { _ in
            ReleaseRecord(order: .init(), patient: .init(), reason: "The matter is closed")
        },
        Row(DestroyRecord.self, canary: { _ in "notConfirmed" }, twins: [`operator`]) {
            DestroyRecord(order: .init(), patient: $0.patient, reason: "Asked for", confirmation: "Somebody Else")
        },
        Row(ReadKeyFiles.self, canary: { _ in "files" }, twins: [`operator`]) { _ in ReadKeyFiles() },
        Row(ReadRecordOrders.self, canary: { _ in "orders" }, twins: [`operator`]) { ReadRecordOrders(patient: $0.patient) },
        Row(ReadVisitTypes.self, wrongRole: .frontDesk, canary: { _ in "types" }, twins: [administrator]) { _ in ReadVisitTypes() },
        Row(ReadVisitTypeHistory.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [administrator]) { _ in
            ReadVisitTypeHistory(code: "nothing")
        },
        Row(KeepVisitType.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [administrator]) { _ in
            KeepVisitType(type: VisitService(code: "nothing", name: ["en": "Nothing", "es": "Nada"], minutes: 20), version: 1, key: .v7())
        },
        Row(ReadVisitsAhead.self, wrongRole: .frontDesk, canary: { _ in "count" }, twins: [administrator]) { ReadVisitsAhead(location: $0.place) },
        Row(ReadHours.self, wrongRole: .frontDesk, canary: { _ in "hours" }, twins: [administrator]) { _ in ReadHours() },
        Row(ReadHoursHistory.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [administrator]) {
            ReadHoursHistory(practitioner: .init(), location: $0.place)
        },
        Row(KeepHours.self, wrongRole: .frontDesk, canary: { _ in "invalidServices" }, twins: [administrator]) {
            let hours = Hours(zone: "America/Chicago", services: [], weekly: [], from: "2030-01-01", until: "2030-02-01")
            return KeepHours(practitioner: .init(), location: $0.place, version: 0, hours: hours, key: .v7())
        },
        Row(PublishAvailability.self, wrongRole: .nurse, canary: nil, twins: [desk, `operator`]) {
            PublishAvailability(
                practitioner: .init(), location: $0.place, zone: "America/Chicago", services: [], weekly: [], from: "2030-01-01", until: "2030-02-01")
        },
        Row(
            FindOpenings.self, wrongRole: .worker, others: [.otherPatient: nobodys, .offTeam: nobodys, .consentWithdrawn: nobodys], canary: nil,
            twins: [patient, desk]
        ) { _ in FindOpenings(service: "office-visit") },
        Row(HoldAppointment.self, canary: { _ in "until" }, twins: [patient, nurse]) {
            HoldAppointment(
                appointment: .init(), patient: $0.patient, practitioner: $0.clinician, location: $0.place, service: "office-visit",
                start: start($0))
        },
        Row(BookAppointment.self, canary: { _ in "appointment" }, twins: [patient, desk, clinician]) {
            BookAppointment(
                appointment: .init(), patient: $0.patient, practitioner: $0.clinician, location: $0.place, service: "office-visit",
                start: start($0), key: .v7())
        },
        Row(ReadAppointments.self, canary: id, twins: [patient, desk, administrator, clinician, nurse]) { ReadAppointments(patient: $0.patient) },
        Row(SearchAppointments.self, canary: id, twins: [patient, desk, administrator, clinician, nurse]) {
            SearchAppointments(patient: $0.patient)
        },
        Row(
            SearchSlots.self, wrongRole: .worker, others: [.otherPatient: nobodys, .offTeam: nobodys, .consentWithdrawn: nobodys], canary: nil,
            twins: [patient, desk, `operator`]
        ) { _ in SearchSlots(schedule: .v7()) },
        Row(
            SearchSchedules.self, wrongRole: .worker, others: [.otherPatient: nobodys, .offTeam: nobodys, .consentWithdrawn: nobodys],
            canary: nil, twins: [patient, desk, `operator`]
        ) { _ in SearchSchedules() },
        Row(
            ReadDay.self,
            others: [
                .offTeam: .withoutCanary("their own day, without those they do not treat"),
                .consentWithdrawn: .withoutCanary("their own day, without whoever denies them"),
            ], canary: id, twins: [desk, clinician, nurse]
        ) { ReadDay(day: String($0.booked.start.local.prefix(10))) },
        Row(RespondToAppointment.self, wrongRole: .worker, canary: { _ in "tooLate" }, twins: [worker("notifications")]) {
            RespondToAppointment(
                appointment: $0.booked.appointment, patient: $0.patient, start: Date(timeIntervalSince1970: 0), accepts: true, key: .v7())
        },
        Row(ReadAppointment.self, wrongRole: .worker, canary: id, twins: [worker("notifications"), worker("billing"), worker("telemedicine")]) {
            ReadAppointment(appointment: $0.booked.appointment)
        },
        Row(KeepAbsence.self, wrongRole: .nurse, canary: nil, twins: [desk, administrator]) {
            KeepAbsence(id: .v7(), what: .holiday(location: $0.elsewhere, day: "2020-01-01"), note: "")
        },
        Row(EndAbsence.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [desk, administrator]) { _ in
            EndAbsence(id: .v7(), key: .v7())
        },
        Row(KeepResource.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [administrator]) {
            KeepResource(
                resource: PlaceResource(id: .v7(), location: $0.place, kind: .room, sort: "treatment-room", name: "Room 2"), version: 1, key: .v7())
        },
        Row(ReadResources.self, wrongRole: .frontDesk, canary: { _ in "lines" }, twins: [administrator]) { _ in ReadResources() },
        Row(OfferOtherTimes.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [desk, administrator]) { _ in
            OfferOtherTimes(absence: .v7(), key: .v7())
        },
        Row(
            ReadAbsences.self, wrongRole: .worker, others: [.offTeam: nobodys, .consentWithdrawn: nobodys], canary: nil,
            twins: [desk, administrator, nurse]
        ) { _ in ReadAbsences() },
        Row(
            ReadAffected.self, others: [.offTeam: nobodys, .consentWithdrawn: nobodys], canary: { _ in "notFound" },
            twins: [desk, administrator, clinician, nurse]
        ) { _ in ReadAffected(id: .v7()) },
        Row(
            ReadCalendar.self,
            others: [
                .offTeam: .withoutCanary("the hours, without those they do not treat"),
                .consentWithdrawn: .withoutCanary("the hours, without whoever denies them"),
            ], canary: id, twins: [desk, administrator, clinician, nurse]
        ) { ReadCalendar(from: $0.booked.start.day, days: 1) },
        Row(JoinWaitingList.self, canary: { _ in "weekdays" }, twins: [patient, desk, clinician, nurse]) {
            JoinWaitingList(waiting: .init(), patient: $0.patient, service: "office-visit", wishes: VisitWishes(weekdays: [9]))
        },
        Row(KeepVisitFeed.self, canary: nil, twins: [patient]) {
            KeepVisitFeed(patient: $0.patient, digest: Data(repeating: 7, count: 32), language: "en", key: .v7())
        },
        Row(EndVisitFeed.self, canary: nil, twins: [patient]) { EndVisitFeed(patient: $0.patient, key: .v7()) },
        Row(ReadVisitFeed.self, canary: nil, twins: [patient]) { ReadVisitFeed(patient: $0.patient) },
        Row(FollowVisitFeed.self, others: [.anonymous: door], canary: { _ in "unknown" }, twins: [gateway]) { _ in
            FollowVisitFeed(digest: Data(repeating: 8, count: 32))
        },
        Row(RequestCall.self, canary: { _ in "service" }, twins: [patient, desk, clinician, nurse]) {
            RequestCall(waiting: .init(), patient: $0.patient, service: "no-such-service")
        },
        Row(LeaveWaitingList.self, canary: { _ in "notFound" }, twins: [patient, desk, clinician, nurse]) {
            LeaveWaitingList(waiting: .init(), patient: $0.patient, key: .v7())
        },
        Row(AnswerWaiting.self, canary: { _ in "notFound" }, twins: [desk, clinician, nurse]) {
            AnswerWaiting(waiting: .init(), patient: $0.patient, answer: .called, key: .v7())
        },
        Row(TakeOffer.self, canary: { _ in "notFound" }, twins: [patient, desk, clinician, nurse]) {
            TakeOffer(offer: .init(), patient: $0.patient, key: .v7())
        },
        Row(DeclineOffer.self, canary: { _ in "notFound" }, twins: [patient, desk, clinician, nurse]) {
            DeclineOffer(offer: .init(), patient: $0.patient, key: .v7())
        },
        Row(ReadWaiting.self, canary: { _ in "services" }, twins: [patient, desk, clinician, nurse, administrator]) {
            ReadWaiting(patient: $0.patient)
        },
        Row(ReadWaitingList.self, wrongRole: .nurse, canary: { _ in "services" }, twins: [desk, administrator]) { _ in ReadWaitingList() },
        Row(ReadScheduleMonth.self, wrongRole: .nurse, canary: { _ in "services" }, twins: [desk, administrator]) { _ in
            ReadScheduleMonth(month: "2026-11")
        },
        Row(RehearseClockChanges.self, wrongRole: .administrator, canary: nil, twins: [`operator`]) { _ in RehearseClockChanges() },
        Row(BookSeries.self, canary: { _ in "invalid" }, twins: [desk, clinician, nurse]) {
            BookSeries(
                series: .v7(), patient: $0.patient, practitioner: $0.clinician, location: $0.place, service: "office-visit", start: start($0),
                weeks: 0, count: 2)
        },
        Row(MoveSeries.self, canary: { _ in "notFound" }, twins: [desk, clinician, nurse]) {
            MoveSeries(
                series: .v7(), patient: $0.patient, from: $0.booked.appointment, version: 1, practitioner: $0.clinician, location: $0.place,
                start: start($0), all: false, key: .v7())
        },
        Row(IssueTicket.self, canary: { _ in "notByOrder" }, twins: [desk, clinician, nurse]) {
            IssueTicket(order: .init(), patient: $0.patient, service: "office-visit", key: .v7())
        },
        Row(CancelSeries.self, canary: { _ in "notFound" }, twins: [desk, clinician, nurse]) {
            CancelSeries(series: .v7(), patient: $0.patient, from: $0.booked.appointment, key: .v7())
        },
        Row(BookOver.self, canary: { _ in "location" }, twins: [desk, clinician, nurse]) {
            BookOver(
                appointment: .init(), patient: $0.patient, practitioner: $0.clinician, location: .init(), service: "office-visit",
                start: "2031-01-01T10:00", reason: "Fever", key: .v7())
        },
        Row(RescheduleAppointment.self, canary: { _ in "changedMeanwhile" }, twins: [patient, desk, clinician]) {
            RescheduleAppointment(
                appointment: $0.booked.appointment, patient: $0.patient, version: 99, practitioner: $0.clinician, location: $0.place,
                start: start($0), key: .v7())
        },
        Row(MarkAppointment.self, canary: { _ in "changedMeanwhile" }, twins: [desk, clinician, nurse, administrator]) {
            MarkAppointment(appointment: $0.booked.appointment, patient: $0.patient, version: 99, status: "arrived", key: .v7())
        },
        Row(CancelAppointment.self, canary: { _ in "appointment" }, twins: [patient]) {
            CancelAppointment(appointment: $0.booked.appointment, patient: $0.patient, key: .v7())
        },

        Row(SignIn.self, wrongRole: .anonymous, others: [.anonymous: door], canary: { _ in "failed" }, twins: [gateway]) { _ in
            SignIn(audience: .portal, username: "nobody@example.org", password: "wrong", handle: handle, source: "home", attempt: .v7())
        },
        Row(SignInWithPasskey.self, wrongRole: .anonymous, others: [.anonymous: door], canary: { _ in "failed" }, twins: [gateway]) { _ in
            SignInWithPasskey(
                audience: .portal, question: question, credential: handle, authenticator: handle, client: handle, signature: handle, handle: handle,
                source: "home", key: .v7())
        },
        Row(VerifyCode.self, others: [.anonymous: door], canary: { _ in "refused" }, twins: [gateway]) { _ in
            VerifyCode(audience: .portal, handle: handle, newHandle: handle, code: "123456", source: "home", key: .v7())
        },
        Row(ReadEnrolment.self, others: [.anonymous: door], canary: nil, twins: [gateway]) { _ in ReadEnrolment(audience: .portal, handle: handle) },
        Row(EnrolSecondFactor.self, others: [.anonymous: door], canary: { _ in "refused" }, twins: [gateway]) { _ in
            EnrolSecondFactor(audience: .portal, handle: handle, newHandle: handle, code: "123456", source: "home", key: .v7())
        },
        Row(Reauthenticate.self, others: [.anonymous: door], canary: { _ in "refused" }, twins: [gateway]) { _ in
            Reauthenticate(audience: .portal, handle: handle, newHandle: handle, password: "wrong", source: "home", key: .v7())
        },
        Row(ReadSecurity.self, others: [.anonymous: door], canary: nil, twins: [gateway]) { _ in ReadSecurity(audience: .portal, handle: handle) },
        Row(EndSessions.self, others: [.anonymous: door], canary: { _ in "refused" }, twins: [gateway]) { _ in
            EndSessions(audience: .portal, handle: handle, key: .v7())
        },
        Row(ForgetDevices.self, others: [.anonymous: door], canary: { _ in "refused" }, twins: [gateway]) { _ in
            ForgetDevices(audience: .portal, handle: handle, key: .v7())
        },
        Row(AddPasskey.self, others: [.anonymous: door], canary: { _ in "refused" }, twins: [gateway]) { _ in
            AddPasskey(
                audience: .portal, handle: handle, label: "Phone", question: question, authenticator: handle, publicKey: handle, client: handle,
                key: .v7())
        },
        Row(RemovePasskey.self, others: [.anonymous: door], canary: { _ in "refused" }, twins: [gateway]) { _ in
            RemovePasskey(audience: .portal, handle: handle, passkey: .init(), key: .v7())
        },
        Row(RenewRecoveryCodes.self, others: [.anonymous: door], canary: { _ in "refused" }, twins: [gateway]) { _ in
            RenewRecoveryCodes(audience: .portal, handle: handle, key: .v7())
        },
        Row(RemoveSecondFactor.self, others: [.anonymous: door], canary: { _ in "refused" }, twins: [gateway]) { _ in
            RemoveSecondFactor(audience: .portal, handle: handle, key: .v7())
        },
        Row(ChangePassword.self, others: [.anonymous: door], canary: { _ in "refused" }, twins: [gateway]) { _ in
            ChangePassword(audience: .portal, handle: handle, newHandle: handle, password: "correct horse battery staple", key: .v7())
        },
        Row(RequestReset.self, others: [.anonymous: door], canary: nil, twins: [gateway]) { _ in
            RequestReset(audience: .portal, username: "\(UUID().uuidString)@example.org", source: "home", key: .v7())
        },
        Row(InviteStaff.self, canary: { _ in "code" }, twins: [administrator]) { _ in
            InviteStaff(invitation: .init(), role: "nurse", displayName: "Ada Bell, RN", practitioner: .init(), key: .v7())
        },
        Row(ReadStaff.self, canary: { _ in "accounts" }, twins: [administrator]) { _ in ReadStaff() },
        Row(CloseStaffAccount.self, canary: { _ in "notFound" }, twins: [administrator]) { _ in
            CloseStaffAccount(account: .init(), key: .v7())
        },
        Row(KeepStaffAccount.self, canary: { _ in "notFound" }, twins: [administrator]) { _ in
            KeepStaffAccount(account: .init(), version: 1, displayName: "Ada Bell, RN", role: "nurse", key: .v7())
        },
        Row(ReadClinicTexts.self, canary: { _ in "notFound" }, twins: [administrator]) { _ in ReadClinicTexts(version: 99) },
        Row(KeepClinicTexts.self, canary: { _ in "invalid" }, twins: [administrator]) { _ in
            KeepClinicTexts(version: 1, texts: ClinicTexts(name: " "), key: .v7())
        },
        Row(
            ReadClinicLogo.self, wrongRole: .worker,
            others: [.anonymous: nobodys, .otherPatient: nobodys, .offTeam: nobodys, .consentWithdrawn: nobodys], canary: nil, twins: [patient]
        ) { _ in ReadClinicLogo(digest: "none") },
        Row(ReadStaffHistory.self, canary: { _ in "notFound" }, twins: [administrator]) { _ in ReadStaffHistory(account: .init()) },
        Row(StartReset.self, canary: { _ in "noAccount" }, twins: [administrator]) { StartReset(patient: $0.patient, key: .v7()) },
        Row(RequestAccount.self, others: [.anonymous: door], canary: nil, twins: [gateway]) { _ in
            RequestAccount(
                request: .init(),
                details: RequestedAccount(given: "Ana", family: "Doe", birthDate: "1980-02-29", email: "\(UUID().uuidString)@example.org"),
                source: UUID().uuidString, key: .v7())
        },
        Row(ReadAccountRequests.self, wrongRole: .clinician, canary: { _ in "total" }, twins: [desk, nurse, administrator]) { _ in
            ReadAccountRequests()
        },
        Row(LinkAccountRequest.self, wrongRole: .clinician, canary: { _ in "notFound" }, twins: [desk, nurse, administrator]) {
            LinkAccountRequest(request: .init(), patient: $0.patient, birthDate: "1980-02-29", key: .v7())
        },
        Row(CloseAccountRequest.self, wrongRole: .clinician, canary: { _ in "notFound" }, twins: [desk, nurse, administrator]) { _ in
            CloseAccountRequest(request: .init(), reason: "duplicate", key: .v7())
        },
        Row(MatchPatient.self, wrongRole: .administrator, canary: nil, twins: [worker("identity")]) { _ in
            MatchPatient(given: "Ana", family: Scene.canary, birthDate: "1980-02-29", email: "ana@example.org")
        },
        Row(ResetPassword.self, others: [.anonymous: door], canary: { _ in "codeNotGood" }, twins: [gateway]) { _ in
            ResetPassword(audience: .portal, code: "K7QF-M2XP-9RTD", password: "correct horse battery staple", source: "reset", key: .v7())
        },
        Row(ReadLetter.self, wrongRole: .worker, canary: nil, twins: [worker("notifications")]) { _ in ReadLetter(letter: .init()) },
        Row(KeepDraft.self, others: [.anonymous: door], canary: nil, twins: [gateway]) { _ in
            KeepDraft(audience: .portal, handle: handle, draft: Draft(path: "/", fields: []), key: .v7())
        },
        Row(ReadDraft.self, others: [.anonymous: door], canary: nil, twins: [gateway]) { _ in ReadDraft(audience: .portal, handle: handle) },
        Row(ReadInvitations.self, canary: { _ in "invitations" }, twins: [desk, nurse, administrator]) { ReadInvitations(patient: $0.patient) },
        Row(ReadSession.self, others: [.anonymous: door], canary: nil, twins: [gateway]) { _ in ReadSession(audience: .portal, handle: handle) },
        Row(SignOut.self, others: [.anonymous: door], canary: nil, twins: [gateway]) { _ in SignOut(audience: .portal, handle: handle) },
        Row(ActivateAccount.self, others: [.anonymous: door], canary: { _ in "codeNotGood" }, twins: [gateway]) { _ in
            ActivateAccount(
                code: "K7QF-M2XP-9RTD", birthDate: "1980-02-29", username: "ana@example.org", password: "correct horse battery staple",
                source: "home", key: .v7())
        },
        Row(InviteToPortal.self, canary: { _ in "code" }, twins: [desk, nurse, administrator]) {
            InviteToPortal(invitation: .init(), patient: $0.patient, birthDate: "1980-02-29", key: .v7())
        },
        Row(CreateClinic.self, wrongRole: .administrator, canary: nil, twins: [`operator`]) { _ in
            CreateClinic(name: "Riverside", zone: "America/Chicago", invitation: .init(), key: .v7())
        },
        Row(CreateDemoAccount.self, wrongRole: .administrator, canary: nil, twins: [`operator`]) {
            CreateDemoAccount(
                account: .init(), username: "\(UUID().uuidString)@example.org", password: "correct horse battery staple", role: "patient",
                patient: $0.other, key: .v7())
        },
        Row(
            ReadClinic.self, wrongRole: .worker,
            others: [.anonymous: nobodys, .otherPatient: nobodys, .offTeam: nobodys, .consentWithdrawn: nobodys], canary: nil, twins: [patient]
        ) { _ in ReadClinic() },

        Row(GrantProxy.self, canary: { _ in "nameMissing" }, twins: [patient, desk, nurse, administrator]) {
            GrantProxy(
                proxy: .init(), patient: $0.patient, birthDate: "1980-02-29", proxyName: "", email: "rosa@example.org", relationship: "friend",
                level: .full, key: .v7())
        },
        Row(WithdrawProxy.self, canary: { _ in "notFound" }, twins: [patient, desk, nurse, administrator]) {
            WithdrawProxy(proxy: .init(), patient: $0.patient, reason: "asked", key: .v7())
        },
        Row(ReadProxies.self, canary: { _ in "proxies" }, twins: [patient, desk, nurse, administrator]) { ReadProxies(patient: $0.patient) },

        Row(ReadAccountNames.self, wrongRole: .worker, canary: nil, twins: [worker("audit")]) { _ in ReadAccountNames(accounts: [.init()]) },
        Row(ReadPortalAccess.self, wrongRole: .worker, canary: nil, twins: [worker("notifications")]) { ReadPortalAccess(patient: $0.patient) },
        Row(ReadAccesses.self, wrongRole: .nurse, canary: { _ in "total" }, twins: [patient, administrator]) { ReadAccesses(patient: $0.patient) },
        Row(AskAboutAccess.self, wrongRole: .administrator, canary: { _ in "notFound" }, twins: [patient]) {
            AskAboutAccess(
                question: .init(), patient: $0.patient, access: TrailPlace(service: "records", position: 1), text: "Who was this?", key: .v7())
        },
        Row(ReadDisclosures.self, wrongRole: .nurse, canary: { _ in "total" }, twins: [patient, administrator]) {
            ReadDisclosures(patient: $0.patient)
        },
        Row(ReadAccessQuestions.self, canary: { _ in "open" }, twins: [administrator]) { _ in ReadAccessQuestions() },
        Row(AnswerAccessQuestion.self, canary: { _ in "notFound" }, twins: [administrator]) {
            AnswerAccessQuestion(question: .init(), patient: $0.patient, text: "You called us.", key: .v7())
        },
        Row(
            ReadFirstSteps.self, wrongRole: .operator, others: [.offTeam: nobodys, .consentWithdrawn: nobodys], canary: { _ in "done" },
            twins: [clinician, nurse, desk, administrator]
        ) { _ in ReadFirstSteps(actions: [ReadChart.name]) },
        Row(PutAwayFirstSteps.self, wrongRole: .operator, others: [.offTeam: nobodys, .consentWithdrawn: nobodys], canary: nil, twins: [nurse]) { _ in
            PutAwayFirstSteps(isAway: true, key: .v7())
        },
        Row(ReadTrail.self, canary: { _ in "total" }, twins: [administrator]) { _ in ReadTrail(from: Date(timeIntervalSince1970: 0), to: Date()) },
        Row(ExportTrail.self, wrongRole: .administrator, canary: { _ in "entries" }, twins: [`operator`]) { _ in
            ExportTrail(from: Date(timeIntervalSince1970: 0), to: Date())
        },

        Row(ReadRecipients.self, wrongRole: .clinician, canary: { _ in "purposes" }, twins: [patient]) { ReadRecipients(patient: $0.patient) },
        Row(AskQuestion.self, wrongRole: .clinician, canary: { _ in "promised" }, twins: [patient]) {
            AskQuestion(
                patient: $0.patient, thread: .init(), purpose: .medicine, subject: "Salt", text: "How much?", promised: .distantPast, key: .v7())
        },
        Row(WriteMessage.self, wrongRole: .operator, canary: { _ in "notFound" }, twins: [patient, clinician, desk, billing, administrator]) {
            WriteMessage(patient: $0.patient, thread: .init(), text: "Thank you", key: .v7())
        },
        Row(RetractMessage.self, wrongRole: .operator, canary: { _ in "notFound" }, twins: [patient, clinician, desk, billing, administrator]) {
            RetractMessage(patient: $0.patient, thread: $0.thread, message: .init(), key: .v7())
        },
        Row(WriteInCall.self, wrongRole: .frontDesk, canary: { _ in "closed" }, twins: [patient, clinician]) {
            WriteInCall(patient: $0.patient, appointment: .init(), subject: "Video visit", text: "Twice a day", key: .v7())
        },
        Row(MarkRead.self, wrongRole: .operator, canary: nil, twins: [patient, clinician, desk, billing, administrator]) {
            MarkRead(patient: $0.patient, thread: .init(), until: Date(), key: .v7())
        },
        Row(ReadThreads.self, wrongRole: .operator, canary: finding, twins: [patient, clinician]) { ReadThreads(patient: $0.patient) },
        Row(ReadThread.self, wrongRole: .operator, canary: finding, twins: [patient, clinician]) {
            ReadThread(patient: $0.patient, thread: $0.thread)
        },
        Row(
            ReadInbox.self, wrongRole: .operator, others: [.offTeam: noThreads, .consentWithdrawn: noThreads], canary: finding, twins: [clinician]
        ) { _ in ReadInbox() },
        Row(ReadPosition.self, wrongRole: .operator, canary: { _ in "position" }, twins: [patient, clinician, desk, billing]) {
            ReadPosition(patient: $0.patient, thread: $0.thread)
        },
        Row(
            ReadInboxPosition.self, wrongRole: .operator, others: [.offTeam: changes, .consentWithdrawn: changes], canary: { _ in "position" },
            twins: [clinician, billing]
        ) { _ in ReadInboxPosition() },
        Row(
            PrepareOutreach.self, others: [.offTeam: nobodys, .consentWithdrawn: nobodys], canary: { _ in "noCohort" },
            twins: [clinician, desk, administrator]
        ) { _ in
            PrepareOutreach(
                outreach: .init(), cohort: OutreachCohort(), purpose: .other, subject: "Closed", text: "On Monday", onePerHousehold: true,
                key: .v7())
        },
        Row(
            ReadOutreaches.self, others: [.offTeam: ownOutreach, .consentWithdrawn: ownOutreach], canary: { _ in "total" }, twins: [nurse, desk]
        ) { _ in ReadOutreaches() },
        Row(
            ReadOutreach.self, others: [.offTeam: ownOutreach, .consentWithdrawn: ownOutreach], canary: { _ in "notFound" }, twins: [nurse, desk]
        ) { _ in ReadOutreach(outreach: .init()) },
        Row(
            SendOutreach.self, others: [.offTeam: ownOutreach, .consentWithdrawn: ownOutreach], canary: { _ in "notFound" }, twins: [nurse, desk]
        ) { _ in SendOutreach(outreach: .init(), chosen: 1, key: .v7()) },
        Row(ChooseOutreach.self, wrongRole: .clinician, canary: nil, twins: [patient]) {
            ChooseOutreach(patient: $0.patient, wanted: false, key: .v7())
        },
        Row(ReadVisitors.self, wrongRole: .administrator, canary: id, twins: [worker("messaging")]) { _ in
            ReadVisitors(from: "2000-01-01", until: "2199-01-01")
        },
        Row(ReadLeave.self, wrongRole: .administrator, canary: { _ in "absences" }, twins: [worker("messaging")]) { _ in ReadLeave() },
        Row(ReadStaffMessages.self, wrongRole: .frontDesk, canary: { _ in "messages" }, twins: [clinician]) {
            ReadStaffMessages(patient: $0.patient)
        },
        Row(WriteStaffMessage.self, wrongRole: .frontDesk, canary: nil, twins: [clinician]) {
            WriteStaffMessage(patient: $0.patient, text: "Call them", key: .v7())
        },
        Row(MoveThread.self, wrongRole: .patient, canary: { _ in "notFound" }, twins: [clinician, desk, administrator]) {
            MoveThread(patient: $0.patient, thread: .init(), version: 1, step: .take, key: .v7())
        },
        Row(ReadPools.self, wrongRole: .nurse, canary: nil, twins: [administrator, `operator`]) { _ in ReadPools() },
        Row(KeepPool.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [administrator, `operator`]) { _ in
            KeepPool(
                pool: PoolLine(
                    code: "nobody", version: 1, zone: "America/Chicago", answerMinutes: 60,
                    hours: [WeeklyHours(weekday: 1, from: "09:00", until: "17:00")], members: []), key: .v7())
        },

        Row(ReadPreferences.self, wrongRole: .clinician, canary: { _ in "choices" }, twins: [patient, desk, nurse, administrator]) {
            ReadPreferences(patient: $0.patient)
        },
        Row(ChangePreferences.self, wrongRole: .clinician, canary: { _ in "changedMeanwhile" }, twins: [patient, desk, nurse, administrator]) {
            ChangePreferences(patient: $0.patient, version: 99, choices: [MessageChoice(.recordNews, .email, wanted: true)], key: .v7())
        },
        Row(ReceiveText.self, others: [.anonymous: door], canary: { _ in "notSigned" }, twins: [gateway]) { _ in ReceiveText(hook: hook) },
        Row(ReceiveReceipt.self, others: [.anonymous: door], canary: { _ in "notSigned" }, twins: [gateway]) { _ in ReceiveReceipt(hook: hook) },
        Row(ReadVisitLink.self, others: [.anonymous: door], canary: { _ in "unknown" }, twins: [gateway]) { _ in ReadVisitLink(link: "nothing") },
        Row(Unsubscribe.self, others: [.anonymous: door], canary: { _ in "unknown" }, twins: [gateway]) { _ in
            Unsubscribe(link: "nothing", key: .v7())
        },
        Row(AnswerVisit.self, others: [.anonymous: door], canary: { _ in "unknown" }, twins: [gateway]) { _ in
            AnswerVisit(link: "nothing", accepts: true, key: .v7())
        },
        Row(ReadUnreached.self, canary: { _ in "total" }, twins: [desk, administrator]) { _ in ReadUnreached() },
        Row(CloseUnreached.self, canary: { _ in "notFound" }, twins: [desk, administrator]) {
            CloseUnreached(intent: .init(), patient: $0.patient, key: .v7())
        },
        Row(ReadReminderRules.self, canary: { _ in "usual" }, twins: [administrator]) { _ in ReadReminderRules() },
        Row(ReadReminderRuleHistory.self, canary: { _ in "notFound" }, twins: [administrator]) { _ in ReadReminderRuleHistory(service: "none") },
        Row(KeepReminderRules.self, canary: { _ in "changedMeanwhile" }, twins: [administrator]) { _ in
            KeepReminderRules(service: "office-visit", rules: ["day-before"], version: 99, key: .v7())
        },
        Row(ReadNotices.self, wrongRole: .nurse, canary: { _ in "kind" }, twins: [patient, desk, administrator]) {
            ReadNotices(appointment: $0.booked.appointment, patient: $0.patient)
        },

        Row(LoadFees.self, canary: { _ in "invalid" }, twins: [`operator`]) { _ in LoadFees(fees: [], key: .v7()) },
        Row(ReadFees.self, wrongRole: .frontDesk, canary: { _ in "fees" }, twins: [billing, administrator]) { _ in ReadFees() },
        Row(ReadBillingWork.self, wrongRole: .frontDesk, canary: { _ in "missingTotal" }, twins: [billing, administrator]) { _ in ReadBillingWork() },
        Row(ProveLedger.self, wrongRole: .frontDesk, canary: { _ in "entries" }, twins: [billing, administrator, `operator`]) { _ in ProveLedger() },
        Row(ReadBills.self, wrongRole: .nurse, canary: { _ in "invoices" }, twins: [patient, billing, desk, administrator]) {
            ReadBills(patient: $0.patient)
        },
        Row(ReadInvoice.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [patient, billing, desk, administrator]) {
            ReadInvoice(patient: $0.patient, invoice: .init())
        },
        Row(ReadPayment.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [patient, billing, desk, administrator]) {
            ReadPayment(patient: $0.patient, payment: .init())
        },
        Row(StartPayment.self, canary: { _ in "notFound" }, twins: [patient]) {
            StartPayment(patient: $0.patient, invoice: .init(), payment: .init(), amount: Money(100, "USD"))
        },
        Row(CancelPayment.self, canary: { _ in "notFound" }, twins: [patient]) {
            CancelPayment(patient: $0.patient, payment: .init(), key: .v7())
        },
        Row(ChargeVisit.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [billing, administrator]) {
            ChargeVisit(patient: $0.patient, encounter: .init(), services: [], nothing: "courtesy", key: .v7())
        },
        Row(IssueInvoice.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [billing, administrator]) {
            IssueInvoice(patient: $0.patient, invoice: .init(), charges: [.init()])
        },
        Row(AdjustInvoice.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [billing, administrator]) {
            AdjustInvoice(
                patient: $0.patient, invoice: .init(), isWriteOff: false, amount: Money(100, "USD"), reason: .courtesy, key: .v7())
        },
        Row(ReverseAdjustment.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [billing, administrator]) {
            ReverseAdjustment(patient: $0.patient, entry: .init(), key: .v7())
        },
        Row(TakeCash.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [billing, desk, administrator]) {
            TakeCash(patient: $0.patient, invoice: .init(), payment: .init(), amount: Money(100, "USD"))
        },
        Row(RefundPayment.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [billing, administrator]) {
            RefundPayment(
                patient: $0.patient, payment: .init(), refund: .init(), amount: Money(100, "USD"), reason: .courtesy, takesOff: true)
        },

        Row(ReadCall.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [patient, clinician, nurse]) {
            ReadCall(patient: $0.patient, appointment: .init())
        },
        Row(ChooseWhenLate.self, wrongRole: .clinician, canary: { _ in "notFound" }, twins: [patient]) {
            ChooseWhenLate(patient: $0.patient, appointment: .init(), choice: .phone, key: .v7())
        },
        Row(InviteGuest.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [patient, clinician, nurse]) {
            InviteGuest(
                patient: $0.patient, appointment: .init(), guest: .init(), name: "Rosa Lind", kind: .interpreter, digest: Data(count: 32))
        },
        Row(AdmitGuest.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [clinician, nurse]) {
            AdmitGuest(patient: $0.patient, appointment: .init(), guest: .init(), key: .v7())
        },
        Row(RemoveGuest.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [patient, clinician, nurse]) {
            RemoveGuest(patient: $0.patient, appointment: .init(), guest: .init(), key: .v7())
        },
        Row(ReadInvitation.self, others: [.anonymous: door], canary: { _ in "notFound" }, twins: [gateway]) { _ in ReadInvitation(digest: handle) },
        Row(AcceptInvitation.self, others: [.anonymous: door], canary: { _ in "notFound" }, twins: [gateway]) {
            AcceptInvitation(patient: $0.patient, appointment: .init(), digest: handle, session: handle, key: .v7())
        },
        Row(ReadGuestCall.self, others: [.anonymous: door], canary: { _ in "notFound" }, twins: [gateway]) { _ in ReadGuestCall(session: handle) },
        Row(IssueGuestTicket.self, others: [.anonymous: door], canary: { _ in "notFound" }, twins: [gateway]) {
            IssueGuestTicket(pass: pass($0), digest: handle, key: .v7())
        },
        Row(OpenGuestWindow.self, others: [.anonymous: door], canary: { _ in "notFound" }, twins: [gateway]) {
            OpenGuestWindow(pass: pass($0), digest: handle, window: .init(), key: .v7())
        },
        Row(CloseGuestWindow.self, others: [.anonymous: door], canary: { _ in "notFound" }, twins: [gateway]) {
            CloseGuestWindow(pass: pass($0), window: .init(), opening: .v7(), key: .v7())
        },
        Row(LeaveAsGuest.self, others: [.anonymous: door], canary: { _ in "notFound" }, twins: [gateway]) {
            LeaveAsGuest(pass: pass($0), key: .v7())
        },
        Row(SendGuestSignals.self, others: [.anonymous: door], canary: { _ in "notFound" }, twins: [gateway]) {
            SendGuestSignals(pass: pass($0), window: .init(), to: .init(), bodies: ["{}"], key: .v7())
        },
        Row(ReadGuestSignals.self, others: [.anonymous: door], canary: { _ in "notFound" }, twins: [gateway]) {
            ReadGuestSignals(pass: pass($0), window: .init(), after: 0)
        },
        Row(ReadTestRelay.self, wrongRole: .clinician, canary: { _ in "notFound" }, twins: [patient]) {
            ReadTestRelay(patient: $0.patient, appointment: .init())
        },
        Row(KeepDeviceTest.self, wrongRole: .clinician, canary: { _ in "notFound" }, twins: [patient]) {
            KeepDeviceTest(
                patient: $0.patient, appointment: .init(),
                test: DeviceTest(camera: .works, microphone: .works, speaker: .heard, network: .reached), key: .v7())
        },
        Row(ReadDeviceTest.self, canary: { _ in "notFound" }, twins: [patient, desk, clinician, nurse, administrator]) {
            ReadDeviceTest(patient: $0.patient, appointment: .init())
        },
        Row(EnterLobby.self, wrongRole: .clinician, canary: { _ in "notFound" }, twins: [patient]) {
            EnterLobby(patient: $0.patient, appointment: .init(), consents: true, place: "At home", key: .v7())
        },
        Row(AdmitPatient.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [clinician, nurse]) {
            AdmitPatient(patient: $0.patient, appointment: .init(), key: .v7())
        },
        Row(EndCall.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [clinician, nurse]) {
            EndCall(patient: $0.patient, appointment: .init(), key: .v7())
        },
        Row(
            ReadWaitingRoom.self, wrongRole: .frontDesk, others: [.offTeam: noCalls, .consentWithdrawn: noCalls], canary: { _ in "calls" },
            twins: [clinician]
        ) { _ in ReadWaitingRoom() },
        Row(IssueCallTicket.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [patient, clinician, nurse]) {
            IssueCallTicket(patient: $0.patient, appointment: .init(), digest: Data(count: 32), key: .v7())
        },
        Row(OpenCallWindow.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [patient, clinician, nurse]) {
            OpenCallWindow(patient: $0.patient, appointment: .init(), digest: Data(count: 32), window: .init(), key: .v7())
        },
        Row(CloseCallWindow.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [patient, clinician, nurse]) {
            CloseCallWindow(patient: $0.patient, appointment: .init(), window: .init(), opening: .v7(), key: .v7())
        },
        Row(SendSignals.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [patient, clinician, nurse]) {
            SendSignals(patient: $0.patient, appointment: .init(), window: .init(), bodies: ["{}"], key: .v7())
        },
        Row(ReadSignals.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [patient, clinician, nurse]) {
            ReadSignals(patient: $0.patient, appointment: .init(), window: .init(), after: 0)
        },
        Row(ReceiveCardEvent.self, others: [.anonymous: door], canary: { _ in "notSigned" }, twins: [gateway]) { _ in
            ReceiveCardEvent(payload: "{}", signature: "t=1,v1=00", key: .v7())
        },
        Row(RunStatements.self, canary: { _ in "zoneUnknown" }, twins: [`operator`]) { _ in RunStatements(month: "2026-10", key: .v7()) },
        Row(ReadStatements.self, wrongRole: .nurse, canary: { _ in "statements" }, twins: [patient, billing, desk, administrator]) {
            ReadStatements(patient: $0.patient)
        },
        Row(ReadStatement.self, wrongRole: .nurse, canary: { _ in "notFound" }, twins: [patient, billing, desk, administrator]) {
            ReadStatement(patient: $0.patient, statement: .init())
        },
        Row(DisputeLine.self, canary: { _ in "notFound" }, twins: [patient]) {
            DisputeLine(patient: $0.patient, charge: .init(), dispute: .init(), reason: .notDone)
        },
        Row(SettleLineDispute.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [billing, administrator]) {
            SettleLineDispute(patient: $0.patient, charge: .init(), stands: true, key: .v7())
        },
        Row(VoidCharge.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [billing, administrator]) {
            VoidCharge(patient: $0.patient, charge: .init(), reason: .notRendered, key: .v7())
        },
        Row(CancelInvoice.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [billing, administrator]) {
            CancelInvoice(patient: $0.patient, invoice: .init(), reason: .duplicate, key: .v7())
        },
        Row(SetGuarantor.self, wrongRole: .frontDesk, canary: { _ in "nobody" }, twins: [billing, administrator]) {
            SetGuarantor(
                patient: $0.patient, patientName: "Maria Alvarez", guarantor: .init(), relationship: .parent, reason: .minor, from: "2026-12-24")
        },
        Row(AddCoverage.self, canary: { _ in "invalidPayor" }, twins: [patient]) {
            AddCoverage(patient: $0.patient, coverage: .init(), details: CoverageDetails(payor: "", subscriberID: "1", relationship: .themselves))
        },
        Row(KeepCardPicture.self, canary: { _ in "notFound" }, twins: [patient]) {
            KeepCardPicture(patient: $0.patient, coverage: .init(), isBack: false, document: .init(), key: .v7())
        },
        Row(ReadCoverages.self, wrongRole: .frontDesk, canary: { _ in "coverages" }, twins: [patient, billing, administrator]) {
            ReadCoverages(patient: $0.patient)
        },
        Row(DecideCoverage.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [billing, administrator]) {
            DecideCoverage(patient: $0.patient, coverage: .init(), decision: .confirmed, key: .v7())
        },
        Row(MakePlan.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [patient, billing, administrator]) {
            MakePlan(patient: $0.patient, invoice: .init(), plan: .init(), count: 3, first: "2026-12-24", due: 100)
        },
        Row(CancelPlan.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [patient, billing, administrator]) {
            CancelPlan(patient: $0.patient, invoice: .init(), plan: .init(), key: .v7())
        },
        Row(ReadGuarantors.self, wrongRole: .frontDesk, canary: { _ in "history" }, twins: [billing, administrator]) {
            ReadGuarantors(patient: $0.patient)
        },
        Row(FindBilledPatient.self, canary: { _ in "{" }, twins: [patient]) { FindBilledPatient(patient: $0.patient, bill: .v7()) },
        Row(DecideApproval.self, wrongRole: .frontDesk, canary: { _ in "notFound" }, twins: [billing, administrator]) {
            DecideApproval(patient: $0.patient, approval: .init(), approves: true, key: .v7())
        },
    ]
}
