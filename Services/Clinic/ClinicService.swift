@main enum ClinicService {
    static func main() {}
}
