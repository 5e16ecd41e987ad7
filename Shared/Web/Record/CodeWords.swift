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
        default: HTML(text: tag)
        }
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
        case "arrived", "checked-in": Tag(.warn, self("visit.arrived"))
        case "fulfilled": Tag(.plain, self("visit.fulfilled"))
        case "cancelled": Tag(.plain, self("visit.cancelled"))
        case "noshow": Tag(.bad, self("visit.noshow"))
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
