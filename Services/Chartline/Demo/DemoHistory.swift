/// Makes one patient's record.
struct DemoHistory {
    let number: Int
    let person: DemoPerson
    let calendar: DemoCalendar
    let staff: DemoStaff
    let patient: String
    let birthDate: String
    /// Days from birth to today.
    private let ageInDays: Int
    /// Days from the last day of life to today; 0 for the living.
    private let lastDay: Int
    private var random: DemoRandom
    private var file: DemoBundle
    private let doctor: DemoStaff.Person
    private let label: String
    /// Problems that are there today, for what is measured.
    private var problems: Set<String> = []
    private var visits: [Visit] = []

    private struct Visit {
        var url: String
        var daysAgo: Int
        /// Minute of the day.
        var minute: Int
        var label: String
    }

    init(number: Int, person: DemoPerson, seed: UInt64, calendar: DemoCalendar, staff: DemoStaff) {
        var random = DemoRandom(seed: seed, stream: "patient/\(number)")
        let days = person.age == 0 ? random.between(130, 200) : person.age * 365 + person.age / 4 + random.between(20, 340)
        let birthDate = person.born ?? calendar.date(daysAgo: days)
        (self.number, self.person, self.calendar, self.staff, self.birthDate) = (number, person, calendar, staff, birthDate)
        self.random = random
        ageInDays = calendar.daysAgo(birthDate)
        lastDay = person.diedDaysAgo ?? 0
        label = "patient/\(number)"
        patient = DemoRandom.url(seed: seed, label)
        file = DemoBundle(seed: seed)
        doctor = person.given == "Maria" ? staff.clinicians[0] : staff.clinician(age: person.age, number: number)
    }

    private var age: Int { ageInDays / 365 }
    private var isMaria: Bool { number == 0 }
    private var displayName: String { person.given + " " + person.family }

    mutating func bundle() -> DemoBundle {
        addPerson()
        staff.addOrganization(to: &file)
        staff.add(staff.places[doctor.place], to: &file)
        staff.add(doctor, to: &file)
        for nurse in staff.nurses(at: doctor.place) { staff.add(nurse, to: &file) }
        addVisits()
        addProblems()
        addAllergies()
        addVaccines()
        for (place, visit) in visits.enumerated() { addVitals(visit, place) }
        addResults()
        addProcedures()
        addCareTeam()
        return file
    }

    // MARK: The person

    private mutating func addPerson() {
        var languages: [DemoJSON] = [Self.language(person.language, isPreferred: true)]
        if isMaria { languages.append(Self.language("es", isPreferred: false)) }
        if person.language == "es" { languages.append(Self.language("en", isPreferred: false)) }
        let streets = ["Mill Street", "Oak Avenue", "Juniper Lane", "Canal Street", "Halsted Street", "Lake View Road", "Maple Court"]
        let isChild = age < 16
        file.add(
            "Patient", label,
            [
                "identifier": [
                    [
                        "use": "usual", "type": DemoCode.hl7("v2-0203", "MR", "Medical record number"),
                        "system": "https://riverside.example.org/mrn", "value": .text(isMaria ? "RF-204817" : "RF-\(100_000 + number * 1_733)"),
                    ]
                ],
                "active": .flag(true),
                "name": [
                    [
                        "use": "official", "family": .text(person.family),
                        "given": .array(person.given.split(separator: " ").map { .text(String($0)) }),
                    ]
                ],
                "telecom": [
                    ["system": "phone", "value": .text("+1 312 555 01\(50 + number % 50)"), "use": "mobile"],
                    ["system": "email", "value": .text("\(person.label)@example.org"), "use": "home"],
                ],
                "gender": .text(person.gender), "birthDate": .text(birthDate),
                "deceasedDateTime": lastDay > 0 ? .text(calendar.time(daysAgo: lastDay, minute: 5 * 60 + 20)) : .absent,
                "address": [
                    [
                        "use": "home", "line": [.text("\(random.between(2, 980)) \(random.pick(streets) ?? "Mill Street")")], "city": "Chicago",
                        "state": "IL", "postalCode": .text("606\(random.between(10, 59))"), "country": "US",
                    ]
                ],
                "contact": isChild
                    ? [
                        [
                            "relationship": [DemoCode.hl7("v3-RoleCode", "PRN", "parent")],
                            "name": ["family": .text(person.family), "given": [.text(random.pick(["Sofia", "Daniel", "Nora", "Luis"]) ?? "Nora")]],
                            "telecom": [["system": "phone", "value": .text("+1 312 555 01\(10 + number % 30)"), "use": "mobile"]],
                        ]
                    ] : .absent,
                "communication": .array(languages), "generalPractitioner": [.reference(staff.url(of: doctor), DemoStaff.displayName(doctor))],
                "managingOrganization": .reference(staff.organization, staff.name),
            ])
    }

