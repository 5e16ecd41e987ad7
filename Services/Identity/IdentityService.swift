@main enum IdentityService {
    static func main() {}
}
