import Contracts
import Foundation
import MessageBus
import Testing

/// One message of every version ever shipped, with its reply and its refusals, as it is on the wire: `Golden/<wire name>.json`. What was written by
/// an older build must be read by this one, and what is written by a newer one too, so a file is only ever added to: by a new optional member.
@Suite struct GoldenTests {
    /// Every message there is; the sources say whether it is complete.
    private static let shipped: [Shipped] = [
        .request(SignIn.self), .request(SignInWithPasskey.self), .request(AddPasskey.self), .request(RemovePasskey.self),
        .request(VerifyCode.self), .request(ReadEnrolment.self), .request(EnrolSecondFactor.self),
        .request(Reauthenticate.self), .request(ReadSecurity.self), .request(EndSessions.self), .request(RenewRecoveryCodes.self),
        .request(RemoveSecondFactor.self), .request(ChangePassword.self), .request(RequestReset.self),
        .request(StartReset.self), .request(RequestAccount.self), .request(ReadAccountRequests.self), .request(LinkAccountRequest.self),
        .request(CloseAccountRequest.self), .request(ForgetDevices.self), .request(MatchPatient.self),
        .request(ResetPassword.self), .request(ReadLetter.self), .event(LetterWritten.self), .request(KeepDraft.self), .request(ReadDraft.self),
        .request(ReadInvitations.self),
        .request(ReadSession.self),
        .request(SignOut.self), .request(InviteToPortal.self), .request(ActivateAccount.self),
        .request(CreateClinic.self), .request(ReadClinic.self), .request(CreateDemoAccount.self), .event(AccountInvited.self),
        .event(AccountActivated.self), .event(SessionEnded.self),
        .request(ReadChart.self), .request(ReadTimeline.self), .request(ReadEntry.self), .request(KeepEntry.self), .request(RetractEntry.self),
        .event(RecordChanged.self), .request(StartEncounter.self), .request(ReadEncounter.self), .request(KeepNoteDraft.self),
        .request(SignNote.self), .request(AddendNote.self), .request(RecordVitals.self),
        .request(RecordHomeReading.self), .request(ReadHomeReadings.self), .request(ReadDetails.self),
        .request(ChangeDemographics.self), .request(DecideDemographics.self), .request(ReadDemographicRequests.self),
        .request(KeepPhoto.self), .request(ReadPhoto.self),
        .request(ExportRecord.self), .request(RequestAmendment.self), .request(DecideAmendment.self), .request(ReadAmendments.self),
        .request(ReadOpenAmendments.self),
        .request(ReadUnsignedNotes.self),
        .event(EncounterFinished.self), .request(CheckMedicine.self), .request(Prescribe.self), .request(ChangePrescription.self),
        .request(ReadMedicines.self), .request(RequestRenewal.self), .request(DecideRenewal.self), .request(ReadRenewals.self),
        .request(ReadNoteTemplates.self), .request(ReadNoteTemplate.self), .request(KeepNoteTemplate.self),
        .request(ReadNoteTemplateHistory.self),
        .request(ReadNews.self), .request(SeeNews.self), .request(ReadReleaseChoice.self), .request(ChangeReleaseChoice.self),
        .request(ReadPhrases.self), .request(KeepPhrase.self), .request(DropPhrase.self),
        .request(ReadFavouriteOrders.self), .request(KeepFavouriteOrder.self), .request(DropFavouriteOrder.self),
        .request(LoadSafetyTable.self), .request(PutDocumentPart.self), .request(FileDocument.self), .request(ReadDocuments.self),
        .request(ReadDocumentPart.self), .request(AcceptDocument.self), .request(SupersedeDocument.self), .request(RetractDocument.self),
        .request(ReadUnreviewedDocuments.self), .request(ShareDocument.self), .request(WithdrawDocumentShare.self),
        .request(ReadSharedDocuments.self),
        .request(PlaceOrder.self), .request(ChangeOrder.self), .request(ReadOrders.self),
        .request(EnterResult.self), .request(CorrectResult.self), .request(AcknowledgeResult.self), .request(ReadResult.self),
        .request(ReadOpenLoops.self), .event(ResultAmended.self), .event(OrderEnded.self), .request(IssueTicket.self),
        .request(ReadResultSeries.self), .request(FindPatients.self), .request(ReadPatientSummaries.self),
        .request(ReadDirectory.self), .request(ReadContact.self), .request(PutUploadPart.self), .request(ImportBundle.self),
        .request(CountResources.self), .request(ReadResource.self), .request(RecordsSnapshot.self), .event(PatientRegistered.self),
        .event(ContactChanged.self), .event(PatientDeceased.self), .request(BreakGlass.self), .request(ReadBrokenGlasses.self),
        .request(ReviewBrokenGlass.self), .request(ReadConsent.self), .request(ChangeConsent.self), .event(CareTeamChanged.self),
        .event(WorkplaceChanged.self), .event(ConsentChanged.self), .event(GlassWasBroken.self),
        .request(RotateKeys.self), .request(RewrapKeys.self), .request(ReadKeys.self), .request(HoldRecord.self),
        .request(ReleaseRecord.self), .request(DestroyRecord.self), .request(ReadRecordOrders.self), .request(ReadKeyFiles.self),
        .request(KeepVisitType.self), .request(ReadVisitTypes.self), .request(ReadVisitTypeHistory.self), .request(KeepHours.self),
        .request(ReadHours.self), .request(ReadHoursHistory.self), .request(ReadVisitsAhead.self),
        .request(KeepPlace.self), .request(ReadPlace.self), .event(PlaceChanged.self), .request(KeepWorkplaces.self),
        .request(ReadWorkplaces.self), .request(KeepLicences.self), .request(ReadLicences.self), .event(LicencesChanged.self),
        .request(PublishAvailability.self), .request(FindOpenings.self), .request(HoldAppointment.self), .request(BookAppointment.self),
        .request(KeepAbsence.self), .request(EndAbsence.self), .request(ReadAbsences.self), .request(ReadAffected.self),
        .request(JoinWaitingList.self), .request(RequestCall.self), .request(LeaveWaitingList.self), .request(AnswerWaiting.self),
        .request(TakeOffer.self), .request(DeclineOffer.self), .request(ReadWaiting.self), .request(ReadWaitingList.self),
        .request(ReadScheduleMonth.self),
        .request(KeepVisitFeed.self), .request(EndVisitFeed.self), .request(ReadVisitFeed.self), .request(FollowVisitFeed.self),
        .event(WaitlistOffered.self), .request(ReadCalendar.self),
        .request(BookSeries.self), .request(MoveSeries.self), .request(CancelSeries.self), .request(BookOver.self),
        .request(RehearseClockChanges.self), .request(SearchAppointments.self), .request(SearchSlots.self), .request(SearchSchedules.self),
        .request(RescheduleAppointment.self), .request(MarkAppointment.self), .event(AppointmentStatusChanged.self),
        .request(CancelAppointment.self), .request(ReadAppointments.self), .request(ReadDay.self), .request(ReadAppointment.self),
        .event(AppointmentHeld.self), .event(AppointmentBooked.self), .event(AppointmentRescheduled.self), .event(AppointmentCancelled.self),
        .request(ReadPreferences.self), .request(ChangePreferences.self), .request(ReceiveText.self), .request(ReceiveReceipt.self),
        .request(ReadReminderRules.self), .request(KeepReminderRules.self), .request(ReadReminderRuleHistory.self),
        .request(ReadUnreached.self), .request(CloseUnreached.self),
        .request(Unsubscribe.self), .request(ReadVisitLink.self), .request(AnswerVisit.self), .request(RespondToAppointment.self),
        .request(ReadNotices.self), .event(NotificationSent.self), .event(TrailSealed.self),
        .request(ReadAccesses.self), .request(AskAboutAccess.self), .request(ReadAccessQuestions.self), .request(AnswerAccessQuestion.self),
        .request(ReadTrail.self), .request(ExportTrail.self), .request(ReadDisclosures.self), .request(ReadAccountNames.self),
        .request(ReadPortalAccess.self),
        .request(InviteStaff.self), .request(ReadStaff.self), .request(CloseStaffAccount.self), .request(KeepStaffAccount.self),
        .request(ReadStaffHistory.self), .request(KeepClinicTexts.self), .request(ReadClinicTexts.self), .request(ReadClinicLogo.self),
        .request(ReadPracticePatients.self), .request(ReadFirstSteps.self), .request(PutAwayFirstSteps.self),
        .request(ReadRecipients.self), .request(AskQuestion.self), .request(WriteMessage.self), .request(RetractMessage.self),
        .request(MarkRead.self), .request(ReadThreads.self), .request(ReadThread.self), .request(ReadInbox.self), .request(MoveThread.self),
        .request(ReadPools.self), .request(KeepPool.self), .event(MessageSent.self), .event(TaskChanged.self), .event(LeaveChanged.self),
        .request(OfferOtherTimes.self), .request(KeepResource.self), .request(ReadResources.self),
        .request(GrantProxy.self), .request(WithdrawProxy.self), .request(ReadProxies.self), .event(ProxyChanged.self),
        .request(ReadBills.self), .request(ReadInvoice.self), .event(InvoiceIssued.self), .request(StartPayment.self),
        .request(CancelPayment.self), .request(ReadPayment.self), .request(ReceiveCardEvent.self), .event(PaymentCaptured.self),
        .event(PaymentFailed.self), .event(PaymentRefunded.self), .request(LoadFees.self), .request(ReadFees.self),
        .request(ReadBillingWork.self), .request(ChargeVisit.self), .request(IssueInvoice.self), .request(AdjustInvoice.self),
        .request(ReverseAdjustment.self), .request(TakeCash.self), .request(RefundPayment.self), .request(ProveLedger.self),
        .request(RunStatements.self), .request(ReadStatements.self), .request(ReadStatement.self), .request(DisputeLine.self),
        .request(SettleLineDispute.self), .request(VoidCharge.self), .request(CancelInvoice.self), .request(DecideApproval.self),
        .event(StatementMade.self), .request(SetGuarantor.self), .request(ReadGuarantors.self), .request(FindBilledPatient.self),
        .request(MakePlan.self), .request(CancelPlan.self), .event(InstalmentNoticed.self),
        .request(AddCoverage.self), .request(KeepCardPicture.self), .request(DecideCoverage.self), .request(ReadCoverages.self),
        .request(ReadPosition.self), .request(ReadInboxPosition.self),
        .request(ReadStaffMessages.self), .request(WriteStaffMessage.self),
        .request(ReadCall.self), .request(EnterLobby.self), .request(AdmitPatient.self), .request(EndCall.self), .request(ReadWaitingRoom.self),
        .request(IssueCallTicket.self), .request(OpenCallWindow.self), .request(CloseCallWindow.self), .request(SendSignals.self),
        .request(InviteGuest.self), .request(AdmitGuest.self), .request(RemoveGuest.self), .request(ReadInvitation.self),
        .request(AcceptInvitation.self), .request(ReadGuestCall.self), .request(IssueGuestTicket.self), .request(OpenGuestWindow.self),
        .request(CloseGuestWindow.self), .request(SendGuestSignals.self), .request(ReadGuestSignals.self), .request(LeaveAsGuest.self),
        .request(WriteInCall.self), .request(ChooseWhenLate.self), .request(ReadTestRelay.self), .request(KeepDeviceTest.self),
        .request(ReadDeviceTest.self),
        .request(ReadSignals.self), .event(CallChanged.self), .event(SignalWaits.self), .event(VisitWaiting.self), .event(VisitStarted.self),
        .event(VisitEnded.self),
        .request(ReadUpload.self), .request(PrepareOutreach.self), .request(ReadOutreaches.self), .request(ReadOutreach.self),
        .request(SendOutreach.self), .request(ChooseOutreach.self), .request(ReadVisitors.self), .request(ReadLeave.self),
    ]