    private static func language(_ code: String, isPreferred: Bool) -> DemoJSON {
        [
            "language": [
                "coding": [["system": "urn:ietf:bcp:47", "code": .text(code), "display": .text(code == "es" ? "Spanish" : "English")]],
                "text": .text(code == "es" ? "Spanish" : "English"),
            ],
            "preferred": .flag(isPreferred),
        ]
    }

    // MARK: Visits

    private mutating func addVisits() {
        for (place, daysAgo) in visitDays().enumerated() {
            let isWell = age < 16
            let kind = isWell ? DemoTerms.wellVisit : [DemoTerms.checkUp, DemoTerms.followUp, DemoTerms.acuteVisit][place % 3]
            let minute = 8 * 60 + 20 * random.between(0, 24)
            let name = "\(label)/visit/\(place)"
            let at = staff.places[doctor.place]
            let url = file.add(
                "Encounter", name,
                [
                    "status": "finished",
                    "class": ["system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB", "display": "ambulatory"],
                    "type": [kind.concept], "subject": .reference(patient, displayName),
                    "participant": [["individual": .reference(staff.url(of: doctor), DemoStaff.displayName(doctor))]],
                    "period": [
                        "start": .text(calendar.time(daysAgo: daysAgo, minute: minute)),
                        "end": .text(calendar.time(daysAgo: daysAgo, minute: minute + 20)),
                    ],
                    "location": [["location": .reference(staff.url(of: at), at.name)]],
                    "serviceProvider": .reference(staff.organization, staff.name),
                ])
            visits.append(Visit(url: url, daysAgo: daysAgo, minute: minute, label: name))
        }
    }

    /// Days ago, oldest first, all on weekdays and within the person's life.
    private mutating func visitDays() -> [Int] {
        // Cholesterol was measured on these days; the demo's results page tells their story.
        if isMaria { return [987, 798, 630, 441, 350, 259, 180, 76, 21, 6].map { calendar.weekday(daysAgo: $0) } }
        var days: [Int] = []
        if age < 4 {
            days = [4, 15, 33, 64, 125, 186, 276, 382, 462, 582, 735, 920, 1_100, 1_290].map { ageInDays - $0 }
        } else {
            let step = age < 16 ? 260 : age < 40 ? 230 : age < 65 ? 170 : 140
            var at = lastDay + random.between(4, 120)
            let reach = min(lastDay + 1_460, ageInDays - 60)
            while at < reach {
                days.append(at)
                at += step + random.between(-40, 40)
            }
        }
        return days.map { calendar.weekday(daysAgo: $0) }.filter { $0 > lastDay && $0 < ageInDays }.sorted(by: >)
    }

    // MARK: Problems and medicines

    private mutating func addProblems() {
        if isMaria { return addMariasProblems() }
        for (place, problem) in DemoTerms.problems.enumerated() {
            let isBound = random.chance(problem.percent)
            let onset = random.between(problem.onset.lowerBound, problem.onset.upperBound)
            let daysAgo = min(ageInDays - onset * 365 - random.between(20, 300), ageInDays - 20)
            guard isBound, daysAgo > lastDay + 10 else { continue }
            add(problem, "\(label)/problem/\(place)", daysAgo: daysAgo)
        }
    }

