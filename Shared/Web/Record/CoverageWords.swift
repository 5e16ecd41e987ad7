public import Contracts

extension Wording {
    /// How far an insurance is: from the patient, looked at, over.
    public func coverageState(_ line: CoverageLine) -> HTML {
        switch line.state {
        case "confirmed": Tag(.ok, self("coverage.confirmed")).html
        case "refused":
            "\(Tag(.warn, self("coverage.refused"))) <span class=\"plain\">\(line.reason.map { coverageReason($0) })</span>"
        case "ended": Tag(.info, self("coverage.ended")).html
        default: Tag(.info, self("coverage.stated")).html
        }
    }

    public func coverageReason(_ reason: CoverageReason) -> HTML {
        switch reason {
        case .notReadable: self("coverage.not-readable")
        case .notAsOnTheCard: self("coverage.not-as-on-the-card")
        case .notTheirs: self("coverage.not-theirs")
        case .notInsured: self("coverage.not-insured")
        }
    }

    public func coverageRelationship(_ relationship: CoverageRelationship) -> HTML {
        switch relationship {
        case .themselves: self("coverage.themselves")
        case .child: self("coverage.child")
        case .spouse: self("coverage.spouse")
        case .parent: self("coverage.parent")
        case .other: self("coverage.other")
        }
    }

    /// What the card says.
    public func coverageFacts(_ details: CoverageDetails) -> Facts {
        var facts: [(name: HTML, value: HTML)] = [
            (self("coverage.payor"), "<span translate=\"no\">\(details.payor)</span>"),
            (self("coverage.subscriber"), "<span translate=\"no\">\(details.subscriberID)</span>"),
        ]
        if let group = details.group { facts.append((self("coverage.group"), "<span translate=\"no\">\(group)</span>")) }
        facts.append((self("coverage.relationship"), coverageRelationship(details.relationship)))
        if let phone = details.phone { facts.append((self("coverage.phone"), "<span translate=\"no\">\(phone)</span>")) }
        return Facts(facts)
    }
}
