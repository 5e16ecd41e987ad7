@main enum RecordsService {
    static func main() {}
}