    private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    private static let contracts = tests.appending(path: "../../Shared/Contracts")

    private static func sources() throws -> [String] {
        try FileManager.default.contentsOfDirectory(at: contracts, includingPropertiesForKeys: nil).filter { $0.pathExtension == "swift" }
            .map { try String(contentsOf: $0, encoding: .utf8) }
    }

    @Test func everyMessageHasAFileAndEveryFileAMessage() throws {
        let inSources = try Self.sources().flatMap { $0.matches(of: /static let name = "([^"]*)"/).map { String($0.1) } }.sorted()
        #expect(inSources.count > 30)
        #expect(Self.shipped.map(\.name).sorted() == inSources, "the list above is not what the sources say")
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.tests.appending(path: "Golden").path)
        #expect(files.sorted() == inSources.map { "\($0).json" })
    }

    @Test(arguments: shipped.indices)
    func whatWasShippedIsReadForEver(_ index: Int) throws {
        let message = Self.shipped[index]
        for sample in try message.samples() {
            let value = try sample.decode(sample.json)
            #expect(Self.lost(of: sample.json, in: try JSON(encoding: value)) == [], "\(message.name)")
        }
    }

    /// A newer sender adds a member somewhere; who does not know it reads the rest.
    @Test(arguments: shipped.indices)
    func whatIsNotKnownIsPassedOver(_ index: Int) throws {
        let message = Self.shipped[index]
        for sample in try message.samples() {
            let extended = sample.json.withUnknownMembers()
            #expect(extended != sample.json || !sample.json.isObject, "\(message.name)")
            let value = try sample.decode(extended)
            #expect(try JSON(encoding: value) == JSON(encoding: try sample.decode(sample.json)), "\(message.name)")
        }
    }

    @Test(arguments: shipped.indices)
    func nothingIsLeftOutOfASample(_ index: Int) throws {
        let message = Self.shipped[index]
        var seen = Seen()
        for sample in try message.samples() { seen.look(at: try sample.decode(sample.json)) }
        #expect(seen.neverThere == [], "\(message.name)")
    }

    /// Every case of every code that travels, and every refusal in the file of each request that knows it.
    @Test func everyCaseIsInASample() throws {
        let cases = try Self.casesInSources()
        #expect(cases.count > 8)
        var seen = Seen()
        for message in Self.shipped {
            var refusals = Seen()
            for sample in try message.samples() {
                let value = try sample.decode(sample.json)
                seen.look(at: value)
                if sample.isRefusal { refusals.look(at: value) }
            }
            guard let refusal = message.refusal, let expected = cases[refusal] else { continue }
            let missing = expected.subtracting(refusals.cases[refusal] ?? [])
            #expect(missing == [], "\(message.name)")
        }
        for (type, names) in cases {
            let missing = names.subtracting(seen.cases[type] ?? [])
            #expect(missing == [], "\(type)")
        }
    }

    /// By enum, the cases the sources give it.
    private static func casesInSources() throws -> [String: Set<String>] {
        var found: [String: Set<String>] = [:]
        for text in try sources() {
            for type in text.matches(of: /\n(?:public )?enum (\w+)[^{\n]*\bCodable\b[^{\n]*\{\n((?: .*\n|\n)*)\}/) {
                let names = type.2.matches(of: /\n?    case ([^\n]*)/).flatMap { line in
                    // `a, b` or `a(b: C)`
                    line.1.contains("(")
                        ? [String(line.1.prefix { $0 != "(" })] : line.1.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
                }
                found[String(type.1)] = Set(names)
            }
        }
        return found
    }

    /// Places of `sent` that `kept` does not have, or has otherwise.
    private static func lost(of sent: JSON, in kept: JSON, at path: String = "") -> [String] {
        switch (sent, kept) {
        case (.object(let sent), .object(let kept)):
            sent.flatMap { name, value in kept[name].map { lost(of: value, in: $0, at: "\(path).\(name)") } ?? ["\(path).\(name) is gone"] }
        case (.array(let sent), .array(let kept)) where sent.count == kept.count:
            zip(sent, kept).enumerated().flatMap { lost(of: $0.element.0, in: $0.element.1, at: "\(path)[\($0.offset)]") }
        default: sent == kept ? [] : ["\(path) changed"]
        }
    }
}

/// A message, and how the parts of its file are read.
private struct Shipped: Sendable {
    struct Sample {
        let json: JSON
        let isRefusal: Bool
        let decode: (JSON) throws -> any Encodable
    }

    let name: String
    /// Name of the refusal's type.
    let refusal: String?
    private let parts: @Sendable (File) throws -> [Sample]

    struct File: Decodable {
        let message: JSON
        /// Where one message cannot show everything.
        let further: [JSON]?
        let reply: JSON?
        let refusals: [JSON]?
    }

    static func request<R: Request>(_ type: R.Type) -> Shipped {
        let refusal = R.Refusal.self == Never.self ? nil : "\(R.Refusal.self)"
        return Shipped(name: R.name, refusal: refusal) { file in
            let reply = try #require(file.reply, "\(R.name) needs a reply")
            let refusals = file.refusals ?? []
            #expect(refusals.isEmpty == (refusal == nil), "\(R.name)")
            return [sample(reply, R.Reply.self)] + ([file.message] + (file.further ?? [])).map { sample($0, R.self) }
                + refusals.map { sample($0, R.Refusal.self, isRefusal: true) }
        }
    }

    static func event<E: Event>(_ type: E.Type) -> Shipped {
        Shipped(name: E.name, refusal: nil) { file in
            #expect(file.reply == nil && file.refusals == nil, "\(E.name) is an event")
            return [sample(file.message, E.self)]
        }
    }

    private static func sample<T: Codable>(_ json: JSON, _ type: T.Type, isRefusal: Bool = false) -> Sample {
        Sample(json: json, isRefusal: isRefusal) { try Wire.decode(T.self, from: try JSONEncoder().encode($0)) }
    }

    func samples() throws -> [Sample] {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name).json")
        return try parts(try JSONDecoder().decode(File.self, from: Data(contentsOf: path)))
    }
}

