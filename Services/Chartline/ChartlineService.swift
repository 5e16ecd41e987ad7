@main enum ChartlineService {
    static func main() {}
}
