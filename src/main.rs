//! The command `aalint`.

fn main() -> std::process::ExitCode {
    aalint::cli::main()
}
