import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

/// The waiting list: fair offers, each of one time to one person, that leave what is booked as it is until they are taken.
@Suite struct WaitingTests {
    /// At any hour, so that a test says the same at night.
    private static let list = Waitlist(hours: 0..<24)

    private func join(
        _ clinic: Clinic, _ patient: ID<Patient>, with practitioner: ID<Practitioner>? = nil, sooner visit: ID<Appointment>? = nil,
        _ wishes: VisitWishes = VisitWishes(), waiting: ID<Waiting> = .init()
    ) async throws -> Answer<JoinWaitingList> {
        let command = JoinWaitingList(
            waiting: waiting, patient: patient, service: Clinic.service.code, practitioner: practitioner, visit: visit, wishes: wishes)
        return try await clinic.bus.request(command, as: clinic.keys.patient(patient))
    }

    /// One look at everybody who waits. - Returns: how many were offered a time.
    @discardableResult
    private func round(_ clinic: Clinic, _ list: Waitlist = Self.list) async throws -> Int {
        try await clinic.test.transaction { tx in try await endWaiting(tx) }
        return try await list.round(clinic.test)
    }

    private func waitings(_ clinic: Clinic, _ patient: ID<Patient>) async throws -> [WaitingLine] {
        try await clinic.bus.ask(ReadWaiting(patient: patient), as: clinic.keys.patient(patient)).lines
    }

    private func offer(_ clinic: Clinic, _ patient: ID<Patient>) async throws -> WaitingOffer? {
        try await waitings(clinic, patient).compactMap(\.offer).first
    }

    private func take(_ clinic: Clinic, _ offer: WaitingOffer, _ patient: ID<Patient>) async throws -> Answer<TakeOffer> {
        try await clinic.bus.request(TakeOffer(offer: offer.offer, patient: patient, key: .v7()), as: clinic.keys.patient(patient))
    }

    /// Of the times of a full day's month.
    private func outcomes(_ clinic: Clinic) async throws -> OfferOutcomes {
        let month = ReadScheduleMonth(month: String(clinic.day(5).prefix(7)))
        return try await clinic.bus.ask(month, as: clinic.keys.staff(.administrator)).offers
    }

    /// A clinician whose day is booked out but for nothing; the visits in the order of their times.
    private func fullDay(_ clinic: Clinic, _ ahead: Int) async throws -> (ID<Practitioner>, [(ID<Patient>, ID<Appointment>)]) {
        let practitioner = ID<Practitioner>()
        _ = try await clinic.bus.request(
            clinic.publication(
                practitioner, hours: (1...7).map { WeeklyHours(weekday: $0, from: "08:00", until: "09:20") }, from: clinic.day(ahead),
                until: clinic.day(ahead)), as: clinic.keys.operator())
        var visits: [(ID<Patient>, ID<Appointment>)] = []
        for opening in try await clinic.openings(of: practitioner, from: clinic.day(ahead), days: 1) {
            let (patient, visit) = (ID<Patient>(), ID<Appointment>())
            #expect(try await clinic.book(opening, for: patient, appointment: visit).reply != nil)
            visits.append((patient, visit))
        }
        #expect(visits.count == 4)
        return (practitioner, visits)
    }

