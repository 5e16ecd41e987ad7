public import Contracts

/// What the clinic's people, places and kinds of visits are called on pages.
public struct ClinicNames: Sendable {
    private let practitioners: [ID<Practitioner>: DirectoryPractitioner]
    private let locations: [ID<Location>: DirectoryLocation]
    private var services: [String: VisitService]

    public init(_ directory: Directory?, services: [VisitService] = []) {
        practitioners = Dictionary(directory?.practitioners.map { ($0.id, $0) } ?? [], uniquingKeysWith: { $1 })
        locations = Dictionary(directory?.locations.map { ($0.id, $0) } ?? [], uniquingKeysWith: { $1 })
        self.services = Dictionary(services.map { ($0.code, $0) }, uniquingKeysWith: { $1 })
    }

    public func clinician(_ id: ID<Practitioner>, _ t: Wording) -> HTML {
        practitioners[id].map { HTML(text: $0.name) } ?? t("names.clinician")
    }

    /// Name and address.
    public func place(_ id: ID<Location>, _ t: Wording) -> HTML {
        guard let location = locations[id] else { return t("names.place") }
        return "\(location.name)\(location.address.map { ", \($0)" as HTML })"
    }

    public func service(_ code: String, _ t: Wording) -> HTML {
        let name = services[code]?.name
        return (name?[t.language.tag] ?? name?["en"]).map { HTML(text: $0) } ?? t("names.service")
    }

    public func minutes(_ code: String) -> Int? { services[code]?.minutes }
}

/// A part of a page that may be missing because its service does not answer.
public enum Available<Value: Sendable>: Sendable {
    case here(Value)
    case missing

    public var value: Value? { if case .here(let value) = self { value } else { nil } }

    /// The part, or one plain sentence instead.
    public func html(missing sentence: HTML, _ part: (Value) -> HTML) -> HTML {
        switch self {
        case .here(let value): part(value)
        case .missing: Note(.warn, announcement: .status, "<p>\(sentence)</p>").html
        }
    }
}
