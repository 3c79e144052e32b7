use std::time::Instant;
fn main() {
    let mut total=0; let mut texts=vec![];
    for a in std::env::args().skip(1) { let s=std::fs::read(&a).unwrap(); let s=String::from_utf8_lossy(&s).into_owned(); total+=s.len(); texts.push((a,s)); }
    let t=Instant::now(); let mut n=0; let mut bad=0;
    let trees: Vec<_>=texts.iter().map(|(_,s)| aalint::syntax::parse(s)).collect();
    let e=t.elapsed();
    for ((a,s),t) in texts.iter().zip(&trees) { n+=t.nodes().len(); if t.rebuild(s).as_ref()!=Some(s) {bad+=1; println!("LOST {a}");}
      if texts.len()==1 { for x in t.nodes() { println!("{:?} {:?}", x.kind, &s[x.range.start as usize..x.range.end as usize]); } println!("{:?}",t.faults);} }
    println!("{} files {} bytes {} nodes {:?} {:.1} MB/s lost {}", texts.len(), total, n, e, total as f64/1e6/e.as_secs_f64(), bad);
}