    @Test func aFreedTimeIsOfferedInTheOrderOfJoiningAndToOneAtATime() async throws {
        try await Clinic.open { clinic in
            let (practitioner, visits) = try await fullDay(clinic, 5)
            let (first, second) = (ID<Patient>(), ID<Patient>())
            for patient in [first, second] { #expect(try await join(clinic, patient, with: practitioner).reply != nil) }
            #expect(try await round(clinic) == 0)
            #expect(try await clinic.cancel(visits[1].1, of: visits[1].0).reply != nil)
            #expect(try await round(clinic) == 1)
            #expect(try await round(clinic) == 0)
            let offered = try #require(try await offer(clinic, first))
            #expect(try await offer(clinic, second) == nil)
            #expect(try await clinic.openings(of: practitioner, from: clinic.day(5), days: 1).isEmpty)
            #expect(try await clinic.test.emitted(WaitlistOffered.self).map(\.offer) == [offered.offer])
            // Declined, it is the next one's, and is not offered to the first again.
            let decline = DeclineOffer(offer: offered.offer, patient: first, key: .v7())
            #expect(try await clinic.bus.request(decline, as: clinic.keys.patient(first)).reply != nil)
            #expect(try await round(clinic) == 1)
            let next = try #require(try await offer(clinic, second))
            #expect(next.start == offered.start)
            #expect(try await take(clinic, offered, first).refusal == .over)
            let booked = try #require(try await take(clinic, next, second).reply)
            #expect(booked.start == offered.start && booked.appointment == next.offer)
            // Once more, with another key: it is booked once.
            #expect(try await take(clinic, next, second).reply == booked)
            #expect(try await clinic.test.emitted(AppointmentBooked.self).filter { $0.appointment == next.offer }.count == 1)
            #expect(try await waitings(clinic, second).isEmpty)
            #expect(try await clinic.doubleBookings() == 0)
            #expect(try await outcomes(clinic) == OfferOutcomes(taken: 1, declined: 1, lapsed: 0))
        }
    }

    @Test func theVisitStaysUntilTheOfferIsTakenAndIsThenMovedOnce() async throws {
        try await Clinic.open { clinic in
            let (practitioner, visits) = try await fullDay(clinic, 5)
            let (patient, visit) = visits[3]
            #expect(try await join(clinic, patient, with: practitioner, sooner: visit).reply != nil)
            #expect(try await join(clinic, patient, with: practitioner, sooner: visit).refusal == .waitsAlready)
            #expect(try await clinic.cancel(visits[0].1, of: visits[0].0).reply != nil)
            #expect(try await round(clinic) == 1)
            let offered = try #require(try await offer(clinic, patient))
            let before = try #require(
                try await clinic.bus.request(ReadAppointment(appointment: visit), as: clinic.keys.worker("notifications")).reply)
            #expect(before.version == 1 && before.status == "booked" && before.start != offered.start)
            // Nobody but who it is for.
            let stranger = ID<Patient>()
            #expect(try await take(clinic, offered, stranger).refusal == .notFound)
            let answers = try await withThrowingTaskGroup(of: Answer<TakeOffer>.self) { group in
                for _ in 0..<8 { group.addTask { try await take(clinic, offered, patient) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers.compactMap(\.reply).map(\.version)) == [2] && answers.compactMap(\.reply).count == 8)
            let after = try #require(
                try await clinic.bus.request(ReadAppointment(appointment: visit), as: clinic.keys.worker("notifications")).reply)
            #expect(after.version == 2 && after.start == offered.start)
            let moves = try await clinic.test.emitted(AppointmentRescheduled.self)
            #expect(moves.map(\.appointment) == [visit] && moves.first?.old?.start == before.start)
            // The old time is free, and there is one visit.
            let free = try await clinic.openings(of: practitioner, from: clinic.day(5), days: 1)
            #expect(free.map(\.start) == [before.start])
            let own = try await clinic.bus.ask(ReadAppointments(patient: patient), as: clinic.keys.patient(patient))
            #expect(own.coming.map(\.appointment) == [visit] && own.past.isEmpty)
            #expect(try await clinic.doubleBookings() == 0)
        }
    }

    @Test func anOfferThatNobodyAnswersGoesToTheNext() async throws {
        try await Clinic.open { clinic in
            let (practitioner, visits) = try await fullDay(clinic, 5)
            let (first, second) = (ID<Patient>(), ID<Patient>())
            for patient in [first, second] { #expect(try await join(clinic, patient, with: practitioner).reply != nil) }
            #expect(try await clinic.cancel(visits[2].1, of: visits[2].0).reply != nil)
            var brief = Self.list
            brief.offerSeconds = 0.2
            #expect(try await round(clinic, brief) == 1)
            let offered = try #require(try await offer(clinic, first))
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await take(clinic, offered, first).refusal == .over)
            #expect(try await round(clinic) == 1)
            let next = try #require(try await offer(clinic, second))
            #expect(next.start == offered.start && next.offer != offered.offer)
            #expect(try await take(clinic, next, second).reply != nil)
            #expect(try await outcomes(clinic) == OfferOutcomes(taken: 1, declined: 0, lapsed: 1))
            // Who was silent keeps their place, for another time.
            #expect(try await waitings(clinic, first).count == 1)
            #expect(try await clinic.cancel(visits[0].1, of: visits[0].0).reply != nil)
            #expect(try await round(clinic) == 1)
            #expect(try await offer(clinic, first) != nil)
        }
    }