    private mutating func addMariasProblems() {
        let started: [(DemoCode, Int, DemoTerms.Medication?)] = [
            (DemoTerms.hypertension, 4_520, DemoTerms.lisinopril), (DemoTerms.diabetes, 2_670, DemoTerms.metformin),
            (DemoTerms.hyperlipidemia, 980, DemoTerms.atorvastatin), (DemoTerms.insomnia, 190, DemoTerms.zolpidem),
            (DemoTerms.asthma, 9_200, DemoTerms.albuterol),
        ]
        for (place, entry) in started.enumerated() {
            let problem = DemoTerms.Problem(code: entry.0, onset: 0...99, percent: 100, medication: entry.2)
            add(problem, "\(label)/problem/\(place)", daysAgo: entry.1)
        }
    }

    private mutating func add(_ problem: DemoTerms.Problem, _ name: String, daysAgo: Int) {
        let ended = problem.lasts.map { max(lastDay, daysAgo - $0) }
        if ended == nil { problems.insert(problem.code.code) }
        let url = file.add(
            "Condition", name,
            [
                "clinicalStatus": DemoCode.hl7("condition-clinical", ended == nil ? "active" : "resolved"),
                "verificationStatus": DemoCode.hl7("condition-ver-status", "confirmed"),
                "category": [
                    DemoCode.hl7("condition-category", ended == nil ? "problem-list-item" : "encounter-diagnosis")
                ],
                "code": problem.code.concept, "subject": .reference(patient, displayName),
                "onsetDateTime": .text(calendar.date(daysAgo: daysAgo)),
                "abatementDateTime": DemoJSON(ended.map { calendar.date(daysAgo: $0) }), "recordedDate": .text(calendar.date(daysAgo: daysAgo)),
                "recorder": .reference(staff.url(of: doctor), DemoStaff.displayName(doctor)),
            ])
        guard let medication = problem.medication else { return }
        let status = ended != nil || lastDay > 0 ? "completed" : "active"
        add(medication, name + "/medication", reason: (url, problem.code.display), daysAgo: daysAgo, status: status)
    }

    private mutating func add(
        _ medication: DemoTerms.Medication, _ name: String, reason: (url: String, display: String), daysAgo: Int, status: String
    ) {
        // Standing prescriptions are written again every year or so; the one shown is the newest.
        let written = status == "active" ? min(daysAgo, visits.last.map(\.daysAgo) ?? daysAgo) : daysAgo
        file.add(
            "MedicationRequest", name,
            [
                "status": .text(status), "intent": "order", "medicationCodeableConcept": medication.code.concept,
                "subject": .reference(patient, displayName), "authoredOn": .text(calendar.date(daysAgo: written)),
                "requester": .reference(staff.url(of: doctor), DemoStaff.displayName(doctor)),
                "reasonReference": [.reference(reason.url, reason.display)],
                "dosageInstruction": [
                    [
                        "sequence": .number("1"), "text": .text(medication.dosage),
                        "timing": ["repeat": ["frequency": .number("\(medication.times)"), "period": .number("1"), "periodUnit": "d"]],
                        "asNeededBoolean": .flag(medication.asNeeded),
                        "doseAndRate": [["doseQuantity": ["value": .number(medication.dose), "unit": .text(medication.unit)]]],
                    ]
                ],
                "dispenseRequest": ["numberOfRepeatsAllowed": .number("\(random.between(0, 5))")],
            ])
    }

    // MARK: Allergies

