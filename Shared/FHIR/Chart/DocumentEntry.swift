/// A DocumentReference as a list shows it.
public struct DocumentEntry: Codable, Sendable, Equatable {
    public var id: String
    public var display: String
    /// current, superseded, entered-in-error
    public var status: String?
    /// FHIR instant.
    public var date: String?
    /// MIME type of the first attachment.
    public var contentType: String?
    public var title: String?
    public var url: String?
    public var author: String?

    public init(_ document: JSONNode) {
        id = document.resourceID
        let attachment = document.list("content").lazy.compactMap { $0["attachment"] }.first
        title = attachment?.string("title")
        display = document["type"]?.display ?? document.string("description") ?? attachment?.string("title") ?? ""
        status = document.string("status")
        date = document.string("date") ?? attachment?.string("creation")
        contentType = attachment?.string("contentType")
        url = attachment?.string("url")
        author = document.list("author").lazy.compactMap { $0.string("display") }.first
    }

    public var isRetracted: Bool { status == "entered-in-error" }
}
