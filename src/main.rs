//! Command line in, exit code out.

fn main() -> std::process::ExitCode {
    uzhkh_ledger::cli::main()
}