    private mutating func addAllergies() {
        if isMaria {
            addAllergy(0, DemoTerms.penicillin, "medication", [DemoTerms.reactions[1]], recorded: "1994", severity: "moderate")
            addAllergy(1, DemoTerms.latex, "environment", [DemoTerms.reactions[2]], recorded: "2016-05-02", severity: "mild")
            return
        }
        guard random.chance(45), let first = random.pick(DemoTerms.allergies) else {
            // Not known is not the same as not asked: it is a statement with a date.
            if random.chance(80) {
                addAllergy(0, DemoTerms.noKnownAllergy, nil, [], recorded: calendar.date(daysAgo: visits.first?.daysAgo ?? lastDay), severity: nil)
            }
            return
        }
        let recorded = calendar.date(daysAgo: lastDay + random.between(200, max(201, ageInDays - 100)) % max(1, ageInDays - lastDay))
        let isSevere = random.chance(20)
        let reaction = isSevere ? DemoTerms.anaphylaxis : random.pick(DemoTerms.reactions) ?? DemoTerms.anaphylaxis
        addAllergy(0, first.code, first.category, [reaction], recorded: recorded, severity: isSevere ? "severe" : "mild")
        if random.chance(30), let second = random.pick(DemoTerms.allergies.filter({ $0.code.code != first.code.code })) {
            addAllergy(1, second.code, second.category, random.pick(DemoTerms.reactions).map { [$0] } ?? [], recorded: recorded, severity: "mild")
        }
    }

    private mutating func addAllergy(
        _ place: Int, _ code: DemoCode, _ category: String?, _ reactions: [DemoCode], recorded: String, severity: String?
    ) {
        file.add(
            "AllergyIntolerance", "\(label)/allergy/\(place)",
            [
                "clinicalStatus": DemoCode.hl7("allergyintolerance-clinical", "active"),
                "verificationStatus": DemoCode.hl7("allergyintolerance-verification", "confirmed"),
                "type": category == nil ? .absent : "allergy", "category": category.map { [.text($0)] } ?? .absent,
                "criticality": severity.map { .text($0 == "severe" ? "high" : "low") } ?? .absent, "code": code.concept,
                "patient": .reference(patient, displayName), "recordedDate": .text(recorded),
                "reaction": reactions.isEmpty
                    ? .absent : [["manifestation": .array(reactions.map(\.concept)), "severity": DemoJSON(severity)]],
            ])
    }

    // MARK: Vaccines

    private mutating func addVaccines() {
        var given: [(code: DemoCode, daysAgo: Int, lot: String?)] = []
        if age < 19 {
            // Vaccines of one age are given on one day.
            let late = random.between(0, 9)
            for vaccine in DemoTerms.childhood {
                given += vaccine.days.map { (vaccine.code, calendar.weekday(daysAgo: ageInDays - $0 - late), nil) }
            }
        } else if isMaria {
            given = [(DemoTerms.tdap, 1_995, "4RX21"), (DemoTerms.zoster, 1_550, nil), (DemoTerms.zoster, 1_362, nil)]
        } else {
            given.append((DemoTerms.tdap, lastDay + random.between(200, 3_200), nil))
            if age >= 50 { given += [(DemoTerms.zoster, lastDay + 900, nil), (DemoTerms.zoster, lastDay + 790, nil)] }
            if age >= 65 { given.append((DemoTerms.pneumococcal, lastDay + random.between(300, 1_500), nil)) }
            if random.chance(70) { given += [(DemoTerms.covid, lastDay + 1_240, nil), (DemoTerms.covid, lastDay + 1_219, nil)] }
        }
        // One influenza shot a year, in the autumns this person came.
        for year in 1...4 where age >= 1 && random.chance(isMaria ? 100 : 65) {
            given.append((DemoTerms.influenza, lastDay + 365 * year + random.between(-25, 25), nil))
        }
        given.sort { $0.daysAgo > $1.daysAgo }
        for (place, dose) in given.enumerated() where dose.daysAgo > lastDay && dose.daysAgo < ageInDays {
            let lot = dose.lot ?? "\(random.between(2, 9))K\(random.between(100, 999))"
            file.add(
                "Immunization", "\(label)/vaccine/\(dose.code.code)/\(place)",
                [
                    "status": "completed", "vaccineCode": dose.code.concept, "patient": .reference(patient, displayName),
                    "occurrenceDateTime": .text(calendar.time(daysAgo: dose.daysAgo, minute: 9 * 60 + 10)), "primarySource": .flag(true),
                    "lotNumber": .text(lot),
                ])
        }
    }

