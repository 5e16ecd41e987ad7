@main enum PortalService {
    static func main() {}
}
