public import Contracts

/// FHIR's codes in people's words. A code we have no word for is shown as it came: better a strange word than none.
extension Wording {
    public func gender(_ code: String) -> HTML {
        switch code {
        case "female": self("gender.female")
        case "male": self("gender.male")
        case "other": self("gender.other")
        case "unknown": self("gender.unknown")
        default: HTML(text: code)
        }
    }

    /// A person's language by its BCP 47 tag: `es-MX` is Spanish.
    public func language(named tag: String) -> HTML {
        switch tag.split(separator: "-").first?.lowercased() {
        case "en": self("language.english")
        case "es": self("language.spanish")
        case "ar": self("language.arabic")
        case "ase": self("language.american-sign")
        case "fr": self("language.french")
        case "hi": self("language.hindi")
        case "ht": self("language.haitian")
        case "ko": self("language.korean")
        case "pl": self("language.polish")
        case "pt": self("language.portuguese")
        case "ru": self("language.russian")
        case "tl": self("language.tagalog")
        case "vi": self("language.vietnamese")
        case "zh": self("language.chinese")
        default: HTML(text: tag)
        }
    }

    /// All that somebody speaks, the preferred first, and whether an interpreter is needed.
    public func languages(_ tag: String, _ also: [String]?, interpreter: Bool?) -> HTML {
        let all = ([tag] + (also ?? [])).enumerated()
        let needed: HTML? = interpreter == true ? " · \(self("language.interpreter"))" : nil
        return "\(each: Array(all), { "\(when: $0.offset > 0, ", ")\(language(named: $0.element))" })\(needed)"
    }

    /// Condition.clinicalStatus and AllergyIntolerance.clinicalStatus.
    public func clinicalStatus(_ code: String) -> HTML {
        switch code {
        case "active": self("status.active")
        case "recurrence": self("status.recurrence")
        case "relapse": self("status.relapse")
        case "inactive": self("status.inactive")
        case "remission": self("status.remission")
        case "resolved": self("status.resolved")
        default: HTML(text: code)
        }
    }

    /// The status of any resource.
    public func recordStatus(_ code: String) -> HTML {
        switch code {
        case "active", "recurrence", "relapse", "inactive", "remission", "resolved": clinicalStatus(code)
        case "on-hold", "cancelled", "completed", "stopped": medicationStatus(code)
        case "final": self("status.final")
        case "preliminary", "registered", "partial": self("status.preliminary")
        case "amended", "corrected", "appended": self("status.corrected")
        case "finished": self("status.finished")
        case "in-progress": self("status.in-progress")
        case "planned": self("status.planned")
        case "not-done": self("status.not-done")
        case "current": self("status.current")
        case "superseded": self("status.superseded")
        case "draft": self("status.draft")
        case "revoked": self("status.revoked")
        case "requested": self("status.requested")
        case "rejected": self("status.rejected")
        case "entered-in-error": self("status.entered-in-error")
        default: HTML(text: code)
        }
    }

    /// HL7 v3 ActCode of an encounter's class, where it has no type of its own.
    public func encounterKind(_ display: String) -> HTML {
        switch display {
        case "AMB", "ambulatory": self("encounter.ambulatory")
        case "VR", "virtual": self("encounter.virtual-kind")
        case "HH", "home health": self("encounter.home")
        case "EMER", "emergency": self("encounter.emergency")
        case "IMP", "inpatient encounter", "inpatient": self("encounter.inpatient")
        default: HTML(text: display)
        }
    }

    /// A FHIR resource that has no better name.
    public func resourceType(_ type: String) -> HTML {
        switch type {
        case "Patient": self("type.patient")
        case "CareTeam": self("type.care-team")
        case "CarePlan": self("type.care-plan")
        case "Claim", "ExplanationOfBenefit": self("type.claim")
        case "Consent": self("type.consent")
        case "Coverage": self("type.coverage")
        case "Device": self("type.device")
        case "DocumentReference": self("type.document")
        case "Goal": self("type.goal")
        case "Provenance": self("type.provenance")
        case "Task": self("type.task")
        default: HTML(text: type)
        }
    }