    // MARK: Measurements

    private mutating func addVitals(_ visit: Visit, _ place: Int) {
        let years = Double(ageInDays - visit.daysAgo) / 365.25
        var build = DemoBody(person: person, number: number, years: years, random: &random)
        if problems.contains(DemoTerms.hypertension.code) { build.systolic += isMaria ? 22 - Double(place) * 2 : 14 }
        addVital(visit, "weight", .loinc("29463-7", "Body weight"), Self.decimal(build.weight, 1), "kg", "kg")
        addVital(visit, "height", .loinc("8302-2", "Body height"), Self.decimal(build.height, 1), "cm", "cm")
        if years >= 2 {
            let index = build.weight / (build.height * build.height / 10_000)
            addVital(visit, "bmi", .loinc("39156-5", "Body mass index"), Self.decimal(index, 2), "kg/m2", "kg/m2")
        }
        addVital(visit, "pulse", .loinc("8867-4", "Heart rate"), Self.decimal(build.pulse, 0), "/min", "/min")
        if years < 4 || place.isMultiple(of: 4) {
            addVital(visit, "temperature", .loinc("8310-5", "Body temperature"), Self.decimal(36.6 + 0.2 * random.bell(), 1), "°C", "Cel")
        }
        guard years >= 3 else {
            return addVital(visit, "breathing", .loinc("9279-1", "Respiratory rate"), Self.decimal(30 + 3 * random.bell(), 0), "/min", "/min")
        }
        addObservation(
            "\(visit.label)/pressure", .loinc("85354-9", "Blood pressure"), "vital-signs", visit,
            [
                "component": [
                    Self.component(.loinc("8480-6", "Systolic blood pressure"), Self.decimal(build.systolic, 0)),
                    Self.component(.loinc("8462-4", "Diastolic blood pressure"), Self.decimal(build.diastolic, 0)),
                ]
            ])
    }

    private static func component(_ code: DemoCode, _ value: String) -> DemoJSON {
        ["code": code.concept, "valueQuantity": quantity(value, "mmHg", "mm[Hg]")]
    }

    private mutating func addVital(_ visit: Visit, _ name: String, _ code: DemoCode, _ value: String, _ unit: String, _ ucum: String) {
        addObservation("\(visit.label)/\(name)", code, "vital-signs", visit, ["valueQuantity": Self.quantity(value, unit, ucum)])
    }

    @discardableResult
    private mutating func addObservation(
        _ name: String, _ code: DemoCode, _ category: String, _ visit: Visit, _ value: DemoJSON, status: String = "final",
        before: [(String, DemoJSON)] = []
    ) -> String {
        let display = category == "laboratory" ? "Laboratory" : "Vital signs"
        let when = calendar.time(daysAgo: visit.daysAgo, minute: visit.minute + 5)
        var members = before
        members += [
            ("status", .text(status)), ("category", [DemoCode.hl7("observation-category", category, display)]), ("code", code.concept),
            ("subject", .reference(patient, displayName)), ("encounter", .reference(visit.url)), ("effectiveDateTime", .text(when)),
            ("issued", .text(String(when.dropLast(6)) + ".250" + String(when.suffix(6)))),
            ("performer", [.reference(staff.url(of: doctor), DemoStaff.displayName(doctor))]),
        ]
        if case .object(let own) = value { members += own }
        return file.add("Observation", name, .object(members))
    }

    private static func quantity(_ value: String, _ unit: String, _ ucum: String) -> DemoJSON {
        ["value": .number(value), "unit": .text(unit), "system": "http://unitsofmeasure.org", "code": .text(ucum)]
    }

    /// A number with exactly so many digits after the point, zeros too: `5.40` is not `5.4` in a record.
    private static func decimal(_ value: Double, _ decimals: Int) -> String {
        let scale = decimals == 0 ? 1 : decimals == 1 ? 10 : 100
        let units = Int((value * Double(scale)).rounded())
        guard decimals > 0 else { return String(units) }
        let fraction = String(abs(units) % scale)
        return (units < 0 ? "-" : "") + "\(abs(units) / scale)." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }

    // MARK: Laboratory

    private mutating func addResults() {
        if isMaria { return addMariasResults() }
        guard age >= 18 else { return }
        for (place, visit) in visits.enumerated() where place.isMultiple(of: 2) || place == visits.count - 1 {
            addPanel(
                visit, DemoTerms.metabolicPanel,
                [DemoTerms.glucose, DemoTerms.creatinine, DemoTerms.filtration, DemoTerms.potassium].map { ($0, value(of: $0)) })
            if age >= 30 { addPanel(visit, DemoTerms.lipidPanel, lipids()) }
            if problems.contains(DemoTerms.diabetes.code) || (age >= 45 && place.isMultiple(of: 4)) {
                addLab(visit, DemoTerms.hemoglobinA1c, value(of: DemoTerms.hemoglobinA1c))
            }
            if place.isMultiple(of: 4) {
                addPanel(
                    visit, DemoTerms.bloodCount,
                    [DemoTerms.hemoglobin, DemoTerms.leukocytes, DemoTerms.platelets].map { ($0, value(of: $0)) })
            }
            if problems.contains("40930008") { addLab(visit, DemoTerms.thyrotropin, value(of: DemoTerms.thyrotropin)) }
        }
        // One sample was hemolyzed and run again: a correction that is not Maria's.
        if person.label == "tom.hughes", let visit = visits.last {
            addCorrected(visit, DemoTerms.potassium, first: "5.9", now: "4.6", note: "The first sample was hemolyzed; the lab ran a new one.")
        }
    }

    private mutating func value(of lab: DemoTerms.Lab) -> String {
        var middle = lab.middle
        switch lab.code.code {
        case DemoTerms.hemoglobinA1c.code.code where problems.contains(DemoTerms.diabetes.code): middle = 7.1
        case DemoTerms.glucose.code.code where problems.contains(DemoTerms.diabetes.code): middle = 138
        case DemoTerms.creatinine.code.code where problems.contains("433144002"): middle = 1.62
        case DemoTerms.filtration.code.code where problems.contains("433144002"): middle = 44.5
        default: break
        }
        return Self.decimal(middle + lab.spread * random.bell(), lab.decimals)
    }

    /// Total cholesterol is what its parts add up to.
    private mutating func lipids(ldl: Int? = nil, hdl: Int? = nil, triglycerides: Int? = nil) -> [(lab: DemoTerms.Lab, value: String)] {
        let raised = problems.contains(DemoTerms.hyperlipidemia.code) ? 24.0 : 0
        let low = ldl ?? Int((118 + raised + 14 * random.bell()).rounded())
        let high = hdl ?? Int((52 + 6 * random.bell()).rounded())
        let fats = triglycerides ?? Int((128 + raised / 2 + 20 * random.bell()).rounded())
        return [
            (DemoTerms.totalCholesterol, String(low + high + fats / 5)), (DemoTerms.ldl, String(low)), (DemoTerms.hdl, String(high)),
            (DemoTerms.triglycerides, String(fats)),
        ]
    }

    private mutating func addMariasResults() {
        // LDL as the results page shows it, oldest first; the visits between have other tests.
        let measured: [Int: Int] = [0: 119, 1: 126, 2: 138, 3: 141, 5: 134, 9: 148]
        let sugar: [Int: String] = [0: "6.5", 2: "6.7", 4: "6.8", 7: "6.9"]
        for (place, visit) in visits.enumerated() {
            if let ldl = measured[place] {
                let isLast = place == visits.count - 1
                addPanel(visit, DemoTerms.lipidPanel, lipids(ldl: ldl, hdl: isLast ? 52 : nil, triglycerides: isLast ? 131 : nil), corrected: isLast)
            }
            guard let percent = sugar[place] else { continue }
            addLab(visit, DemoTerms.hemoglobinA1c, percent)
            addPanel(
                visit, DemoTerms.metabolicPanel,
                [
                    (DemoTerms.glucose, value(of: DemoTerms.glucose)), (DemoTerms.creatinine, place == 7 ? "0.90" : value(of: DemoTerms.creatinine)),
                    (DemoTerms.filtration, value(of: DemoTerms.filtration)),
                    (DemoTerms.potassium, place == 7 ? "4.4" : value(of: DemoTerms.potassium)),
                ])
        }
    }

