/// Where a page stands in a list that is longer than one.
public struct PageOfList: Codable, Sendable, Equatable {
    /// From 1.
    public var page: Int
    public var pages: Int
    /// How many there are on all of them.
    public var total: Int

    public init(page: Int, pages: Int, total: Int) { (self.page, self.pages, self.total) = (page, pages, total) }

    /// The page that is asked for; the last one where the list has become shorter. - Parameter size: lines of a page.
    public init(_ asked: Int?, of total: Int, size: Int) {
        let pages = max(1, (total + size - 1) / size)
        self.init(page: min(max(asked ?? 1, 1), pages), pages: pages, total: total)
    }
}
