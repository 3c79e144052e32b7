use aalint::syntax::fault::*;
use aalint::source::Source;
fn is_error(k: &FaultKind) -> bool { !matches!(k, FaultKind::Deprecated(_) | FaultKind::RelativePath(_) | FaultKind::ExecTarget(ExecTargetFault::WithoutExec) | FaultKind::Glob(aalint::glob::GlobFault::ReversedRange(..))) }
fn main() {
    let verbose = std::env::args().nth(1).as_deref() == Some("-v");
    for a in std::env::args().skip(1).filter(|a| a != "-v") {
        let src = Source::new(a.clone(), std::fs::read(&a).unwrap());
        let f = aalint::syntax::read(&src.text);
        let n = f.faults.iter().filter(|f| is_error(&f.kind)).count();
        println!("{} {}", n, a);
        if verbose { for x in &f.faults { let p=src.position(x.range.start); println!("   {}:{} {:?} `{}`", p.line, p.column, x.kind, src.slice(x.range)); } }
    }
}