/// Any JSON.
private enum JSON: Codable, Equatable {
    case object([String: JSON])
    case array([JSON])
    case string(String)
    case number(Double)
    case bool(Bool)
    case null

    /// Members whose objects are maps: their names are data, and another name is another entry.
    private static let maps: Set = ["name", "counts", "text", "emergency", "welcome", "closing"]

    init(encoding value: any Encodable) throws { self = try JSONDecoder().decode(JSON.self, from: Data(try Wire.encode(value))) }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let bool = try? container.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let string = try? container.decode(String.self) {
            self = .string(string)
        } else if let array = try? container.decode([JSON].self) {
            self = .array(array)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .object(let members): try container.encode(members)
        case .array(let items): try container.encode(items)
        case .string(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .bool(let bool): try container.encode(bool)
        case .null: try container.encodeNil()
        }
    }

    var isObject: Bool { if case .object = self { true } else { false } }

    /// The same, with a member nobody knows in every object.
    func withUnknownMembers(isMap: Bool = false) -> JSON {
        switch self {
        case .object(let members) where isMap: return .object(members)
        case .object(let members):
            var extended = Dictionary(uniqueKeysWithValues: members.map { ($0, $1.withUnknownMembers(isMap: Self.maps.contains($0))) })
            extended["memberOfTomorrow"] = .object(["values": .array([.number(1), .string("two"), .null])])
            return .object(extended)
        case .array(let items): return .array(items.map { $0.withUnknownMembers() })
        default: return self
        }
    }
}

/// What values held: which optional members and lists had something in them, which cases of enums occurred.
private struct Seen {
    private var there: Set<String> = []
    private var missing: Set<String> = []
    private(set) var cases: [String: Set<String>] = [:]

    /// `Type.member`, nil or empty wherever it occurred.
    var neverThere: [String] { missing.subtracting(there).sorted() }

    mutating func look(at value: Any) {
        let mirror = Mirror(reflecting: value)
        let type = "\(Swift.type(of: value))"
        switch mirror.displayStyle {
        case .optional, .collection, .dictionary, .tuple: for child in mirror.children { look(at: child.value) }
        case .enum:
            cases[type, default: []].insert(mirror.children.first?.label ?? "\(value)")
            for child in mirror.children { look(at: child.value) }
        case .struct:
            for child in mirror.children {
                let member = Mirror(reflecting: child.value)
                if [.optional, .collection, .dictionary].contains(member.displayStyle) {
                    if member.children.isEmpty {
                        missing.insert("\(type).\(child.label ?? "")")
                    } else {
                        there.insert("\(type).\(child.label ?? "")")
                    }
                }
                look(at: child.value)
            }
        default: break
        }
    }
}