    /// - Parameter corrected: the panel's LDL was first reported as 162.
    private mutating func addPanel(_ visit: Visit, _ panel: DemoCode, _ labs: [(lab: DemoTerms.Lab, value: String)], corrected: Bool = false) {
        var results: [String] = []
        for (lab, value) in labs {
            if corrected, lab.code.code == DemoTerms.ldl.code.code {
                results.append(addCorrected(visit, lab, first: "162", now: value, note: "First reported as 162 mg/dL. The lab ran the sample again."))
            } else {
                results.append(addLab(visit, lab, value))
            }
        }
        let when = calendar.time(daysAgo: visit.daysAgo, minute: visit.minute + 5)
        file.add(
            "DiagnosticReport", "\(visit.label)/report/\(panel.code)",
            [
                "status": corrected ? "corrected" : "final", "category": [DemoCode.hl7("v2-0074", "LAB", "Laboratory")], "code": panel.concept,
                "subject": .reference(patient, displayName), "encounter": .reference(visit.url), "effectiveDateTime": .text(when),
                "issued": .text(when), "performer": [.reference(staff.organization, staff.name)],
                "result": .array(zip(results, labs).map { .reference($0.0, $0.1.lab.code.display) }),
            ])
    }

    @discardableResult
    private mutating func addLab(_ visit: Visit, _ lab: DemoTerms.Lab, _ value: String) -> String {
        addObservation("\(visit.label)/lab/\(lab.code.code)", lab.code, "laboratory", visit, Self.result(lab, value))
    }

    /// The first report stays in the record as entered in error; the correction names it.
    @discardableResult
    private mutating func addCorrected(_ visit: Visit, _ lab: DemoTerms.Lab, first: String, now: String, note: String) -> String {
        let name = "\(visit.label)/lab/\(lab.code.code)"
        let wrong = addObservation(name + "/first", lab.code, "laboratory", visit, Self.result(lab, first), status: "entered-in-error")
        var value: [(String, DemoJSON)] = []
        if case .object(let members) = Self.result(lab, now) { value = members }
        value.insert(("note", [["text": .text(note)]]), at: min(1, value.count))
        let replaces: DemoJSON = [
            ["url": "http://hl7.org/fhir/StructureDefinition/observation-replaces", "valueReference": .reference(wrong)]
        ]
        return addObservation(
            name + "/corrected", lab.code, "laboratory", visit, .object(value), status: "corrected", before: [("extension", replaces)])
    }

    private static func result(_ lab: DemoTerms.Lab, _ value: String) -> DemoJSON {
        let number = Double(value) ?? 0
        let isLow = lab.low.flatMap(Double.init).map { number < $0 } ?? false
        let isHigh = lab.high.flatMap(Double.init).map { number > $0 } ?? false
        let hasRange = lab.low != nil || lab.high != nil
        let flag: (code: String, display: String) = isLow ? ("L", "Low") : isHigh ? ("H", "High") : ("N", "Normal")
        func limit(_ literal: String?) -> DemoJSON { literal.map { quantity($0, lab.unit, lab.ucum) } ?? .absent }
        return [
            "valueQuantity": quantity(value, lab.unit, lab.ucum),
            "interpretation": hasRange ? [DemoCode.hl7("v3-ObservationInterpretation", flag.code, flag.display)] : .absent,
            "referenceRange": hasRange ? [["low": limit(lab.low), "high": limit(lab.high)]] : .absent,
        ]
    }

    // MARK: The rest

