/// The executables of an installation.
enum Services {
    static let withSchema = ["records", "scheduling", "notifications", "identity"]
    static let all = withSchema + ["portal", "clinic", "chartline"]
}