    /// However many nothing suits: they keep their place, and those after them are looked at in the same round.
    @Test func whomNothingSuitsHoldsUpNobody() async throws {
        try await Clinic.open { clinic in
            let (full, free) = (try await fullDay(clinic, 5).0, try await clinic.practitioner())
            let patients = (0..<5).map { _ in ID<Patient>() }
            for (place, patient) in patients.enumerated() {
                #expect(try await join(clinic, patient, with: place < 4 ? full : free).reply != nil)
            }
            #expect(try await round(clinic, Waitlist(hours: 0..<24, atOnce: 2)) == 1)
            #expect(try await offer(clinic, patients[4]) != nil)
            for patient in patients.dropLast() { #expect(try await waitings(clinic, patient).map(\.offer) == [nil]) }
        }
    }

    @Test func whoNeverAnswersIsAskedThreeTimes() async throws {
        try await Clinic.open { clinic in
            let (practitioner, visits) = try await fullDay(clinic, 5)
            let patient = ID<Patient>()
            #expect(try await join(clinic, patient, with: practitioner).reply != nil)
            var brief = Self.list
            brief.offerSeconds = 0.05
            for visit in visits { #expect(try await clinic.cancel(visit.1, of: visit.0).reply != nil) }
            for _ in 0..<3 {
                #expect(try await round(clinic, brief) == 1)
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(try await round(clinic, brief) == 0)
            #expect(try await waitings(clinic, patient).isEmpty)
        }
    }

    @Test func whatCannotBeKeptIsWithdrawnAndWhatIsGoneEnds() async throws {
        try await Clinic.open { clinic in
            let (practitioner, visits) = try await fullDay(clinic, 5)
            let (mover, other) = (visits[3], ID<Patient>())
            #expect(try await join(clinic, mover.0, with: practitioner, sooner: mover.1).reply != nil)
            #expect(try await join(clinic, other, with: practitioner).reply != nil)
            for visit in visits[0...1] { #expect(try await clinic.cancel(visit.1, of: visit.0).reply != nil) }
            #expect(try await round(clinic) == 2)
            let (toMover, toOther) = (try #require(try await offer(clinic, mover.0)), try #require(try await offer(clinic, other)))
            // Their visit is cancelled meanwhile: there is nothing to make sooner.
            #expect(try await clinic.cancel(mover.1, of: mover.0).reply != nil)
            #expect(try await take(clinic, toMover, mover.0).refusal == .visitGone)
            // The clinician falls ill: nothing is booked over a leave.
            let leave = Absence.leave(
                practitioner: practitioner, from: "\(clinic.day(5))T00:00", until: "\(clinic.day(6))T00:00", zone: clinic.zone)
            #expect(try await clinic.bus.request(KeepAbsence(id: .v7(), what: leave, note: ""), as: clinic.keys.staff(.frontDesk)).reply != nil)
            #expect(try await take(clinic, toOther, other).refusal == .over)
            #expect(try await round(clinic) == 0)
            #expect(try await waitings(clinic, mover.0).isEmpty)
            #expect(try await waitings(clinic, other).map(\.offer) == [nil])
        }
    }

    @Test func wishesAreKept() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let (free, busy) = (ID<Patient>(), ID<Patient>())
            let (from, until) = (clinic.day(6), clinic.day(8))
            let wishes = VisitWishes(from: from, until: until, part: .afternoon)
            // Elsewhere at the first time that would suit.
            let elsewhere = try await clinic.practitioner()
            let taken = try #require(
                try await clinic.openings(of: elsewhere, from: clinic.day(6), days: 1).first { $0.start.local.hasSuffix("13:00") })
            #expect(try await clinic.book(taken, for: busy).reply != nil)
            #expect(try await join(clinic, busy, with: practitioner, wishes).reply != nil)
            #expect(try await join(clinic, free, with: practitioner, wishes).reply != nil)
            #expect(try await round(clinic) == 2)
            let offers = [try await offer(clinic, free)?.start.local, try await offer(clinic, busy)?.start.local]
            #expect(offers == ["\(clinic.day(6))T13:00", "\(clinic.day(6))T13:20"])
            for (wrong, field) in [
                (VisitWishes(from: "2026-13-01"), "from"), (VisitWishes(until: "soon"), "until"),
                (VisitWishes(from: "2026-12-02", until: "2026-12-01"), "until"), (VisitWishes(weekdays: [8]), "weekdays"),
            ] {
                guard case .refused(.invalid(let problems)) = try await join(clinic, .init(), wrong) else { throw Unexpected("joined") }
                #expect(problems.map(\.field) == [field])
            }
            // Outside its hours nobody is asked.
            #expect(try await join(clinic, .init(), with: practitioner).reply != nil)
            #expect(try await round(clinic, Waitlist(hours: 24..<25)) == 0)
        }
    }

    @Test func ofManyInstancesOneMakesTheOffer() async throws {
        try await Clinic.open { clinic in
            let (practitioner, visits) = try await fullDay(clinic, 5)
            var patients: [ID<Patient>] = []
            for _ in 0..<6 {
                let patient = ID<Patient>()
                #expect(try await join(clinic, patient, with: practitioner).reply != nil)
                patients.append(patient)
            }
            for visit in visits[0...1] { #expect(try await clinic.cancel(visit.1, of: visit.0).reply != nil) }
            let made = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 { group.addTask { try await round(clinic) } }
                return try await group.reduce(0, +)
            }
            #expect(made == 2)
            var offered: [ZonedTime] = []
            for patient in patients { offered += try await waitings(clinic, patient).compactMap(\.offer?.start) }
            #expect(offered.count == 2 && Set(offered).count == 2)
        }
    }

    @Test func whoLeavesGivesTheOfferBack() async throws {
        try await Clinic.open { clinic in
            let (practitioner, visits) = try await fullDay(clinic, 5)
            let (patient, waiting) = (ID<Patient>(), ID<Waiting>())
            #expect(try await join(clinic, patient, with: practitioner, waiting: waiting).reply != nil)
            #expect(try await clinic.cancel(visits[0].1, of: visits[0].0).reply != nil)
            #expect(try await round(clinic) == 1)
            let leave = LeaveWaitingList(waiting: waiting, patient: patient, key: .v7())
            #expect(try await clinic.bus.request(leave, as: clinic.keys.patient(patient)).reply != nil)
            let again = LeaveWaitingList(waiting: waiting, patient: patient, key: .v7())
            #expect(try await clinic.bus.request(again, as: clinic.keys.patient(patient)).refusal == .over)
            #expect(try await clinic.openings(of: practitioner, from: clinic.day(5), days: 1).count == 1)
            #expect(try await waitings(clinic, patient).isEmpty)
        }
    }

    /// Kinds of visit that are asked for: the clinic books, or answers.
    @Test func aRequestWaitsForTheClinic() async throws {
        try await Clinic.open { clinic in
            let practitioner = ID<Practitioner>()
            var service = Clinic.service
            service.rules = VisitRules(mode: .view, byRequest: true)
            _ = try await clinic.bus.request(clinic.publication(practitioner, service: service), as: clinic.keys.operator())
            let (patient, other, waiting) = (ID<Patient>(), ID<Patient>(), ID<Waiting>())
            #expect(try await join(clinic, patient).reply != nil)
            #expect(try await join(clinic, other, waiting: waiting).reply != nil)
            #expect(try await waitings(clinic, patient).map(\.kind) == [.request])
            #expect(try await round(clinic) == 0)
            let desk = try await clinic.keys.staff(.frontDesk)
            let list = try await clinic.bus.ask(ReadWaitingList(), as: desk)
            #expect(list.lines.map(\.patient) == [patient, other] && list.total == 2)
            // Booked by the desk, it is answered.
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first)
            #expect(try await clinic.bus.request(clinic.command(opening, for: patient), as: desk).reply != nil)
            #expect(try await waitings(clinic, patient).map(\.answer) == [.booked])
            let answer = AnswerWaiting(waiting: waiting, patient: other, answer: .callUs, key: .v7())
            #expect(try await clinic.bus.request(answer, as: desk).reply != nil)
            let again = AnswerWaiting(waiting: waiting, patient: other, answer: .notPossible, key: .v7())
            #expect(try await clinic.bus.request(again, as: desk).refusal == .over)
            #expect(try await waitings(clinic, other).map(\.answer) == [.callUs])
            #expect(try await clinic.bus.ask(ReadWaitingList(), as: desk).total == 0)
        }
    }

    /// A kind of visit that is neither booked nor asked for by patients is not waited for by themselves either.
    @Test func whatTheClinicBooksIsNotWaitedFor() async throws {
        try await Clinic.open { clinic in
            var service = Clinic.service
            service.rules = VisitRules(mode: .view)
            _ = try await clinic.bus.request(clinic.publication(.init(), service: service), as: clinic.keys.operator())
            #expect(try await join(clinic, .init()).refusal == .byClinicOnly)
            #expect(try await join(clinic, .init(), sooner: .init()).refusal == .byClinicOnly)
            service.rules = VisitRules()
            _ = try await clinic.bus.request(clinic.publication(.init(), service: service), as: clinic.keys.operator())
            #expect(try await join(clinic, .init(), sooner: .init()).refusal == .visitGone)
        }
    }

    @Test func aCallIsPromisedWithinHoursAndIsDoneOnce() async throws {
        try await Clinic.open { clinic in
            let patient = ID<Patient>()
            func ask(_ waiting: ID<Waiting> = .init()) async throws -> Answer<RequestCall> {
                try await clinic.bus.request(RequestCall(waiting: waiting, patient: patient), as: clinic.keys.patient(patient))
            }
            // Nobody has hours: nothing is promised.
            let first = ID<Waiting>()
            #expect(try await ask(first) == .done(CallPromised(by: nil)))
            let desk = try await clinic.keys.staff(.frontDesk)
            let answer = AnswerWaiting(waiting: first, patient: patient, answer: .called, key: .v7())
            #expect(try await clinic.bus.request(answer, as: desk).reply != nil)
            _ = try await clinic.practitioner()
            let second = ID<Waiting>()
            let promised = try #require(try await ask(second).reply?.by)
            // Two hours into hours that are 08:00 to 17:00: never before ten, never after five.
            let clock = promised.local.suffix(5)
            #expect("10:00" <= clock && clock <= "17:00" && promised.zone == clinic.zone)
            #expect(promised.instant.timeIntervalSinceNow > 7_100)
            #expect(try await ask().refusal == .waitsAlready)
            let lines = try await clinic.bus.ask(ReadWaitingList(), as: desk).lines
            #expect(lines.map(\.waiting) == [second] && lines.first?.promised == promised)
        }
    }

    // MARK: In place of a visit that cannot be as it is

    /// The desk enters a leave: everybody on that day.
    private func leave(_ clinic: Clinic, _ practitioner: ID<Practitioner>, day: Int) async throws -> UUID {
        let what = Absence.leave(
            practitioner: practitioner, from: "\(clinic.day(day))T00:00", until: "\(clinic.day(day + 1))T00:00", zone: clinic.zone)
        let command = KeepAbsence(id: .v7(), what: what, note: "")
        #expect(try await clinic.bus.request(command, as: clinic.keys.staff(.frontDesk)).reply != nil)
        return command.id
    }

    private func seek(_ clinic: Clinic, _ absence: UUID) async throws -> Int? {
        try await clinic.bus.request(OfferOtherTimes(absence: absence, key: .v7()), as: clinic.keys.staff(.frontDesk)).reply?.visits
    }

    private func affected(_ clinic: Clinic, _ absence: UUID) async throws -> AffectedVisits {
        try #require(try await clinic.bus.request(ReadAffected(id: absence), as: clinic.keys.staff(.frontDesk)).reply)
    }

    @Test func everybodyIsOfferedAnotherTimeInOneMessageEachAndNothingIsMovedByItself() async throws {
        try await Clinic.open { clinic in
            let (practitioner, visits) = try await fullDay(clinic, 5)
            // The patient of the first has another that day.
            let other = try await clinic.practitioner()
            let twice = visits[0].0
            let second = try #require(try await clinic.openings(of: other, from: clinic.day(5), days: 1).last)
            let also = ID<Appointment>()
            #expect(try await clinic.book(second, for: twice, appointment: also).reply != nil)
            let absence = try await leave(clinic, practitioner, day: 5)
            #expect(try await seek(clinic, absence) == 4)
            #expect(try await seek(clinic, absence) == 0, "what is looked for is not looked for twice")
            #expect(try await round(clinic) == 4)
            let told = try await clinic.test.emitted(WaitlistOffered.self)
            #expect(Set(told.map(\.patient)) == Set(visits.map(\.0)) && told.count == 4 && told.allSatisfy { $0.absence == absence })
            var found = try await affected(clinic, absence)
            #expect(found.absence.affected == 4 && found.offers?.count == 4, "nothing is moved yet")
            #expect(found.offers?.allSatisfy { $0.start != nil && $0.isOpen && $0.declined == 0 } == true)
            // Taken, the visit is the same one at another time; declined, the next is kept; neither frees the other patients' times.
            let lines = try await waitings(clinic, twice)
            #expect(lines.map(\.isInsteadOfVisit) == [true])
            let kept = try #require(lines.first?.offer)
            #expect(kept.until > Date().addingTimeInterval(86_400))
            #expect(try await take(clinic, kept, twice).reply?.appointment == visits[0].1)
            let stubborn = visits[1].0
            for expected in 1...2 {
                let offered = try #require(try await offer(clinic, stubborn))
                let decline = DeclineOffer(offer: offered.offer, patient: stubborn, key: .v7())
                #expect(try await clinic.bus.request(decline, as: clinic.keys.patient(stubborn)).reply != nil)
                #expect(try await round(clinic) == 1)
                let line = try await affected(clinic, absence).offers?.first { $0.visit == visits[1].1 }
                #expect(line?.declined == expected && line?.start?.instant != offered.start.instant)
            }
            found = try await affected(clinic, absence)
            #expect(found.absence.affected == 3)
            #expect(try await clinic.status(of: also) == "booked")
            // Whoever is moved by hand is looked after, and what was kept for them is free again.
            let free = try #require(try await clinic.openings(of: other, from: clinic.day(9), days: 1).first)
            for (patient, visit) in visits.dropFirst() {
                if visit == visits[1].1 {
                    let move = RescheduleAppointment(
                        appointment: visit, patient: patient, version: 1, practitioner: other, location: clinic.location, start: free.start.instant,
                        key: .v7())
                    #expect(try await clinic.bus.request(move, as: clinic.keys.staff(.frontDesk)).reply != nil)
                } else {
                    #expect(try await clinic.cancel(visit, of: patient).reply != nil)
                }
            }
            #expect(try await round(clinic) == 0)
            #expect(try await affected(clinic, absence).absence.affected == 0)
            for (patient, _) in visits { #expect(try await offer(clinic, patient) == nil) }
            #expect(try await clinic.doubleBookings() == 0)
        }
    }

    @Test func oneMessageForSeveralVisitsOfOnePatient() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let patient = ID<Patient>()
            for opening in try await clinic.openings(of: practitioner, from: clinic.day(5), days: 1).prefix(2) {
                #expect(try await clinic.book(opening, for: patient).reply != nil)
            }
            let absence = try await leave(clinic, practitioner, day: 5)
            #expect(try await seek(clinic, absence) == 2)
            #expect(try await round(clinic) == 2)
            #expect(try await clinic.test.emitted(WaitlistOffered.self).map(\.patient) == [patient])
            #expect(try await waitings(clinic, patient).compactMap(\.offer).count == 2)
            // Nobody is away after all: what was kept is free again.
            #expect(try await clinic.bus.request(EndAbsence(id: absence, key: .v7()), as: clinic.keys.staff(.frontDesk)).reply != nil)
            #expect(try await round(clinic) == 0)
            #expect(try await waitings(clinic, patient).isEmpty)
            let late = OfferOtherTimes(absence: absence, key: .v7())
            #expect(try await clinic.bus.request(late, as: clinic.keys.staff(.frontDesk)).refusal == .notFound)
        }
    }
}