    private mutating func addProcedures() {
        for (place, procedure) in DemoTerms.procedures.enumerated() where age >= procedure.from && random.chance(30) {
            if procedure.code.code == "71651007", person.gender != "female" { continue }
            let daysAgo = calendar.weekday(daysAgo: lastDay + random.between(40, 1_600))
            guard daysAgo < ageInDays else { continue }
            file.add(
                "Procedure", "\(label)/procedure/\(place)",
                [
                    "status": "completed", "code": procedure.code.concept, "subject": .reference(patient, displayName),
                    "performedPeriod": [
                        "start": .text(calendar.time(daysAgo: daysAgo, minute: 10 * 60)),
                        "end": .text(calendar.time(daysAgo: daysAgo, minute: 10 * 60 + 35)),
                    ],
                ])
        }
    }

    private mutating func addCareTeam() {
        file.add(
            "CareTeam", "\(label)/care-team",
            [
                "status": lastDay > 0 ? "inactive" : "active", "name": .text("Care team of \(displayName)"),
                "subject": .reference(patient, displayName),
                "participant": .array(
                    [
                        [
                            "role": [DemoCode.snomed("446050000", "Primary care provider").concept],
                            "member": .reference(staff.url(of: doctor), DemoStaff.displayName(doctor)),
                        ]
                    ]
                        + staff.nurses(at: doctor.place).map {
                            ["role": [DemoCode.snomed("224535009", "Registered nurse").concept], "member": .reference(staff.url(of: $0))]
                        }),
                "managingOrganization": [.reference(staff.organization, staff.name)],
            ])
        guard problems.contains(DemoTerms.diabetes.code), lastDay == 0 else { return }
        file.add(
            "Goal", "\(label)/goal",
            [
                "lifecycleStatus": "active", "description": ["text": "Hemoglobin A1c below 7.0 %"], "subject": .reference(patient, displayName),
                "startDate": .text(calendar.date(daysAgo: visits.first?.daysAgo ?? 1)),
                "target": [["measure": DemoTerms.hemoglobinA1c.code.concept, "detailQuantity": Self.quantity("7.0", "%", "%")]],
            ])
    }
}

/// Measures of a body at an age: rough curves, the same person the same curve.
private struct DemoBody {
    var height: Double
    var weight: Double
    var pulse: Double
    var systolic: Double
    var diastolic: Double

    init(person: DemoPerson, number: Int, years: Double, random: inout DemoRandom) {
        let isFemale = person.gender == "female"
        // The person's own measure, not the visit's: it must not move from visit to visit.
        var own = DemoRandom(seed: UInt64(number), stream: "body")
        let build = own.bell() / 3
        let grown = (isFemale ? 162.0 : 176.0) + 7 * build
        let table: [(age: Double, share: Double, mass: Double)] = [
            (0, 0.30, 3.4), (0.5, 0.40, 7.6), (1, 0.45, 9.8), (2, 0.52, 12.4), (4, 0.61, 16.4), (7, 0.72, 23.0), (10, 0.81, 32.0),
            (13, 0.91, 46.0), (16, 0.98, 60.0), (18, 1, isFemale ? 64.0 : 78.0), (50, 1, isFemale ? 72.0 : 86.0), (75, 0.98, isFemale ? 68.0 : 80.0),
            (100, 0.95, isFemale ? 56.0 : 66.0),
        ]
        let after = table.firstIndex { $0.age > years } ?? table.count - 1
        let (young, old) = (table[max(0, after - 1)], table[after])
        let part = old.age > young.age ? min(1, max(0, (years - young.age) / (old.age - young.age))) : 0
        height = grown * (young.share + (old.share - young.share) * part) + 0.2 * random.bell()
        weight = (young.mass + (old.mass - young.mass) * part) * (1 + 0.12 * build) * (1 + 0.008 * random.bell())
        pulse = (years < 1 ? 130 : years < 5 ? 105 : years < 12 ? 88 : 73) + 4 * random.bell()
        systolic = (years < 12 ? 96 : years < 18 ? 110 : 114 + min(20, years / 5)) + 5 * random.bell()
        diastolic = (years < 12 ? 60 : 70 + min(10, years / 12)) + 4 * random.bell()
    }
}
