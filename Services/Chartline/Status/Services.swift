/// The executables of an installation.
enum Services {
    static let withSchema = ["records", "scheduling", "notifications", "identity", "audit"]
    static let all = withSchema + ["portal", "clinic", "chartline"]
}