    /// How a medicine is taken. Unit, route and note are as they were typed.
    public func dosage(_ dosage: Dosage) -> HTML {
        let times: HTML =
            switch (dosage.frequency, dosage.period) {
            case (1, 1): self("dose.once-a-day")
            case (let times, 1): self("dose.times-a-day", ["times": times])
            case (1, let days): self("dose.once-every", ["days": days])
            case (let times, let days): self("dose.times-every", ["times": times, "days": days])
            }
        let taken: HTML = "\(dosage.amount) \(dosage.unit) \(dosage.route), \(times)\(when: dosage.asNeeded, ", \(self("dose.as-needed"))")"
        return dosage.note.map { "\(taken). \($0)" } ?? taken
    }

    /// The dose of a line, in the reader's language where its parts are known.
    public func dosage(_ parts: Dosage?, _ text: String?) -> HTML? { parts.map { dosage($0) } ?? text.map { HTML(text: $0) } }

    /// HL7 v3 RoleCode of a relative.
    public func relationship(_ code: String) -> HTML {
        switch code {
        case "MTH": self("relative.mother")
        case "FTH": self("relative.father")
        case "SIS": self("relative.sister")
        case "BRO": self("relative.brother")
        case "HSIS": self("relative.half-sister")
        case "HBRO": self("relative.half-brother")
        case "DAU": self("relative.daughter")
        case "SON": self("relative.son")
        case "MGRMTH": self("relative.mothers-mother")
        case "MGRFTH": self("relative.mothers-father")
        case "PGRMTH": self("relative.fathers-mother")
        case "PGRFTH": self("relative.fathers-father")
        case "MAUNT": self("relative.mothers-sister")
        case "MUNCLE": self("relative.mothers-brother")
        case "PAUNT": self("relative.fathers-sister")
        case "PUNCLE": self("relative.fathers-brother")
        default: HTML(text: code)
        }
    }

    /// MedicationRequest.status.
    public func medicationStatus(_ code: String) -> HTML {
        switch code {
        case "active": self("status.active")
        case "on-hold": self("status.on-hold")
        case "cancelled": self("status.cancelled")
        case "completed": self("status.completed")
        case "stopped": self("status.stopped")
        default: HTML(text: code)
        }
    }

    /// AllergyIntolerance.criticality.
    public func criticality(_ code: String) -> Tag {
        switch code {
        case "high": Tag(.bad, self("criticality.high"))
        case "low": Tag(.plain, self("criticality.low"))
        case "unable-to-assess": Tag(.warn, self("criticality.unknown"))
        default: Tag(.plain, HTML(text: code))
        }
    }

    /// Appointment.status.
    public func visitStatus(_ code: String) -> Tag {
        switch code {
        case "pending": Tag(.plain, self("visit.pending"))
        case "booked": Tag(.info, self("visit.booked"))
        case "arrived": Tag(.warn, self("visit.arrived"))
        case "checked-in": Tag(.warn, self("visit.checked-in"))
        case "fulfilled": Tag(.plain, self("visit.fulfilled"))
        case "cancelled": Tag(.plain, self("visit.cancelled"))
        case "noshow": Tag(.bad, self("visit.noshow"))
        case "entered-in-error": Tag(.plain, self("visit.entered-in-error"))
        default: Tag(.plain, HTML(text: code))
        }
    }

    /// Observation.status, where it says more than "final".
    public func resultStatus(_ code: String, corrected: Bool) -> Tag? {
        if corrected { return Tag(.info, self("result.corrected")) }
        return switch code {
        case "preliminary", "registered": Tag(.warn, self("result.preliminary"))
        case "amended", "corrected": Tag(.info, self("result.corrected"))
        case "cancelled", "entered-in-error": Tag(.bad, self("result.withdrawn"))
        default: nil
        }
    }
}
